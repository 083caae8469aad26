"""Plots of a verdict: their numbers, colours and size."""

from __future__ import annotations

import base64
import io
import re
import warnings
from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest
from matplotlib.image import imread

from gender_audio.audio import Clip
from gender_audio.plots import svg, timeline
from gender_audio.plots.palette import LABEL_COLOURS, PALETTE, VOICE
from gender_audio.systems.labels import SINGING
from gender_audio.systems.registry import SYSTEMS
from gender_audio.systems.singing import SingingVerdict
from tests.fakes import fake_verdict
from tests.plots.svg import parse_svgs, path_corners, text_heights

RATE = 16_000
PLOTS: dict[str, Callable[[SingingVerdict], str]] = {
    "timeline": timeline.timeline,
    "members": lambda verdict: timeline.members(verdict, verdict.ensemble_probabilities, verdict.published),
    "vocals": lambda verdict: timeline.stem(verdict, "vocals"),
    "accompaniment": lambda verdict: timeline.stem(verdict, "accompaniment"),
    "spectrogram": timeline.spectrogram,
}


def tone(hz: float, duration_s: float = 4.0) -> Clip:
    time_s = np.arange(int(duration_s * RATE)) / RATE
    return Clip((0.5 * np.sin(2 * np.pi * hz * time_s)).astype(np.float32)[None], RATE)


@pytest.fixture(scope="module")
def verdict() -> SingingVerdict:
    return fake_verdict(tone(440), "male")


@pytest.mark.parametrize("name", PLOTS)
def test_plot_is_valid_svg_with_description_and_css_colours(name: str, verdict: SingingVerdict) -> None:
    html = PLOTS[name](verdict)
    for drawing, width in zip(parse_svgs(html), (svg.NARROW, svg.WIDE), strict=True):
        assert drawing.attrib["role"] == "img" and len(drawing.attrib["aria-label"]) > 10
        assert drawing.attrib["viewBox"].startswith(f"0 0 {width} ")
    assert not [colour for colour in PALETTE if colour.light in html]
    assert PLOTS[name](verdict) == html


def test_plots_share_no_ids(verdict: SingingVerdict) -> None:
    ids = [set(re.findall(r' id="([^"]*)"', plot(verdict))) for plot in PLOTS.values()]
    assert not [both for one, other in combinations(ids, 2) if (both := one & other)]


@pytest.mark.parametrize("name", PLOTS)
@pytest.mark.parametrize("duration_s", [0.5, 3.0])
def test_silence_and_short_clips_are_drawn_without_warnings(name: str, duration_s: float) -> None:
    silence = Clip(np.zeros((2, int(duration_s * RATE)), np.float32), RATE)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(parse_svgs(PLOTS[name](fake_verdict(silence, "none")))) == 2


def test_plots_of_twelve_minutes_stay_below_two_megabytes() -> None:
    noise = np.random.default_rng(0).uniform(-1, 1, (1, 720 * 8_000)).astype(np.float32)
    long = fake_verdict(Clip(noise, 8_000), "multiple", confidence=1.0)
    assert sum(len(plot(long)) for plot in PLOTS.values()) < 2_000_000


def test_bars_of_members_are_as_long_as_their_probabilities(verdict: SingingVerdict) -> None:
    column = (svg.WIDE - 62) / len(SINGING.labels) - 10
    wide = parse_svgs(PLOTS["members"](verdict))[1]
    for index, label in enumerate(SINGING.labels):
        lengths = np.array([np.ptp(bar[:, 0]) for bar in path_corners(wide, LABEL_COLOURS[label])]) / column
        published = [one.probabilities[index] for one in verdict.published]
        ensemble = verdict.ensemble_probabilities[index]
        expected = [verdict.probabilities[index], ensemble, *verdict.member_probabilities[:, index], *published]
        assert lengths == pytest.approx(np.array(expected), abs=1e-4)
    texts = text_heights(wide)
    assert {f"{probability:.0%}" for probability in verdict.probabilities} <= set(texts)
    assert {one.title for one in verdict.published} <= set(texts)
    assert texts[str(verdict.agreement)] == pytest.approx(texts["Votes"], abs=3)


def test_members_without_published_networks_have_one_bar_for_all(verdict: SingingVerdict) -> None:
    texts = text_heights(parse_svgs(timeline.members(verdict))[1])
    assert "Ensemble" in texts and "Verdict" not in texts


