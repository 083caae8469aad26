"""The evidence section, without a browser."""

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
from tests.fakes import FakeSingingClassifier, FakeSpeechClassifier, fake_verdict


@pytest.fixture
def classifier() -> FakeSingingClassifier:
    return FakeSingingClassifier()


@pytest.fixture
def view(classifier: FakeSingingClassifier) -> ExplanationView:
    with gr.Blocks():
        return ExplanationView({"singing": classifier, "speech-mel": FakeSpeechClassifier(SPEECH_MEL)}, "A note.")


def test_strongest_snippet_is_chosen_first(view: ExplanationView) -> None:
    verdict = fake_verdict(synth.example("duet"), "multiple")
    state, snippets, members, plot = view.values(verdict, list(verdict.features), "singing")
    assert snippets["value"] == strongest_snippet(verdict) == verdict.snippet_probabilities[:, 3].argmax()
    assert len(snippets["choices"]) == len(verdict.starts_s) and len(members["choices"]) == 21
    assert snippets["choices"][1][0].startswith("0:01.0–0:04.0: ")
    assert plot == "" and not hasattr(state.value, "clip")


def test_member_explains_the_label_of_the_snippet(view: ExplanationView, classifier: FakeSingingClassifier) -> None:
    verdict = fake_verdict(synth.example("duet"), confidence=0.3)
    state, *_ = view.values(verdict, list(verdict.features), "singing")
    for snippet, label in enumerate(verdict.snippet_labels):
        text = view.show(state, snippet, "07")
        assert f"Evidence for <b>{verdict.system.titles[label].lower()}</b>" in text and "<svg" in text
    assert classifier.explain_calls == [(label, "07") for label in verdict.snippet_labels]
    assert len(set(verdict.snippet_labels)) > 1


def test_classifier_of_the_verdict_explains_it(view: ExplanationView) -> None:
    verdict = FakeSpeechClassifier(SPEECH_MEL)(synth.example("duet"))
    state, *_ = view.values(verdict, verdict.features, "speech-mel")
    assert "Evidence for <b>male-like voice</b>" in view.show(state, 0, "")


def test_missing_data_and_empty_maps_get_a_message(view: ExplanationView, classifier: FakeSingingClassifier) -> None:
    verdict = fake_verdict(synth.example("duet"))
    state, *_ = view.values(verdict, list(verdict.features), "singing")
    blank = np.zeros((40, 299), np.float32)
    classifier.explain = lambda *_: SaliencyMap(blank, blank, Filterbank().axes, TargetLayer("layer2", 8))  # type: ignore[method-assign]
    assert view.show(state, 0, "").endswith(NO_EVIDENCE)
    state.value = None
    assert view.show(state, 0, "") == view.show(None, 0, "") == EXPIRED


@pytest.mark.parametrize(("snippet", "member"), [(40, ""), (-1, ""), (None, ""), ("0", ""), (0, "07"), (0, "21")])
def test_choices_of_an_earlier_verdict_are_rejected(
    view: ExplanationView, classifier: FakeSingingClassifier, snippet: int, member: str
) -> None:
    alone = replace(fake_verdict(synth.example("duet")), member_names=("01",))
    state, *_ = view.values(alone, list(alone.features), "singing")
    assert view.show(state, snippet, member) == STALE
    assert not classifier.explain_calls


def test_errors_of_explaining_get_a_message(
    view: ExplanationView, classifier: FakeSingingClassifier, caplog: pytest.LogCaptureFixture
) -> None:
    def explain(*_: object) -> SaliencyMap:
        raise MemoryError

    classifier.explain = explain  # type: ignore[method-assign]
    verdict = fake_verdict(synth.example("duet"))
    state, *_ = view.values(verdict, list(verdict.features), "singing")
    assert view.show(state, 0, "") == f"<p>{FAILED}</p>"
    assert "MemoryError" in caplog.text
