"""What is stored about one file of a collection."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from gender_audio import __version__
from gender_audio.audio import AudioError, read
from gender_audio.collection.listing import content_hash
from gender_audio.systems.base import Classifier, Verdict
from gender_audio.systems.labels import System

Row = dict[str, Any]
"""Name of a column to its value; all rows of a system have the same columns."""


def columns(system: System) -> tuple[str, ...]:
    """The columns of every row."""
    names = ("path", "sha256", "duration_s", "system", "label", "probability", "sure")
    by_label = (f"{kind}_{label}" for kind in ("probability", "share") for label in system.labels)
    return (*names, *by_label, "warnings", "error", "weights", "version")


def weights_fingerprint() -> str:
    """Sixteen hex digits of all weights; other weights may give other labels.

    Raises:
        WeightsError: weights are missing or damaged.
    """
    from gender_audio import weights  # imports torch, which takes seconds

    folders = sorted(path.parent.name for path in weights.FOLDER.glob("*/card.json"))
    return hashlib.sha256("".join(map(weights.fingerprint, folders)).encode()).hexdigest()[:16]


def empty_row(path: Path, system: System, fingerprint: str) -> Row:
    """The row of a file about which nothing is known yet."""
    known = {"path": str(path), "system": system.name, "weights": fingerprint, "version": __version__}
    return dict.fromkeys(columns(system)) | known | {"warnings": "", "error": ""}


def tag(classifier: Classifier, path: Path, system: System, fingerprint: str) -> Row:
    """Classify a file; a file that cannot be used has the reason in `error`."""
    row = empty_row(path, system, fingerprint)
    try:
        row["sha256"] = content_hash(path)
        return row | _answer(classifier(read(path)))
    except AudioError as error:
        return row | {"error": str(error)}
    except OSError as error:
        return row | {"error": f"This file cannot be read ({error.strerror})."}
    except Exception as error:
        # One failure must not stop the other files.
        return row | {"error": f"Something went wrong ({type(error).__name__}: {error})."}


def _answer(verdict: Verdict) -> Row:
    probabilities, shares = verdict.by_label(verdict.probabilities), verdict.shares
    return {
        "duration_s": round(verdict.clip.duration_s, 3),
        "label": verdict.label,
        "probability": probabilities[verdict.label],
        "sure": not verdict.uncertain,
        **{f"probability_{label}": value for label, value in probabilities.items()},
        **{f"share_{label}": round(value, 6) for label, value in shares.items()},
        "warnings": " ".join(verdict.warnings),
    }
