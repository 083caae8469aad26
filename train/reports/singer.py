"""The sections on who sings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gender_audio import weights
from gender_audio.features.filterbank import Filterbank
from gender_audio.systems import SINGER
from train import figures as draw
from train import records
from train.bags import FOLDS
from train.reports.tables import percent, table


def classification(test: dict[str, Any]) -> str:
    """The four-class task."""
    record = test["classification"]
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
        ["accuracy on the surest 90 % by probability", percent(record["surest_by"]["probability"])],
        ["accuracy on the surest 90 % by members that agree", percent(record["surest_by"]["agreement"])],
    ]
    confusion = [
        [SINGER.titles[label], *(str(count) for count in counts), percent(record["recall"][label])]
        for label, counts in zip(SINGER.labels, record["confusion"], strict=True)
    ]
    kinds = [[kind, percent(share)] for kind, share in record["by_kind"].items()]
    sizes = [
        [str(size), percent(record["sizes"][size - 1])] for size in (1, 2, 5, 10, 20) if size <= len(record["sizes"])
    ]
    return "\n\n".join(
        [
            "## Who sings",
            f"`{test['command']}`",
            f"{record['rows']:,} snippets of `remix_test.csv`: singers and speakers that no part of the system has "
            "been trained, chosen or calibrated on. Rows are classes, columns what the ensemble says.",
            table(["", *SINGER.labels, "recall"], confusion),
            table(["figure", "value"], figures),
            table(["kind of row", "accuracy"], kinds),
            *accompaniments(test),
            table(["members, whichever these are", "accuracy"], sizes),
        ]
    )


def accompaniments(test: dict[str, Any]) -> list[str]:
    """Whether it matters that an accompaniment was heard in training."""
    names = {"known": "a piece of which sounds in the train split, too", "new": "all of it new"}
    rows = [
        [
            names[name],
            str(found["rows"]),
            percent(found["accuracy"]),
            " to ".join(percent(end) for end in found["interval"]),
            f"{found['gain']:.1f} dB" if found["gain"] is not None else "",
        ]
        for name, found in test["accompaniments"].items()
    ]
    return [
        "Not every accompaniment is new: some singers of MIR-1K sang to the same karaoke tracks, and some music is in "
        "several splits of the corpora. Its pieces were looked for by correlation:",
        table(["accompaniment", "rows", "accuracy", "95 % interval", "gain of sung voices"], rows),
    ]


def figures(record: dict[str, Any], docs: Path) -> str:
    """How sure, how many and which rows went worst."""
    drawn = {
        "reliability": ("Reliability on the same rows", draw.reliability),
        "risk": ("What it costs to answer more", draw.risk),
        "sizes": ("Members alone and together", draw.sizes),
    }
    lines = []
    for name, (title, make) in drawn.items():
        make(record, docs / "images" / f"{name}.svg")
        lines.append(f"![{title}](images/{name}.svg)")
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


def training(record: dict[str, Any], docs: Path) -> str:
    """How the members learnt."""
    lines = []
    further = record.get("further", [])
    if all(all(told["curves"]) for told in (record, *further)):
        draw.learning(record, docs / "images" / "learning.svg")
        lines.append("![NLL after every round; dotted lines where they went on](images/learning.svg)")
    draw.schedule(record, docs / "images" / "schedule.svg")
    draw.filter_bank(Filterbank(**weights.card(SINGER.name).feature), docs / "images" / "filterbank.svg")
    leak = [record, *further][-1]["leak"]
    more = [
        f"Then each went on with {told['remixes']:,} others of {told['singers']} voices, without that fold. "
        f"`{told['command']}`"
        for told in further
    ]
    if refit := record.get("refit"):
        more.append(
            f"At last each went on with {refit['remixes']:,} remixes of all voices, those of that fold among them; the "
            f"calibration is that of before. `{refit['command']}`"
        )
    return "\n\n".join(
        [
            "## How the members learnt",
            f"Each from {record['remixes']:,} remixes of {record['singers']} singers and speakers, without the voices "
            f"of one fold in {FOLDS}. `{record['command']}`",
            *more,
            f"{'Before that, on' if refit else 'On'} remixes that a member did not learn from, balanced accuracy over "
            f"the labels with a voice is **{percent(leak['random'])}** if it knows the singers from other remixes, as "
            f"after a random split, and **{percent(leak['grouped'])}** if it never heard them. The difference, "
            f"{100 * (leak['random'] - leak['grouped']):.1f} points, is what a random split would have pretended.",
            *lines,
            "![Learning rate](images/schedule.svg)",
            "![Filter bank](images/filterbank.svg)",
        ]
    )


def student(record: dict[str, Any], ensemble: dict[str, Any]) -> str:
    """The one network taught by the ensemble, beside it."""
    names = {"accuracy": "accuracy", "macro_f1": "macro-F1", "nll": "NLL", "ece": "ECE"}
    rows = [
        [title, *(percent(of[name]) if name == "accuracy" else f"{of[name]:.3f}" for of in (record, ensemble))]
        for name, title in names.items()
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
    low, high = record["interval"]
    rows = [
        [SINGER.titles[label], str(record["counts"][label]), percent(share)]
        for label, share in record["recall"].items()
    ]
    return "\n\n".join(
        [
            "## Recordings from elsewhere",
            " ".join([f"{record['clips']} clips, each with one answer.", record["note"], f"`{record['command']}`"]),
            table(["", "clips", "recall"], rows),
            f"Balanced accuracy {percent(record['balanced_accuracy'])} (95% bootstrap interval by singer or song "
            f"{percent(low)} to {percent(high)}), accuracy {percent(record['accuracy'])}.",
        ]
    )


def sections(docs: Path) -> list[str]:
    """What the records say of the ensemble, its student and its training."""
    test, learnt = (records.read(name, docs / "records") for name in ("test", "singer"))
    parts = []
    if test:
        parts += [classification(test), figures(test["classification"], docs)]
        if "student" in test:
            parts.append(student(test["student"], test["classification"]))
    if others := records.read("elsewhere", docs / "records"):
        parts.append(elsewhere(others))
    if learnt:
        parts.append(training(learnt, docs))
    return parts
