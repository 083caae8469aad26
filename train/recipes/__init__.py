"""One recipe for each system: its settings, its training and the export of its weights."""
