"""The real Spleeter for the tests: `python -m tests.spleeter` installs it, once for every set of pins."""

from __future__ import annotations

import hashlib
import sys

from gender_audio.separation import SeparationError
from gender_audio.separation.spleeter.environment import REQUIREMENTS, Environment, find_python, home

PINS = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:12]
ENVIRONMENT = Environment(home().with_name(f"spleeter-for-tests-{PINS}"))
"""Outside the repository; without a checkpoint, for the tests write their own."""


def main() -> None:
    """Make the environment if it is not there."""
    if ENVIRONMENT.python.exists():
        return
    print(f"Installing Spleeter for the tests in {ENVIRONMENT.folder}", file=sys.stderr)
    try:
        with ENVIRONMENT.unfinished() as new:
            new.build(find_python(), lambda line: None)
    except SeparationError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
