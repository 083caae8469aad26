"""The sections on whole songs, and the page about reliability."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gender_audio.calibration import Calibration
from gender_audio.systems.timeline import FEATURES
from train import run_records
from train.data.heard_songs import HeardSong
from train.evaluation.songs import boundary_errors_s, evaluate_songs, nearest_snippets
from train.recipes.song_aggregation import RULES
from train.recipes.timeline import OutOfFold, choose, fit_decoder
from train.reports import reliability, songs


def heard(labels: np.ndarray, seed: int = 0) -> HeardSong:
    """A song whose features and snippets tell the labels, [t], with a little noise."""
    rng = np.random.default_rng(seed)
    features = rng.normal(0, 0.1, (len(labels), FEATURES)).astype(np.float32)
    features[np.arange(len(labels)), labels] += 2
    starts_s = np.arange(0, len(labels) / 10 - 2.9)
    middle = labels[(starts_s * 10).astype(int) + 15]
    snippets = (0.1 + 0.6 * np.eye(4)[middle]).astype(np.float32)
    voices = set(labels.tolist()) - {0}
    label = np.array(voices.pop() if len(voices) == 1 else 3 if voices else 0)
    return HeardSong(labels, label, features, snippets, starts_s, starts_s + 3)


SONGS = [
    heard(np.repeat(parts, 50), seed) for seed, parts in enumerate([[0, 1, 0], [2, 0, 2], [0, 0, 0], [1, 3, 2]] * 2)
]


def test_decoder_learns_the_labels_and_the_report_shows_them(tmp_path: Path) -> None:
    decoder = fit_decoder(SONGS, cost=0.1, scale=0.5)
    answers = {name: np.stack([rule(song) for song in SONGS]) for name, rule in RULES.items()}
    record = evaluate_songs(decoder, Calibration(1.0, 0.5), answers, "mean", SONGS)
    assert record["timeline"]["accuracy"] > 0.95
    assert record["timeline"]["median_boundary_error_s"] <= 0.1
    assert record["timeline"]["boundaries"] == 12
    run_records.write("songs", {"command": "python -m train timeline", "rule": "mean", **record}, tmp_path / "records")
    text = "\n".join(songs.sections(tmp_path))
    assert "8 songs, 2 minutes" in text and "majority vote" in text


def test_boundary_errors_are_distances_to_the_nearest_change() -> None:
    truth, found = np.repeat([0, 1, 0], 20), np.repeat([0, 1, 0], [17, 25, 18])
    assert boundary_errors_s(found, truth) == pytest.approx([0.3, 0.2])
    assert boundary_errors_s(np.zeros(60, int), truth) == [5.0, 5.0]


def test_nearest_snippet_is_that_of_the_middle() -> None:
    song = heard(np.repeat([0, 1], 50))
    assert (nearest_snippets(song) == song.labels).mean() > 0.9


def test_among_equal_settings_the_right_number_of_changes_decides() -> None:
    tried = {(1.0, 1.0): OutOfFold(0.9, 2.0), (1.0, 2.0): OutOfFold(0.897, 1.1), (2.0, 1.0): OutOfFold(0.8, 1.0)}
    assert choose(tried) == (1.0, 2.0)


def test_reliability_page_has_a_section_for_each_record(tmp_path: Path) -> None:
    assert "##" not in reliability.write(tmp_path).read_text(encoding="utf8")
    fuzz = {
        "command": "python -m tests.fuzz",
        "cases": 1_200,
        "outcomes": {"clip": 1_199},
        "kinds": {"mutation": 1_200},
        "failures": {7: "hung"},
        "connections": 0,
        "longest_s": 10.0,
        "slowest_s": 1.5,
    }
    phase = {"clients": 1, "answers": 9, "per_s": 2.0, "median_s": 0.5, "wrong": 0, "refused": 0}
    load = {
        "command": "python -m bench.load",
        "clip_s": 3,
        "one": phase,
        "many": phase | {"clients": 50, "per_s": 1.5},
        "memory_before": 1e9,
        "memory_after": 1.1e9,
        "files_before": 30,
        "files_after": 31,
    }
    run_records.write(reliability.FUZZ, fuzz, tmp_path / "records")
    run_records.write(reliability.LOAD, load, tmp_path / "records")
    text = reliability.write(tmp_path).read_text(encoding="utf8")
    assert "1,200 files" in text and "1 did not pass" in text and "hung" in text
    assert "75 % of the answers" in text and "1.10 GB after" in text
