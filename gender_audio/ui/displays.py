"""What the singer tab shows of a verdict: the words, the pictures and the players."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from gender_audio import audio, plots
from gender_audio.audio import Clip
from gender_audio.palette import LABEL_COLOURS, LINE
from gender_audio.pipeline import Verdict
from gender_audio.systems import LABELS, TITLES

WELCOME = """<div class="verdict" role="status"><h2>Record, upload or try an example</h2><ol>
<li>A separator takes the voice out of the music.</li>
<li>Twenty networks listen, three seconds at a time, and vote.</li>
<li>You see what they heard, when, and how far they agree.</li></ol></div>"""


class Displays:
    """The components, laid out where they are made; the methods give new values for all of `outputs`."""

    def __init__(self) -> None:
        self.card = gr.HTML(WELCOME, elem_id="verdict")
        with gr.Column(visible=False) as self.details:
            with _section("Timeline", "Coloured by the likeliest label; below, how probable each one is."):
                timeline = gr.HTML()
            with _section("Members beside the ensemble", "One row per network, its vote in full colour."):
                members = gr.HTML()
            with _section("Vocals", "What the separator took for voice."):
                vocals_wave, self.vocals = gr.HTML(), _player("Vocals")
            with _section("Accompaniment", "What it left, on the same scale."):
                rest_wave, self.rest = gr.HTML(), _player("Accompaniment")
            with _section("Mel spectrogram", "Brighter is louder, down to 80 dB below the loudest point."):
                spectrogram = gr.HTML()
        pictures = [timeline, members, vocals_wave, rest_wave, spectrogram]
        self.outputs = [self.card, self.details, *pictures, self.vocals, self.rest]

    def show(self, verdict: Verdict) -> list[Any]:
        """Everything about a verdict."""
        stems = verdict.stems
        return [
            _card(verdict),
            gr.update(visible=True),
            plots.timeline(verdict),
            plots.members(verdict),
            plots.stem(verdict, "vocals"),
            plots.stem(verdict, "accompaniment"),
            plots.spectrogram(verdict),
            served(self.vocals, Clip(stems.vocals, stems.rate)),
            served(self.rest, Clip(stems.accompaniment, stems.rate)),
        ]

    def refuse(self, reason: str) -> list[Any]:
        """Why there is no verdict, and nothing of the one before."""
        return self._only(f'<div class="verdict" role="alert"><h2>No verdict</h2><p>{escape(reason)}</p></div>')

    def forget(self) -> list[Any]:
        """The page as it was before any recording."""
        return self._only(WELCOME)

    def _only(self, card: str) -> list[Any]:
        return [card, gr.update(visible=False), *[None] * (len(self.outputs) - 2)]


def served(player: gr.Audio, clip: Clip) -> str:
    """A file for this player, at an address that nobody can guess; Gradio deletes it with its cache."""
    folder = Path(player.GRADIO_CACHE) / secrets.token_hex(16)
    folder.mkdir(parents=True)
    path = folder / f"{player.label}.wav"
    audio.write(path, clip.samples, clip.rate)
    return str(path)


@contextmanager
def _section(title: str, note: str) -> Iterator[None]:
    with gr.Column(elem_classes="section"):
        gr.HTML(f"<h3>{title}</h3><p>{note}</p>")
        yield


def _player(label: str) -> gr.Audio:
    """A player of files: the browser's own, which long recordings do not slow down."""
    return gr.Audio(
        label=label,
        show_label=False,
        container=False,
        interactive=False,
        buttons=[],
        waveform_options=gr.WaveformOptions(show_recording_waveform=False),
    )


def _card(verdict: Verdict) -> str:
    """The verdict in words that promise no more than is known, and the probability of each label."""
    title, colour = TITLES[verdict.label], LABEL_COLOURS[verdict.label]
    votes = f"{verdict.agreement} of {len(verdict.members)} members agree"
    text = f"{votes}; together they give it {verdict.probabilities.max():.0%}."
    if verdict.uncertain:
        title, colour, text = "Not sure", LINE, f"Likeliest is {title.lower()}: {text}"
    warnings = "".join(f'<p class="warning">{escape(warning)}</p>' for warning in verdict.warnings)
    return (
        f'<div class="verdict" role="status" style="--label: {colour.css}">'
        f'<h2>{title}</h2><p>{text}</p>{warnings}<dl class="odds">{"".join(_odds(verdict))}</dl></div>'
    )


def _odds(verdict: Verdict) -> Iterator[str]:
    for label, probability in zip(LABELS, verdict.probabilities, strict=True):
        emphasis = ' class="first"' if label == verdict.label else ""
        bar = f'<i style="width: {probability:.1%}; --label: {LABEL_COLOURS[label].css}"></i>'
        yield f'<div{emphasis}><dt>{TITLES[label]}</dt><dd class="share">{bar}</dd>'
        yield f'<dd class="percent">{probability:.0%}</dd></div>'
