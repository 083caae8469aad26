"""The page without a browser: its API, its limits, and the files it stores."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import numpy as np
import pytest
from gradio import processing_utils
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from gender_audio import audio, weights
from gender_audio.audio import LIMITS
from gender_audio.report import as_dict
from gender_audio.systems.labels import SINGING, SPEECH_MEL, SPEECH_MFCC
from gender_audio.ui.page import MAX_QUEUE, build, launch_options
from gender_audio.ui.tab import NO_ADDRESSES
from tests.browser import TIMEOUT_MS, free_port, serving
from tests.fakes import FakeSingingClassifier, FakeSpeechClassifier

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def classifier() -> FakeSingingClassifier:
    return FakeSingingClassifier("female")


@pytest.fixture(scope="module")
def address(classifier: FakeSingingClassifier, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    speech = {system.name: FakeSpeechClassifier(system) for system in (SPEECH_MEL, SPEECH_MFCC)}
    with serving({"singing": classifier, **speech}, tmp_path_factory.mktemp("cache")) as url:
        yield url


def test_api_returns_the_json_of_the_command_line(address: str, song: Path, classifier: FakeSingingClassifier) -> None:
    answer = Client(address, verbose=False).predict(handle_file(song), api_name="/classify")
    assert answer == as_dict(song.name, classifier(classifier.clips[-1]))
    assert answer["label"] == "female" and list(answer["probabilities"]) == list(SINGING.labels)


def test_api_error_has_the_message_of_the_page(address: str, tmp_path: Path) -> None:
    bad = tmp_path / "lyrics.wav"
    bad.write_text("la la la " * 100)
    with pytest.raises(AppError, match="not a recording"):
        Client(address, verbose=False).predict(handle_file(bad), api_name="/classify")


@pytest.mark.parametrize(
    ("choice", "system"),
    [
        ((), "speech-mel"),
        (("speech-mel",), "speech-mel"),
        (("speech-mfcc",), "speech-mfcc"),
        (("speaker",), "speech-mfcc"),
        (("voice",), "speech-mel"),
    ],
)
def test_api_uses_the_chosen_system_or_its_old_name(
    address: str, song: Path, choice: tuple[str, ...], system: str
) -> None:
    answer = Client(address, verbose=False).predict(handle_file(song), *choice, api_name="/classify_speech")
    assert answer["system"] == system
    assert answer["label"] == "male" and answer["pitch_hz"] == 118.2


def test_song_has_segments_and_shares(address: str, song: Path) -> None:
    answer = Client(address, verbose=False).predict(handle_file(song), api_name="/song")
    assert answer["file"] == song.name and answer["label"] == "female"
    assert answer["segments"][0]["start_s"] == 0 and answer["segments"][-1]["end_s"] == answer["duration_s"]
    assert sum(answer["shares"].values()) == pytest.approx(1, abs=1e-4)


def test_separate_gives_two_stems_that_add_up(address: str, song: Path) -> None:
    vocals, accompaniment = Client(address, verbose=False).predict(handle_file(song), api_name="/separate")
    assert Path(vocals).name == "a song Vocals.wav" and Path(accompaniment).name == "a song Accompaniment.wav"
    parts = [audio.read(Path(path)) for path in (vocals, accompaniment)]
    mixture = audio.read(song).mono(parts[0].rate)
    np.testing.assert_allclose(sum(part.mono(part.rate) for part in parts), mixture, atol=1e-3)


@pytest.mark.parametrize("endpoint", ["/song", "/separate"])
def test_other_endpoints_have_the_message_of_the_page(address: str, tmp_path: Path, endpoint: str) -> None:
    bad = tmp_path / "lyrics.wav"
    bad.write_text("la la la " * 100)
    with pytest.raises(AppError, match="not a recording"):
        Client(address, verbose=False).predict(handle_file(bad), api_name=endpoint)


def test_only_the_documented_endpoints_are_public(address: str) -> None:
    endpoints = Client(address, verbose=False).view_api(return_format="dict")
    parameters = {
        name: [parameter["parameter_name"] for parameter in endpoint["parameters"]]
        for name, endpoint in endpoints["named_endpoints"].items()
    }
    assert parameters == {
        "/classify": ["recording"],
        "/song": ["recording"],
        "/separate": ["recording"],
        "/classify_speech": ["recording", "system"],
    }
    assert not endpoints["unnamed_endpoints"]


def test_api_reads_uploaded_files_only(address: str, song: Path) -> None:
    elsewhere = {"path": str(song), "meta": {"_type": "gradio.FileData"}}
    call = f"{address}gradio_api/call/classify"
    event = httpx.post(call, json={"data": [elsewhere]}).json()["event_id"]
    answer = httpx.get(f"{call}/{event}", timeout=TIMEOUT_MS / 1000).text
    assert "event: error" in answer and "probabilities" not in answer


def test_api_rejects_web_addresses_without_fetching_them(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fetched: list[str] = []

    async def fetch(url: str, **_: object) -> str:
        fetched.append(url)
        raise OSError

    monkeypatch.setattr(processing_utils, "async_ssrf_protected_download", fetch)
    elsewhere = {"path": "https://example.com/song.wav", "meta": {"_type": "gradio.FileData"}}
    call = f"{address}gradio_api/call/classify"
    event = httpx.post(call, json={"data": [elsewhere]}).json()["event_id"]
    answer = httpx.get(f"{call}/{event}", timeout=TIMEOUT_MS / 1000).text
    assert "event: error" in answer and NO_ADDRESSES in answer
    assert not fetched


def test_upload_beyond_the_limit_is_rejected(address: str, tmp_path: Path) -> None:
    huge = tmp_path / "huge.wav"
    with huge.open("wb") as file:
        file.truncate(LIMITS.largest_bytes + 2**20)
    with huge.open("rb") as file:
        answer = httpx.post(f"{address}gradio_api/upload", files={"files": file}, timeout=TIMEOUT_MS / 1000)
    assert answer.status_code == 413


def test_files_are_deleted_when_the_page_closes(song: Path, tmp_path: Path) -> None:
    with serving({"singing": FakeSingingClassifier()}, tmp_path) as address:
        Client(address, verbose=False).predict(handle_file(song), api_name="/classify")
        assert [path.name for path in files(tmp_path)] == [song.name]
    assert not files(tmp_path)


SERVER = """
from gender_audio.systems.singing import SingingClassifier
from gender_audio.systems.speech_mel import MelSpeechClassifier
from gender_audio.systems.speech_mfcc import MfccSpeechClassifier
from tests.fakes import FakeSingingClassifier, FakeSpeechClassifier
class WithSeparators(FakeSingingClassifier):
    def with_separator(self, separator):
        return self
    def with_members(self, members):
        return self
