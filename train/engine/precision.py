"""Where half precision pays: with instructions for it, it is some times as fast as single precision.

Without them a processor emulates it, and the separator takes seven times as long as in single precision.
"""

from __future__ import annotations

import torch

INSTRUCTIONS = ("amx_bf16", "avx512_bf16")


def bf16_is_fast() -> bool:
    """Whether this machine computes in bfloat16 by instructions of its own."""
    if torch.cuda.is_available():
        return torch.cuda.is_bf16_supported(including_emulation=False)
    has = torch.cpu.get_capabilities()
    return any(has.get(name, False) for name in INSTRUCTIONS)
