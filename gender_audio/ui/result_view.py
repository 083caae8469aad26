"""What a tab shows of a verdict: the words, and the place for the pictures and the players."""

from __future__ import annotations

import secrets
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import Any, Generic, TypeVar

import gradio as gr

from gender_audio import audio
from gender_audio.audio import Clip
from gender_audio.plots.palette import LABEL_COLOURS, LINE
from gender_audio.report import remark, summary
from gender_audio.systems.base import Verdict

Kind = TypeVar("Kind", bound=Verdict)


class ResultView(ABC, Generic[Kind]):
    """The components, laid out where they are made; `show`, `refuse` and `forget` give values for all of `outputs`.

    Args:
        welcome: what the card says before any recording.
        name: id of the card in the page.
    """

    def __init__(self, welcome: str, name: str) -> None:
        self.welcome = welcome
        self.card = gr.HTML(welcome, elem_id=name)
        with gr.Column(visible=False) as self.details:
            components = self.lay_out()
        self.outputs = [self.card, self.details, *components]

    @abstractmethod
    def lay_out(self) -> list[Any]:
        """Make the components below the card."""

    @abstractmethod
    def fill(self, verdict: Kind, name: str) -> list[Any]:
        """Their values for a verdict of the listener of that name."""

    def show(self, verdict: Kind, name: str) -> list[Any]:
        """Everything about a verdict of the listener of that name."""
        return [verdict_card(verdict), gr.update(visible=True), *self.fill(verdict, name)]

    def refuse(self, reason: str) -> list[Any]:
        """Why there is no verdict, and nothing of the one before."""
        return self._only(f'<div class="verdict" role="alert"><h2>No verdict</h2><p>{escape(reason)}</p></div>')

    def forget(self) -> list[Any]:
        """The page as it was before any recording."""
        return self._only(self.welcome)

    def _only(self, words: str) -> list[Any]:
        return [words, gr.update(visible=False), *[None] * (len(self.outputs) - 2)]


def save_for_player(player: gr.Audio, clip: Clip) -> str:
    """A file for this player, at an address that nobody can guess; Gradio deletes it with its cache.

    Raises:
        FileNotFoundError: the cache has gone, because the page is ending.
    """
    folder = Path(player.GRADIO_CACHE) / secrets.token_hex(16)
    folder.mkdir()
    path = folder / f"{player.label}.wav"
    audio.write(path, clip.samples, clip.rate)
    return str(path)


@contextmanager
def section(title: str, note: str) -> Iterator[None]:
    """A part of the page under a title and a line of explanation."""
    with gr.Column(elem_classes="section"):
        gr.HTML(f"<h3>{title}</h3><p>{note}</p>")
        yield


def player(label: str) -> gr.Audio:
    """A player of files: the browser's own, which long recordings do not slow down."""
    return gr.Audio(
        label=label,
        show_label=False,
        container=False,
        interactive=False,
        buttons=[],
        waveform_options=gr.WaveformOptions(show_recording_waveform=False),
    )


def verdict_card(verdict: Verdict) -> str:
    """The verdict in words that promise no more than is known, and the probability of each label."""
    title, colour, text = verdict.title, LABEL_COLOURS[verdict.label], summary(verdict)
    if verdict.uncertain:
        title, colour, text = "Not sure", LINE, f"Likeliest is {title.lower()}: {text}"
    aside = f'<p class="aside">{remark(verdict)}</p>' if remark(verdict) else ""
    warnings = "".join(f'<p class="warning">{escape(warning)}</p>' for warning in verdict.warnings)
    return (
        f'<div class="verdict" role="status" style="--label: {colour.css}">'
        f'<h2>{title}</h2><p>{text}</p>{warnings}<dl class="odds">{"".join(_odds(verdict))}</dl>{aside}</div>'
    )


def _odds(verdict: Verdict) -> Iterator[str]:
    for (label, title), probability in zip(verdict.system.titles.items(), verdict.probabilities, strict=True):
        emphasis = ' class="first"' if label == verdict.label else ""
        bar = f'<i style="width: {probability:.1%}; --label: {LABEL_COLOURS[label].css}"></i>'
        yield f'<div{emphasis}><dt>{title}</dt><dd class="share">{bar}</dd>'
        yield f'<dd class="percent">{probability:.0%}</dd></div>'