SingingClassifier.load = lambda members=None: WithSeparators()
for classifier in (MfccSpeechClassifier, MelSpeechClassifier):
    classifier.load = classmethod(lambda cls: FakeSpeechClassifier(cls.system))
import app, signal
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # the tests may run under nohup
app.main()
"""


def test_files_are_deleted_when_the_server_is_stopped(song: Path, tmp_path: Path) -> None:
    port = free_port()
    environment = {**os.environ, "TMPDIR": str(tmp_path), "GRADIO_SERVER_PORT": str(port)}
    with subprocess.Popen([sys.executable, "-c", SERVER], env=environment, cwd=ROOT) as server:
        try:
            client = Client(wait_until_ready(f"http://127.0.0.1:{port}/"), verbose=False)
            assert client.predict(handle_file(song), api_name="/classify")["file"] == song.name
            assert song.name in [path.name for path in files(tmp_path)]
        finally:
            server.send_signal(signal.SIGHUP)
    assert not files(tmp_path)


def test_server_without_weights_prints_one_error_line(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    environment = {**os.environ, "TMPDIR": str(tmp_path), weights.VARIABLE: str(gone)}
    ended = subprocess.run([sys.executable, "app.py"], env=environment, cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1].startswith(f"There is no folder {gone}") and "Traceback" not in ended.stderr
    assert not files(tmp_path)


def wait_until_ready(address: str) -> str:
    """The address, once a server answers there."""
    for _ in range(TIMEOUT_MS // 250):
        with suppress(httpx.ConnectError):
            httpx.get(address)
            return address
        time.sleep(0.25)
    raise TimeoutError(address)


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_history_analytics_and_monitoring_are_off(address: str) -> None:
    config = httpx.get(f"{address}config").json()
    assert config["run_history"] is False and config["analytics_enabled"] is False
    assert httpx.get(f"{address}monitoring").status_code == 403


def test_cache_is_deleted_on_schedule_and_the_queue_is_bounded() -> None:
    page = build({"singing": FakeSingingClassifier()})
    assert page.delete_cache == (600, 600)
    assert page._queue.max_size == MAX_QUEUE
    assert launch_options()["max_file_size"] == LIMITS.largest_bytes
