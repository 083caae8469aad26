"""Training loop, learning rates, hardware, augmentation, calibration and metrics; knows no corpus and no recipe."""
