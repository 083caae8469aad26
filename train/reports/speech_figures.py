"""Figures of the report's sections on speech."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure

from gender_audio.plots.palette import LABEL_COLOURS

LEAK = Path("images") / "leak.svg"
FINDER = Path("images") / "finder.svg"
SPLITS = {"leaking": "speakers known", "disjoint": "speakers unknown"}


def draw(record: dict[str, Any], docs: Path) -> None:
    """Write both figures of the record `speech-mfcc`."""
    (docs / "images").mkdir(parents=True, exist_ok=True)
    with rc_context({"svg.hashsalt": "speech", "font.size": 9}):
        recall_by_speaker(record).savefig(docs / LEAK, metadata={"Date": None})
        lr_finder(record["finder"]).savefig(docs / FINDER, metadata={"Date": None})


def recall_by_speaker(record: dict[str, Any]) -> Figure:
    """The share of each speaker's digits that is recognised, for known and for unknown speakers."""
    figure = Figure((7, 2.6), layout="constrained")
    axes = figure.subplots(1, 2, sharey=True)
    for place, (name, title) in zip(axes, SPLITS.items(), strict=True):
        for row, label in enumerate(("male", "female")):
            speakers = record[name]["ours"]["by_speaker"].values()
            recalls = sorted(speaker["recall"] for speaker in speakers if speaker["label"] == label)
            heights = [row + 0.5 * (number / max(1, len(recalls) - 1) - 0.5) for number in range(len(recalls))]
            place.scatter(recalls, heights, 14, LABEL_COLOURS[label].light)
        place.set(title=title, xlim=(-0.02, 1.02), xlabel="share of the speaker's digits recognised")
        place.axvline(0.5, color="0.8", linewidth=1, zorder=0)
    axes[0].set_yticks([0, 1], ["male-like", "female-like"])
    return figure


def lr_finder(finder: dict[str, Any]) -> Figure:
    """Loss by learning rate, and the suggested rate."""
    figure = Figure((5, 2.2), layout="constrained")
    place = figure.subplots()
    place.semilogx(finder["rates"], finder["losses"], color="0.2")
    place.axvline(finder["suggestion"], color=LABEL_COLOURS["male"].light)
    place.set(xlabel="learning rate", ylabel="loss")
    return figure
