"""Scoring: the Classifier for one comment or many, and batch runs over dumps of any size."""
