"""Plots of clips and verdicts as SVG inside HTML."""
