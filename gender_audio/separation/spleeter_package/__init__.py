"""Deezer's own package `spleeter` with TensorFlow, in an environment and a process of its own.

It is the reference for `separation.spleeter`, and separates with the same weights or with a checkpoint of the user.

- `separator`: the separator
- `environment`: installs the package
- `process`: the client of the process
- `variables`: the weights of the repository as TensorFlow's variables
- `worker`, `write_checkpoint`: run in the package's interpreter
"""
