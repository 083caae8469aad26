"""The report's section on real recordings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gender_audio.systems.combination import ENSEMBLE
from gender_audio.systems.labels import SINGING
from train import run_records
from train.reports import figures
from train.reports.tables import image, percent, table, value_range

TITLES = {ENSEMBLE: "the twenty members alone"}


def sections(docs: Path) -> list[str]:
    """The section on `real_test.csv`, if it was measured."""
    record = run_records.read("real", docs / "records")
    if not record:
        return []
    figures.reliability(record, docs / "images" / "real-reliability.svg")
    figures.risk_coverage(record, docs / "images" / "real-risk.svg")
    return [
        "## Real recordings",
        f"`{record['command']}`",
        f"{record['rows']} snippets of three seconds out of recordings as they are, by {record['groups']} singers, "
        "artists and pairs: solo singing, songs, choirs, instruments, and duets of two solo recordings. No part of the "
        "system was trained, chosen or calibrated on them. Of a song, only the label of the whole is known, so a "
        "perfect system would not reach 100 %.",
        table(["metric", "value"], _metric_rows(record)),
        "Rows are true labels, columns are predictions:",
        table(["", *SINGING.labels, "recall"], _confusion_rows(record)),
        table(["kind and label", "rows", "accuracy"], _share_rows(record["by_kind"])),
        table(["corpus", "rows", "accuracy"], _share_rows(record["by_dataset"])),
        image("images/real-reliability.svg", "Accuracy on real recordings by confidence"),
        image("images/real-risk.svg", "Error rate on real recordings if only the most confident rows are answered"),
        "What each part knows alone. A published network alone has a logistic regression on its outputs:",
        alone_table(record),
    ]


def alone_table(record: dict[str, Any]) -> str:
    """The system, the ensemble and each published network on the same rows."""
    systems = {"all together": record, **{TITLES.get(name, name): one for name, one in record["alone"].items()}}
    rows = [
        [
            title,
            percent(one["balanced_accuracy"]),
            value_range(one["interval"]),
            *(percent(one["recall"][label], 0) for label in SINGING.labels),
            f"{one['ece']:.3f}",
        ]
        for title, one in systems.items()
    ]
    return table(["system", "balanced accuracy", "95 % interval", *SINGING.labels, "ECE"], rows)


def _metric_rows(record: dict[str, Any]) -> list[list[str]]:
    interval = value_range(record["interval"])
    return [
        ["balanced accuracy", f"{percent(record['balanced_accuracy'])} (95 % interval by group {interval})"],
        ["accuracy", percent(record["accuracy"])],
        ["NLL", f"{record['nll']:.3f}"],
        ["ECE (15 bins of equal mass)", f"{record['ece']:.3f}"],
        ["rows with a confident answer", percent(record["coverage"])],
        ["accuracy on those", percent(record["accuracy_when_confident"])],
    ]


def _confusion_rows(record: dict[str, Any]) -> list[list[str]]:
    return [
        [SINGING.titles[label], *(str(number) for number in counts), percent(record["recall"][label])]
        for label, counts in zip(SINGING.labels, record["confusion"], strict=True)
    ]


def _share_rows(shares: dict[str, dict[str, float]]) -> list[list[str]]:
    return [[name, str(share["rows"]), percent(share["accuracy"])] for name, share in shares.items()]