def test_timeline_colours_the_waveform_by_label() -> None:
    quiet = fake_verdict(tone(440, 9.0), "none", confidence=9.0)
    changing = np.array([quiet.snippet_probabilities[0]] * 3 + [quiet.snippet_probabilities[0][[2, 1, 0, 3]]] * 4)
    verdict = SingingVerdict(**{**vars(quiet), "snippet_probabilities": changing})
    wide = parse_svgs(timeline.timeline(verdict))[1]
    none, female = (path_corners(wide, LABEL_COLOURS[label])[0] for label in ("none", "female"))
    full = svg.WIDE - 24
    assert np.ptp(none[:, 0]) / full == pytest.approx(4 / 9, abs=0.01)
    assert np.ptp(female[:, 0]) / full == pytest.approx(5 / 9, abs=0.01)
    assert f"0 to 4 s: {SINGING.titles['none']}; 4 to 9 s: {SINGING.titles['female']}" in wide.attrib["aria-label"]


def test_stems_share_one_scale(verdict: SingingVerdict) -> None:
    heights = [
        np.ptp(max(path_corners(parse_svgs(timeline.stem(verdict, name))[1], colour), key=len)[:, 1])
        for name, colour in (("vocals", VOICE), ("accompaniment", timeline.INK))
    ]
    assert heights[0] / heights[1] == pytest.approx(0.7 / 0.3, rel=0.05)


@pytest.mark.parametrize("hz", [250, 1_000, 4_000])
def test_spectrogram_is_brightest_at_the_tick_of_the_frequency(hz: int) -> None:
    wide = parse_svgs(timeline.spectrogram(fake_verdict(tone(hz))))[1]
    (image,) = wide.iter("image")
    data = base64.b64decode(image.attrib["{http://www.w3.org/1999/xlink}href"].split(",")[1])
    brightness = imread(io.BytesIO(data))[..., :3].sum(axis=-1).mean(axis=1)
    scale, bottom = np.array(re.findall(r"-?[\d.]+", image.attrib["transform"]), dtype=float)[[3, 5]]
    brightest = bottom + scale * (brightness.argmax() + 0.5)
    assert brightest == pytest.approx(text_heights(wide)[str(hz)], abs=6)


def test_label_colours_differ_with_colour_blindness() -> None:
    """For each kind of colour blindness (simulated after Machado et al. 2009), in light and dark mode."""
    blindness = {
        "none": np.eye(3),
        "protanopia": [[0.1523, 1.0526, -0.2049], [0.1145, 0.7863, 0.0992], [-0.0039, -0.0481, 1.0520]],
        "deuteranopia": [[0.3673, 0.8606, -0.2280], [0.2801, 0.6725, 0.0474], [-0.0118, 0.0429, 0.9689]],
        "tritanopia": [[1.2555, -0.0767, -0.1788], [-0.0784, 0.9308, 0.1476], [0.0047, 0.6914, 0.3039]],
    }
    for page, background in (("light", "#ffffff"), ("dark", "#1e293b")):
        colours = {label: linear(getattr(colour, page)) for label, colour in LABEL_COLOURS.items()}
        for label, rgb in colours.items():
            assert contrast(rgb, linear(background)) > 3, (page, label)
        pairs = {pair for system in SYSTEMS.values() for pair in combinations(system.labels, 2)}
        for kind, matrix in blindness.items():
            for one, other in sorted(pairs):
                rgb, rgb2 = colours[one], colours[other]
                distance = np.linalg.norm(lab(np.array(matrix) @ rgb) - lab(np.array(matrix) @ rgb2))
                assert distance > 19, (page, kind, one, other)


def linear(css: str) -> np.ndarray:
    """#rrggbb to linear RGB."""
    rgb = np.array([int(css[start : start + 2], 16) for start in (1, 3, 5)]) / 255
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def contrast(one: np.ndarray, other: np.ndarray) -> float:
    """WCAG contrast ratio."""
    dark, light = sorted(float(rgb @ [0.2126, 0.7152, 0.0722]) for rgb in (one, other))
    return (light + 0.05) / (dark + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    """Linear RGB to CIE L*a*b*."""
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ np.clip(rgb, 0, 1) / [0.9505, 1.0, 1.089]
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])
