"""Speed and memory of the application, compared with a reference implementation of system A."""
