"""Run records: what a command measured, as JSON under docs/records; the report is written from nothing else."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

VARIABLE = "GENDER_AUDIO_DOCS"
"""Environment variable that names another folder for records and reports than the repository's `docs`."""

DOCS = Path(os.environ.get(VARIABLE) or Path(__file__).resolve().parents[1] / "docs")
FOLDER = DOCS / "records"


def key(*parts: object) -> str:
    """Twelve hex digits that name everything a run depends on."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]


def write(name: str, record: dict[str, Any], folder: Path = FOLDER) -> None:
    """Keep a record under its name; an older one is replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf8")


def read(name: str, folder: Path = FOLDER) -> dict[str, Any] | None:
    """The record of that name, or None where its command has not been run."""
    path = folder / f"{name}.json"
    return json.loads(path.read_text(encoding="utf8")) if path.exists() else None
