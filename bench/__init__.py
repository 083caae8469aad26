"""Speed and memory of the application, measured against a reference that works as system A did."""
