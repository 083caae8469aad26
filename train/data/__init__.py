"""Corpora, remixes and packed features."""
