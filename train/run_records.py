"""Run records: results of commands as JSON files in docs/records. Reports are written from them alone."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

VARIABLE = "GENDER_AUDIO_DOCS"
"""Environment variable with the folder for records and reports, by default the repository's `docs`."""

DOCS = Path(os.environ.get(VARIABLE) or Path(__file__).resolve().parents[1] / "docs")
FOLDER = DOCS / "records"


def key(*parts: object) -> str:
    """Hash of everything that a run depends on, 12 hex digits."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]


def write(name: str, record: dict[str, Any], folder: Path = FOLDER) -> None:
    """Write a record. An older one of the same name is replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf8")


def read(name: str, folder: Path = FOLDER) -> dict[str, Any] | None:
    """The record of that name, or None if its command has not been run."""
    path = folder / f"{name}.json"
    return json.loads(path.read_text(encoding="utf8")) if path.exists() else None
