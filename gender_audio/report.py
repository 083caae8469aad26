"""A verdict in words and numbers: sentences, the JSON object, and the table for a terminal."""

from __future__ import annotations

from typing import Any

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from gender_audio.systems.base import Verdict

SILENCE = "Silence"
BAR_WIDTH = 24
"""Columns of a bar for probability 1."""


def agreement(verdict: Verdict) -> str:
    """How many members agree with the verdict, in words: `14 of 20 members agree`."""
    members = len(verdict.member_probabilities)
    return f"{verdict.agreement} of {members} {verdict.system.voters} agree" if members > 1 else "One network decided"


def summary(verdict: Verdict) -> str:
    """The agreement, the method that gives the verdict (if there are several), and the probability of the verdict."""
    method = verdict.extra_fields.get("method")
    decision = f"The verdict is that of {method}, with" if method else "The verdict has"
    return f"{agreement(verdict)}. {decision} a probability of {verdict.probabilities.max():.0%}."


def remark(verdict: Verdict) -> str:
    """A sentence about a measurement that did not affect the verdict; empty if there is none."""
    fields = verdict.extra_fields
    if (progressive_rock := fields.get("progressive_rock")) is not None:
        tag = f"The published music tagger gives \u201cprogressive rock\u201d a probability of {progressive_rock:.0%}."
        return f"{tag} It did not affect the verdict."
    pitch_hz = fields.get("pitch_hz")
    if pitch_hz is None:
        return ""
    return f"Median pitch {pitch_hz:.0f} Hz. It did not affect the probabilities and is no evidence by itself."


def as_dict(file: str, verdict: Verdict) -> dict[str, Any]:
    """The verdict on one file, ready for JSON: times in seconds, probabilities (0..1) by label."""
    return {
        "file": file,
        "system": verdict.system.name,
        "duration_s": _rounded(verdict.clip.duration_s),
        "label": verdict.label,
        "probabilities": verdict.by_label(verdict.probabilities),
        "uncertain": bool(verdict.uncertain),
        "agreement": int(verdict.agreement),
        **verdict.extra_fields,
        "warnings": list(verdict.warnings),
        "members": [
            {"name": name, "label": label, "probabilities": verdict.by_label(probabilities)}
            for name, label, probabilities in zip(
                verdict.member_names, verdict.member_labels, verdict.member_probabilities, strict=True
            )
        ],
        "snippets": [
            {
                "start_s": _rounded(start_s),
                "end_s": _rounded(end_s),
                "label": label,
                "probabilities": verdict.by_label(probabilities),
            }
            for start_s, end_s, label, probabilities in zip(
                verdict.starts_s, verdict.ends_s, verdict.snippet_labels, verdict.snippet_probabilities, strict=True
            )
        ],
        "segments": [
            {
                "start_s": _rounded(segment.start_s),
                "end_s": _rounded(segment.end_s),
                "label": segment.label,
                "probability": _rounded(segment.probability),
            }
            for segment in verdict.segments
        ],
        "shares": {label: _rounded(share) for label, share in verdict.shares.items()},
    }


def show(file: str, verdict: Verdict, console: Console) -> None:
    """Print label, agreement, probabilities and timeline for a terminal of 80 columns or more.

    The path stays on one line, so that it can be copied and searched for.
    """
    headline = Text(verdict.title, style="bold")
    if verdict.uncertain:
        headline.append("  (not sure)", style="yellow")
    headline.append(f"\n{agreement(verdict)}", style="not bold")
    notes = [Text(f"Note: {warning}", style="yellow") for warning in verdict.warnings]
    remarks = [Text(remark(verdict))] if remark(verdict) else []
    blocks: tuple[RenderableType, ...] = (headline, _bars(verdict), _timeline(verdict), *remarks, *notes)
    console.print(Text.assemble((printable(file), "cyan"), f"  {verdict.clip.duration_s:.1f} s"), soft_wrap=True)
    console.print(*(Padding(block, (0, 0, 1, 2)) for block in blocks))


def label_title(verdict: Verdict, label: str | None) -> str:
    """The label of a snippet in words; None is silence."""
    return verdict.system.titles[label] if label else SILENCE


def printable(text: str) -> str:
    """`text` with control codes and undecodable bytes replaced, so that it cannot control a terminal."""
    return "".join(character if character.isprintable() else "?" for character in text)


def clock(seconds: float) -> str:
    """Minutes and seconds: 83.25 becomes `1:23.2`."""
    minutes, tenths = divmod(round(seconds * 10), 600)
    return f"{minutes}:{tenths // 10:02}.{tenths % 10}"


def minutes(seconds: float) -> str:
    """Minutes and whole seconds: 83.25 becomes `1:23`."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


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
    for segment in verdict.segments:
        span = f"{clock(segment.start_s)} - {clock(segment.end_s)}"
        share = f"{segment.probability:4.0%}" if segment.label else ""
        grid.add_row(span, label_title(verdict, segment.label), share)
    return grid


def _rounded(value: float) -> float:
    return round(float(value), 6)
