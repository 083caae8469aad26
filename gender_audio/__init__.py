"""Who sings? Separation, features, the ensemble and its verdict."""

__version__ = "0.2.0"
