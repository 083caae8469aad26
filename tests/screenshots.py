"""Takes the README's pictures of the running page: `python -m tests.screenshots`."""

from __future__ import annotations

import io
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import Page

from gender_audio.ui import classifiers
from tests.browser import chromium, serving, visit, wait_for

IMAGES = Path(__file__).parents[1] / "docs" / "images"
WIDTHS = {"desktop": 1440, "phone": 390}
EXAMPLE = "Female-like"
SETTLING_MS = 2_000  # until the last spinner and the waveform of the recording stand still


def main() -> None:
    """The page with the verdict on an example, on a desktop and a phone, in light and in dark."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    there, absent = classifiers.load()
    with (
        TemporaryDirectory() as cache,
        serving(there, Path(cache), absent) as address,
        chromium() as browser,
    ):
        for device, scheme in product(WIDTHS, ("light", "dark")):
            viewport = {"width": WIDTHS[device], "height": 900}
            with visit(browser, address, viewport=viewport, color_scheme=scheme) as page:
                page.get_by_role("button", name=EXAMPLE).click()
                wait_for(page, "members agree")
                page.get_by_role("button", name="Show evidence").click()
                page.get_by_text("What spoke for").wait_for()
                page.wait_for_timeout(SETTLING_MS)
                save(page, IMAGES / f"{device}-{scheme}.png")


def save(page: Page, path: Path) -> None:
    """The whole page as a small PNG: 256 colours do for flat areas and a spectrogram."""
    page.evaluate("scrollTo(0, 0)")
    image = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
    image.quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main()
