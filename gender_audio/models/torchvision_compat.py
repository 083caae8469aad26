"""Makes `torchvision.models` importable beside a torch build that its compiled extension was not linked against.

The wheel of torchvision on PyPI needs CUDA; beside a CPU build of torch its extension cannot be loaded, and then the
import fails on two operators that the models here never call. Only in that case they are declared, without any body.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import torch


def prepare() -> None:
    """Declare the operators that `import torchvision` asks for, where its extension cannot bring them."""
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
