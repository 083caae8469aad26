"""Tags for whole collections: every recording below some folders, in parallel, resumable.

- `listing`: the files of the folders, without those that are no audio
- `row`: what is stored about a file
- `journal`: finished rows, one line each, which an interruption cannot lose
- `pool`: processes that load the networks once; one that dies costs one file
- `tables`: CSV, JSON lines and Parquet
- `file_tags`: the label inside the recordings themselves, if that is wanted

Only the command line imports it.
"""
