"""The web page: its tabs, and how it is served."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import gradio as gr

from gender_audio.audio import LIMITS
from gender_audio.systems.base import Classifier
from gender_audio.ui import genre, singing, speech, theme
from gender_audio.ui import tab as recording
from gender_audio.ui.retention import RETENTION_S

MAX_QUEUE = 16  # visitors at most; the next one is asked to come back later

MAX_SESSIONS = 100
"""Of so many, what was shown last is kept in memory, 0.7 MB at most; Gradio would keep it of ten thousand."""

TABS = {"Singing": singing.TAB, "Speaking": speech.TAB, "Genre": genre.TAB}
"""Title to tab, in the order of the page."""

MASTHEAD = """<header class="masthead"><h1>Who sings?</h1>
<p>Hears whether a recording holds no voice, one male-like voice, one female-like voice, or more than one.</p>
</header>"""


def build(listeners: Mapping[str, Classifier], absent: Mapping[str, str] = MappingProxyType({})) -> gr.Blocks:
    """The page around loaded listeners, in the tabs they belong to; launch it with `launch_options`.

    Args:
        absent: names of listeners that cannot be offered, and why.
    """
    with gr.Blocks(title="Who sings?", analytics_enabled=False, delete_cache=(RETENTION_S, RETENTION_S)) as page:
        gr.HTML(MASTHEAD)
        with gr.Tabs():
            for title, tab in TABS.items():
                own = {name: listeners[name] for name in tab.systems if name in listeners}
                if own:
                    with gr.Tab(title):
                        recording.render(tab, own, {name: absent[name] for name in tab.systems if name in absent})
    return page.queue(max_size=MAX_QUEUE, default_concurrency_limit=1)


def launch_options() -> dict[str, Any]:
    """How the page is launched: its looks, its limits, and nothing watched or remembered."""
    return {
        "theme": theme.theme(),
        "css": theme.css(),
        "head": theme.microphone_script(),
        "max_file_size": LIMITS.largest_bytes,
        "state_session_capacity": MAX_SESSIONS,
        "run_history": False,
        "enable_monitoring": False,
        "footer_links": ["api"],
        "share": False,
        "pwa": False,
        "ssr_mode": False,
    }
