"""`python -m gender_audio`: the command line."""

from gender_audio.cli import main

main("python -m gender_audio")
