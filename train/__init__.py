"""The training pipeline. It imports `gender_audio`, which never imports it."""

import gender_audio.models  # noqa: F401  makes torchvision importable, which torchmetrics and lightning import
