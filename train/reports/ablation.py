"""The report's section on the ablation study."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from gender_audio.systems.labels import SINGING
from train import run_records
from train.reports.tables import percent, points, table, value_range


def sections(docs: Path) -> list[str]:
    """The table of variants, and the accuracy by ensemble size."""
    record, test = (run_records.read(name, docs / "records") for name in ("ablation", "test"))
    return [variants(record), *([ensemble_sizes(test["classification"])] if test else [])] if record else []


def variants(record: dict[str, Any]) -> str:
    """One row for each variant: the mean over its seeds, their range, and the difference from the reference."""
    reference = record["test"][record["reference"]]["accuracies"]
    rows = [_row(name, metrics) for name, metrics in record["test"].items()]
    single = sum(len(metrics["accuracies"]) == 1 for metrics in record["test"].values())
    caution = (
        f"{single} of the {len(rows)} rows have one seed only. Their intervals resample singers, not trainings, so a "
        "difference that is no larger than the range of the reference says nothing."
    )
    columns = ["network", "seeds", "accuracy", "range over seeds", "95 % interval", "points", "95 % interval of points"]
    return "\n\n".join(
        [
            "## Ablation",
            f"`{record['command']}`",
            f"Each network is trained on {record['samples']:,} samples from {record['remixes']:,} random remixes. The "
            "best round is chosen on `remix_val.csv` and tested on `remix_test.csv`. Accuracy is balanced accuracy, "
            "the mean over seeds. Points are the difference from the reference in percentage points. Intervals "
            "resample first singers.",
            f"Seeds of the reference: {len(reference)}. Its accuracies range from "
            f"{value_range((min(reference), max(reference)))}." + (f" {caution}" if single else ""),
            f"The fingerprint of the separator is `{record['separator']}`.",
            table([*columns, *(f"recall {label}" for label in SINGING.labels)], rows),
        ]
    )


def _row(name: str, metrics: dict[str, Any]) -> list[str]:
    accuracies = metrics["accuracies"]
    return [
        name,
        str(len(accuracies)),
        percent(np.mean(accuracies)),
        value_range((min(accuracies), max(accuracies))) if len(accuracies) > 1 else "",
        value_range(metrics["interval"]) if metrics["interval"] else "",
        points(metrics["difference"]),
        value_range(metrics["difference_interval"], points) if metrics["difference_interval"] else "",
        *(percent(metrics["recall"][label]) for label in SINGING.labels),
    ]


def ensemble_sizes(record: dict[str, Any]) -> str:
    """Accuracy of the ensemble of the members in `weights/singing`, by number of members."""
    accuracies = record["by_ensemble_size"]
    count = len(accuracies)
    sizes = sorted({size for size in (1, 2, 5, 10, count) if size <= count})
    rows = [[f"{size} of the shipped members, mean over orders", percent(accuracies[size - 1])] for size in sizes]
    rows.append(["all, by the mean of logits as in system A", percent(record["mean_of_logits"])])
    return table(["ensemble", "accuracy"], rows)
