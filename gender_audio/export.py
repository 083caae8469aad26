"""A verdict in the formats of other programs: JSON, CSV, Audacity labels, RTTM and Praat's TextGrid.

All but JSON hold the segments of the timeline.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass

from gender_audio.report import SILENCE, as_dict
from gender_audio.systems.base import Segment, Verdict

CSV_FIELDS = ("file", "start_s", "end_s", "label", "probability")


@dataclass(frozen=True)
class Format:
    """One format.

    Attributes:
        title: for people.
        suffix: of its files, without the dot.
        write: the text for the name of a recording and its verdict.
        joinable: texts of several recordings may follow one another.
    """

    title: str
    suffix: str
    write: Callable[[str, Verdict], str]
    joinable: bool = False


def to_json(file: str, verdict: Verdict) -> str:
    """Everything that is known, as `report.as_dict`."""
    return json.dumps(as_dict(file, verdict), indent=2) + "\n"


def to_csv(file: str, verdict: Verdict) -> str:
    """One row for each segment, below a header; times in seconds."""
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(CSV_FIELDS)
    for segment in verdict.segments:
        times = f"{segment.start_s:.3f}", f"{segment.end_s:.3f}"
        rows.writerow([file, *times, segment.label or SILENCE.lower(), f"{segment.probability:.4f}"])
    return text.getvalue()


def to_audacity(file: str, verdict: Verdict) -> str:  # noqa: ARG001, all formats have the same arguments
    """A label track of Audacity: start, end and title, separated by tabs."""
    return "".join(f"{part.start_s:.6f}\t{part.end_s:.6f}\t{_title(verdict, part)}\n" for part in verdict.segments)


def to_rttm(file: str, verdict: Verdict) -> str:
    """Rich Transcription Time Marked (NIST 2009): one line for each segment with a voice; the label is the speaker."""
    name = "_".join(file.split()) or "recording"
    return "".join(
        f"SPEAKER {name} 1 {part.start_s:.3f} {part.end_s - part.start_s:.3f} <NA> <NA> {part.label} "
        f"{part.probability:.4f} <NA>\n"
        for part in verdict.segments
        if part.label not in (None, "none")
    )


def to_textgrid(file: str, verdict: Verdict) -> str:  # noqa: ARG001
    """A TextGrid of Praat (its long text format) with one interval tier."""
    segments = verdict.segments
    start_s, end_s = segments[0].start_s, segments[-1].end_s
    lines = [
        'File type = "ooTextFile"',
        'Object class = "TextGrid"',
        "",
        f"xmin = {start_s:.6f}",
        f"xmax = {end_s:.6f}",
        "tiers? <exists>",
        "size = 1",
        "item []:",
        "    item [1]:",
        '        class = "IntervalTier"',
        f'        name = "{verdict.system.name}"',
        f"        xmin = {start_s:.6f}",
        f"        xmax = {end_s:.6f}",
        f"        intervals: size = {len(segments)}",
    ]
    for number, part in enumerate(segments, 1):
        lines += [
            f"        intervals [{number}]:",
            f"            xmin = {part.start_s:.6f}",
            f"            xmax = {part.end_s:.6f}",
            f'            text = "{_title(verdict, part)}"',
        ]
    return "\n".join(lines) + "\n"


FORMATS = {
    "json": Format("JSON", "json", to_json),
    "csv": Format("CSV", "csv", to_csv, joinable=True),
    "audacity": Format("Audacity labels", "txt", to_audacity),
    "rttm": Format("RTTM", "rttm", to_rttm, joinable=True),
    "textgrid": Format("Praat TextGrid", "TextGrid", to_textgrid),
}
"""Name to format, in the order in which they are offered."""


def _title(verdict: Verdict, segment: Segment) -> str:
    """The label of a segment in words; the titles have no quotes and no tabs."""
    return verdict.system.titles[segment.label] if segment.label else SILENCE
