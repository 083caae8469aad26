"""The systems: each turns a clip into a verdict."""
