"""The section on what each part of the singer system is worth."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gender_audio.separation import fingerprint
from gender_audio.systems import SINGER
from train import records
from train.reports.tables import percent, table


def sections(docs: Path) -> list[str]:
    """One network for each row, and below them what the records of the ensemble say."""
    record, test = (records.read(name, docs / "records") for name in ("ablation", "test"))
    return [alone(record), *([together(test["classification"])] if test else [])] if record else []


def alone(record: dict[str, Any]) -> str:
    """The table of single networks, each beside the first."""
    first = next(iter(record["test"].values()))["accuracy"]
    rows = [
        [
            name,
            percent(found["accuracy"]),
            " to ".join(percent(end) for end in found["interval"]),
            f"{100 * (found['accuracy'] - first):+.1f}",
            *(percent(found["recall"][label]) for label in SINGER.labels),
        ]
        for name, found in record["test"].items()
    ]
    older = record["separator"] != fingerprint("unet")
    return "\n\n".join(
        [
            "## What each part is worth",
            f"One network for each row, {record['samples']:,} samples from {record['remixes']:,} random remixes each, "
            "chosen on `remix_val.csv` and measured on `remix_test.csv` (95% bootstrap interval by first singer). "
            f"`{record['command']}` Each is one short training: run again, a row may differ by some points."
            + (" Since then the separator has changed." if older else ""),
            table(["network", "accuracy", "interval", "points", *(f"recall {label}" for label in SINGER.labels)], rows),
        ]
    )


def together(test: dict[str, Any]) -> str:
    """What becomes of the shipped members together."""
    sizes = sorted({1, min(5, len(test["sizes"])), len(test["sizes"])})
    rows = [[f"{size} of the shipped members", percent(test["sizes"][size - 1])] for size in sizes]
    rows.append(["all, by the mean of logits as in system A", percent(test["mean_of_logits"])])
    return table(["ensemble", "accuracy"], rows)
