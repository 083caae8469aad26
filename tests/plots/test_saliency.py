"""Plots of saliency maps with a single known spot."""

from __future__ import annotations

import base64
import io
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from gender_audio.features.axes import FeatureAxes
from gender_audio.features.filterbank import Filterbank
from gender_audio.features.mfcc import Mfcc
from gender_audio.gradcam import SINGING_TARGET_LAYER, SaliencyMap, TargetLayer
from gender_audio.plots import saliency, svg
from gender_audio.plots.palette import PALETTE, VOICE
from tests.plots.svg import parse_svgs, path_corners, text_heights


def spot(row: int, frame: int, rows: int = 40, frames: int = 299, axes: FeatureAxes | None = None) -> SaliencyMap:
    """A flat feature with all evidence in one spot."""
    saliency_map = np.zeros((rows, frames), np.float32)
    saliency_map[row - 1 : row + 2, frame - 8 : frame + 9] = 1
    return SaliencyMap(
        np.zeros((rows, frames), np.float32), saliency_map, axes or Filterbank().axes, SINGING_TARGET_LAYER
    )


def raster(drawing: ElementTree.Element) -> np.ndarray:
    """The pixels of the image in an SVG, [height, width, 3] in 0..255, top row first."""
    (image,) = drawing.iter("image")
    data = next(value for key, value in image.attrib.items() if key.endswith("href")).split(",", 1)[1]
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB")).astype(int)
    upside_down = float(image.attrib["transform"].strip("matrix()").split()[3]) < 0
    return pixels[::-1] if upside_down else pixels


def test_overlay_has_description_and_css_colours() -> None:
    html = saliency.overlay(spot(20, 100), 2.0, 5.0)
    for drawing, width in zip(parse_svgs(html), (svg.NARROW, svg.WIDE), strict=True):
        assert drawing.attrib["viewBox"].startswith(f"0 0 {width} ")
        assert drawing.attrib["aria-label"].startswith("Evidence from 2.0 to 5.0 s, strongest at")
    assert not [colour.light for colour in PALETTE if colour.light in re.sub('data:[^"]*', "", html)]


@pytest.mark.parametrize(("row", "frame"), [(5, 60), (33, 230)])
def test_overlay_is_brightest_at_the_spot(row: int, frame: int) -> None:
    pixels = raster(parse_svgs(saliency.overlay(spot(row, frame), 0.0, 3.0))[1])
    glow = pixels[..., 1] - pixels[..., 0]
    height, width = glow.shape
    where = np.argwhere(glow > 0.9 * glow.max()).mean(0)
    assert where[0] == pytest.approx(height * (1 - (row + 0.5) / 40), abs=0.03 * height)
    assert where[1] == pytest.approx(width * (frame + 0.5) / 299, abs=0.03 * width)


def test_longest_bar_is_at_the_row_of_the_spot() -> None:
    wide = parse_svgs(saliency.overlay(spot(10, 100), 0.0, 3.0))[1]
    corners = np.concatenate(path_corners(wide, VOICE))
    tip = corners[corners[:, 0] > corners[:, 0].max() - 1]
    bottom, top = corners[:, 1].max(), corners[:, 1].min()
    assert tip[:, 1].mean() == pytest.approx(bottom - (bottom - top) * 10.5 / 40, abs=2)


def test_frequency_ticks_are_at_their_bands() -> None:
    feature = Filterbank()
    wide = parse_svgs(saliency.feature(np.zeros((40, 299), np.float32), feature.axes, 0.0, 3.0))[1]
    heights = text_heights(wide)
    marked = [heights[tick] for tick in ("250", "500", "1000", "2000", "4000")]
    assert marked == sorted(marked, reverse=True)
    rows = [np.interp(hz, feature.axes.rows, range(40)) for hz in (250, 500, 1000, 2000, 4000)]
    np.testing.assert_allclose(-np.diff(marked), np.diff(rows) * saliency.HEIGHT / 40, atol=0.5)


def test_cepstral_axis_does_not_name_frequencies() -> None:
    axes = Mfcc().axes
    evidence = SaliencyMap(np.zeros((12, 98)), np.ones((12, 98)), axes, TargetLayer("layer1", 4))
    words = " ".join(text_heights(parse_svgs(saliency.overlay(evidence, 0.0, 1.0))[1]))
    assert "Cepstral coefficient" in words and "Hz" not in words
    assert "which are not frequencies" in evidence.resolution
