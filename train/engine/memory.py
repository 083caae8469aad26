"""Memory of a process. It is read from /proc, so this needs Linux."""

from __future__ import annotations

import re
from pathlib import Path


def peak_bytes(process: int | str = "self") -> int:
    """Peak resident memory of a process in bytes, given its id.

    Raises:
        OSError: there is no such process, or it has no such entry.
    """
    return _status_bytes(process, "VmHWM")


def resident_bytes(process: int | str = "self") -> int:
    """Resident memory of a process in bytes, given its id.

    Raises:
        OSError: there is no such process, or it has no such entry.
    """
    return _status_bytes(process, "VmRSS")


def _status_bytes(process: int | str, entry: str) -> int:
    status = Path(f"/proc/{process}/status").read_text()
    match = re.search(rf"^{entry}:\s+(\d+) kB$", status, re.MULTILINE)
    if match is None:
        raise OSError(f"The memory of process {process} is not known.")
    return int(match[1]) * 1024
