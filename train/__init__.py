"""The training pipeline. It imports `gender_audio`; nothing there imports it."""

import gender_audio.models  # noqa: F401  torchmetrics and lightning import torchvision, which this makes importable
