"""The real Spleeter for the tests: `python -m tests.spleeter` installs it, once for every set of pins."""

from __future__ import annotations

import hashlib
import sys

from gender_audio.separation import SeparationError
from gender_audio.separation.spleeter_package.environment import REQUIREMENTS, Environment, default_folder, find_python

PINS = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:12]
ENVIRONMENT = Environment(default_folder().with_name(f"spleeter-for-tests-{PINS}"))
"""Outside the repository. It has no checkpoint: the tests write their own."""


def main() -> None:
    """Install Spleeter unless it is installed."""
    if ENVIRONMENT.python.exists():
        return
    print(f"Installing Spleeter for the tests in {ENVIRONMENT.folder}", file=sys.stderr)
    try:
        with ENVIRONMENT.replacement() as new:
            new.build(find_python(), lambda line: None)
    except SeparationError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
