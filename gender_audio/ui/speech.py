"""The speaking tab: how a speaking voice sounds, to two systems, with what their networks saw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gradio as gr

from gender_audio.plots import saliency
from gender_audio.plots import timeline as plots
from gender_audio.systems.labels import SPEECH_MEL, SPEECH_MFCC
from gender_audio.systems.speech import SpeechClassifier, SpeechVerdict
from gender_audio.ui.explanation import ExplanationView, strongest_snippet
from gender_audio.ui.result_view import ResultView, section
from gender_audio.ui.tab import Tab

WELCOME = """<div class="verdict" role="status"><h2>Record or upload someone speaking</h2><ol>
<li>Choose who listens: four kinds of models, or networks that hear one second at a time.</li>
<li>Say a sentence or two.</li>
<li>You see the verdict, each model beside it, and what they looked at.</li></ol></div>"""

MEMBERS = {
    SPEECH_MFCC.name: "Networks of one kind, trained from different seeds.",
    SPEECH_MEL.name: "svm: a linear machine on the mean cepstrum. small, larger: convolutional networks from scratch. "
    "transfer: a ResNet-34 that was trained to hear singing first.",
}
SEEN = {
    SPEECH_MFCC.name: "One second as 12 cepstral coefficients. A coefficient is no frequency: number 0 follows the level, "
    "low numbers the broad outline of the spectrum, higher ones ever finer ripples in it.",
    SPEECH_MEL.name: "Up to six seconds as 128 mel bands; brighter is louder.",
}
EVIDENCE = (
    "What one network, the transferred or the first, relied on in one snippet, by Grad-CAM: where it looked, not why."
)


class SpeechView(ResultView[SpeechVerdict]):
    """Timeline, members and what they saw."""

    def __init__(self, listeners: Mapping[str, SpeechClassifier]) -> None:
        self.listeners = listeners
        super().__init__(WELCOME, "speech-verdict")

    def lay_out(self) -> list[Any]:
        """The components below the card."""
        with section("Side by side", "One row for each model, its vote in full colour."):
            members = gr.HTML()
        with section("Timeline", "Coloured by the likelier label; below, how probable each one is."):
            timeline = gr.HTML()
        with section("What the networks saw", "The snippet that speaks most for the verdict."):
            image = gr.HTML()
        self.explanation = ExplanationView(self.listeners, EVIDENCE, choose_member=False)
        return [members, timeline, image, *self.explanation.outputs]

    def fill(self, verdict: SpeechVerdict, name: str) -> list[Any]:
        """Their values."""
        snippet = strongest_snippet(verdict)
        grid = self.listeners[name].features.axes
        span_s = float(verdict.starts_s[snippet]), float(verdict.ends_s[snippet])
        return [
            f"<p>{MEMBERS[name]}</p>{plots.members(verdict)}",
            plots.timeline(verdict),
            f"<p>{SEEN[name]}</p>{saliency.feature(verdict.features[snippet], grid, *span_s)}",
            *self.explanation.fill(verdict, verdict.features, name),
        ]


TAB = Tab(
    endpoint="classify_speech",
    purpose="Say how a speaking voice sounds: male-like or female-like.",
    systems={
        SPEECH_MEL.name: "Four models, six seconds at a time",
        SPEECH_MFCC.name: "Networks for one second at a time",
    },
    invitation="Record or upload at least half a second of speech.",
    displays=SpeechView,
)
