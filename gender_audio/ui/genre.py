"""The genre tab: one genre against the rest, every method side by side."""

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
<li>Its timbre, harmony and rhythm are measured, ten seconds at a time and on the whole.</li>
<li>Several networks say how much like rock it sounds; each way of summing them up gives an answer.</li>
<li>How long the song is does not count.</li></ol></div>"""


class GenreView(ResultView[GenreVerdict]):
    """Timeline, methods and feature panels."""

    def __init__(self, _listeners: Mapping[str, GenreClassifier]) -> None:
        super().__init__(WELCOME, "genre-verdict")

    def lay_out(self) -> list[Any]:
        """The components below the card."""
        with section("Timeline", "What the CNN-FCN says of every ten seconds, on their own."):
            timeline = gr.HTML()
        with section("Methods side by side", "How probable each method finds rock; one of them decides."):
            methods = gr.HTML()
        with section("Features", "What the networks hear. Brighter is stronger; each MFCC on a scale of its own."):
            features = gr.HTML()
        return [timeline, methods, features]

    def fill(self, verdict: GenreVerdict, _name: str) -> list[Any]:
        """Their values."""
        return [plots.timeline(verdict), genre.methods(verdict), genre.features(verdict)]


TAB = Tab(
    endpoint="classify_genre",
    purpose="Say whether a song sounds like rock.",
    systems={GENRE.name: "Ten seconds at a time, and the whole song"},
    invitation="Record or upload at least half a second of a song, or try an example.",
    displays=GenreView,
    examples={name: partial(synth.example, name) for name in ("instrumental", "duet")},
    note="Examples, made by a synthesiser",
)
