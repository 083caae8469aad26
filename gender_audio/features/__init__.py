"""Features: one module, one feature, one dataclass of parameters."""
