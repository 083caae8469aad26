"""Readers: one for each layout that recordings are found in."""
