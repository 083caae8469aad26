"""Files that are damaged, that lie about themselves or that refer to others, decoded in a process with limits.

- `cases`: one file for each number, by mutation of valid files or by a grammar
- `worker`: the process that decodes them
- `runner`: starts workers, watches their time, and counts what happened
- `__main__`: `make fuzz`, which writes docs/reliability.md
"""
