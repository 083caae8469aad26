"""What a host of the page asks for."""

from __future__ import annotations

from contextlib import suppress


def register_on_zero_gpu() -> None:
    """Let the page start on ZeroGPU, the hardware of free Spaces, which ends one that marks no function for its GPUs.

    None here needs a GPU. A marked one would answer from another process, within a minute, out of a visitor's quota.
    """
    with suppress(ImportError):
        import spaces

        spaces.GPU(_nothing)


def _nothing() -> None:
    """Never called."""
