"""A running page and a browser to look at it, for tests and screenshots."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from gender_audio.systems.base import Classifier
from gender_audio.ui.page import build, launch_options

PATIENCE_MS = 60_000  # a busy machine is no failure
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
)


@contextmanager
def serving(
    listeners: Mapping[str, Classifier], cache: Path, absent: Mapping[str, str] = MappingProxyType({})
) -> Iterator[str]:
    """The address of a page around these listeners, which keeps its files in `cache` while it runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(cache))
        patch.setenv("GRADIO_ANALYTICS_ENABLED", "False")
        cache.mkdir(exist_ok=True)
        page = build(listeners, absent)
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
    """A port of this machine that nothing listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def chromium(heard: Path | None = None) -> Iterator[Browser]:
    """Headless Chromium with a fresh profile, whose microphone hears the WAV file `heard` over and over.

    Without a browser the test is skipped, in CI it fails.
    """
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        missing = "Chromium is not installed; 'apt install chromium' brings it."
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    flags = [*FLAGS, f"--use-file-for-fake-audio-capture={heard}"] if heard else FLAGS
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(flags))
        yield browser
        browser.close()


@contextmanager
def visit(browser: Browser, address: str, **context: Any) -> Iterator[Page]:
    """The page at `address`, loaded, in a context of its own; it must reach for nothing else and never fail."""
    visitor = browser.new_context(permissions=["microphone"], **context)
    visitor.set_default_timeout(PATIENCE_MS)
    page = visitor.new_page()
    requested: list[str] = []
    failures: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.goto(address)
    expect(page.get_by_role("button", name="Classify")).to_be_visible(timeout=PATIENCE_MS)
    yield page
    visitor.close()
    assert [url for url in requested if not url.startswith((address, f"blob:{address}", "data:"))] == []
    assert failures == []


def upload(page: Page, path: Path) -> None:
    """Choose a file as a visitor does."""
    page.locator(".recording:visible input[type=file]").set_input_files(path)


def trim(page: Page) -> None:
    """Cut the recording down to the selection that is offered, and wait until it has arrived."""
    page.get_by_role("button", name="Trim audio to selection").click()
    with page.expect_response(lambda response: "/upload" in response.url):
        page.get_by_role("button", name="Trim", exact=True).click()
    expect(page.get_by_role("button", name="Trim audio to selection")).to_be_visible()


def wait_for(page: Page, *texts: str) -> None:
    """Wait until the verdict of the open tab says all of this, and not only as a label with its probability."""
    said = page.locator("[id$='verdict']:visible :is(h2, p)")
    for text in texts:
        expect(said.filter(has_text=text)).not_to_have_count(0, timeout=PATIENCE_MS)


def choose(page: Page, name: str, option: str) -> None:
    """Pick from a list as a visitor does."""
    page.get_by_role("combobox", name=name).click()
    page.get_by_role("option", name=option).click()
