"""Synthesised accompaniments, singers and corpora."""
