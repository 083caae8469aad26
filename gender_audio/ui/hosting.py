"""What a host of the page asks for."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

Parameters = ParamSpec("Parameters")
Answer = TypeVar("Answer")


def on_gpu(function: Callable[Parameters, Answer]) -> Callable[Parameters, Answer]:
    """Mark a function for Hugging Face's shared GPUs; where their package is absent it stays as it is."""
    try:
        import spaces
    except ImportError:
        return function
    return spaces.GPU(function)
