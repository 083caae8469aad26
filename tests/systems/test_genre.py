"""The genre system around small networks with random weights: blind to length and level, and shown in full."""

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
from gender_audio.systems.genre import BRIEF, GenreClassifier
from gender_audio.systems.genre_models import (
    KINDS,
    METHODS,
    GenreModels,
    NetworkSizes,
    SongFeatureExtractor,
    SongFeatures,
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
def listener() -> GenreClassifier:
    torch.manual_seed(0)
    sizes = NetworkSizes(picture=4, line=(8, 8), statistics=(8_704, 4, 2))
    networks = {name: nn.ModuleList(sizes.build(name) for _ in range(2)) for name in NETWORKS}
    kernel = RBFSVM(Texture().size, 3, gamma=0.001)
    kernel.vectors.normal_()
    kernel.weights.copy_(torch.tensor([1.0, -0.7, 0.4]))
    networks["texture"] = nn.ModuleList([kernel])
    return GenreClassifier(
        GenreModels(networks), SongFeatureExtractor(Stack(), MusicEmbedding.load()), "together", Calibration(1.5, 0.4)
    )


def test_a_verdict_has_every_method_and_the_time_of_every_snippet(listener: GenreClassifier) -> None:
    told: list[float] = []
    verdict = listener(band(31), lambda share, _: told.append(share))
    assert verdict.system is GENRE and verdict.label in ("rock", "other")
    assert verdict.member_names == tuple(METHODS.values()) and verdict.member_probabilities.shape == (len(METHODS), 2)
    assert verdict.starts_s.tolist() == pytest.approx([0, 5, 10, 15, 20, 21], abs=1e-3)
    assert verdict.snippet_probabilities.shape == (6, 2) and verdict.ends_s[-1] == pytest.approx(31, abs=1e-3)
    for odds in (verdict.member_probabilities, verdict.snippet_probabilities, verdict.probabilities):
        np.testing.assert_allclose(odds.sum(-1), 1, atol=1e-5)
    kinds = [list(METHODS).index(kind) for kind in KINDS]
    np.testing.assert_allclose(verdict.member_probabilities[-1], verdict.member_probabilities[kinds].mean(0), atol=1e-6)
    assert told == sorted(told) and told[0] == 0
    assert report.as_dict("song.mp3", verdict)["method"] == METHODS["together"]


def test_one_fold_answers_alone(listener: GenreClassifier) -> None:
    heard = listener.hearing(band(12))
    both, first, second = (listener.methods.snippets(heard, fold) for fold in (None, 0, 1))
    np.testing.assert_allclose(both, (first + second) / 2, atol=1e-6)
    assert np.abs(first - second).max() > 1e-6


def test_what_was_heard_is_kept(listener: GenreClassifier, tmp_path: Path) -> None:
    heard = listener.hearing(band(12))
    heard.save(tmp_path / "folder" / "song.npz")
    again = SongFeatures.load(tmp_path / "folder" / "song.npz")
    np.testing.assert_allclose(again.snippets, heard.snippets, atol=0.01)
    np.testing.assert_array_equal(again.texture, heard.texture)
    np.testing.assert_array_equal(again.tagger, heard.tagger)
    assert float(again.duration_s) == heard.duration_s


@pytest.mark.parametrize("times", [2, 3])
def test_no_method_hears_that_a_song_is_played_again(listener: GenreClassifier, times: int) -> None:
    song = band(40)
    again = Clip(np.tile(song.samples, times), RATE)
    np.testing.assert_allclose(listener(again).member_probabilities, listener(song).member_probabilities, atol=0.03)


@pytest.mark.parametrize("padding_s", [(0, 60), (30, 30)])
def test_no_method_hears_silence_before_and_after(listener: GenreClassifier, padding_s: tuple[int, int]) -> None:
    song = band(40)
    before, after = (RATE // 512 * 512 * seconds for seconds in padding_s)
    padded = Clip(np.pad(song.samples, [(0, 0), (before, after)]), RATE)
    np.testing.assert_allclose(listener(padded).member_probabilities, listener(song).member_probabilities, atol=0.02)
    assert listener(padded).starts_s[0] == pytest.approx(before / RATE, abs=0.2)


def test_no_method_hears_the_level(listener: GenreClassifier) -> None:
    song = band(20)
    quiet = Clip(song.samples * np.float32(0.01), RATE)
    np.testing.assert_allclose(listener(quiet).member_probabilities, listener(song).member_probabilities, atol=1e-3)


@pytest.mark.parametrize("seconds", [0.5, 4.0])
def test_short_recordings_get_a_verdict_with_a_note(listener: GenreClassifier, seconds: float) -> None:
    verdict = listener(band(seconds))
    assert BRIEF in verdict.warnings and np.isfinite(verdict.member_probabilities).all()
    assert verdict.ends_s[-1] == pytest.approx(seconds, abs=0.01)
    assert len(svgs(genre.features(verdict))) == 2


def test_silence_around_a_short_sound_makes_it_no_longer(listener: GenreClassifier) -> None:
    sound = band(1)
    padded = Clip(np.pad(sound.samples, [(0, 0), (20 * RATE, 39 * RATE)]), RATE)
    verdict = listener(padded)
    assert BRIEF in verdict.warnings
    assert verdict.starts_s[0] == pytest.approx(20, abs=0.2) and verdict.ends_s[-1] == pytest.approx(21, abs=0.2)
    whole = band(10)
    assert BRIEF not in listener(Clip(np.pad(whole.samples, [(0, 0), (3 * RATE, 0)]), RATE)).warnings


def test_the_snippets_are_heard_once(listener: GenreClassifier, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    ask = listener.methods._ask
    monkeypatch.setattr(listener.methods, "_ask", lambda name, *rest: asked.append(name) or ask(name, *rest))
    listener(band(12))
    assert asked.count("picture") == 1


@pytest.mark.parametrize("level", [0, 1e-6])
def test_silence_gets_no_verdict(listener: GenreClassifier, level: float) -> None:
    with pytest.raises(Silent, match="hardly any sound"):
        listener(Clip(np.full((2, 12 * 44_100), level, np.float32), 44_100))


def test_summary_names_the_method_that_decides(listener: GenreClassifier) -> None:
    verdict = listener(band(12))
    summary = report.summary(verdict)
    assert METHODS["together"] in summary and f"{verdict.probabilities.max():.0%}" in summary
    assert summary in verdict_card(verdict)


def test_methods_are_bars_as_long_as_their_probabilities(listener: GenreClassifier) -> None:
    verdict = listener(band(12))
    wide = svgs(genre.methods(verdict))[1]
    lengths = [np.ptp(bar[:, 0]) / canvas.WIDE for bar in marks(wide, LABEL_COLOURS["rock"])]
    assert lengths == pytest.approx(verdict.member_probabilities[:, 0].tolist(), abs=1e-3)
    assert "SVM and tagger together (decides)" in "".join(wide.itertext())


def test_features_are_drawn_whole_and_small(listener: GenreClassifier) -> None:
    picture = genre.features(listener(band(60)))
    assert len(picture) < 1_000_000
    for svg in svgs(picture):
        assert len(list(svg.iter("image"))) == 3
        assert {"Mel bands", "MFCC", "Chroma"} <= {"".join(text.itertext()) for text in svg.iter("text")}


def test_the_tab_shows_timeline_methods_and_features(
    listener: GenreClassifier, browser: Browser, tmp_path: Path
) -> None:
    song = tmp_path / "song.wav"
    audio.write(song, band(22).samples, RATE)
    with (
        serving({"genre": listener}, tmp_path / "cache") as address,
        visit(browser, address, viewport={"width": 390, "height": 900}) as page,
    ):
        upload(page, song)
        expect(page.locator("#genre-verdict")).to_contain_text(f"of {len(METHODS)} methods agree", timeout=PATIENCE_MS)
        for title in ("Timeline", "Methods side by side", "Features"):
            expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
        expect(page.locator("figure.plot svg:visible")).to_have_count(3)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_shipped_methods_are_whole_small_and_decide() -> None:
    shipped = GenreClassifier.load()
    verdict_card = weights.card("genre")
    assert verdict_card.labels == GENRE.labels and verdict_card.data and verdict_card.stages[0].kind == "train"
    files = [path for name in ("genre", "tagger") for path in (weights.FOLDER / name).iterdir()]
    assert sum(path.stat().st_size for path in files) < 12e6
    verdict = shipped(band(20))
    assert verdict.chosen in METHODS and np.isfinite(verdict.member_probabilities).all()
