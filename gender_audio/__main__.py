"""`python -m gender_audio`: the command line."""

import sys

from gender_audio.cli import app

for stream in (sys.stdout, sys.stderr):
    # A name that this terminal has no letters for is no reason to stop.
    stream.reconfigure(errors="replace")  # type: ignore[union-attr]
app(prog_name="python -m gender_audio")
