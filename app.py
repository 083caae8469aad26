"""Builds the web page and serves it."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from pathlib import Path


def main() -> None:
    """Serve the page until the process is interrupted; then delete the folder with the visitors' files."""
    for number in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        if signal.getsignal(number) != signal.SIG_IGN:  # `nohup` ignores SIGHUP
            signal.signal(number, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="gender-audio-") as temporary:
        folder = Path(temporary, "visitors")
        folder.mkdir()
        try:
            _serve(folder)
        finally:
            # Gradio waits at most five seconds for running requests. Slower ones must not write into the folder again.
            folder.rename(folder.with_name("ended"))


def _serve(folder: Path) -> None:
    # Gradio reads these variables when it is imported, so the imports below come after them.
    os.environ |= {"GRADIO_ANALYTICS_ENABLED": "False", "GRADIO_TEMP_DIR": str(folder)}
    from gender_audio.ui import classifiers
    from gender_audio.ui.hosting import register_on_zero_gpu
    from gender_audio.ui.page import build, launch_options
    from gender_audio.ui.retention import start_cleanup
    from gender_audio.weights import WeightsError

    register_on_zero_gpu()
    try:
        loaded = classifiers.load()
    except WeightsError as error:
        sys.exit(str(error))
    page = build(loaded, classifiers.live(loaded["singing"]))
    start_cleanup(page, folder)
    page.launch(**launch_options())


if __name__ == "__main__":
    main()
