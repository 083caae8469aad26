"""Builds the web page and serves it."""

from __future__ import annotations

import os
import signal
import tempfile


def main() -> None:
    """Serve the page until interrupted; what visitors sent lives in one folder that goes with the process."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="gender-audio-") as folder:
        os.environ |= {"GRADIO_ANALYTICS_ENABLED": "False", "GRADIO_TEMP_DIR": folder}
        # Gradio reads these variables when it is imported.
        from gender_audio.ui.build import build, launch_options
        from gender_audio.ui.listeners import load

        build(*load()).launch(**launch_options())


if __name__ == "__main__":
    main()
