"""What a visitor does while the page is still answering."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from gender_audio.ui.singing import TAB
from tests.browser import PATIENCE_MS, choose, serving, trim, upload, visit, wait_for
from tests.fakes import FakePipeline, Held


@pytest.mark.parametrize("then", ["another recording", "an example", "nothing"])
def test_nothing_is_said_of_a_recording_that_was_taken_away(
    browser: Browser, song: Path, tmp_path: Path, then: str
) -> None:
    held = Held("male")
    held.hold()
    with serving({"singing": held}, tmp_path) as address, visit(browser, address) as page:
        upload(page, song)
        assert held.asked.wait(PATIENCE_MS / 1000)
        # Gradio cancels whatever a visitor asked, so what is asked before it has done so would be cancelled, too.
        with page.expect_response("**/cancel", timeout=PATIENCE_MS):
            page.get_by_role("button", name="Clear").click()
        wait_for(page, "Record, upload or try an example")
        said = "Record, upload or try an example" if then == "nothing" else "One female-like voice"
        held.label = "female"
        if then == "another recording":
            upload(page, song)
        elif then == "an example":
            page.get_by_role("button", name="Duet").click()
        page.wait_for_timeout(1000)  # until the page has asked about it
        held.free.set()
        wait_for(page, said)
        page.wait_for_timeout(1000)
        wait_for(page, said)


def test_evidence_chosen_while_other_is_drawn_follows(browser: Browser, song: Path, tmp_path: Path) -> None:
    held = Held("female")
    with serving({"singing": held}, tmp_path) as address, visit(browser, address) as page:
        upload(page, song)
        wait_for(page, "of 20 members agree")
        held.hold()
        page.get_by_role("button", name="Show evidence").click()
        assert held.asked.wait(PATIENCE_MS / 1000)
        choose(page, "Networks", "Member 07")
        choose(page, "Snippet", "0:01.0–0:04.0")
        held.free.set()
        expect(page.locator("svg[aria-label^='Evidence from 1.0 to 4.0 s']:visible")).to_be_visible()
    assert held.explained[-1][1] == "07"


def test_what_is_trimmed_while_the_whole_is_heard_is_classified_after_it(
    browser: Browser, song: Path, tmp_path: Path
) -> None:
    held = Held("male")
    held.hold()
    with serving({"singing": held}, tmp_path) as address, visit(browser, address) as page:
        upload(page, song)
        assert held.asked.wait(PATIENCE_MS / 1000)
        trim(page)
        page.get_by_role("button", name="Classify").click()
        held.label = "female"
        held.free.set()
        wait_for(page, "One female-like voice")
        page.wait_for_timeout(1000)
    whole, trimmed = held.heard
    assert trimmed.duration_s < 0.5 * whole.duration_s


def test_the_example_that_was_chosen_last_is_the_one_that_is_judged(browser: Browser, tmp_path: Path) -> None:
    held = Held("male")
    held.hold()

    def heard_last_what_came_first() -> bool:
        return np.array_equal(held.heard[0].samples, held.heard[-1].samples)

    with serving({"singing": held}, tmp_path) as address, visit(browser, address) as page:
        for name in ("Duet", "Instrumental", "Duet"):
            with page.expect_response(lambda response: response.url.endswith(".wav")):
                page.get_by_role("button", name=name).click()
            assert held.asked.wait(PATIENCE_MS / 1000)
        page.wait_for_timeout(1000)  # until the page has asked about the last
        held.free.set()
        for _ in range(PATIENCE_MS // 500):
            page.wait_for_timeout(500)
            if len(held.heard) > 1 and heard_last_what_came_first():
                break
        page.wait_for_timeout(1000)  # whatever is still to come would be heard instead
        assert len(held.heard) > 1 and heard_last_what_came_first()
        wait_for(page, "One male-like voice")


def test_evidence_asked_for_while_a_shorter_recording_is_heard_is_no_error(
    browser: Browser, song: Path, tmp_path: Path
) -> None:
    held = Held("female")
    with serving({"singing": held}, tmp_path) as address, visit(browser, address) as page:
        upload(page, song)
        wait_for(page, "of 20 members agree")
        trim(page)
        held.hold()
        page.get_by_role("button", name="Classify").click()
        assert held.asked.wait(PATIENCE_MS / 1000)
        with page.expect_request(lambda request: "/queue/join" in request.url):
            choose(page, "Snippet", "0:01.0–0:04.0")
        held.free.set()
        expect(page.get_by_text("Another verdict has come meanwhile")).to_be_visible()
    assert not held.explained


def test_who_changes_their_mind_hears_from_the_last_they_chose(browser: Browser, song: Path, tmp_path: Path) -> None:
    singer, student = FakePipeline("female"), Held("male")
    with serving({"singing": singer, "student": student}, tmp_path) as address, visit(browser, address) as page:
        upload(page, song)
        wait_for(page, "One female-like voice")
        singer.label = "multiple"
        student.hold()
        page.get_by_role("radio", name=TAB.systems["student"], exact=True).check()
        assert student.asked.wait(PATIENCE_MS / 1000)
        page.get_by_role("radio", name=TAB.systems["singing"], exact=True).check()
        student.free.set()
        wait_for(page, "More than one voice")
