"""The process that reads case numbers from standard input and decodes each case within limits of memory and time.

It answers with one line of JSON for each case. It ends by a signal where the decoder crashes.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

import numpy as np

from gender_audio import audio
from tests.fuzz.cases import Case, make_case

MEMORY = 4 * 2**30
"""Bytes of address space: decoding, and the libraries that are loaded."""


def outcome(case: Case, folder: Path) -> str:
    """What reading the case gives: `clip`, the class of the error, or a sentence about what should not happen."""
    path = folder / case.name
    path.write_bytes(case.content)
    try:
        clip = audio.read(path)
    except audio.AudioError as error:
        return type(error).__name__ if str(error).endswith(".") else f"no sentence: {error}"
    except Exception as error:
        return f"unexpected {type(error).__name__}: {error}"
    finally:
        path.unlink()
    if case.refers:
        return "followed a reference to another file"
    if not np.isfinite(clip.samples).all():
        return "samples that are not finite"
    return "clip"


def main(folder: Path, targets: tuple[str, ...]) -> None:
    """Answer case numbers until the input ends."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    for line in sys.stdin:
        case = make_case(int(line), targets)
        print(json.dumps({"kind": case.kind, "outcome": outcome(case, folder)}), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), tuple(sys.argv[2:]))
