"""Reads the SVG of a plot."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np

from gender_audio.plots.palette import Colour


def parse_svgs(html: str) -> list[ElementTree.Element]:
    """The narrow and the wide SVG of a plot."""
    figure = ElementTree.fromstring(html.replace("<svg ", '<svg xmlns:xlink="http://www.w3.org/1999/xlink" '))
    return list(figure.iter("svg"))


def path_corners(svg: ElementTree.Element, colour: Colour) -> list[np.ndarray]:
    """The corners [n, 2] of every path in a colour, in px."""
    return [
        np.array(re.findall(r"-?[\d.]+", path.attrib["d"]), dtype=float).reshape(-1, 2)
        for path in svg.iter("path")
        if colour.css in path.attrib.get("style", "")
    ]


def text_heights(svg: ElementTree.Element) -> dict[str, float]:
    """Text to its distance from the top in px."""
    return {
        "".join(text.itertext()): float(re.findall(r"[\d.]+", text.get("y") or text.attrib["transform"])[-1])
        for text in svg.iter("text")
    }
