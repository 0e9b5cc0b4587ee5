"""Features: the vocabulary, and the compiled loops that count and weigh it."""
