"""The genre system with small random networks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gender_audio import report, weights
from gender_audio.audio import Clip, Silent
from gender_audio.systems.genre import SHORT, GenreClassifier
from gender_audio.systems.genre_features import SongFeatures
from gender_audio.systems.genre_models import (
    COMBINED,
    METHODS,
)
from gender_audio.systems.labels import GENRE
from tests.chords import RATE, chords

pytestmark = pytest.mark.slow


def test_verdict_has_every_method_and_snippet(genre_classifier: GenreClassifier) -> None:
    shares: list[float] = []
    verdict = genre_classifier(chords(31), lambda share, _: shares.append(share))
    assert verdict.system is GENRE and verdict.label in ("rock", "other")
    assert verdict.member_names == tuple(METHODS.values()) and verdict.member_probabilities.shape == (len(METHODS), 2)
    assert verdict.starts_s.tolist() == pytest.approx([0, 5, 10, 15, 20, 21], abs=1e-3)
    assert verdict.snippet_probabilities.shape == (6, 2) and verdict.ends_s[-1] == pytest.approx(31, abs=1e-3)
    for probabilities in (verdict.member_probabilities, verdict.snippet_probabilities, verdict.probabilities):
        np.testing.assert_allclose(probabilities.sum(-1), 1, atol=1e-5)
    combined = [list(METHODS).index(name) for name in COMBINED]
    np.testing.assert_allclose(
        verdict.member_probabilities[-1], verdict.member_probabilities[combined].mean(0), atol=1e-6
    )
    assert shares == sorted(shares) and shares[0] == 0
    fields = report.as_dict("song.mp3", verdict)
    assert fields["method"] == METHODS["together"]
    assert fields["progressive_rock"] == pytest.approx(verdict.progressive_rock, abs=1e-6)
    assert f"a probability of {verdict.progressive_rock:.0%}" in report.remark(verdict)


def test_default_is_the_mean_of_the_folds(genre_classifier: GenreClassifier) -> None:
    features = genre_classifier.extractor(chords(12))
    both, first, second = (genre_classifier.models.snippet_probabilities(features, fold) for fold in (None, 0, 1))
    np.testing.assert_allclose(both, (first + second) / 2, atol=1e-6)
    assert np.abs(first - second).max() > 1e-6


def test_song_features_are_saved_and_loaded(genre_classifier: GenreClassifier, tmp_path: Path) -> None:
    features = genre_classifier.extractor(chords(12))
    features.save(tmp_path / "folder" / "song.npz")
    again = SongFeatures.load(tmp_path / "folder" / "song.npz")
    np.testing.assert_allclose(again.snippets, features.snippets, atol=0.01)
    np.testing.assert_array_equal(again.texture, features.texture)
    np.testing.assert_array_equal(again.tagger, features.tagger)
    assert float(again.duration_s) == features.duration_s


@pytest.mark.parametrize("times", [2, 3])
def test_repeating_a_song_changes_no_method(genre_classifier: GenreClassifier, times: int) -> None:
    song = chords(40)
    again = Clip(np.tile(song.samples, times), RATE)
    np.testing.assert_allclose(
        genre_classifier(again).member_probabilities, genre_classifier(song).member_probabilities, atol=0.03
    )


@pytest.mark.parametrize("padding_s", [(0, 60), (30, 30)])
def test_silence_at_the_ends_changes_no_method(genre_classifier: GenreClassifier, padding_s: tuple[int, int]) -> None:
    song = chords(40)
    before, after = (RATE // 512 * 512 * seconds for seconds in padding_s)
    padded = Clip(np.pad(song.samples, [(0, 0), (before, after)]), RATE)
    np.testing.assert_allclose(
        genre_classifier(padded).member_probabilities, genre_classifier(song).member_probabilities, atol=0.02
    )
    assert genre_classifier(padded).starts_s[0] == pytest.approx(before / RATE, abs=0.2)


def test_level_changes_no_method(genre_classifier: GenreClassifier) -> None:
    song = chords(20)
    quiet = Clip(song.samples * np.float32(0.01), RATE)
    np.testing.assert_allclose(
        genre_classifier(quiet).member_probabilities, genre_classifier(song).member_probabilities, atol=1e-3
    )


@pytest.mark.parametrize("seconds", [0.5, 4.0])
def test_short_recording_is_noted(genre_classifier: GenreClassifier, seconds: float) -> None:
    verdict = genre_classifier(chords(seconds))
    assert SHORT in verdict.warnings and np.isfinite(verdict.member_probabilities).all()
    assert verdict.ends_s[-1] == pytest.approx(seconds, abs=0.01)


def test_silence_does_not_count_as_length(genre_classifier: GenreClassifier) -> None:
    sound = chords(1)
    padded = Clip(np.pad(sound.samples, [(0, 0), (20 * RATE, 39 * RATE)]), RATE)
    verdict = genre_classifier(padded)
    assert SHORT in verdict.warnings
    assert verdict.starts_s[0] == pytest.approx(20, abs=0.2) and verdict.ends_s[-1] == pytest.approx(21, abs=0.2)
    whole = chords(10)
    assert SHORT not in genre_classifier(Clip(np.pad(whole.samples, [(0, 0), (3 * RATE, 0)]), RATE)).warnings


def test_snippet_network_runs_once(genre_classifier: GenreClassifier) -> None:
    calls: list[int] = []
    network = genre_classifier.models.networks["picture"][0]
    hook = network.register_forward_hook(lambda *_: calls.append(1))
    genre_classifier(chords(12))
    hook.remove()
    assert len(calls) == 1


@pytest.mark.parametrize("level", [0, 1e-6])
def test_silence_is_rejected(genre_classifier: GenreClassifier, level: float) -> None:
    with pytest.raises(Silent):
        genre_classifier(Clip(np.full((2, 12 * 44_100), level, np.float32), 44_100))


def test_shipped_weights_are_small_and_load() -> None:
    shipped = GenreClassifier.load()
    assert weights.card("genre").labels == GENRE.labels
    files = [path for name in ("genre", "tagger") for path in (weights.FOLDER / name).iterdir()]
    assert sum(path.stat().st_size for path in files) < 12e6
    verdict = shipped(chords(20))
    assert verdict.chosen in METHODS and np.isfinite(verdict.member_probabilities).all()
