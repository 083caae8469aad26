"""The genre tab in a browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from gender_audio import audio
from gender_audio.systems.genre import GenreClassifier
from gender_audio.systems.genre_models import METHODS
from tests.browser import TIMEOUT_MS, serving, upload, visit
from tests.chords import RATE, chords

pytestmark = pytest.mark.browser


def test_tab_shows_timeline_methods_and_features(
    genre_classifier: GenreClassifier, browser: Browser, tmp_path: Path
) -> None:
    song = tmp_path / "song.wav"
    audio.write(song, chords(22).samples, RATE)
    with (
        serving({"genre": genre_classifier}, tmp_path / "cache") as address,
        visit(browser, address, viewport={"width": 390, "height": 900}) as page,
    ):
        upload(page, song)
        expect(page.locator("#genre-verdict")).to_contain_text(f"of {len(METHODS)} methods agree", timeout=TIMEOUT_MS)
        for title in ("Timeline", "Methods side by side", "Features"):
            expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
        expect(page.locator("figure.plot svg:visible")).to_have_count(3)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
