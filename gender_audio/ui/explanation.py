"""The part of a tab that shows, on demand, where in a snippet the evidence lay."""

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

ALL_NETWORKS = "All, their mean"
EXPIRED = "<p>What was heard has been deleted by now; classify the recording again.</p>"
STALE = "<p>Another verdict has come meanwhile; choose one of its snippets.</p>"
FAILED = "Something went wrong here and the evidence was not found; please try again."
NO_EVIDENCE = "<p>Nothing in this snippet spoke for it: it is what is left when little speaks for the others.</p>"


class Explainable(Protocol):
    """A listener that can say where its evidence lay."""

    def explain(self, features: np.ndarray, label: str, member: str | None = ...) -> SaliencyMap:
        """What spoke for a label in the features of one snippet: to all members, or to one."""


@dataclass(frozen=True, eq=False)
class ExplanationInputs:
    """What an explanation needs of a verdict: the features and labels of its snippets, but no sound."""

    listener: str
    system: System
    members: tuple[str, ...]
    features: Sequence[np.ndarray]
    labels: list[str | None]
    starts_s: np.ndarray
    ends_s: np.ndarray


def strongest_snippet(verdict: Verdict) -> int:
    """The number of the snippet that speaks most for the verdict."""
    return int(verdict.snippet_probabilities[:, verdict.system.labels.index(verdict.label)].argmax())


class ExplanationView:
    """A choice of snippet and member, and the picture of their evidence.

    Nothing is computed until a visitor asks, so that verdicts come as fast as without.

    Args:
        listeners: name to what explains its verdicts.
        note: words under the title.
        choose_member: whether one member may be chosen instead of what the system shows of itself.
    """

    def __init__(self, listeners: Mapping[str, Explainable], note: str, choose_member: bool = True) -> None:
        self.listeners = listeners
        with section("Evidence", note):
            self.heard = gr.State()
            with gr.Row(elem_classes="choices"):
                self.snippet = gr.Dropdown(label="Snippet", min_width=300, scale=4)
                self.member = gr.Dropdown(label="Networks", visible=choose_member, min_width=160, scale=2)
                button = gr.Button("Show evidence", size="md", min_width=160, scale=1)
            self.picture = gr.HTML()
        gr.on(
            [button.click, self.snippet.select, self.member.select],
            self.show,
            [self.heard, self.snippet, self.member],
            self.picture,
            api_visibility="private",
            trigger_mode="always_last",  # or what is chosen while another picture is drawn would be ignored
            preprocess=False,  # what was offered may be another verdict's by now; `show` says so, Gradio would fail
            **SHARED_QUEUE,
        )
        self.outputs = [self.heard, self.snippet, self.member, self.picture]

    def fill(self, verdict: Verdict, features: Sequence[np.ndarray], name: str) -> list[Any]:
        """What a listener can explain of its verdict: first the snippet that speaks most for it; no picture yet."""
        labels = verdict.snippet_labels
        spans = enumerate(zip(verdict.starts_s, verdict.ends_s, labels, strict=True))
        snippets = [
            (f"{clock(start)}–{clock(end)}: {verdict.system.titles[label]}", number)
            for number, (start, end, label) in spans
            if label
        ]
        names = verdict.member_names if len(verdict.member_names) > 1 else ()
        members = [(ALL_NETWORKS, ""), *((f"Member {name}", name) for name in names)]
        return [
            Expiring(
                ExplanationInputs(name, verdict.system, names, features, labels, verdict.starts_s, verdict.ends_s)
            ),
            gr.update(choices=snippets, value=strongest_snippet(verdict)),
            gr.update(choices=members, value=""),
            "",
        ]

    def show(self, held: Expiring[ExplanationInputs] | None, snippet: int | None, member: str | None) -> str:
        """What spoke for the label of a snippet, to all members or to one, in a sentence and a picture."""
        heard = held.thing if held else None
        if heard is None:
            return EXPIRED
        if snippet is None or snippet not in range(len(heard.labels)) or member not in (None, "", *heard.members):
            return STALE
        try:
            with friendly_errors(FAILED):
                return self._picture(heard, snippet, member)
        except gr.Error as error:
            return f"<p>{escape(error.message)}</p>"

    def _picture(self, heard: ExplanationInputs, snippet: int, member: str | None) -> str:
        label = heard.labels[snippet]
        if label is None:
            return ""
        evidence = self.listeners[heard.listener].explain(heard.features[snippet], label, member or None)
        words = (
            f"<p>What spoke for <b>{heard.system.titles[label].lower()}</b>: the brighter, the more. "
            f"The map is blurry: {evidence.resolution}.</p>"
        )
        if not evidence.map.any():
            return words + NO_EVIDENCE
        return words + saliency.overlay(evidence, float(heard.starts_s[snippet]), float(heard.ends_s[snippet]))
