"""The web page and its singing tab in a browser, with a fake classifier."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from playwright.sync_api import Browser, Page, expect

from gender_audio import audio, synth
from gender_audio.audio import CUT_SHORT
from gender_audio.systems.base import Verdict
from gender_audio.ui.classifiers import SPLEETER
from gender_audio.ui.singing import TAB
from gender_audio.ui.tab import EXAMPLE_FAILED, FAILED
from tests.browser import TIMEOUT_MS, choose, record, serving, trim, upload, visit, wait_for
from tests.fakes import FakeSingingClassifier

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def classifier() -> FakeSingingClassifier:
    return FakeSingingClassifier("female")


@pytest.fixture(scope="module")
def address(classifier: FakeSingingClassifier, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving({"singing": classifier}, tmp_path_factory.mktemp("cache")) as url:
        yield url


@pytest.fixture
def page(browser: Browser, address: str, classifier: FakeSingingClassifier) -> Iterator[Page]:
    classifier.clips.clear()
    with visit(browser, address) as opened:
        yield opened


def test_upload_is_classified_once_and_shown_in_full(page: Page, song: Path, classifier: FakeSingingClassifier) -> None:
    upload(page, song)
    wait_for(page, "One female-like voice", "of 20 members agree")
    shares = page.locator("#verdict .percent").all_inner_texts()
    assert len(shares) == 4 and 98 <= sum(int(share.rstrip("%")) for share in shares) <= 102
    for title in ("Timeline", "Members beside the verdict", "Vocals", "Accompaniment", "Mel spectrogram"):
        expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
    expect(page.locator("figure.plot svg:visible")).to_have_count(5)
    assert len(classifier.clips) == 1


def test_stems_are_served_at_their_true_level(page: Page, song: Path, tmp_path: Path) -> None:
    upload(page, song)
    expect(page.locator("audio[src*='Accompaniment']")).to_be_attached(timeout=TIMEOUT_MS)
    mixture, _ = soundfile.read(song)
    for name, share in (("Vocals", 0.7), ("Accompaniment", 0.3)):
        source = page.locator(f"audio[src*='{name}']").get_attribute("src")
        (tmp_path / name).write_bytes(page.request.get(str(source)).body())
        info = soundfile.info(tmp_path / name)
        assert (info.format, info.subtype, info.samplerate) == ("WAV", "PCM_16", 16_000)
        played, _ = soundfile.read(tmp_path / name)
        assert np.std(played) == pytest.approx(share * np.std(mixture), rel=0.02)


def test_microphone_recording_is_classified_once(page: Page, classifier: FakeSingingClassifier) -> None:
    record(page)
    wait_for(page, "One female-like voice", "of 20 members agree")
    (clip,) = classifier.clips
    assert 1.0 < clip.duration_s < 30.0
    spectrum = np.abs(np.fft.rfft(clip.mono(clip.rate)))
    peak_hz = spectrum[: int(300 * clip.duration_s)].argmax() / clip.duration_s
    assert peak_hz == pytest.approx(220, rel=0.03)


def test_microphone_has_no_voice_processing(page: Page) -> None:
    settings = page.evaluate(
        """async () => {
          const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
          return stream.getAudioTracks()[0].getSettings();
        }"""
    )
    assert not any(settings[name] for name in ("echoCancellation", "noiseSuppression", "autoGainControl"))


def test_button_classifies_the_trimmed_recording(page: Page, song: Path, classifier: FakeSingingClassifier) -> None:
    upload(page, song)
    wait_for(page, "of 20 members agree")
    trim(page)
    with page.expect_request(lambda request: "Vocals.wav" in request.url):
        page.get_by_role("button", name="Classify").click()
    whole, trimmed = classifier.clips
    assert 0.5 <= trimmed.duration_s < 0.5 * whole.duration_s


def test_example_is_synthesised_and_classified(page: Page, classifier: FakeSingingClassifier) -> None:
    page.get_by_role("button", name="Duet").click()
    wait_for(page, "of 20 members agree")
    (clip,) = classifier.clips
    assert np.abs(clip.samples - synth.example("duet").samples).max() < 2 / 2**15


def test_evidence_is_computed_on_request(page: Page, song: Path, classifier: FakeSingingClassifier) -> None:
    upload(page, song)
    wait_for(page, "of 20 members agree")
    drawn = page.locator("figure.plot svg:visible")
    expect(drawn).to_have_count(5)
    assert not classifier.explain_calls
    page.get_by_role("button", name="Show evidence").click()
    expect(drawn).to_have_count(6)
    expect(page.get_by_text("Evidence for one female-like voice")).to_be_visible()
    expect(page.get_by_text("8 bands, about 480 Hz at the bottom")).to_be_visible()
    with page.expect_request(lambda request: "/queue/join" in request.url):
        choose(page, "Networks", "Member 07")
    choose(page, "Snippet", "0:01.0–0:04.0")
    expect(page.locator("svg[aria-label^='Evidence from 1.0 to 4.0 s']:visible")).to_be_visible()
    assert [member for _, member in classifier.explain_calls] == [None, "07", "07"]


def test_unusable_file_gets_a_message_and_hides_the_last_verdict(page: Page, song: Path, tmp_path: Path) -> None:
    bad = tmp_path / "lyrics.wav"
    bad.write_text("la la la " * 100)
    upload(page, song)
    wait_for(page, "of 20 members agree")
    page.get_by_role("button", name="Clear").click()
    wait_for(page, "Record, upload or try an example")
    upload(page, bad)
    wait_for(page, "No verdict", "not a recording")
    expect(page.get_by_role("heading", name="Timeline")).to_be_hidden()


def test_uncertainty_and_truncation_are_shown(browser: Browser, song: Path, tmp_path: Path) -> None:
    half = tmp_path / "half.wav"
    half.write_bytes(song.read_bytes()[: song.stat().st_size // 2])
    undecided = FakeSingingClassifier("female", confidence=0.5)
    with serving({"singing": undecided}, tmp_path / "cache") as address, visit(browser, address) as page:
        upload(page, half)
        wait_for(page, "Not sure", "Likeliest is", "of 20 members agree", CUT_SHORT)


def test_button_without_recording_asks_for_one(page: Page) -> None:
    page.get_by_role("button", name="Classify").click()
    wait_for(page, TAB.prompt)


def test_unexpected_error_is_logged_without_naming_the_recording(
    browser: Browser, song: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Failing(FakeSingingClassifier):
        def __call__(self, *_: object) -> Verdict:
            raise RuntimeError(f"cannot open {song}")

    with serving({"singing": Failing()}, tmp_path) as address, visit(browser, address) as page:
        upload(page, song)
        wait_for(page, FAILED)
    assert "RuntimeError" in caplog.text and song.stem not in caplog.text


def test_full_disk_gets_a_message_and_hides_the_last_verdict(
    page: Page, song: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: Path, *_: object) -> None:
        raise OSError(28, "No space left on device", str(path))

    upload(page, song)
    wait_for(page, "of 20 members agree")
    monkeypatch.setattr(audio, "write", fail)
    page.get_by_role("button", name="Classify").click()
    wait_for(page, "No verdict", FAILED)
    expect(page.get_by_role("heading", name="Timeline")).to_be_hidden()
    page.get_by_role("button", name="Duet").click()
    expect(page.get_by_text(EXAMPLE_FAILED)).to_be_visible()


def test_other_separator_can_be_chosen(browser: Browser, song: Path, tmp_path: Path) -> None:
    with (
        serving(
            {"singing": FakeSingingClassifier(), SPLEETER: FakeSingingClassifier("male")}, tmp_path / "with"
        ) as address,
        visit(browser, address) as page,
    ):
        page.get_by_role("radio", name=TAB.systems[SPLEETER]).check()
        upload(page, song)
        wait_for(page, "One male-like voice")
        page.get_by_role("radio", name=TAB.systems["singing"], exact=True).check()
        wait_for(page, "One female-like voice")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 768, 1440])
def test_layout_fits_and_text_is_readable(browser: Browser, address: str, song: Path, width: int, scheme: str) -> None:
    with visit(browser, address, viewport={"width": width, "height": 900}, color_scheme=scheme) as page:
        upload(page, song)
        wait_for(page, "of 20 members agree")
        page.get_by_role("button", name="Show evidence").click()
        expect(page.locator("figure.plot svg:visible")).to_have_count(6)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        sizes_px = page.locator("figure.plot svg:visible text").evaluate_all(
            """all => all.map(text => {
              const scale = text.getScreenCTM();
              return parseFloat(getComputedStyle(text).fontSize) * Math.hypot(scale.a, scale.b);
            })"""
        )
        assert min(sizes_px) >= 9.9 and max(sizes_px) <= 16
        background, ink = page.evaluate(
            """() => [".section", "figure.plot svg text"].map((where, i) =>
              getComputedStyle(document.querySelector(where))[["backgroundColor", "fill"][i]])"""
        )
        assert (lightness(background) > lightness(ink)) == (scheme == "light")
        assert abs(lightness(background) - lightness(ink)) > 0.4


def lightness(css: str) -> float:
    """Mean of the channels of `rgb(r, g, b)`, 0 to 1."""
    return float(np.mean([float(value) for value in css[4:-1].split(",")])) / 255


def test_segments_play_and_choose_the_snippet_of_the_evidence(page: Page, song: Path) -> None:
    upload(page, song)
    wait_for(page, "of 20 members agree")
    expect(page.locator("#accompaniment audio")).to_be_attached(timeout=TIMEOUT_MS)
    page.locator(".segments button").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_function(
        "[...document.querySelectorAll('#vocals audio, #accompaniment audio')].every(a => !a.paused)"
    )
    page.wait_for_function("parseFloat(document.querySelector('[data-part=playhead]').style.left) > 1")
    for name, muted in (("Vocals", True), ("Accompaniment", False)):
        assert page.evaluate(f"document.querySelector('#{name.lower()} audio').muted") is False
        page.locator(f"[data-part={name.lower()}]").click()
        assert page.evaluate(f"document.querySelector('#{name.lower()} audio').muted") is True
        assert muted or page.locator(f"[data-part={name.lower()}]").get_attribute("aria-pressed") == "false"
    page.locator("[data-part=play]").click()
    page.wait_for_function("document.querySelector('#vocals audio').paused")


def test_click_on_the_timeline_chooses_the_snippet_there(page: Page, song: Path) -> None:
    upload(page, song)
    wait_for(page, "of 20 members agree")
    segment = page.locator(".stage button").first
    box = segment.bounding_box()
    assert box is not None
    segment.click(position={"x": box["width"] - 4, "y": 20})
    expect(page.get_by_label("Snippet")).to_have_value("0:02.0–0:04.3: One female-like voice")


def test_files_are_named_after_the_song(page: Page, song: Path) -> None:
    upload(page, song)
    wait_for(page, "of 20 members agree")
    links = page.locator("#downloads a[download]")
    expect(links).to_have_count(8)
    names = {str(link.get_attribute("download")) for link in links.all()}
    suffixes = ("png", "json", "csv", "txt", "rttm", "TextGrid")
    stems = {"a song Vocals.wav", "a song Accompaniment.wav"}
    assert names == stems | {f"a song.{suffix}" for suffix in suffixes}
    labels = page.locator("#downloads a[download$='.txt']").get_attribute("href")
    assert page.request.get(str(labels)).text().endswith("One female-like voice\n")
