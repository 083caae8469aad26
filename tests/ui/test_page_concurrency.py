"""Actions of a visitor while the page is still classifying or explaining."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from gender_audio.ui.singing import TAB
from tests.browser import TIMEOUT_MS, choose, serving, trim, upload, visit, wait_for, wait_for_queue, wait_until
from tests.fakes import FakeSingingClassifier, PausableClassifier

pytestmark = pytest.mark.browser

WELCOME = "Record, upload or try an example"


def expect_request(page: Page) -> AbstractContextManager[object]:
    """Wait at the end of a `with` block until the page has sent a request."""
    return page.expect_request(re.compile("/queue/join"), timeout=TIMEOUT_MS)


@pytest.mark.parametrize("next_action", ["another recording", "an example", "nothing"])
def test_cleared_recording_gets_no_verdict(browser: Browser, song: Path, tmp_path: Path, next_action: str) -> None:
    classifier = PausableClassifier("male")
    classifier.pause()
    with serving({"singing": classifier}, tmp_path) as address, visit(browser, address) as page:
        upload(page, song)
        classifier.wait_for_call()
        # Clearing cancels all requests, so the next action must come after it.
        with page.expect_response("**/cancel", timeout=TIMEOUT_MS):
            page.get_by_role("button", name="Clear").click()
        wait_for(page, WELCOME)
        classifier.label = "female"
        if next_action == "another recording":
            with expect_request(page):
                upload(page, song)
        elif next_action == "an example":
            with expect_request(page):
                page.get_by_role("button", name="Duet").click()
        expected = WELCOME if next_action == "nothing" else "One female-like voice"
        classifier.resume()
        wait_for(page, expected)
        wait_for_queue(address, song)
        wait_for(page, expected)


def test_evidence_chosen_during_drawing_is_shown_next(browser: Browser, song: Path, tmp_path: Path) -> None:
    classifier = PausableClassifier("female")
    with serving({"singing": classifier}, tmp_path) as address, visit(browser, address) as page:
        upload(page, song)
        wait_for(page, "of 20 members agree")
        classifier.pause()
        page.get_by_role("button", name="Show evidence").click()
        classifier.wait_for_call()
        choose(page, "Networks", "Member 07")
        choose(page, "Snippet", "0:01.0–0:04.0")
        classifier.resume()
        expect(page.locator("svg[aria-label^='Evidence from 1.0 to 4.0 s']:visible")).to_be_visible()
    assert classifier.explain_calls[-1][1] == "07"


def test_recording_trimmed_during_classification_is_classified_next(
    browser: Browser, song: Path, tmp_path: Path
) -> None:
    classifier = PausableClassifier("male")
    classifier.pause()
    with serving({"singing": classifier}, tmp_path) as address, visit(browser, address) as page:
        upload(page, song)
        classifier.wait_for_call()
        trim(page)
        page.get_by_role("button", name="Classify").click()
        classifier.label = "female"
        classifier.resume()
        wait_for(page, "One female-like voice")
        wait_for_queue(address, song)
    whole, trimmed, _ = classifier.clips
    assert trimmed.duration_s < 0.5 * whole.duration_s


def test_last_chosen_example_is_classified_last(browser: Browser, song: Path, tmp_path: Path) -> None:
    classifier = PausableClassifier("male")
    classifier.pause()

    def ends_with_first() -> bool:
        return len(classifier.clips) > 1 and np.array_equal(classifier.clips[0].samples, classifier.clips[-1].samples)

    with serving({"singing": classifier}, tmp_path) as address, visit(browser, address) as page:
        for name in ("Duet", "Instrumental", "Duet"):
            with page.expect_response(lambda response: response.url.endswith(".wav")):
                page.get_by_role("button", name=name).click()
            classifier.wait_for_call()
        classifier.resume()
        wait_until(page, ends_with_first)
        wait_for_queue(address, song)
        classifier.clips.pop()
        assert ends_with_first()
        wait_for(page, "One male-like voice")


def test_evidence_of_a_replaced_verdict_gets_a_message(browser: Browser, song: Path, tmp_path: Path) -> None:
    classifier = PausableClassifier("female")
    with serving({"singing": classifier}, tmp_path) as address, visit(browser, address) as page:
        upload(page, song)
        wait_for(page, "of 20 members agree")
        trim(page)
        classifier.pause()
        page.get_by_role("button", name="Classify").click()
        classifier.wait_for_call()
        with expect_request(page):
            choose(page, "Snippet", "0:01.0–0:04.0")
        classifier.resume()
        expect(page.get_by_text("There is a newer verdict now")).to_be_visible()
    assert not classifier.explain_calls


def test_last_chosen_model_gives_the_verdict(browser: Browser, song: Path, tmp_path: Path) -> None:
    singing, spleeter = FakeSingingClassifier("female"), PausableClassifier("male")
    with serving({"singing": singing, "spleeter": spleeter}, tmp_path) as address, visit(browser, address) as page:
        upload(page, song)
        wait_for(page, "One female-like voice")
        singing.label = "multiple"
        spleeter.pause()
        page.get_by_role("radio", name=TAB.systems["spleeter"], exact=True).check()
        spleeter.wait_for_call()
        page.get_by_role("radio", name=TAB.systems["singing"], exact=True).check()
        spleeter.resume()
        wait_for(page, "More than one voice")
