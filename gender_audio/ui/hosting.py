"""Support for ZeroGPU, the free hardware of Hugging Face Spaces."""

from __future__ import annotations

from contextlib import suppress


def register_on_zero_gpu() -> None:
    """Register a function that is never called, because ZeroGPU stops a Space that registers none.

    The page needs no GPU. Functions that use one would run in another process, for at most a minute, and use up the
    visitor's quota.
    """
    with suppress(ImportError):
        import spaces

        spaces.GPU(_unused)


def _unused() -> None:
    """Never called."""
