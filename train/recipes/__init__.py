"""One small file for each thing that is trained."""
