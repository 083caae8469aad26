"""Takes the README's screenshots of the running page: `python -m tests.screenshots`."""

from __future__ import annotations

import io
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image
from playwright.sync_api import Page, expect

from gender_audio import audio, synth
from gender_audio.ui import classifiers
from tests.browser import TIMEOUT_MS, chromium, serving, upload, visit, wait_for

IMAGES = Path(__file__).parents[1] / "docs" / "images"
WIDTHS = {"desktop": 1440, "phone": 390}
SECTIONS = ("instrumental", "female-like", "instrumental", "duet", "male-like")
"""The examples that the song is made of."""


def main() -> None:
    """Save the page with the verdict on a song, for a desktop and a phone, in light and in dark mode."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    loaded = classifiers.load()
    with (
        TemporaryDirectory() as folder,
        serving(loaded, Path(folder, "cache"), classifiers.live(loaded["singing"])) as address,
        chromium() as browser,
    ):
        song = Path(folder, "A song.wav")
        audio.write(song, np.concatenate([synth.example(name).samples for name in SECTIONS], 1), synth.RATE)
        for device, scheme in product(WIDTHS, ("light", "dark")):
            viewport = {"width": WIDTHS[device], "height": 900}
            with visit(browser, address, viewport=viewport, color_scheme=scheme) as page:
                upload(page, song)
                wait_for(page, "members agree")
                page.get_by_role("button", name="Show evidence").click()
                page.get_by_text("Evidence for").wait_for()
                settle(page)
                save(page, IMAGES / f"{device}-{scheme}.png")


def settle(page: Page) -> None:
    """Wait until the waveform of the recording is drawn and no spinner is visible."""
    expect(page.locator(".recording:visible time").last).not_to_have_text("0:00", timeout=TIMEOUT_MS)
    expect(page.locator("[data-testid=status-tracker]:not(.hide):visible")).to_have_count(0, timeout=TIMEOUT_MS)


def save(page: Page, path: Path) -> None:
    """Save the whole page as a small PNG; 256 colours are enough for flat areas and a spectrogram."""
    page.evaluate("scrollTo(0, 0)")
    image = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
    image.quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main()
