"""What pyproject.toml cannot express: weights/ as package data, and an extra from a file that includes another."""

from pathlib import Path

from setuptools import find_packages, setup

TRAIN = Path("train/requirements.txt").read_text(encoding="utf8").splitlines()

setup(
    packages=[*find_packages(include=["gender_audio*"]), "gender_audio.shipped_weights"],
    package_dir={"gender_audio.shipped_weights": "weights"},
    extras_require={
        "train": [line for line in TRAIN if line and not line.startswith(("#", "-r"))],
        "collections": ["mutagen==1.48.1", "pyarrow==26.0.1"],
    },
)
