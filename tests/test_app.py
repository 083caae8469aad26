"""The web page in a real browser, and its API, around a pipeline that answers at once."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import numpy as np
import pytest
import soundfile
from gradio import processing_utils
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from playwright.sync_api import Browser, Page, expect

from gender_audio import audio, synth
from gender_audio.audio import CUT_SHORT, LIMITS
from gender_audio.pipeline import Verdict
from gender_audio.report import as_dict
from gender_audio.systems import LABELS
from gender_audio.ui.build import build, launch_options
from gender_audio.ui.singer import FAILED, INVITATION
from tests.browser import PATIENCE_MS, chromium, free_port, serving, upload, visit, wait_for
from tests.fakes import FakePipeline

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of a synthesised voice at 220 Hz."""
    path = tmp_path_factory.mktemp("song") / "a song.wav"
    notes = [synth.Note(float(second), 1.0, 57, "a") for second in range(4)]
    audio.write(path, synth.sing(notes, synth.FEMALE), synth.RATE)
    return path


@pytest.fixture(scope="module")
def pipeline() -> FakePipeline:
    return FakePipeline("female")


@pytest.fixture(scope="module")
def address(pipeline: FakePipeline, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(pipeline, tmp_path_factory.mktemp("cache")) as url:
        yield url


@pytest.fixture(scope="module")
def browser(song: Path) -> Iterator[Browser]:
    with chromium(heard=song) as started:
        yield started


@pytest.fixture
def page(browser: Browser, address: str, pipeline: FakePipeline) -> Iterator[Page]:
    pipeline.heard.clear()
    with visit(browser, address) as opened:
        yield opened


def test_an_uploaded_file_is_classified_once_and_shown_in_full(page: Page, song: Path, pipeline: FakePipeline) -> None:
    upload(page, song)
    wait_for(page, "One female-like voice", "of 20 members agree")
    shares = page.locator("#verdict .percent").all_inner_texts()
    assert len(shares) == 4 and 98 <= sum(int(share.rstrip("%")) for share in shares) <= 102
    for title in ("Timeline", "Members beside the ensemble", "Vocals", "Accompaniment", "Mel spectrogram"):
        expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
    expect(page.locator("figure.picture svg:visible")).to_have_count(5)
    assert len(pipeline.heard) == 1


def test_stems_are_played_at_their_true_level(page: Page, song: Path, tmp_path: Path) -> None:
    upload(page, song)
    expect(page.locator("audio[src*='Accompaniment']")).to_be_attached(timeout=PATIENCE_MS)
    mixture, _ = soundfile.read(song)
    for name, share in (("Vocals", 0.7), ("Accompaniment", 0.3)):
        source = page.locator(f"audio[src*='{name}']").get_attribute("src")
        (tmp_path / name).write_bytes(page.request.get(str(source)).body())
        info = soundfile.info(tmp_path / name)
        assert (info.format, info.subtype, info.samplerate) == ("WAV", "PCM_16", 16_000)
        played, _ = soundfile.read(tmp_path / name)
        assert np.std(played) == pytest.approx(share * np.std(mixture), rel=0.02)


def test_a_recording_from_the_microphone_is_classified_once(page: Page, pipeline: FakePipeline) -> None:
    page.get_by_role("button", name="Record audio").click()
    page.get_by_role("button", name="Record", exact=True).click()
    page.wait_for_timeout(2500)
    page.get_by_role("button", name="Stop", exact=True).click()
    wait_for(page, "One female-like voice", "of 20 members agree")
    (clip,) = pipeline.heard
    assert 1.0 < clip.duration_s < 30.0
    spectrum = np.abs(np.fft.rfft(clip.mono(clip.rate)))
    peak_hz = spectrum[: int(300 * clip.duration_s)].argmax() / clip.duration_s
    assert peak_hz == pytest.approx(220, rel=0.03)


def test_the_microphone_is_asked_for_the_sound_as_it_is(page: Page) -> None:
    settings = page.evaluate(
        """async () => {
          const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
          return stream.getAudioTracks()[0].getSettings();
        }"""
    )
    assert not any(settings[name] for name in ("echoCancellation", "noiseSuppression", "autoGainControl"))


def test_the_button_classifies_what_trimming_left(page: Page, song: Path, pipeline: FakePipeline) -> None:
    upload(page, song)
    wait_for(page, "of 20 members agree")
    page.get_by_role("button", name="Trim audio to selection").click()
    with page.expect_response(lambda response: "/upload" in response.url):
        page.get_by_role("button", name="Trim", exact=True).click()
    expect(page.get_by_role("button", name="Trim audio to selection")).to_be_visible()
    with page.expect_request(lambda request: "Vocals.wav" in request.url):
        page.get_by_role("button", name="Classify").click()
    whole, trimmed = pipeline.heard
    assert 0.5 <= trimmed.duration_s < 0.5 * whole.duration_s


def test_examples_are_sung_and_classified(page: Page, pipeline: FakePipeline) -> None:
    page.get_by_role("button", name="Duet").click()
    wait_for(page, "of 20 members agree")
    (clip,) = pipeline.heard
    assert np.abs(clip.samples - synth.example("duet").samples).max() < 2 / 2**15


def test_a_bad_file_gets_a_message_and_hides_the_verdict_before(page: Page, song: Path, tmp_path: Path) -> None:
    bad = tmp_path / "lyrics.wav"
    bad.write_text("la la la " * 100)
    upload(page, song)
    wait_for(page, "of 20 members agree")
    page.get_by_role("button", name="Clear").click()
    wait_for(page, "Record, upload or try an example")
    upload(page, bad)
    wait_for(page, "No verdict", "not a recording")
    expect(page.get_by_role("heading", name="Timeline")).to_be_hidden()


def test_doubts_and_damage_are_told(browser: Browser, song: Path, tmp_path: Path) -> None:
    half = tmp_path / "half.wav"
    half.write_bytes(song.read_bytes()[: song.stat().st_size // 2])
    undecided = FakePipeline("female", confidence=0.5)
    with serving(undecided, tmp_path / "cache") as address, visit(browser, address) as page:
        upload(page, half)
        wait_for(page, "Not sure", "Likeliest is", "of 20 members agree", CUT_SHORT)


def test_the_button_without_a_recording_invites_one(page: Page) -> None:
    page.get_by_role("button", name="Classify").click()
    wait_for(page, INVITATION)


def test_failures_neither_crash_nor_name_the_recording(
    browser: Browser, song: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Failing(FakePipeline):
        def __call__(self, *_: object) -> Verdict:
            raise RuntimeError(f"cannot open {song}")

    with serving(Failing(), tmp_path) as address, visit(browser, address) as page:
        upload(page, song)
        wait_for(page, FAILED)
    assert "RuntimeError" in caplog.text and song.stem not in caplog.text


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 768, 1440])
def test_nothing_overflows_or_gets_too_small_to_read(
    browser: Browser, address: str, song: Path, width: int, scheme: str
) -> None:
    with visit(browser, address, viewport={"width": width, "height": 900}, color_scheme=scheme) as page:
        upload(page, song)
        wait_for(page, "of 20 members agree")
        expect(page.locator("figure.picture svg:visible")).to_have_count(5)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        sizes_px = page.locator("figure.picture svg:visible text").evaluate_all(
            """all => all.map(text => {
              const scale = text.getScreenCTM();
              return parseFloat(getComputedStyle(text).fontSize) * Math.hypot(scale.a, scale.b);
            })"""
        )
        assert min(sizes_px) >= 9.9 and max(sizes_px) <= 16
        background, ink = page.evaluate(
            """() => [".section", "figure.picture svg text"].map((where, i) =>
              getComputedStyle(document.querySelector(where))[["backgroundColor", "fill"][i]])"""
        )
        assert (lightness(background) > lightness(ink)) == (scheme == "light")
        assert abs(lightness(background) - lightness(ink)) > 0.4


def lightness(css: str) -> float:
    """Mean of the channels of `rgb(r, g, b)`, 0 to 1."""
    return float(np.mean([float(value) for value in css[4:-1].split(",")])) / 255


def test_api_answers_like_the_command_line(address: str, song: Path, pipeline: FakePipeline) -> None:
    answer = Client(address, verbose=False).predict(handle_file(song), api_name="/classify")
    assert answer == as_dict(song.name, pipeline(pipeline.heard[-1]))
    assert answer["label"] == "female" and list(answer["probabilities"]) == list(LABELS)


def test_api_refuses_with_a_sentence(address: str, tmp_path: Path) -> None:
    bad = tmp_path / "lyrics.wav"
    bad.write_text("la la la " * 100)
    with pytest.raises(AppError, match="not a recording"):
        Client(address, verbose=False).predict(handle_file(bad), api_name="/classify")


def test_only_classify_is_public(address: str) -> None:
    endpoints = Client(address, verbose=False).view_api(return_format="dict")
    assert list(endpoints["named_endpoints"]) == ["/classify"] and not endpoints["unnamed_endpoints"]


def test_api_reads_uploads_and_nothing_else_on_the_machine(address: str, song: Path) -> None:
    elsewhere = {"path": str(song), "meta": {"_type": "gradio.FileData"}}
    call = f"{address}gradio_api/call/classify"
    event = httpx.post(call, json={"data": [elsewhere]}).json()["event_id"]
    answer = httpx.get(f"{call}/{event}", timeout=PATIENCE_MS / 1000).text
    assert "event: error" in answer and "probabilities" not in answer


def test_api_fetches_no_address(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fetched: list[str] = []

    async def fetch(url: str, **_: object) -> str:
        fetched.append(url)
        raise OSError

    monkeypatch.setattr(processing_utils, "async_ssrf_protected_download", fetch)
    elsewhere = {"path": "https://example.com/song.wav", "meta": {"_type": "gradio.FileData"}}
    call = f"{address}gradio_api/call/classify"
    event = httpx.post(call, json={"data": [elsewhere]}).json()["event_id"]
    answer = httpx.get(f"{call}/{event}", timeout=PATIENCE_MS / 1000).text
    assert "event: error" in answer and "please upload the recording itself" in answer
    assert not fetched


def test_files_beyond_the_limit_are_turned_away_while_they_arrive(address: str, tmp_path: Path) -> None:
    huge = tmp_path / "huge.wav"
    with huge.open("wb") as file:
        file.truncate(LIMITS.largest_bytes + 2**20)
    with huge.open("rb") as file:
        answer = httpx.post(f"{address}gradio_api/upload", files={"files": file}, timeout=PATIENCE_MS / 1000)
    assert answer.status_code == 413


def test_nothing_is_left_when_the_page_closes(song: Path, tmp_path: Path) -> None:
    with serving(FakePipeline(), tmp_path) as address:
        Client(address, verbose=False).predict(handle_file(song), api_name="/classify")
        assert [path.name for path in files(tmp_path)] == [song.name]
    assert not files(tmp_path)


STAND_IN = """
from gender_audio.pipeline import Pipeline
from tests.fakes import FakePipeline
Pipeline.load = FakePipeline
import app
app.main()
"""


def test_nothing_is_left_when_the_server_is_stopped(song: Path, tmp_path: Path) -> None:
    port = free_port()
    environment = {**os.environ, "TMPDIR": str(tmp_path), "GRADIO_SERVER_PORT": str(port)}
    with subprocess.Popen([sys.executable, "-c", STAND_IN], env=environment, cwd=ROOT) as server:
        try:
            client = Client(wait_until_ready(f"http://127.0.0.1:{port}/"), verbose=False)
            assert client.predict(handle_file(song), api_name="/classify")["file"] == song.name
            assert song.name in [path.name for path in files(tmp_path)]
        finally:
            server.terminate()
    assert not files(tmp_path)


def wait_until_ready(address: str) -> str:
    """The address, once something answers there."""
    for _ in range(PATIENCE_MS // 250):
        with suppress(httpx.ConnectError):
            httpx.get(address)
            return address
        time.sleep(0.25)
    raise TimeoutError(address)


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_nothing_is_watched_or_remembered(address: str) -> None:
    config = httpx.get(f"{address}config").json()
    assert config["run_history"] is False and config["analytics_enabled"] is False
    assert httpx.get(f"{address}monitoring").status_code == 403


def test_files_of_visitors_are_deleted_on_schedule_and_the_queue_is_bounded() -> None:
    page = build(FakePipeline())
    assert page.delete_cache == (600, 600)
    assert page._queue.max_size == 16
    assert launch_options()["max_file_size"] == LIMITS.largest_bytes
