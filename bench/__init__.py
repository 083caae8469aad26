"""Speed and memory of the application, compared with a reference implementation of system A.

- `__main__`: measures everything and prints one table
- `reference`: system A's inference in numpy and torchvision
- `server`: the application as a server process
- `stopwatch`, `table`: time of a call, and the table of results

It may import `gender_audio` and `train`; no other package may import it.
"""
