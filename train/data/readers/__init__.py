"""Readers of manifests, protocols and data sets, one module for each layout. They check all rows and list all problems.

They belong to `train.data`: the same packages may import them.
"""
