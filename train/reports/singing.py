"""The report's sections on the singing system."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gender_audio.systems.labels import SINGING
from train import run_records
from train.reports import figures
from train.reports.real import alone_table
from train.reports.tables import MIN_GROUPS, decibels, image, percent, points, table, value_range

FIGURES = {
    "reliability": (
        figures.reliability,
        "Accuracy of the ensemble by confidence; the dotted line is perfect calibration",
    ),
    "risk": (figures.risk_coverage, "Error rate if only the most confident rows are answered"),
    "sizes": (figures.ensemble_sizes, "Accuracy of single members and of ensembles"),
}


def sections(docs: Path) -> list[str]:
    """Sections on the singing system and on labelled clips from other sources, where there are records."""
    parts = []
    if test := run_records.read("test", docs / "records"):
        ensemble = test["classification"]
        parts += [
            classification(test),
            accompaniments(test["accompaniments"]),
            *plots(ensemble, docs),
            worst_predictions(ensemble),
        ]
    if clips := run_records.read("elsewhere", docs / "records"):
        parts.append(labelled_clips(clips))
    return parts


def classification(test: dict[str, Any]) -> str:
    """The metrics of the four-class task."""
    record = test["classification"]
    confusion = [
        [
            SINGING.titles[label],
            str(record["singers"][label]),
            *(str(count) for count in counts),
            percent(record["recall"][label]),
        ]
        for label, counts in zip(SINGING.labels, record["confusion"], strict=True)
    ]
    kinds = [[kind, percent(share)] for kind, share in record["by_kind"].items()]
    return "\n\n".join(
        [
            "## Remixes",
            f"`{test['command']}`",
            f"The test set has {record['rows']:,} snippets of `remix_test.csv`. No part of the system was trained or "
            "calibrated on its singers and speakers, and nothing was selected on it. But its results were seen after "
            "every evaluation and suggested what to try next, so it is less blind than a test set that is used once.",
            "Rows are true labels, columns are predictions. Voices are counted by the first singer of "
            "a row, rows without a voice by their accompaniment. There are few singers, each in many rows, so the "
            "intervals resample singers instead of rows.",
            table(["", "voices", *SINGING.labels, "recall"], confusion),
            table(["metric", "value"], _metric_rows(record)),
            "By kind of row:",
            table(["kind of row", "accuracy"], kinds),
            "What each part knows alone:",
            alone_table({**record, "interval": record["accuracy_interval"]}),
        ]
    )


def _metric_rows(record: dict[str, Any]) -> list[list[str]]:
    interval = value_range(record["accuracy_interval"])
    above = f"{points(record['above_members'])} ({value_range(record['above_members_interval'], points)})"
    ece = f"{record['ece']:.3f} (a perfectly calibrated model would have about {record['ece_by_chance']:.3f})"
    best, worst = max(record["members"]), min(record["members"])
    return [
        ["accuracy", f"{percent(record['accuracy'])} (95 % interval by first singer {interval})"],
        ["mean accuracy of the members", percent(record["mean_member"])],
        ["ensemble minus mean member, in points", above],
        ["best and worst member", f"{percent(best)}, {percent(worst)}"],
        ["accuracy with the mean of logits", percent(record["mean_of_logits"])],
        ["balanced accuracy", percent(record["balanced_accuracy"])],
        ["macro-F1", f"{record['macro_f1']:.3f}"],
        ["NLL", f"{record['nll']:.3f}"],
        ["Brier", f"{record['brier']:.3f}"],
        ["ECE (15 bins of equal mass)", ece],
        ["rows with a confident answer", percent(record["coverage"])],
        ["accuracy on those", percent(record["accuracy_when_confident"])],
        ["accuracy on the most confident 90 % by probability", percent(record["most_confident"]["probability"])],
        ["accuracy on the most confident 90 % by agreement", percent(record["most_confident"]["agreement"])],
    ]


def accompaniments(record: dict[str, Any]) -> str:
    """Whether it matters that an accompaniment was used in training."""
    titles = {"known": "contains a piece of the train split", "new": "entirely new"}
    rows = [
        [
            titles[name],
            str(metrics["rows"]),
            percent(metrics["accuracy"]),
            value_range(metrics["interval"]),
            decibels(metrics["gain"]) if metrics["gain"] is not None else "",
        ]
        for name, metrics in record.items()
    ]
    return "\n\n".join(
        [
            "Not every accompaniment is new: some singers of MIR-1K sang to the same karaoke tracks, and some music is "
            "in several splits of the corpora. Shared pieces were found by correlation:",
            table(["accompaniment", "rows", "balanced accuracy", "95 % interval", "gain of sung voices"], rows),
        ]
    )


def plots(record: dict[str, Any], docs: Path) -> list[str]:
    """Draw the figures of the ensemble; the images with their captions."""
    for name, (draw, _) in FIGURES.items():
        draw(record, docs / "images" / f"{name}.svg")
    return [image(f"images/{name}.svg", caption) for name, (_, caption) in FIGURES.items()]


def worst_predictions(record: dict[str, Any]) -> str:
    """A table of the rows with the lowest probability of the true label."""
    rows = [
        [row["singers"], row["kind"], row["label"], row["predicted"], percent(row["probability"])]
        for row in record["worst"]
    ]
    return "\n\n".join(
        [
            "The rows with the lowest probability of the true label:",
            table(["singer or accompaniment", "kind", "label", "predicted", "probability of the label"], rows),
        ]
    )


def labelled_clips(record: dict[str, Any]) -> str:
    """Whole clips from other sources."""
    rows = [
        [SINGING.titles[label], str(record["counts"][label]), f"{round(share * record['counts'][label])}"]
        for label, share in record["recall"].items()
    ]
    accuracy = f"Accuracy {percent(record['accuracy'])}"
    if min(record["counts"].values()) >= MIN_GROUPS:
        interval = value_range(record["interval"])
        accuracy += f", balanced {percent(record['balanced_accuracy'])} (95 % interval by singer or song {interval})"
    return "\n\n".join(
        [
            "## Recordings from other sources",
            " ".join([f"{record['clips']} clips, one prediction each.", record["note"], f"`{record['command']}`"]),
            table(["", "clips", "correct"], rows),
            f"{accuracy}.",
        ]
    )
