"""Makes `torchvision.models` importable beside a CPU build of torch.

The wheel of torchvision on PyPI needs CUDA. Beside a CPU build of torch its extension cannot be loaded, and the import
fails because two operators are missing. The models here never call them, so they are declared without a body.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import torch


def prepare() -> None:
    """Declare the operators that `import torchvision` needs if its extension cannot be loaded."""
    if hasattr(torch.ops.torchvision, "nms"):
        return
    spec = importlib.util.find_spec("torchvision")
    if spec is None or spec.origin is None:
        raise ImportError("torchvision is not installed; run pip install -r requirements.txt.")
    for extension in Path(spec.origin).parent.glob("_C.*"):
        try:
            torch.ops.load_library(extension)
        except OSError:
            for operator in ("nms", "qnms"):
                torch.library.define(
                    f"torchvision::{operator}", "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
                )
