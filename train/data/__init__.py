"""Corpora, remixes, and caches of their features."""
