"""API endpoints of the singing system that have no button on the page: the timeline of a song, and its stems."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from gender_audio import audio, report, separation
from gender_audio.audio import Clip, NotFound
from gender_audio.systems.base import Classifier
from gender_audio.ui.errors import friendly_errors
from gender_audio.ui.result_view import save_for_player
from gender_audio.ui.tab import DELETED, SHARED_QUEUE, reject_web_addresses

FAILED = "Something went wrong; please try again."
SONG_FIELDS = ("file", "duration_s", "label", "probabilities", "uncertain", "segments", "shares", "warnings")


def render(classifier: Classifier) -> None:
    """Add `/song` and `/separate` to the page that is being built."""
    recording = gr.Audio(type="filepath", visible=False, label="Recording")
    reject_web_addresses(recording)
    vocals, accompaniment = (gr.Audio(visible=False, label=name) for name in ("Vocals", "Accompaniment"))

    def song(recording: str | None) -> dict[str, Any]:
        """Say who sings when: segments in seconds, and the share of the song that each label takes."""
        with friendly_errors(FAILED):
            answer = report.as_dict(Path(str(recording)).name, classifier(_read(recording)))
            return {name: answer[name] for name in SONG_FIELDS}

    def separate(recording: str | None) -> tuple[str, str]:
        """Separate a recording into the vocals and the accompaniment, two WAV files."""
        with friendly_errors(FAILED):
            clip = _read(recording)
            stems = separation.load("unet")(clip)
            parts = ((vocals, stems.vocals), (accompaniment, stems.accompaniment))
            first, second = (save_for_player(player, Clip(part, stems.rate, name=clip.name)) for player, part in parts)
            return first, second

    for name, function, outputs in (
        ("song", song, gr.JSON(visible=False, label="Song")),
        ("separate", separate, [vocals, accompaniment]),
    ):
        button = gr.Button(visible=False)
        button.click(function, recording, outputs, api_name=name, api_description=function.__doc__, **SHARED_QUEUE)


def _read(path: str | None) -> Clip:
    if path is None or not Path(path).exists():
        raise NotFound(DELETED)
    return audio.read(Path(path))
