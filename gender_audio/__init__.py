"""Who sings? Separation, features, the ensemble and its verdict."""
