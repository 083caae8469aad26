"""What a visitor does while the page is still classifying or explaining."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from gender_audio.ui.singing import TAB
from tests.browser import PATIENCE_MS, choose, drain, serving, trim, upload, visit, wait_for, wait_until
from tests.fakes import FakePipeline, Held

pytestmark = pytest.mark.browser

WELCOME = "Record, upload or try an example"


def wait_for_call(held: Held) -> None:
    """Wait until the classifier is called."""
    assert held.asked.wait(PATIENCE_MS / 1000)


def expect_request(page: Page) -> AbstractContextManager[object]:
    """Wait at the end of a `with` block until the page has sent a request."""
    return page.expect_request(re.compile("/queue/join"), timeout=PATIENCE_MS)


@pytest.mark.parametrize("then", ["another recording", "an example", "nothing"])
def test_cleared_recording_gets_no_verdict(browser: Browser, song: Path, tmp_path: Path, then: str) -> None:
    held = Held("male")
    held.hold()
    with serving({"singing": held}, tmp_path) as address, visit(browser, address) as page:
        upload(page, song)
        wait_for_call(held)
        # Clearing cancels all requests, so the next action must come after it.
        with page.expect_response("**/cancel", timeout=PATIENCE_MS):
            page.get_by_role("button", name="Clear").click()
        wait_for(page, WELCOME)
        held.label = "female"
        if then == "another recording":
            with expect_request(page):
                upload(page, song)
        elif then == "an example":
            with expect_request(page):
                page.get_by_role("button", name="Duet").click()
        expected = WELCOME if then == "nothing" else "One female-like voice"
        held.free.set()
        wait_for(page, expected)
        drain(address, song)
        wait_for(page, expected)


def test_evidence_chosen_while_another_is_drawn_comes_next(browser: Browser, song: Path, tmp_path: Path) -> None:
    held = Held("female")
    with serving({"singing": held}, tmp_path) as address, visit(browser, address) as page:
        upload(page, song)
        wait_for(page, "of 20 members agree")
        held.hold()
        page.get_by_role("button", name="Show evidence").click()
        wait_for_call(held)
        choose(page, "Networks", "Member 07")
        choose(page, "Snippet", "0:01.0–0:04.0")
        held.free.set()
        expect(page.locator("svg[aria-label^='Evidence from 1.0 to 4.0 s']:visible")).to_be_visible()
    assert held.explained[-1][1] == "07"


def test_recording_trimmed_meanwhile_is_classified_next(browser: Browser, song: Path, tmp_path: Path) -> None:
    held = Held("male")
    held.hold()
    with serving({"singing": held}, tmp_path) as address, visit(browser, address) as page:
        upload(page, song)
        wait_for_call(held)
        trim(page)
        page.get_by_role("button", name="Classify").click()
        held.label = "female"
        held.free.set()
        wait_for(page, "One female-like voice")
        drain(address, song)
    whole, trimmed, _ = held.heard
    assert trimmed.duration_s < 0.5 * whole.duration_s


def test_last_chosen_example_is_classified_last(browser: Browser, song: Path, tmp_path: Path) -> None:
    held = Held("male")
    held.hold()

    def ends_with_first() -> bool:
        return len(held.heard) > 1 and np.array_equal(held.heard[0].samples, held.heard[-1].samples)

    with serving({"singing": held}, tmp_path) as address, visit(browser, address) as page:
        for name in ("Duet", "Instrumental", "Duet"):
            with page.expect_response(lambda response: response.url.endswith(".wav")):
                page.get_by_role("button", name=name).click()
            wait_for_call(held)
        held.free.set()
        wait_until(page, ends_with_first)
        drain(address, song)
        held.heard.pop()
        assert ends_with_first()
        wait_for(page, "One male-like voice")


def test_evidence_of_a_replaced_verdict_gets_a_message(browser: Browser, song: Path, tmp_path: Path) -> None:
    held = Held("female")
    with serving({"singing": held}, tmp_path) as address, visit(browser, address) as page:
        upload(page, song)
        wait_for(page, "of 20 members agree")
        trim(page)
        held.hold()
        page.get_by_role("button", name="Classify").click()
        wait_for_call(held)
        with expect_request(page):
            choose(page, "Snippet", "0:01.0–0:04.0")
        held.free.set()
        expect(page.get_by_text("There is a newer verdict now")).to_be_visible()
    assert not held.explained


def test_last_chosen_model_gives_the_verdict(browser: Browser, song: Path, tmp_path: Path) -> None:
    singing, student = FakePipeline("female"), Held("male")
    with serving({"singing": singing, "student": student}, tmp_path) as address, visit(browser, address) as page:
        upload(page, song)
        wait_for(page, "One female-like voice")
        singing.label = "multiple"
        student.hold()
        page.get_by_role("radio", name=TAB.systems["student"], exact=True).check()
        wait_for_call(student)
        page.get_by_role("radio", name=TAB.systems["singing"], exact=True).check()
        student.free.set()
        wait_for(page, "More than one voice")
