"""The speaking tab in a browser, with fake classifiers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from gender_audio.systems.labels import SPEECH_MEL, SPEECH_MFCC
from gender_audio.ui.speech import TAB
from tests.browser import record, serving, upload, visit, wait_for
from tests.fakes import FakeSingingClassifier, FakeSpeechClassifier

Systems = dict[str, FakeSpeechClassifier]

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def systems() -> Systems:
    return {
        SPEECH_MFCC.name: FakeSpeechClassifier(SPEECH_MFCC, "female", pitch_hz=None),
        SPEECH_MEL.name: FakeSpeechClassifier(SPEECH_MEL),
    }


@pytest.fixture(scope="module")
def address(systems: Systems, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving({"singing": FakeSingingClassifier(), **systems}, tmp_path_factory.mktemp("cache")) as url:
        yield url


@pytest.fixture
def page(browser: Browser, address: str, systems: Systems) -> Iterator[Page]:
    for system in systems.values():
        system.clips.clear()
    with visit(browser, address) as opened:
        opened.get_by_role("tab", name="Speaking").click()
        wait_for(opened, "Record or upload someone speaking")
        yield opened


def test_microphone_recording_gets_a_verdict_and_its_pitch(page: Page, systems: Systems) -> None:
    record(page)
    wait_for(page, "Male-like voice", "4 of 4 models agree", "Median pitch 118 Hz", "no evidence by itself")
    (clip,) = systems[SPEECH_MEL.name].clips
    assert 1.0 < clip.duration_s < 30.0 and not systems[SPEECH_MFCC.name].clips
    for name in ("svm", "small", "larger", "transfer"):
        expect(page.locator("figure.plot svg:visible").get_by_text(name, exact=True)).to_be_visible()
    expect(page.locator("figure.plot svg:visible")).to_have_count(3)


def test_other_model_classifies_the_same_recording(page: Page, song: Path, systems: Systems) -> None:
    upload(page, song)
    wait_for(page, "4 of 4 models agree")
    page.get_by_label("one second at a time").check()
    wait_for(page, "Female-like voice", "2 of 2 members agree")
    expect(page.locator("#speech-verdict")).not_to_contain_text("pitch")
    expect(page.get_by_text("A coefficient is not a frequency")).to_be_visible()
    assert [len(system.clips) for system in systems.values()] == [1, 1]


def test_evidence_has_the_axis_of_the_feature(page: Page, song: Path) -> None:
    upload(page, song)
    wait_for(page, "4 of 4 models agree")
    evidence = page.locator("figure.plot svg[aria-label^='Evidence']:visible")
    page.get_by_role("button", name="Show evidence").click()
    expect(evidence.get_by_text("Frequency (Hz)")).to_be_visible()
    page.get_by_label("one second at a time").check()
    wait_for(page, "2 of 2 members agree")
    expect(evidence).to_have_count(0)
    page.get_by_role("button", name="Show evidence").click()
    expect(evidence.get_by_text("Cepstral coefficient")).to_be_visible()
    expect(page.get_by_text("which are not frequencies")).to_be_visible()


def test_choosing_a_model_without_recording_changes_nothing(page: Page, systems: Systems) -> None:
    page.get_by_label("one second at a time").check()
    wait_for(page, "Record or upload someone speaking")
    page.get_by_role("button", name="Classify").click()
    wait_for(page, TAB.prompt)
    assert not any(system.clips for system in systems.values())


@pytest.mark.parametrize("width", [390, 1440])
def test_layout_fits(browser: Browser, address: str, song: Path, width: int) -> None:
    with visit(browser, address, viewport={"width": width, "height": 900}) as page:
        page.get_by_role("tab", name="Speaking").click()
        upload(page, song)
        wait_for(page, "4 of 4 models agree")
        page.get_by_role("button", name="Show evidence").click()
        expect(page.locator("figure.plot svg:visible")).to_have_count(4)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
