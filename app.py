"""Builds the web page and serves it."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from pathlib import Path


def main() -> None:
    """Serve the page until interrupted; what visitors sent lives in one folder that goes with the process."""
    for ending in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        if signal.getsignal(ending) != signal.SIG_IGN:  # as `nohup` has it
            signal.signal(ending, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="gender-audio-") as place:
        folder = Path(place, "visitors")
        folder.mkdir()
        try:
            _serve(folder)
        finally:
            # Gradio waits five seconds for its last answers; a later one finds no place any more for what it writes.
            folder.rename(folder.with_name("ended"))


def _serve(folder: Path) -> None:
    os.environ |= {"GRADIO_ANALYTICS_ENABLED": "False", "GRADIO_TEMP_DIR": str(folder)}
    # Gradio reads these variables when it is imported.
    from gender_audio.ui.classifiers import load
    from gender_audio.ui.hosting import register_on_zero_gpu
    from gender_audio.ui.page import build, launch_options
    from gender_audio.ui.retention import start_cleanup
    from gender_audio.weights import WeightsError

    register_on_zero_gpu()
    try:
        listeners, absent = load()
    except WeightsError as error:
        sys.exit(str(error))
    page = build(listeners, absent)
    start_cleanup(page, folder)
    page.launch(**launch_options())


if __name__ == "__main__":
    main()
