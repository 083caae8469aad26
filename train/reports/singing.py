"""The sections on who sings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gender_audio.systems.labels import SINGING
from train import run_records
from train.reports import figures as draw
from train.reports.tables import decibels, ends, percent, picture, points, table

FEW = 10
"""With fewer singers than this, an interval would pretend to know what others are like."""


def sections(docs: Path) -> list[str]:
    """What the records say of the ensemble, of its student, and of clips from elsewhere."""
    parts = []
    if test := run_records.read("test", docs / "records"):
        parts += [classification(test), accompaniments(test), figures(test["classification"], docs)]
        if "student" in test:
            parts.append(student(test["student"], test["classification"]))
    if others := run_records.read("elsewhere", docs / "records"):
        parts.append(elsewhere(others))
    return parts


def classification(test: dict[str, Any]) -> str:
    """The four-class task."""
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
            "## Who sings",
            f"`{test['command']}`",
            f"{record['rows']:,} snippets of `remix_test.csv`: singers and speakers that no part of the system has "
            "been trained or calibrated on, and that nothing was chosen by. The rows have been looked at whenever the "
            "system was measured, and what to try next was thought of with those figures in mind: they are not as "
            "blind as rows that are opened once.",
            "Rows are labels, columns what the ensemble says. Voices are counted by who is heard first, rows without "
            "one by their accompaniment; few of them sing, and these are in many rows, so intervals draw voices anew, "
            "not rows.",
            table(["", "voices", *SINGING.labels, "recall"], confusion),
            table(["figure", "value"], _figures(record)),
            "By kind of row:",
            table(["kind of row", "accuracy"], kinds),
        ]
    )


def _figures(record: dict[str, Any]) -> list[list[str]]:
    spread, above = ends(record["accuracy_interval"]), ends(record["above_members_interval"], points)
    chance = record["ece_by_chance"]
    return [
        ["accuracy of the ensemble", f"{percent(record['accuracy'])} (95 % interval by first singer {spread})"],
        ["mean accuracy of its members", percent(record["mean_member"])],
        ["points that the ensemble is above its mean member", f"{points(record['above_members'])} ({above})"],
        ["best and worst member", f"{percent(max(record['members']))}, {percent(min(record['members']))}"],
        ["accuracy by the mean of logits", percent(record["mean_of_logits"])],
        ["balanced accuracy", percent(record["balanced_accuracy"])],
        ["macro-F1", f"{record['macro_f1']:.3f}"],
        ["NLL", f"{record['nll']:.3f}"],
        ["Brier", f"{record['brier']:.3f}"],
        ["ECE (15 bins of equal mass)", f"{record['ece']:.3f} (were it calibrated perfectly: about {chance:.3f})"],
        ["rows it is sure about", percent(record["coverage"])],
        ["accuracy on those", percent(record["accuracy_when_sure"])],
        ["accuracy on the surest 90 % by probability", percent(record["surest_by"]["probability"])],
        ["accuracy on the surest 90 % by members that agree", percent(record["surest_by"]["agreement"])],
    ]


def accompaniments(test: dict[str, Any]) -> str:
    """Whether it matters that an accompaniment was heard in training."""
    names = {"known": "a piece of which sounds in the train split, too", "new": "all of it new"}
    rows = [
        [
            names[name],
            str(found["rows"]),
            percent(found["accuracy"]),
            ends(found["interval"]),
            decibels(found["gain"]) if found["gain"] is not None else "",
        ]
        for name, found in test["accompaniments"].items()
    ]
    return "\n\n".join(
        [
            "Not every accompaniment is new: some singers of MIR-1K sang to the same karaoke tracks, and some music is "
            "in several splits of the corpora. Its pieces were looked for by correlation:",
            table(["accompaniment", "rows", "balanced accuracy", "95 % interval", "gain of sung voices"], rows),
        ]
    )


def figures(record: dict[str, Any], docs: Path) -> str:
    """How sure, how many and which rows went worst."""
    drawn = {
        "reliability": (
            "How often the ensemble is right, by how sure it is; dotted, if it knew exactly",
            draw.reliability,
        ),
        "risk": ("Share of wrong answers if only the surest rows are answered", draw.risk),
        "sizes": ("Accuracy of members alone and together", draw.sizes),
    }
    lines = []
    for name, (caption, make) in drawn.items():
        make(record, docs / "images" / f"{name}.svg")
        lines.append(picture(f"images/{name}.svg", caption))
    worst = [
        [row["singers"], row["kind"], row["label"], row["said"], percent(row["probability"])] for row in record["worst"]
    ]
    return "\n\n".join(
        [
            *lines,
            "The rows whose true label got the least probability:",
            table(["who", "kind", "label", "said", "probability of the label"], worst),
        ]
    )


def student(record: dict[str, Any], ensemble: dict[str, Any]) -> str:
    """The one network taught by the ensemble, beside it."""
    names = {"macro_f1": "macro-F1", "nll": "NLL", "ece": "ECE"}
    rows = [
        ["accuracy", *(percent(of["accuracy"]) for of in (record, ensemble))],
        ["95 % interval by first singer", *(ends(of["accuracy_interval"]) for of in (record, ensemble))],
        *([title, *(f"{of[name]:.3f}" for of in (record, ensemble))] for name, title in names.items()),
    ]
    return "\n\n".join(
        [
            "## The student",
            "One network taught by the members that left out the same voices, on the same rows.",
            table(["figure", "student", "ensemble"], rows),
        ]
    )


def elsewhere(record: dict[str, Any]) -> str:
    """Clips that somebody labelled, heard as a whole."""
    rows = [
        [SINGING.titles[label], str(record["counts"][label]), f"{round(share * record['counts'][label])}"]
        for label, share in record["recall"].items()
    ]
    told = f"Accuracy {percent(record['accuracy'])}"
    if min(record["counts"].values()) >= FEW:
        spread = ends(record["interval"])
        told += f", balanced {percent(record['balanced_accuracy'])} (95 % interval by singer or song {spread})"
    return "\n\n".join(
        [
            "## Recordings from elsewhere",
            " ".join([f"{record['clips']} clips, each with one answer.", record["note"], f"`{record['command']}`"]),
            table(["", "clips", "right"], rows),
            f"{told}.",
        ]
    )
