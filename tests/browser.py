"""Serves the page, opens it in Chromium, and does what a visitor does; for tests and screenshots."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from gradio_client import Client, handle_file
from playwright.sync_api import Browser, Page, expect, sync_playwright

from gender_audio.live import LiveClassifier
from gender_audio.systems.base import Classifier
from gender_audio.ui.page import build, launch_options

TIMEOUT_MS = 60_000  # long, because the computer may be busy
expect.set_options(timeout=TIMEOUT_MS)  # a page's default timeout does not apply to `expect`
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
)


@contextmanager
def serving(classifiers: Mapping[str, Classifier], cache: Path, live: LiveClassifier | None = None) -> Iterator[str]:
    """Serve a page with these classifiers, which stores its files in `cache`, and yield its address."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(cache))
        patch.setenv("GRADIO_ANALYTICS_ENABLED", "False")
        cache.mkdir(exist_ok=True)
        page = build(classifiers, live)
        _, address, _ = page.launch(
            server_name="127.0.0.1",
            server_port=free_port(),
            prevent_thread_lock=True,
            quiet=True,
            **launch_options(),
        )
        try:
            yield address
        finally:
            page.close(verbose=False)


def free_port() -> int:
    """A port that is not in use."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def chromium(microphone: Path | None = None) -> Iterator[Browser]:
    """Start headless Chromium with a new profile; its microphone plays a WAV file in a loop.

    Without Chromium the test is skipped; in CI it fails.
    """
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        reason = "Chromium is not installed; install it with 'apt install chromium'."
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    flags = [*FLAGS, f"--use-file-for-fake-audio-capture={microphone}"] if microphone else FLAGS
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(flags))
        yield browser
        browser.close()


@contextmanager
def visit(browser: Browser, address: str, **context: Any) -> Iterator[Page]:
    """Load the page in a new browser context. At the end, check for requests to other hosts and for script errors."""
    visitor = browser.new_context(permissions=["microphone"], **context)
    visitor.set_default_timeout(TIMEOUT_MS)
    page = visitor.new_page()
    requested: list[str] = []
    failures: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.goto(address)
    expect(page.get_by_role("button", name="Classify")).to_be_visible(timeout=TIMEOUT_MS)
    yield page
    visitor.close()
    assert [url for url in requested if not url.startswith((address, f"blob:{address}", "data:"))] == []
    assert failures == []


def upload(page: Page, path: Path) -> None:
    """Choose a file in the open tab."""
    page.locator(".recording:visible input[type=file]").set_input_files(path)


def trim(page: Page) -> None:
    """Trim the recording to the default selection and wait for its upload."""
    # Before the waveform is decoded, the selection would be empty and nothing would be uploaded.
    expect(page.locator(".recording:visible time#duration")).not_to_have_text("0:00", timeout=TIMEOUT_MS)
    page.get_by_role("button", name="Trim audio to selection").click()
    with page.expect_response(lambda response: "/upload" in response.url):
        page.get_by_role("button", name="Trim", exact=True).click()
    expect(page.get_by_role("button", name="Trim audio to selection")).to_be_visible()


def wait_for(page: Page, *texts: str) -> None:
    """Wait until the verdict of the open tab contains these texts, outside its table of probabilities."""
    words = page.locator("[id$='verdict']:visible :is(h2, p)")
    for text in texts:
        expect(words.filter(has_text=text)).not_to_have_count(0, timeout=TIMEOUT_MS)


def choose(page: Page, name: str, option: str) -> None:
    """Choose an option of a drop-down list."""
    page.get_by_role("combobox", name=name).click()
    page.get_by_role("option", name=option).click()


def record(page: Page, seconds: int = 2) -> None:
    """Record this long from the microphone."""
    page.get_by_role("button", name="Record audio").click()
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.locator(".recording:visible time.duration")).to_have_text(f"0:0{seconds}", timeout=TIMEOUT_MS)
    page.get_by_role("button", name="Stop", exact=True).click()


def wait_until(page: Page, condition: Callable[[], bool]) -> None:
    """Wait for a condition outside the page, while the page keeps running."""
    for _ in range(TIMEOUT_MS // 50):
        if condition():
            return
        page.wait_for_timeout(50)
    raise TimeoutError


def wait_for_queue(address: str, recording: Path) -> None:
    """Send one more request and wait for its answer: requests are answered in order, so all earlier ones are done."""
    Client(address, verbose=False).predict(handle_file(recording), api_name="/classify")
