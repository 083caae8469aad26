"""The genre system around small networks with random weights, its plots and its tab."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, expect
from torch import nn

from gender_audio import audio, report, weights
from gender_audio.audio import Clip, Silent
from gender_audio.calibration import Calibration
from gender_audio.features.stack import Stack
from gender_audio.features.texture import Texture
from gender_audio.models.genre_song import RBFSVM
from gender_audio.plots import genre
from gender_audio.plots import svg as canvas
from gender_audio.plots.palette import LABEL_COLOURS
from gender_audio.systems.genre import SHORT, GenreClassifier
from gender_audio.systems.genre_features import SongFeatureExtractor, SongFeatures
from gender_audio.systems.genre_models import (
    COMBINED,
    METHODS,
    GenreModels,
    NetworkSizes,
)
from gender_audio.systems.labels import GENRE
from gender_audio.systems.music_embedding import MusicEmbedding
from gender_audio.ui.result_view import verdict_card
from tests.browser import PATIENCE_MS, serving, upload, visit
from tests.plots.test_timeline import marks, svgs

RATE = 11_025
NETWORKS = ("picture", "line", "song", "statistics", "tagger", "rnn", "lstm", "attention")


def band(seconds: float, seed: int = 0) -> Clip:
    """Chords over a beat, a new one every five seconds."""
    rng, time_s = np.random.default_rng(seed), np.arange(round(seconds * RATE)) / RATE
    roots = 110.0 * 2 ** (rng.integers(0, 12, 1 + int(seconds / 5)) / 12)
    phase = 2 * np.pi * np.cumsum(roots[(time_s / 5).astype(int)]) / RATE
    chord = np.sin(phase) + np.sin(phase * 5 / 4) + np.sin(phase * 3 / 2)
    beat = rng.standard_normal(len(time_s)) * np.exp(-8 * (time_s % 0.5))
    return Clip((0.1 * chord + 0.1 * beat).astype(np.float32)[None], RATE)


@pytest.fixture(scope="module")
def classifier() -> GenreClassifier:
    torch.manual_seed(0)
    sizes = NetworkSizes(picture=4, line=(8, 8), statistics=(8_704, 4, 2))
    networks = {name: nn.ModuleList(sizes.build(name) for _ in range(2)) for name in NETWORKS}
    kernel = RBFSVM(Texture().size, 3, gamma=0.001)
    kernel.vectors.normal_()
    kernel.weights.copy_(torch.tensor([1.0, -0.7, 0.4]))
    networks["texture"] = nn.ModuleList([kernel])
    return GenreClassifier(
        SongFeatureExtractor(Stack(), MusicEmbedding.load()), GenreModels(networks), "together", Calibration(1.5, 0.4)
    )


def test_verdict_has_every_method_and_snippet(classifier: GenreClassifier) -> None:
    shares: list[float] = []
    verdict = classifier(band(31), lambda share, _: shares.append(share))
    assert verdict.system is GENRE and verdict.label in ("rock", "other")
    assert verdict.member_names == tuple(METHODS.values()) and verdict.member_probabilities.shape == (len(METHODS), 2)
    assert verdict.starts_s.tolist() == pytest.approx([0, 5, 10, 15, 20, 21], abs=1e-3)
    assert verdict.snippet_probabilities.shape == (6, 2) and verdict.ends_s[-1] == pytest.approx(31, abs=1e-3)
    for probabilities in (verdict.member_probabilities, verdict.snippet_probabilities, verdict.probabilities):
        np.testing.assert_allclose(probabilities.sum(-1), 1, atol=1e-5)
    kinds = [list(METHODS).index(kind) for kind in COMBINED]
    np.testing.assert_allclose(verdict.member_probabilities[-1], verdict.member_probabilities[kinds].mean(0), atol=1e-6)
    assert shares == sorted(shares) and shares[0] == 0
    assert report.as_dict("song.mp3", verdict)["method"] == METHODS["together"]


def test_default_is_the_mean_of_the_folds(classifier: GenreClassifier) -> None:
    features = classifier.extractor(band(12))
    both, first, second = (classifier.models.snippet_probabilities(features, fold) for fold in (None, 0, 1))
    np.testing.assert_allclose(both, (first + second) / 2, atol=1e-6)
    assert np.abs(first - second).max() > 1e-6


def test_song_features_are_saved_and_loaded(classifier: GenreClassifier, tmp_path: Path) -> None:
    features = classifier.extractor(band(12))
    features.save(tmp_path / "folder" / "song.npz")
    again = SongFeatures.load(tmp_path / "folder" / "song.npz")
    np.testing.assert_allclose(again.snippets, features.snippets, atol=0.01)
    np.testing.assert_array_equal(again.texture, features.texture)
    np.testing.assert_array_equal(again.tagger, features.tagger)
    assert float(again.duration_s) == features.duration_s


@pytest.mark.parametrize("times", [2, 3])
def test_repeating_a_song_changes_no_method(classifier: GenreClassifier, times: int) -> None:
    song = band(40)
    again = Clip(np.tile(song.samples, times), RATE)
    np.testing.assert_allclose(classifier(again).member_probabilities, classifier(song).member_probabilities, atol=0.03)


@pytest.mark.parametrize("padding_s", [(0, 60), (30, 30)])
def test_silence_at_the_ends_changes_no_method(classifier: GenreClassifier, padding_s: tuple[int, int]) -> None:
    song = band(40)
    before, after = (RATE // 512 * 512 * seconds for seconds in padding_s)
    padded = Clip(np.pad(song.samples, [(0, 0), (before, after)]), RATE)
    np.testing.assert_allclose(
        classifier(padded).member_probabilities, classifier(song).member_probabilities, atol=0.02
    )
    assert classifier(padded).starts_s[0] == pytest.approx(before / RATE, abs=0.2)


def test_level_changes_no_method(classifier: GenreClassifier) -> None:
    song = band(20)
    quiet = Clip(song.samples * np.float32(0.01), RATE)
    np.testing.assert_allclose(classifier(quiet).member_probabilities, classifier(song).member_probabilities, atol=1e-3)


@pytest.mark.parametrize("seconds", [0.5, 4.0])
def test_short_recording_is_noted(classifier: GenreClassifier, seconds: float) -> None:
    verdict = classifier(band(seconds))
    assert SHORT in verdict.warnings and np.isfinite(verdict.member_probabilities).all()
    assert verdict.ends_s[-1] == pytest.approx(seconds, abs=0.01)
    assert len(svgs(genre.features(verdict))) == 2


def test_silence_does_not_count_as_length(classifier: GenreClassifier) -> None:
    sound = band(1)
    padded = Clip(np.pad(sound.samples, [(0, 0), (20 * RATE, 39 * RATE)]), RATE)
    verdict = classifier(padded)
    assert SHORT in verdict.warnings
    assert verdict.starts_s[0] == pytest.approx(20, abs=0.2) and verdict.ends_s[-1] == pytest.approx(21, abs=0.2)
    whole = band(10)
    assert SHORT not in classifier(Clip(np.pad(whole.samples, [(0, 0), (3 * RATE, 0)]), RATE)).warnings


def test_snippet_network_runs_once(classifier: GenreClassifier) -> None:
    calls: list[int] = []
    network = classifier.models.networks["picture"][0]
    hook = network.register_forward_hook(lambda *_: calls.append(1))
    classifier(band(12))
    hook.remove()
    assert len(calls) == 1


@pytest.mark.parametrize("level", [0, 1e-6])
def test_silence_is_rejected(classifier: GenreClassifier, level: float) -> None:
    with pytest.raises(Silent):
        classifier(Clip(np.full((2, 12 * 44_100), level, np.float32), 44_100))


def test_summary_names_the_method_that_decides(classifier: GenreClassifier) -> None:
    verdict = classifier(band(12))
    summary = report.summary(verdict)
    assert METHODS["together"] in summary and f"{verdict.probabilities.max():.0%}" in summary
    assert summary in verdict_card(verdict)


def test_plot_of_methods_draws_bars_in_proportion(classifier: GenreClassifier) -> None:
    verdict = classifier(band(12))
    wide = svgs(genre.methods(verdict))[1]
    lengths = [np.ptp(bar[:, 0]) / canvas.WIDE for bar in marks(wide, LABEL_COLOURS["rock"])]
    assert lengths == pytest.approx(verdict.member_probabilities[:, 0].tolist(), abs=1e-3)
    assert "SVM and tagger together (decides)" in "".join(wide.itertext())


def test_plot_of_features_is_complete_and_small(classifier: GenreClassifier) -> None:
    picture = genre.features(classifier(band(60)))
    assert len(picture) < 1_000_000
    for svg in svgs(picture):
        assert len(list(svg.iter("image"))) == 3
        assert {"Mel bands", "MFCC", "Chroma"} <= {"".join(text.itertext()) for text in svg.iter("text")}


def test_tab_shows_timeline_methods_and_features(classifier: GenreClassifier, browser: Browser, tmp_path: Path) -> None:
    song = tmp_path / "song.wav"
    audio.write(song, band(22).samples, RATE)
    with (
        serving({"genre": classifier}, tmp_path / "cache") as address,
        visit(browser, address, viewport={"width": 390, "height": 900}) as page,
    ):
        upload(page, song)
        expect(page.locator("#genre-verdict")).to_contain_text(f"of {len(METHODS)} methods agree", timeout=PATIENCE_MS)
        for title in ("Timeline", "Methods side by side", "Features"):
            expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
        expect(page.locator("figure.plot svg:visible")).to_have_count(3)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_shipped_weights_are_small_and_load() -> None:
    shipped = GenreClassifier.load()
    verdict_card = weights.card("genre")
    assert verdict_card.labels == GENRE.labels and verdict_card.data and verdict_card.stages[0].kind == "train"
    files = [path for name in ("genre", "tagger") for path in (weights.FOLDER / name).iterdir()]
    assert sum(path.stat().st_size for path in files) < 12e6
    verdict = shipped(band(20))
    assert verdict.chosen in METHODS and np.isfinite(verdict.member_probabilities).all()
