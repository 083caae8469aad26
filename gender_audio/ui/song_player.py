"""The timeline of a song with its transport: coloured waveform, segments to click, playhead, and muting of stems."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import gradio as gr

from gender_audio.plots import timeline
from gender_audio.plots.palette import INK, LABEL_COLOURS
from gender_audio.report import label_title, minutes
from gender_audio.systems.base import Segment
from gender_audio.systems.singing import SingingVerdict


def song_player() -> gr.HTML:
    """The component; the elements `#vocals` and `#accompaniment` hold the players of the stems."""
    script = Path(__file__).with_name("song_player.js").read_text(encoding="utf8")
    return gr.HTML(js_on_load=script, elem_classes="song-player")


def song_html(verdict: SingingVerdict) -> str:
    """The HTML of a verdict for `song_player`."""
    duration_s = verdict.clip.duration_s
    segments = verdict.segments
    blocks = "".join(_block(verdict, segment, duration_s) for segment in segments)
    rows = "".join(_row(verdict, segment) for segment in segments)
    return (
        f'<div data-part="song" data-duration="{duration_s:.3f}">{timeline.timeline(verdict)}'
        f'<div class="stage" data-part="stage">{blocks}<i data-part="playhead"></i></div>'
        '<div class="transport"><button data-part="play">Play</button>'
        f'<span data-part="time">0:00 / {minutes(duration_s)}</span>'
        '<button data-part="vocals" aria-pressed="true">Vocals</button>'
        '<button data-part="accompaniment" aria-pressed="true">Accompaniment</button></div>'
        f'<p class="shares">{"".join(_shares(verdict))}</p><ol class="segments">{rows}</ol></div>'
    )


def _attributes(segment: Segment, style: str = "") -> str:
    """Times and colour of a segment, as attributes of its button."""
    colour = LABEL_COLOURS[segment.label] if segment.label else INK
    times = f'data-start="{segment.start_s:.3f}" data-end="{segment.end_s:.3f}"'
    return f'{times} style="{style}--label: {colour.css}"'


def _block(verdict: SingingVerdict, segment: Segment, duration_s: float) -> str:
    """The button of a segment on the timeline; the one in the list is for keyboards and screen readers."""
    left, width = segment.start_s / duration_s, (segment.end_s - segment.start_s) / duration_s
    title = f"{minutes(segment.start_s)} to {minutes(segment.end_s)}: {label_title(verdict, segment.label)}"
    attributes = _attributes(segment, f"left: {left:.4%}; width: {width:.4%}; ")
    return f'<button tabindex="-1" aria-hidden="true" title="{title}" {attributes}></button>'


def _row(verdict: SingingVerdict, segment: Segment) -> str:
    """The button of a segment in the list."""
    return (
        f"<li><button {_attributes(segment)}><span>{minutes(segment.start_s)}\u2013{minutes(segment.end_s)}</span> "
        f"<b>{label_title(verdict, segment.label)}</b> <span>{segment.probability:.0%}</span></button></li>"
    )


def _shares(verdict: SingingVerdict) -> Iterator[str]:
    """The share of the song that each label takes, the largest first."""
    for label, share in sorted(verdict.shares.items(), key=lambda item: -item[1]):
        if share > 0:
            colour = LABEL_COLOURS[label].css
            yield f'<span style="--label: {colour}">{verdict.system.titles[label]} {share:.0%}</span>'
