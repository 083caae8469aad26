"""Training data: sources, splits and folds, random remixes and their effects, checks, and caches of features.

`readers` reads data sets from disk, and `synthesis` creates more sources. `recipes`, `evaluation`, `reports` and
`commands` may import this package. It imports only `gender_audio`, `train.engine` and `train.run_records`.
"""
