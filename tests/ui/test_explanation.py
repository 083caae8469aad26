"""What the page says about evidence, without a page."""

from __future__ import annotations

from dataclasses import replace

import gradio as gr
import numpy as np
import pytest

from gender_audio import synth
from gender_audio.features.filterbank import Filterbank
from gender_audio.gradcam import SaliencyMap, TargetLayer
from gender_audio.systems.labels import SPEECH_MEL
from gender_audio.ui.explanation import EXPIRED, FAILED, NO_EVIDENCE, STALE, ExplanationView, strongest_snippet
from tests.fakes import FakePipeline, FakeSpeech, verdict_of


@pytest.fixture
def pipeline() -> FakePipeline:
    return FakePipeline()


@pytest.fixture
def explanation(pipeline: FakePipeline) -> ExplanationView:
    with gr.Blocks():
        return ExplanationView({"singing": pipeline, "speech-mel": FakeSpeech(SPEECH_MEL)}, "Where they listened.")


def test_the_snippet_that_speaks_most_for_the_verdict_comes_first(explanation: ExplanationView) -> None:
    verdict = verdict_of(synth.example("duet"), "multiple")
    held, snippets, members, picture = explanation.fill(verdict, list(verdict.features), "singing")
    assert snippets["value"] == strongest_snippet(verdict) == verdict.snippet_probabilities[:, 3].argmax()
    assert len(snippets["choices"]) == len(verdict.starts_s) and len(members["choices"]) == 21
    assert snippets["choices"][1][0].startswith("0:01.0–0:04.0: ")
    assert picture == "" and not hasattr(held.thing, "clip")


def test_a_member_is_asked_for_the_snippets_own_label(explanation: ExplanationView, pipeline: FakePipeline) -> None:
    verdict = verdict_of(synth.example("duet"), confidence=0.3)
    held, *_ = explanation.fill(verdict, list(verdict.features), "singing")
    for snippet, label in enumerate(verdict.snippet_labels):
        words = explanation.show(held, snippet, "07")
        assert f"What spoke for <b>{verdict.system.titles[label].lower()}</b>" in words and "<svg" in words
    assert pipeline.explained == [(label, "07") for label in verdict.snippet_labels]
    assert len(set(verdict.snippet_labels)) > 1


def test_the_system_that_gave_the_verdict_explains_it(explanation: ExplanationView) -> None:
    verdict = FakeSpeech(SPEECH_MEL)(synth.example("duet"))
    held, *_ = explanation.fill(verdict, verdict.features, "speech-mel")
    assert "What spoke for <b>male-like voice</b>" in explanation.show(held, 0, "")


def test_what_is_gone_or_empty_is_said(explanation: ExplanationView, pipeline: FakePipeline) -> None:
    verdict = verdict_of(synth.example("duet"))
    held, *_ = explanation.fill(verdict, list(verdict.features), "singing")
    blank = np.zeros((40, 299), np.float32)
    pipeline.explain = lambda *_: SaliencyMap(blank, blank, Filterbank().axes, TargetLayer("layer2", 8))  # type: ignore[method-assign]
    assert explanation.show(held, 0, "").endswith(NO_EVIDENCE)
    held.thing = None
    assert explanation.show(held, 0, "") == explanation.show(None, 0, "") == EXPIRED


@pytest.mark.parametrize(("snippet", "member"), [(40, ""), (-1, ""), (None, ""), ("0", ""), (0, "07"), (0, "21")])
def test_what_another_verdict_offered_is_refused(
    explanation: ExplanationView, pipeline: FakePipeline, snippet: int, member: str
) -> None:
    alone = replace(verdict_of(synth.example("duet")), member_names=("student",))
    held, *_ = explanation.fill(alone, list(alone.features), "singing")
    assert explanation.show(held, snippet, member) == STALE
    assert not pipeline.explained


def test_evidence_that_cannot_be_found_is_a_sentence(
    explanation: ExplanationView, pipeline: FakePipeline, caplog: pytest.LogCaptureFixture
) -> None:
    def explain(*_: object) -> SaliencyMap:
        raise MemoryError

    pipeline.explain = explain  # type: ignore[method-assign]
    verdict = verdict_of(synth.example("duet"))
    held, *_ = explanation.fill(verdict, list(verdict.features), "singing")
    assert explanation.show(held, 0, "") == f"<p>{FAILED}</p>"
    assert "MemoryError" in caplog.text
