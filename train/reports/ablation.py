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
    rows = [
        [
            name,
            percent(found["accuracy"]),
            " to ".join(percent(end) for end in found["interval"]),
            points(found["gain"]),
            " to ".join(points(end) for end in found["gain_interval"]),
            *(percent(found["recall"][label]) for label in SINGER.labels),
        ]
        for name, found in record["test"].items()
    ]
    columns = ["network", "accuracy", "interval", "points", "their interval"]
    older = record["separator"] != fingerprint("unet")
    return "\n\n".join(
        [
            "## What each part is worth",
            f"One network for each row, {record['samples']:,} samples from {record['remixes']:,} random remixes each, "
            "chosen on `remix_val.csv` and measured on `remix_test.csv` (95% bootstrap intervals by first singer, "
            f"those of the points on the differences of every row). `{record['command']}` Each is one short training, "
            "and intervals know only of other singers: the second row says what a mere repetition does."
            + (" Since then the separator has changed." if older else ""),
            table([*columns, *(f"recall {label}" for label in SINGER.labels)], rows),
        ]
    )


def points(share: float) -> str:
    """A difference in percentage points."""
    return f"{100 * share:+.1f}"


def together(test: dict[str, Any]) -> str:
    """What becomes of the shipped members together."""
    sizes = sorted({1, min(5, len(test["sizes"])), len(test["sizes"])})
    rows = [[f"{size} of the shipped members, whichever", percent(test["sizes"][size - 1])] for size in sizes]
    rows.append(["all, by the mean of logits as in system A", percent(test["mean_of_logits"])])
    return table(["ensemble", "accuracy"], rows)
