"""The live tab in a browser, whose microphone plays a song in a loop."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from gender_audio.live import LiveClassifier
from tests.browser import TIMEOUT_MS, serving, visit, wait_until
from tests.fakes import FakeSingingClassifier

pytestmark = pytest.mark.browser


def test_live_verdicts_follow_the_microphone_and_sound_is_deleted(browser: Browser, tmp_path: Path) -> None:
    classifier, cache = FakeSingingClassifier("female"), tmp_path / "cache"
    live = LiveClassifier([classifier, classifier], [20, 5])
    with serving({"singing": FakeSingingClassifier()}, cache, live) as address, visit(browser, address) as page:
        page.get_by_role("tab", name="Live").click()
        expect(page.get_by_role("combobox", name="Select input device")).to_be_enabled(timeout=TIMEOUT_MS)
        page.locator(".live").get_by_role("button", name="Record", exact=True).click()
        card = page.locator("#live-verdict")
        expect(card.locator("h2")).to_have_text("One female-like voice", timeout=TIMEOUT_MS)
        wait_until(page, lambda: len(classifier.clips) >= 4)
        assert all(1.0 <= clip.duration_s <= 3.0 for clip in classifier.clips)
        assert classifier.clips[-1].peak > 0.05
        level = card.locator(".level i").get_attribute("style")
        assert level and 0 < float(level.removeprefix("width: ").rstrip("%;")) <= 100
        expect(card.get_by_text("All 20 members were asked")).to_be_visible()
        files = [path.stat().st_ctime for path in cache.rglob("*.wav")]
        assert not files or min(files) > time.time() - 5
        page.locator(".live").get_by_role("button", name="Stop", exact=True).click()
        expect(card.locator("h2")).to_have_text("Start the microphone and sing", timeout=TIMEOUT_MS)
