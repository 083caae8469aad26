"""A verdict in words and numbers: the JSON object of one clip, and what a terminal shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from gender_audio.systems.base import Verdict

SILENCE = "Silence"
BAR_WIDTH = 24  # columns of a bar that stands for probability 1


@dataclass(frozen=True)
class Segment:
    """A stretch of a clip in which all snippets have one label; `probability` is that label's mean there.

    Silence has no label, and probability 0.
    """

    start_s: float
    end_s: float
    label: str | None
    probability: float


def segments(verdict: Verdict) -> list[Segment]:
    """The timeline with equal neighbours merged, without gaps or overlaps from the first snippet to the last.

    Snippets overlap, so each speaks for the time around its middle: two neighbours with different labels meet
    halfway between their middles.
    """
    middles = (verdict.starts_s + verdict.ends_s) / 2
    edges = np.concatenate([verdict.starts_s[:1], (middles[1:] + middles[:-1]) / 2, verdict.ends_s[-1:]])
    labels = verdict.snippet_labels
    changes = [i for i in range(1, len(labels)) if labels[i] != labels[i - 1]]
    merged = []
    for first, end in zip([0, *changes], [*changes, len(labels)], strict=True):
        label = labels[first]
        probability = (
            verdict.snippet_probabilities[first:end, verdict.system.labels.index(label)].mean() if label else 0.0
        )
        merged.append(Segment(float(edges[first]), float(edges[end]), label, float(probability)))
    return merged


def as_dict(file: str, verdict: Verdict) -> dict[str, Any]:
    """What is known about one clip, ready for JSON: times in seconds, probabilities (0..1) by label name."""
    return {
        "file": file,
        "system": verdict.system.name,
        "duration_s": _rounded(verdict.clip.duration_s),
        "label": verdict.label,
        "probabilities": _by_label(verdict, verdict.probabilities),
        "uncertain": bool(verdict.uncertain),
        "agreement": int(verdict.agreement),
        **verdict.extra_fields,
        "warnings": list(verdict.warnings),
        "members": [
            {"name": name, "label": label, "probabilities": _by_label(verdict, probabilities)}
            for name, label, probabilities in zip(
                verdict.member_names, verdict.member_labels, verdict.member_probabilities, strict=True
            )
        ],
        "snippets": [
            {
                "start_s": _rounded(start_s),
                "end_s": _rounded(end_s),
                "label": label,
                "probabilities": _by_label(verdict, probabilities),
            }
            for start_s, end_s, label, probabilities in zip(
                verdict.starts_s, verdict.ends_s, verdict.snippet_labels, verdict.snippet_probabilities, strict=True
            )
        ],
    }


def show(file: str, verdict: Verdict, console: Console) -> None:
    """Print the same for a terminal of 80 columns or more: verdict, probabilities, agreement and timeline.

    The path stays one line however long it is, so that it can be copied and searched for.
    """
    headline = Text(verdict.title, style="bold")
    if verdict.uncertain:
        headline.append("  (not sure)", style="yellow")
    headline.append(f"\n{verdict.votes}", style="not bold")
    notes = [Text(f"Note: {warning}", style="yellow") for warning in verdict.warnings]
    aside = [Text(verdict.aside)] if verdict.aside else []
    blocks: tuple[RenderableType, ...] = (headline, _bars(verdict), _timeline(verdict), *aside, *notes)
    console.print(Text.assemble((printable(file), "cyan"), f"  {verdict.clip.duration_s:.1f} s"), soft_wrap=True)
    console.print(*(Padding(block, (0, 0, 1, 2)) for block in blocks))


def titled(verdict: Verdict, label: str | None) -> str:
    """A snippet's label in words."""
    return verdict.system.titles[label] if label else SILENCE


def printable(text: str) -> str:
    """`text` with everything a terminal could trip over (control codes, undecodable bytes) replaced."""
    return "".join(character if character.isprintable() else "?" for character in text)


def clock(seconds: float) -> str:
    """Minutes and seconds: 83.25 becomes 1:23.2."""
    minutes, tenths = divmod(round(seconds * 10), 600)
    return f"{minutes}:{tenths // 10:02}.{tenths % 10}"


def _bars(verdict: Verdict) -> Table:
    grid = Table.grid(padding=(0, 2))
    for label, probability in zip(verdict.system.labels, verdict.probabilities, strict=True):
        style = "bold" if label == verdict.label else "dim"
        bar = ProgressBar(1.0, float(probability), BAR_WIDTH, complete_style=style, finished_style=style)
        grid.add_row(verdict.system.titles[label], f"{probability:4.0%}", bar)
    return grid


def _timeline(verdict: Verdict) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(justify="right")
    for segment in segments(verdict):
        span = f"{clock(segment.start_s)} - {clock(segment.end_s)}"
        share = f"{segment.probability:4.0%}" if segment.label else ""
        grid.add_row(span, titled(verdict, segment.label), share)
    return grid


def _by_label(verdict: Verdict, probabilities: NDArray[np.floating[Any]]) -> dict[str, float]:
    return {label: _rounded(value) for label, value in zip(verdict.system.labels, probabilities, strict=True)}


def _rounded(value: float) -> float:
    return round(float(value), 6)
