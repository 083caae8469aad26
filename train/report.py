"""docs/results.md and its figures, from the run records alone."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from gender_audio.systems import LABELS, TITLES
from train import records

DOCS = Path(__file__).resolve().parents[1] / "docs"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    lines = [list(head), ["---"] * len(list(head)), *(list(row) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def percent(share: float) -> str:
    """A share in percent, to one decimal."""
    return f"{100 * share:.1f} %"


def inputs(record: dict[str, Any]) -> str:
    """What a member should listen to."""
    rows = [
        [name, percent(found["accuracy"]), *(percent(found[label]) for label in LABELS)]
        for name, found in record["val"].items()
    ]
    return "\n\n".join(
        [
            "## What the members listen to",
            f"One member for each input, trained on the same {record['remixes']:,} remixes "
            f"({record['samples']:,} samples seen), measured on `remix_val.csv`. `{record['command']}`",
            table(["input", "accuracy", *(f"recall {label}" for label in LABELS)], rows),
        ]
    )


def classification(record: dict[str, Any]) -> str:
    """The four-class task."""
    low, high = record["accuracy_interval"]
    figures = [
        [
            "accuracy of the ensemble",
            f"{percent(record['accuracy'])} (95% bootstrap interval by first singer {percent(low)} to {percent(high)})",
        ],
        ["mean accuracy of its members", percent(record["mean_member"])],
        ["best and worst member", f"{percent(max(record['members']))}, {percent(min(record['members']))}"],
        ["accuracy by the mean of logits", percent(record["mean_of_logits"])],
        ["balanced accuracy", percent(record["balanced_accuracy"])],
        ["macro-F1", f"{record['macro_f1']:.3f}"],
        ["NLL", f"{record['nll']:.3f}"],
        ["Brier", f"{record['brier']:.3f}"],
        ["ECE (15 bins of equal mass)", f"{record['ece']:.3f}"],
        ["rows it is sure about", percent(record["coverage"])],
        ["accuracy on those", percent(record["accuracy_when_sure"])],
    ]
    confusion = [
        [TITLES[label], *(str(count) for count in counts), percent(record["recall"][label])]
        for label, counts in zip(LABELS, record["confusion"], strict=True)
    ]
    kinds = [[kind, percent(share)] for kind, share in record["by_kind"].items()]
    sizes = [
        [str(size), percent(record["sizes"][size - 1])] for size in (1, 2, 5, 10, 20) if size <= len(record["sizes"])
    ]
    return "\n\n".join(
        [
            "## Who sings",
            f"{record['rows']:,} snippets of `remix_test.csv`: singers, speakers and accompaniments that no part of "
            "the system has been trained, chosen or calibrated on. Rows are classes, columns what the ensemble says.",
            table(["", *LABELS, "recall"], confusion),
            table(["figure", "value"], figures),
            table(["kind of row", "accuracy"], kinds),
            table(["members", "accuracy"], sizes),
        ]
    )


def separation(record: dict[str, float]) -> str:
    """The embedded separator."""
    rows = [[kind, percent(gain) if "share" in kind else f"{gain:.1f} dB"] for kind, gain in record.items()]
    return "\n\n".join(
        [
            "## Separation",
            "Mean SI-SDR improvement of the vocals on rows with an accompaniment; on instrumental rows, how far the "
            "vocal stem lies below the mixture.",
            table(["kind of row", "gain"], rows),
        ]
    )


def write(docs: Path = DOCS) -> None:
    """Write `results.md` from the records there are."""
    parts = ["# Results", "Written by a command from the records in `docs/records`; do not edit."]
    test = records.read("test", docs / "records")
    if test:
        parts += [f"`{test['command']}`", classification(test["classification"]), separation(test["separation"])]
    compared = records.read("inputs", docs / "records")
    if compared:
        parts.append(inputs(compared))
    (docs / "results.md").write_text("\n\n".join(parts) + "\n", encoding="utf8")
