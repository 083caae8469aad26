"""The genre tab: whether a song is rock, according to every method."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import gradio as gr

from gender_audio import synth
from gender_audio.plots import genre
from gender_audio.plots import timeline as plots
from gender_audio.systems.genre import GenreClassifier, GenreVerdict
from gender_audio.systems.labels import GENRE
from gender_audio.ui.result_view import ResultView, section
from gender_audio.ui.tab import Tab

WELCOME = """<div class="verdict" role="status"><h2>Upload a song or try an example</h2><ol>
<li>The timbre and harmony of the song are measured, for every ten seconds and for the whole song.</li>
<li>Several methods say how much it sounds like rock.</li>
<li>The length of the song does not matter.</li></ol></div>"""


class GenreView(ResultView[GenreVerdict]):
    """Timeline, methods and features."""

    def __init__(self, _classifiers: Mapping[str, GenreClassifier]) -> None:
        super().__init__(WELCOME, "genre-verdict")

    def add_components(self) -> list[Any]:
        """Create the components below the card."""
        with section("Timeline", "The answer of one network, the CNN-FCN, for every ten seconds."):
            timeline = gr.HTML()
        with section("Methods side by side", "The probability of rock by each method; one of them decides."):
            methods = gr.HTML()
        with section("Features", "The input of the networks. Brighter is stronger; each MFCC has its own scale."):
            features = gr.HTML()
        return [timeline, methods, features]

    def values(self, verdict: GenreVerdict, _name: str) -> list[Any]:
        """Values of these components."""
        return [plots.timeline(verdict), genre.methods(verdict), genre.features(verdict)]


TAB = Tab(
    endpoint="classify_genre",
    description="Say whether a song sounds like rock.",
    systems={GENRE.name: "All methods"},
    prompt="Record or upload at least half a second of a song, or try an example.",
    view=GenreView,
    examples={name: partial(synth.example, name) for name in ("instrumental", "duet")},
    note="Examples from a synthesiser",
)
