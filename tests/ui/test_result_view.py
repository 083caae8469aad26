"""The card with the verdict, without a browser."""

from __future__ import annotations

from dataclasses import replace

from gender_audio import report, synth
from gender_audio.ui.result_view import verdict_card
from tests.fakes import fake_verdict


def test_card_has_the_summary_of_an_ensemble_and_of_one_network() -> None:
    verdict = fake_verdict(synth.example("duet"))
    one = replace(verdict, member_probabilities=verdict.member_probabilities[:1])
    assert report.summary(verdict) in verdict_card(verdict)
    assert report.summary(one) in verdict_card(one)
