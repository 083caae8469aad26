"""docs/results.md and its figures, from the run records alone."""

from __future__ import annotations

from pathlib import Path

from train.run_records import DOCS


def write(docs: Path = DOCS) -> None:
    """Write `results.md` from the records there are."""
    from train.reports import ablation, explain, genre, separation, singing, speech, summary, training

    parts = ["# Results", "Written by a command from the records in `docs/records`; do not edit."]
    for part in (summary, singing, separation, ablation, training, speech, genre, explain):
        parts += part.sections(docs)
    (docs / "results.md").write_text("\n\n".join(parts) + "\n", encoding="utf8")
