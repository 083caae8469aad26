"""The singer tab: who sings, with everything that led there."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import gradio as gr

from gender_audio import synth
from gender_audio.audio import Clip
from gender_audio.plots import timeline as plots
from gender_audio.systems.labels import SINGING, STUDENT
from gender_audio.systems.singing import SingingVerdict
from gender_audio.ui.classifiers import SPLEETER
from gender_audio.ui.explanation import Explainable, ExplanationView
from gender_audio.ui.result_view import ResultView, player, save_for_player, section
from gender_audio.ui.tab import Tab

WELCOME = """<div class="verdict" role="status"><h2>Record, upload or try an example</h2><ol>
<li>A separator takes the voice out of the music.</li>
<li>Twenty networks listen, three seconds at a time, and vote.</li>
<li>You see what they heard, when, and how far they agree.</li></ol></div>"""

EVIDENCE = "What the networks relied on in one snippet, by Grad-CAM: where they listened, not why."


class SingingView(ResultView[SingingVerdict]):
    """Timeline, members, both stems and the mel spectrogram."""

    def __init__(self, listeners: Mapping[str, Explainable]) -> None:
        self.listeners = listeners
        super().__init__(WELCOME, "verdict")

    def lay_out(self) -> list[Any]:
        """The components below the card."""
        with section("Timeline", "Coloured by the likeliest label; below, how probable each one is."):
            timeline = gr.HTML()
        with section("Members beside the ensemble", "One row per network, its vote in full colour."):
            members = gr.HTML()
        with section("Vocals", "What the separator took for voice."):
            vocals_wave, self.vocals = gr.HTML(), player("Vocals")
        with section("Accompaniment", "What it left, on the same scale."):
            rest_wave, self.rest = gr.HTML(), player("Accompaniment")
        with section("Mel spectrogram", "Brighter is louder, down to 80 dB below the loudest point."):
            spectrogram = gr.HTML()
        self.explanation = ExplanationView(self.listeners, EVIDENCE)
        pictures = [timeline, members, vocals_wave, rest_wave, spectrogram]
        return [*pictures, self.vocals, self.rest, *self.explanation.outputs]

    def fill(self, verdict: SingingVerdict, name: str) -> list[Any]:
        """Their values."""
        stems = verdict.stems
        return [
            plots.timeline(verdict),
            plots.members(verdict),
            plots.stem(verdict, "vocals"),
            plots.stem(verdict, "accompaniment"),
            plots.spectrogram(verdict),
            save_for_player(self.vocals, Clip(stems.vocals, stems.rate)),
            save_for_player(self.rest, Clip(stems.accompaniment, stems.rate)),
            *self.explanation.fill(verdict, list(verdict.features), name),
        ]


TAB = Tab(
    endpoint="classify",
    purpose="Say how the voice in a recording sounds: none, one male-like, one female-like, or more than one.",
    systems={
        SINGING.name: "Twenty members",
        STUDENT: "One student, fast",
        SPLEETER: "Twenty members, vocals by Spleeter",
    },
    invitation="Record or upload at least half a second of singing, speech or music, or try an example.",
    displays=SingingView,
    examples={name: partial(synth.example, name) for name in synth.EXAMPLES},
    note="Examples, sung by a synthesiser",
)
