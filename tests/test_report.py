"""Sentences, JSON object and terminal table of a verdict."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from gender_audio import report
from gender_audio.audio import Clip
from gender_audio.separation import Stems
from gender_audio.systems.combination import PublishedAnswer
from gender_audio.systems.genre import GenreClassifier
from gender_audio.systems.genre_models import METHODS
from gender_audio.systems.labels import SINGING
from gender_audio.systems.singing import SingingVerdict
from tests.chords import chords

CERTAINTY = 0.7
"""Probability of the most probable label."""
RATE = 16_000


def probabilities_for(label: str) -> np.ndarray:
    """Probabilities, float32 [4]: CERTAINTY for `label`, and equal ones for the others."""
    probabilities = np.full(len(SINGING.labels), (1 - CERTAINTY) / (len(SINGING.labels) - 1), np.float32)
    probabilities[SINGING.labels.index(label)] = CERTAINTY
    return probabilities


def verdict(
    labels: Sequence[str],
    *,
    uncertain: bool = False,
    warnings: tuple[str, ...] = (),
    clip: Clip | None = None,
) -> SingingVerdict:
    """Snippets (3 s every 1 s) with these labels; 18 of 20 members vote for the label of the clip, female."""
    clip = clip or Clip(np.zeros((1, (len(labels) + 2) * RATE), np.float32), RATE, warnings)
    starts_s = np.arange(len(labels), dtype=float)
    snippets = np.stack([probabilities_for(label) for label in labels])
    members = np.stack([probabilities_for("female")] * 18 + [probabilities_for("male")] * 2)
    return SingingVerdict(
        clip=clip,
        stems=Stems(clip.samples, clip, clip.rate),
        separator="none",
        starts_s=starts_s,
        ends_s=np.minimum(starts_s + 3, clip.duration_s),
        snippet_probabilities=snippets,
        features=np.zeros((len(starts_s), 1, 299, 40), np.float32),
        member_names=tuple(f"{number:02d}" for number in range(1, 21)),
        member_probabilities=members,
        ensemble_probabilities=probabilities_for("female"),
        published=(PublishedAnswer("voices", "Voice detector (published)", probabilities_for("male")),),
        probabilities=probabilities_for("female"),
        uncertain=uncertain,
    )


def rendered(file: str, of: SingingVerdict, width: int = 80) -> str:
    console = Console(file=io.StringIO(), width=width, color_system=None)
    report.show(file, of, console)
    return console.file.getvalue()


def test_segments_change_halfway_between_snippets() -> None:
    timeline = verdict(["none"] * 3 + ["female"] * 4).segments
    assert [(s.start_s, s.end_s, s.label) for s in timeline] == [(0, 4, "none"), (4, 9, "female")]
    assert timeline[0].probability == pytest.approx(CERTAINTY)


def test_segments_of_a_short_clip() -> None:
    clip = Clip(np.zeros((1, 32_000), np.float32), 16_000)
    assert [(s.start_s, s.end_s) for s in verdict(["male"], clip=clip).segments] == [(0, 2)]


@given(st.lists(st.sampled_from(SINGING.labels), min_size=1, max_size=40))
def test_segments_have_no_gaps_and_keep_every_label(labels: list[str]) -> None:
    whole = verdict(labels)
    timeline = whole.segments
    assert timeline[0].start_s == 0 and timeline[-1].end_s == whole.ends_s[-1]
    for left, right in pairwise(timeline):
        assert left.end_s == right.start_s and left.label != right.label
    for middle, label in zip((whole.starts_s + whole.ends_s) / 2, labels, strict=True):
        assert [s.label for s in timeline if s.start_s < middle < s.end_s] == [label]


def test_summary_of_several_members_and_of_one() -> None:
    several = verdict(["female"])
    assert report.summary(several) == "18 of 20 members agree. The verdict has a probability of 70%."
    one = replace(several, member_probabilities=several.member_probabilities[:1])
    assert report.agreement(one) == "One network decided"


def test_summary_names_the_deciding_method(genre_classifier: GenreClassifier) -> None:
    verdict = genre_classifier(chords(12))
    summary = report.summary(verdict)
    assert METHODS["together"] in summary and f"{verdict.probabilities.max():.0%}" in summary


def test_as_dict_is_valid_json() -> None:
    whole = verdict(["none", "female", "female"], uncertain=True, warnings=("Cut short.",))
    loaded = json.loads(json.dumps(report.as_dict("a.wav", whole), allow_nan=False))
    assert loaded["file"] == "a.wav"
    assert loaded["duration_s"] == 5.0
    assert loaded["label"] == "female"
    assert loaded["uncertain"] is True
    assert loaded["agreement"] == 18
    assert (loaded["system"], loaded["separator"]) == ("singing", "none")
    assert loaded["warnings"] == ["Cut short."]
    assert [member["label"] for member in loaded["members"]] == ["female"] * 18 + ["male"] * 2
    assert [(s["start_s"], s["end_s"], s["label"]) for s in loaded["snippets"]] == [
        (0.0, 3.0, "none"),
        (1.0, 4.0, "female"),
        (2.0, 5.0, "female"),
    ]
    for row in [loaded, *loaded["members"], *loaded["snippets"]]:
        assert tuple(row["probabilities"]) == SINGING.labels
        assert sum(row["probabilities"].values()) == pytest.approx(1, abs=1e-5)
        assert max(row["probabilities"], key=row["probabilities"].get) == row["label"]


def test_show_prints_verdict_agreement_probabilities_and_timeline() -> None:
    text = rendered("song.mp3", verdict(["none"] * 3 + ["female"] * 4))
    assert "song.mp3  9.0 s" in text
    assert "18 of 20 members agree" in text
    assert "not sure" not in text
    assert f"0:00.0 - 0:04.0  {SINGING.titles['none']}" in text
    assert f"0:04.0 - 0:09.0  {SINGING.titles['female']}" in text
    for title in SINGING.titles.values():
        assert title in text
    assert text.count("70%") == 3  # the verdict and both segments


def test_show_prints_uncertainty_and_warnings() -> None:
    text = rendered("song.mp3", verdict(["female"], uncertain=True, warnings=("Cut short.",)))
    assert f"{SINGING.titles['female']}  (not sure)" in text
    assert "Note: Cut short." in text


def test_show_fits_80_columns_except_for_the_path() -> None:
    long_song = verdict([SINGING.labels[i // 7 % 4] for i in range(700)], warnings=("A sentence of words. " * 9,))
    path = "folder/" * 30 + "song.mp3"
    first, *others = rendered(path, long_song).splitlines()
    assert first == f"{path}  {long_song.clip.duration_s:.1f} s"
    assert max(map(len, others)) <= 80


def test_show_draws_bars_in_proportion_to_probabilities() -> None:
    text = rendered("a.wav", verdict(["female"]))
    rows = [line for line in text.splitlines() if "%" in line][: len(SINGING.labels)]
    lengths = [row.count("━") + row.count("╸") / 2 for row in rows]
    expected = [report.BAR_WIDTH * (CERTAINTY if label == "female" else 0.1) for label in SINGING.labels]
    assert lengths == pytest.approx(expected, abs=0.5)


def test_show_replaces_control_codes_in_file_names() -> None:
    text = rendered("a\x1b[31m\n[bold]b\udcff.wav", verdict(["female"]))
    assert "a?[31m?[bold]b?.wav" in text


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, "0:00.0"), (2.34, "0:02.3"), (59.96, "1:00.0"), (83.25, "1:23.2"), (719.5, "11:59.5")],
)
def test_clock(seconds: float, expected: str) -> None:
    assert report.clock(seconds) == expected
