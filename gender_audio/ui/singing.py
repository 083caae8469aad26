"""The singing tab: the kind of voice in a song, with stems, members and evidence."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import gradio as gr

from gender_audio import synth
from gender_audio.audio import Clip
from gender_audio.export import FORMATS
from gender_audio.plots import timeline as timeline_plots
from gender_audio.systems.labels import SINGING
from gender_audio.systems.singing import SingingVerdict
from gender_audio.ui.classifiers import SPLEETER
from gender_audio.ui.downloads import downloads, save_downloads
from gender_audio.ui.explanation import Explainable, ExplanationView
from gender_audio.ui.result_view import ResultView, player, save_for_player, section
from gender_audio.ui.song_player import song_html, song_player
from gender_audio.ui.tab import Tab

WELCOME = """<div class="verdict" role="status"><h2>Record, upload or try an example</h2><ol>
<li>The vocals are separated from the music.</li>
<li>Twenty networks classify them, three seconds at a time, and vote; three published networks add what they know.</li>
<li>You see the verdict, how it changes over time, and how far the networks agree.</li></ol></div>"""

EVIDENCE = "Which parts of a snippet the networks relied on, by Grad-CAM: it shows where, not why."


class SingingView(ResultView[SingingVerdict]):
    """Timeline, members, both stems, mel spectrogram and evidence."""

    def __init__(self, classifiers: Mapping[str, Explainable]) -> None:
        self.classifiers = classifiers
        super().__init__(WELCOME, "verdict")

    def add_components(self) -> list[Any]:
        """Create the components below the card."""
        with section(
            "Timeline", "Click a segment, or press Enter on it, to hear it and to choose it for the evidence."
        ):
            timeline = song_player()
        with section(
            "Members beside the verdict",
            "One row for each network, with its vote in full colour. The ensemble is the mean of the members. The "
            "verdict adds what published networks know; none of them knows all four answers alone.",
        ):
            members = gr.HTML()
        with section("Vocals", "What the separator recognised as voice."):
            vocals_plot, self.vocals = gr.HTML(), player("Vocals", "vocals")
        with section("Accompaniment", "The rest of the recording, on the same scale."):
            accompaniment_plot, self.accompaniment = gr.HTML(), player("Accompaniment", "accompaniment")
        with section(
            "Take it away", "Stems, timeline and segments: " + ", ".join(one.title for one in FORMATS.values())
        ):
            self.files = downloads()
        with section("Mel spectrogram", "Brighter is louder; black is 80 dB below the loudest point."):
            spectrogram = gr.HTML()
        self.explanation = ExplanationView(self.classifiers, EVIDENCE)
        self.explanation.follow(timeline)
        plots = [timeline, members, vocals_plot, accompaniment_plot, spectrogram]
        return [*plots, self.vocals, self.accompaniment, self.files, *self.explanation.outputs]

    def values(self, verdict: SingingVerdict, name: str) -> list[Any]:
        """Values of these components."""
        stems, song = verdict.stems, verdict.clip.name
        players = [
            save_for_player(self.vocals, Clip(stems.vocals, stems.rate, name=song)),
            save_for_player(self.accompaniment, Clip(stems.accompaniment, stems.rate, name=song)),
        ]
        return [
            song_html(verdict),
            timeline_plots.members(verdict, verdict.ensemble_probabilities, verdict.published),
            timeline_plots.stem(verdict, "vocals"),
            timeline_plots.stem(verdict, "accompaniment"),
            timeline_plots.spectrogram(verdict),
            *players,
            save_downloads(self.files, verdict, players),
            *self.explanation.values(verdict, list(verdict.features), name),
        ]


TAB = Tab(
    endpoint="classify",
    description="Say how the voice in a recording sounds: none, one male-like, one female-like, or more than one.",
    systems={
        SINGING.name: "Twenty networks",
        SPLEETER: "Twenty networks, vocals by Spleeter",
    },
    prompt="Record or upload at least half a second of singing, speech or music, or try an example.",
    view=SingingView,
    examples={name: partial(synth.example, name) for name in synth.EXAMPLES},
    note="Examples, sung by a synthesiser",
)
