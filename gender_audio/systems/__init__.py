"""Classifiers: each takes a clip and returns a verdict."""
