"""Measures trained systems on held-out data."""
