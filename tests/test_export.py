"""Formats of other programs, read back by these programs' libraries or by their specification."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import parselmouth
import pytest
from hypothesis import given
from hypothesis import strategies as st
from parselmouth.praat import call

from gender_audio.export import CSV_FIELDS, FORMATS
from gender_audio.systems.labels import SINGING
from tests.test_report import verdict

labels = st.lists(st.sampled_from(SINGING.labels), min_size=1, max_size=30)
names = st.text(min_size=1, max_size=20).filter(lambda name: "\0" not in name)


def written(name: str, labels: list[str], file: str = "a song.mp3") -> str:
    return FORMATS[name].write(file, verdict(labels))


@given(labels, names)
def test_csv_has_a_row_for_each_segment(labels: list[str], file: str) -> None:
    header, *rows = csv.reader(io.StringIO(written("csv", labels, file), newline=""))
    assert tuple(header) == CSV_FIELDS
    segments = verdict(labels).segments
    assert [row[0] for row in rows] == [file] * len(segments)
    assert [row[3] for row in rows] == [segment.label for segment in segments]
    assert [float(row[1]) for row in rows[1:]] == [float(row[2]) for row in rows[:-1]]


@given(labels)
def test_audacity_labels_are_contiguous(labels: list[str]) -> None:
    lines = [line.split("\t") for line in written("audacity", labels).splitlines()]
    assert all(len(line) == 3 and float(line[0]) < float(line[1]) for line in lines)
    assert [line[0] for line in lines[1:]] == [line[1] for line in lines[:-1]]
    assert {line[2] for line in lines} == {SINGING.titles[label] for label in labels}


@given(labels, names)
def test_rttm_has_ten_fields_and_only_voices(labels: list[str], file: str) -> None:
    lines = [line.split(" ") for line in written("rttm", labels, file).splitlines()]
    assert len(lines) == sum(segment.label != "none" for segment in verdict(labels).segments)
    for line in lines:
        assert len(line) == 10 and line[0] == "SPEAKER" and line[1]
        assert float(line[3]) >= 0 and float(line[4]) > 0 and line[7] in SINGING.labels


@pytest.mark.parametrize("labels", [["male"], ["none", "none", "female", "multiple", "male", "none"]])
def test_praat_reads_the_textgrid(labels: list[str], tmp_path: Path) -> None:
    path = tmp_path / "song.TextGrid"
    path.write_text(written("textgrid", labels), encoding="utf8")
    grid, segments = parselmouth.read(str(path)), verdict(labels).segments
    assert call(grid, "Get number of intervals", 1) == len(segments)
    for number, segment in enumerate(segments, 1):
        assert call(grid, "Get label of interval", 1, number) == SINGING.titles[segment.label]
        assert call(grid, "Get start time of interval", 1, number) == pytest.approx(segment.start_s)
        assert call(grid, "Get end time of interval", 1, number) == pytest.approx(segment.end_s)


def test_json_holds_segments_and_shares() -> None:
    answer = json.loads(written("json", ["male", "male", "none", "none"]))
    assert [segment["label"] for segment in answer["segments"]] == ["male", "none"]
    assert answer["segments"][-1]["end_s"] == answer["duration_s"]
    assert np.sum(list(answer["shares"].values())) == pytest.approx(1)
