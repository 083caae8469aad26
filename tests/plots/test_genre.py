"""Plots of a genre verdict."""

from __future__ import annotations

import numpy as np
import pytest

from gender_audio.plots import genre, svg
from gender_audio.plots.palette import LABEL_COLOURS
from gender_audio.systems.genre import GenreClassifier
from tests.chords import chords
from tests.plots.svg import parse_svgs, path_corners


def test_plot_of_methods_draws_bars_in_proportion(genre_classifier: GenreClassifier) -> None:
    verdict = genre_classifier(chords(12))
    wide = parse_svgs(genre.methods(verdict))[1]
    lengths = [np.ptp(bar[:, 0]) / svg.WIDE for bar in path_corners(wide, LABEL_COLOURS["rock"])]
    assert lengths == pytest.approx(verdict.member_probabilities[:, 0].tolist(), abs=1e-3)
    assert "SVM and tagger together (decides)" in "".join(wide.itertext())


def test_plot_of_features_is_complete_and_small(genre_classifier: GenreClassifier) -> None:
    html = genre.features(genre_classifier(chords(60)))
    assert len(html) < 1_000_000
    for drawing in parse_svgs(html):
        assert len(list(drawing.iter("image"))) == 3
        assert {"Mel bands", "MFCC", "Chroma"} <= {"".join(text.itertext()) for text in drawing.iter("text")}


def test_features_of_a_short_song_are_drawn(genre_classifier: GenreClassifier) -> None:
    assert len(parse_svgs(genre.features(genre_classifier(chords(0.5))))) == 2
