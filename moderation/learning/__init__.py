"""Learning: labels, training, evaluation; the only part that imports scikit-learn (labels and check do not)."""
