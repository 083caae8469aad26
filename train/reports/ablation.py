"""The section on what each part of the singer system is worth."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gender_audio.separation import fingerprint
from gender_audio.systems.labels import SINGING
from train import run_records
from train.evaluation.ablation import REPEATED
from train.reports.tables import ends, percent, points, table


def sections(docs: Path) -> list[str]:
    """One network for each row, and below them what the records of the ensemble say."""
    record, test = (run_records.read(name, docs / "records") for name in ("ablation", "test"))
    return [alone(record), *([together(test["classification"])] if test else [])] if record else []


def alone(record: dict[str, Any]) -> str:
    """The table of single networks, each beside the one that was trained more than once."""
    usual = [found["accuracy"] for name, found in record["test"].items() if name in REPEATED]
    rows = [
        [
            name,
            percent(found["accuracy"]),
            ends(found["interval"]),
            points(found["gain"]),
            ends(found["gain_interval"], points),
            *(percent(found["recall"][label]) for label in SINGING.labels),
        ]
        for name, found in record["test"].items()
    ]
    columns = ["network", "accuracy", "interval", "points", "their interval"]
    older = record["separator"] != fingerprint("unet")
    return "\n\n".join(
        [
            "## What each part is worth",
            f"One network for each row, {record['samples']:,} samples from {record['remixes']:,} random remixes each, "
            f"chosen on `remix_val.csv` and measured on `remix_test.csv`. `{record['command']}`",
            f"Points are beside the mean of the first {len(usual)} rows, which differ by nothing but chance: their "
            f"accuracies are {ends((min(usual), max(usual)))}. Each row is one short training, and the intervals (by "
            "first singer, of the differences on every row) know only of other singers, so a difference of that size "
            "says nothing." + (" Since then the separator has changed." if older else ""),
            table([*columns, *(f"recall {label}" for label in SINGING.labels)], rows),
        ]
    )


def together(test: dict[str, Any]) -> str:
    """What becomes of the shipped members together."""
    count = len(test["sizes"])
    sizes = sorted({size for size in (1, 2, 5, 10, count) if size <= count})
    rows = [[f"{size} of the shipped members, whichever", percent(test["sizes"][size - 1])] for size in sizes]
    rows.append(["all, by the mean of logits as in system A", percent(test["mean_of_logits"])])
    return table(["ensemble", "accuracy"], rows)
