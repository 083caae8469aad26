"""`python -m gender_audio`: the command line."""

from gender_audio.cli import app

app(prog_name="python -m gender_audio")
