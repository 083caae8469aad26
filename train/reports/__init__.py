"""Reports: docs/results.md from run records, docs/eda.md from the manifest, and their figures. Nothing is trained here.

Each module with `sections` writes one part of docs/results.md. Only `commands` imports this package.
"""

from __future__ import annotations

from pathlib import Path

from train.run_records import DOCS


def write(docs: Path = DOCS) -> None:
    """Write `results.md` from the records that exist."""
    from train.reports import ablation, explain, genre, real, separation, singing, songs, speech, summary, training

    parts = ["# Results", "This page is written by a command from the records in `docs/records`; do not edit it."]
    for part in (summary, real, singing, songs, separation, ablation, training, speech, genre, explain):
        parts += part.sections(docs)
    (docs / "results.md").write_text("\n\n".join(parts) + "\n", encoding="utf8")
