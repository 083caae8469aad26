"""The whole page: its tabs, and how it is launched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gradio as gr

from gender_audio.audio import LIMITS
from gender_audio.live import LiveClassifier
from gender_audio.systems.base import Classifier
from gender_audio.systems.labels import SINGING
from gender_audio.ui import endpoints, genre, live, singing, speech, tab, theme
from gender_audio.ui.retention import RETENTION_S

MAX_QUEUE = 64
"""Requests that may wait at a time; further visitors are asked to come back later."""

MAX_SESSIONS = 100
"""Sessions whose last results stay in memory, at most 0.7 MB each; Gradio's default is 10,000."""

TABS = {"Singing": singing.TAB, "Speaking": speech.TAB, "Genre": genre.TAB}
"""Title to tab, in the order of the page."""

MASTHEAD = """<header class="masthead"><h1>Who sings?</h1>
<p>Tells whether a recording holds no voice, one male-like voice, one female-like voice, or more than one voice.</p>
</header>"""


def build(classifiers: Mapping[str, Classifier], live_classifier: LiveClassifier | None = None) -> gr.Blocks:
    """The page for these classifiers (name to classifier), each in its tab; launch it with `launch_options`.

    Args:
        live_classifier: for the tab that listens while somebody sings; without one there is no such tab.
    """
    with gr.Blocks(title="Who sings?", analytics_enabled=False, delete_cache=(RETENTION_S, RETENTION_S)) as page:
        gr.HTML(MASTHEAD)
        with gr.Tabs():
            for title, spec in TABS.items():
                available = {name: classifiers[name] for name in spec.systems if name in classifiers}
                if available:
                    with gr.Tab(title):
                        tab.render(spec, available)
                        if SINGING.name in available:
                            endpoints.render(available[SINGING.name])
                if title == "Singing" and live_classifier:
                    with gr.Tab("Live"):
                        live.render(live_classifier)
    return page.queue(max_size=MAX_QUEUE, default_concurrency_limit=1)


def launch_options() -> dict[str, Any]:
    """Arguments of `gr.Blocks.launch`: appearance, limits, and no tracking or history."""
    return {
        "theme": theme.theme(),
        "css": theme.css(),
        "head": theme.scripts(),
        "max_file_size": LIMITS.largest_bytes,
        "state_session_capacity": MAX_SESSIONS,
        "run_history": False,
        "enable_monitoring": False,
        "footer_links": ["api"],
        "share": False,
        "pwa": False,
        "ssr_mode": False,
    }
