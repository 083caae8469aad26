"""The results part of a tab: a card with the verdict in words, and plots and players below it."""

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

VerdictType = TypeVar("VerdictType", bound=Verdict)


class ResultView(ABC, Generic[VerdictType]):
    """The result components of a tab, created where the page is being built.

    `show`, `show_error` and `clear` return a value for each component in `outputs`.

    Args:
        welcome: HTML of the card before the first recording.
        card_id: id of the card in the page.
    """

    def __init__(self, welcome: str, card_id: str) -> None:
        self.welcome = welcome
        self.card = gr.HTML(welcome, elem_id=card_id)
        with gr.Column(visible=False) as self.details:
            components = self.add_components()
        self.outputs = [self.card, self.details, *components]

    @abstractmethod
    def add_components(self) -> list[Any]:
        """Create the components below the card."""

    @abstractmethod
    def values(self, verdict: VerdictType, name: str) -> list[Any]:
        """Values of these components for a verdict of the classifier called `name`."""

    def show(self, verdict: VerdictType, name: str) -> list[Any]:
        """The card and all details of a verdict of the classifier called `name`."""
        return [verdict_card(verdict), gr.update(visible=True), *self.values(verdict, name)]

    def show_error(self, message: str) -> list[Any]:
        """The reason why there is no verdict, without details."""
        return self._card_only(f'<div class="verdict" role="alert"><h2>No verdict</h2><p>{escape(message)}</p></div>')

    def clear(self) -> list[Any]:
        """The tab as it was before the first recording."""
        return self._card_only(self.welcome)

    def _card_only(self, html: str) -> list[Any]:
        return [html, gr.update(visible=False), *[None] * (len(self.outputs) - 2)]


def private_folder(component: gr.components.Component) -> Path:
    """A new folder with an unguessable name for files of a component; Gradio deletes it with its cache.

    Raises:
        FileNotFoundError: the cache was deleted because the page is shutting down.
    """
    folder = Path(component.GRADIO_CACHE) / secrets.token_hex(16)
    folder.mkdir()
    return folder


def save_for_player(player: gr.Audio, clip: Clip) -> str:
    """Write a clip for a player; the file has the name of the clip and the label of the player.

    Raises:
        FileNotFoundError: as `private_folder`.
    """
    path = private_folder(player) / f"{clip.name} {player.label}.wav".lstrip()
    audio.write(path, clip.samples, clip.rate)
    return str(path)


@contextmanager
def section(title: str, note: str) -> Iterator[None]:
    """A part of the page with a title and a line of explanation."""
    with gr.Column(elem_classes="section"):
        gr.HTML(f"<h3>{title}</h3><p>{note}</p>")
        yield


def player(label: str, element_id: str) -> gr.Audio:
    """A player for files: the browser's own, because it stays fast with long recordings."""
    return gr.Audio(
        label=label,
        elem_id=element_id,
        show_label=False,
        container=False,
        interactive=False,
        buttons=[],
        waveform_options=gr.WaveformOptions(show_recording_waveform=False),
    )


def verdict_card(verdict: Verdict) -> str:
    """HTML of the verdict: its words, warnings, and the probability of each label."""
    title, colour, text = verdict.title, LABEL_COLOURS[verdict.label], summary(verdict)
    if verdict.uncertain:
        title, colour, text = "Not sure", LINE, f"Likeliest is {title.lower()}: {text}"
    note = remark(verdict)
    aside = f'<p class="aside">{note}</p>' if note else ""
    warnings = "".join(f'<p class="warning">{escape(warning)}</p>' for warning in verdict.warnings)
    return (
        f'<div class="verdict" role="status" style="--label: {colour.css}">'
        f'<h2>{title}</h2><p>{text}</p>{warnings}<dl class="probabilities">{"".join(_rows(verdict))}</dl>{aside}</div>'
    )


def _rows(verdict: Verdict) -> Iterator[str]:
    """HTML of the label, bar and percentage of each probability."""
    for (label, title), probability in zip(verdict.system.titles.items(), verdict.probabilities, strict=True):
        emphasis = ' class="first"' if label == verdict.label else ""
        bar = f'<i style="width: {probability:.1%}; --label: {LABEL_COLOURS[label].css}"></i>'
        yield f'<div{emphasis}><dt>{title}</dt><dd class="share">{bar}</dd>'
        yield f'<dd class="percent">{probability:.0%}</dd></div>'
