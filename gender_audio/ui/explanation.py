"""The evidence section of a tab: on request, it shows the parts of a snippet that are evidence for its label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Protocol

import gradio as gr
import numpy as np

from gender_audio.gradcam import SaliencyMap
from gender_audio.plots import saliency
from gender_audio.report import clock
from gender_audio.systems.base import Verdict
from gender_audio.systems.labels import System
from gender_audio.ui.errors import friendly_errors
from gender_audio.ui.result_view import section
from gender_audio.ui.retention import Expiring
from gender_audio.ui.tab import SHARED_QUEUE

ALL_NETWORKS = "Mean of all"
EXPIRED = "<p>The data for this verdict has been deleted; please classify the recording again.</p>"
STALE = "<p>There is a newer verdict now; please choose one of its snippets.</p>"
FAILED = "Something went wrong and the evidence could not be computed; please try again."
MOST_CHOICES = 12
"""If there are more snippets, only the strongest one of each segment is offered, and those chosen on the timeline."""
NO_EVIDENCE = "<p>No part of this snippet is evidence for this label; there is even less for the other labels.</p>"


class Explainable(Protocol):
    """A classifier that can explain its verdicts."""

    def explain(self, features: np.ndarray, label: str, member: str | None = ...) -> SaliencyMap:
        """The evidence for a label in the features of one snippet: the mean of all members, or of one by name."""


@dataclass(frozen=True, eq=False)
class ExplanationInputs:
    """The data that explaining a verdict needs: features and labels of its snippets, but no sound."""

    classifier: str
    system: System
    members: tuple[str, ...]
    features: Sequence[np.ndarray]
    labels: list[str | None]
    starts_s: np.ndarray
    ends_s: np.ndarray
    offered: frozenset[int]

    def choices(self, also: int) -> list[tuple[str, int]]:
        """Words and numbers of the snippets that are offered, and of one more."""
        chosen = sorted(self.offered | {also})
        return [
            (f"{clock(self.starts_s[number])}\u2013{clock(self.ends_s[number])}: {self.system.titles[label]}", number)
            for number, label in ((number, self.labels[number]) for number in chosen)
            if label
        ]

    def nearest(self, at_s: float) -> int:
        """The number of the snippet with a label whose middle is nearest to a time."""
        distance = np.abs((self.starts_s + self.ends_s) / 2 - at_s)
        return int(np.where([label is None for label in self.labels], np.inf, distance).argmin())


def offered_snippets(verdict: Verdict) -> frozenset[int]:
    """All snippets of a short clip; of a long one, the strongest of each segment."""
    middles_s = (verdict.starts_s + verdict.ends_s) / 2
    if len(middles_s) <= MOST_CHOICES:
        return frozenset(range(len(middles_s)))
    strongest = []
    for segment in verdict.segments:
        inside = (middles_s >= segment.start_s) & (middles_s < segment.end_s)
        if segment.label and inside.any():
            probabilities = verdict.snippet_probabilities[:, verdict.system.labels.index(segment.label)]
            strongest.append(int(np.where(inside, probabilities, -1.0).argmax()))
    return frozenset(strongest)


def strongest_snippet(verdict: Verdict) -> int:
    """The index of the snippet with the highest probability of the verdict's label."""
    return int(verdict.snippet_probabilities[:, verdict.system.labels.index(verdict.label)].argmax())


class ExplanationView:
    """A choice of snippet and member, and a plot of the evidence.

    Evidence is computed only on request, so that verdicts are not delayed.

    Args:
        classifiers: name to classifier.
        note: text below the title.
        choose_member: whether visitors may choose one member instead of the classifier's default.
    """

    def __init__(self, classifiers: Mapping[str, Explainable], note: str, choose_member: bool = True) -> None:
        self.classifiers = classifiers
        with section("Evidence", note):
            self.state = gr.State()
            with gr.Row(elem_classes="choices"):
                self.snippet = gr.Dropdown(label="Snippet", min_width=300, scale=4)
                self.member = gr.Dropdown(label="Networks", visible=choose_member, min_width=160, scale=2)
                button = gr.Button("Show evidence", size="md", min_width=160, scale=1)
            self.plot = gr.HTML()
        gr.on(
            [button.click, self.snippet.select, self.member.select],
            self.show,
            [self.state, self.snippet, self.member],
            self.plot,
            api_visibility="private",
            trigger_mode="always_last",  # choices made while another plot is drawn must not be ignored
            preprocess=False,  # a choice may belong to an earlier verdict: `show` says so, Gradio would fail
            **SHARED_QUEUE,
        )
        self.outputs = [self.state, self.snippet, self.member, self.plot]

    def follow(self, timeline: gr.HTML) -> None:
        """Let visitors choose the snippet on a timeline, which sends the time in seconds as `at_s`."""
        timeline.select(self.choose, self.state, self.snippet, api_visibility="private", show_progress="hidden")

    def values(self, verdict: Verdict, features: Sequence[np.ndarray], name: str) -> list[Any]:
        """Values of `outputs` for a verdict of the classifier called `name`, with its strongest snippet chosen."""
        names = verdict.member_names if len(verdict.member_names) > 1 else ()
        members = [(ALL_NETWORKS, ""), *((f"Member {member}", member) for member in names)]
        times_s = verdict.starts_s, verdict.ends_s
        offered, strongest = offered_snippets(verdict), strongest_snippet(verdict)
        inputs = ExplanationInputs(name, verdict.system, names, features, verdict.snippet_labels, *times_s, offered)
        return [
            Expiring(inputs),
            gr.update(choices=inputs.choices(strongest), value=strongest),
            gr.update(choices=members, value=""),
            "",
        ]

    def choose(self, state: Expiring[ExplanationInputs] | None, event: gr.EventData) -> Any:
        """The choice of the snippet at the time that was chosen on the timeline."""
        inputs = state.value if state else None
        if inputs is None:
            return gr.skip()
        number = inputs.nearest(float(event.at_s))
        return gr.update(choices=inputs.choices(number), value=number)

    def show(self, state: Expiring[ExplanationInputs] | None, snippet: int | None, member: str | None) -> str:
        """HTML with the evidence for the label of a snippet, for the mean of the members or one of them."""
        inputs = state.value if state else None
        if inputs is None:
            return EXPIRED
        if snippet is None or snippet not in range(len(inputs.labels)) or member not in (None, "", *inputs.members):
            return STALE
        try:
            with friendly_errors(FAILED):
                return self._draw(inputs, snippet, member)
        except gr.Error as error:
            return f"<p>{escape(error.message)}</p>"

    def _draw(self, inputs: ExplanationInputs, snippet: int, member: str | None) -> str:
        label = inputs.labels[snippet]
        if label is None:
            return ""
        evidence = self.classifiers[inputs.classifier].explain(inputs.features[snippet], label, member or None)
        text = (
            f"<p>Evidence for <b>{inputs.system.titles[label].lower()}</b>: brighter means more. "
            f"The map is blurry: {evidence.resolution}.</p>"
        )
        if not evidence.map.any():
            return text + NO_EVIDENCE
        return text + saliency.overlay(evidence, float(inputs.starts_s[snippet]), float(inputs.ends_s[snippet]))
