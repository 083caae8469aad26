"""The training pipeline, from corpora to weights and reports. It imports `gender_audio`, which never imports it.

Its packages, lowest first: `engine`, `data`, `recipes`, `evaluation`, `reports`, `commands`. Imports go downwards only.
"""

import gender_audio.models  # noqa: F401  makes torchvision importable, which torchmetrics and lightning import
