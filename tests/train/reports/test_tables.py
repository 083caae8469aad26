"""Formatting of numbers, tables and images."""

from __future__ import annotations

from train.reports.tables import decibels, image, points, table, value_range


def test_points_and_decibels_have_no_negative_zero() -> None:
    assert [points(share) for share in (-0.0004, 0.0, 0.025, -0.285)] == ["+0.0", "+0.0", "+2.5", "-28.5"]
    assert [decibels(gain) for gain in (-0.04, 8.91, -3.2)] == ["0.0 dB", "8.9 dB", "-3.2 dB"]


def test_value_range() -> None:
    assert value_range((0.866, 0.938)) == "86.6 % to 93.8 %"


def test_image_has_a_visible_caption() -> None:
    assert image("a.svg", "A caption") == "![A caption](a.svg)\n\n*A caption.*"


def test_table() -> None:
    assert table(["a", "b"], [["1", "2"]]) == "| a | b |\n| --- | --- |\n| 1 | 2 |"
