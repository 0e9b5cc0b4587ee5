"""Local comment-thread classifier."""
