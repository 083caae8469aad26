"""The speaking tab: how a speaking voice sounds, by two systems, with members, features and evidence."""

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
<li>Choose the models: four different ones, or networks for one second at a time.</li>
<li>Say a sentence or two.</li>
<li>You see the verdict, the answer of each model, and the input of the networks.</li></ol></div>"""

MEMBERS = {
    SPEECH_MFCC.name: "Networks of the same kind, trained with different random seeds.",
    SPEECH_MEL.name: "svm: a linear support vector machine on the mean cepstrum. small, larger: convolutional "
    "networks trained from scratch. transfer: a ResNet-34 that was first trained on singing.",
}
FEATURES = {
    SPEECH_MFCC.name: "One second as 12 cepstral coefficients. A coefficient is not a frequency: number 0 follows the "
    "level, low numbers the broad outline of the spectrum, and higher numbers its finer details.",
    SPEECH_MEL.name: "Up to six seconds as 128 mel bands; brighter is louder.",
}
EVIDENCE = (
    "Which parts of a snippet one network (transfer, or the first) relied on, by Grad-CAM: it shows where, not why."
)


class SpeechView(ResultView[SpeechVerdict]):
    """Members, timeline, features of one snippet, and evidence."""

    def __init__(self, classifiers: Mapping[str, SpeechClassifier]) -> None:
        self.classifiers = classifiers
        super().__init__(WELCOME, "speech-verdict")

    def add_components(self) -> list[Any]:
        """Create the components below the card."""
        with section("Side by side", "One row for each model, with its vote in full colour."):
            members = gr.HTML()
        with section("Timeline", "Coloured by the likelier label; below, the probability of each label."):
            timeline = gr.HTML()
        with section("Input of the networks", "The snippet with the strongest evidence for the verdict."):
            image = gr.HTML()
        self.explanation = ExplanationView(self.classifiers, EVIDENCE, choose_member=False)
        return [members, timeline, image, *self.explanation.outputs]

    def values(self, verdict: SpeechVerdict, name: str) -> list[Any]:
        """Values of these components."""
        snippet = strongest_snippet(verdict)
        axes = self.classifiers[name].features.axes
        span_s = float(verdict.starts_s[snippet]), float(verdict.ends_s[snippet])
        return [
            f"<p>{MEMBERS[name]}</p>{plots.members(verdict)}",
            plots.timeline(verdict),
            f"<p>{FEATURES[name]}</p>{saliency.feature(verdict.features[snippet], axes, *span_s)}",
            *self.explanation.values(verdict, verdict.features, name),
        ]


TAB = Tab(
    endpoint="classify_speech",
    description="Say how a speaking voice sounds: male-like or female-like.",
    systems={
        SPEECH_MEL.name: "Four models, six seconds at a time",
        SPEECH_MFCC.name: "Small networks, one second at a time",
    },
    prompt="Record or upload at least half a second of speech.",
    view=SpeechView,
)
