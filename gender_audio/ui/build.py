"""The web page: its tabs, and how it is served."""

from __future__ import annotations

from typing import Any

import gradio as gr

from gender_audio.audio import LIMITS
from gender_audio.pipeline import Pipeline
from gender_audio.ui import singer, theme

KEPT_S = 600  # s; files of visitors that are older are deleted, and one looks for them as often
WAITING = 16  # visitors at most; the next one is asked to come back later

MASTHEAD = """<header class="masthead"><h1>Who sings?</h1>
<p>Hears whether a recording holds no voice, one male-like voice, one female-like voice, or more than one.</p>
</header>"""


def build(pipeline: Pipeline) -> gr.Blocks:
    """The page around a loaded pipeline; launch it with `launch_options`."""
    with gr.Blocks(title="Who sings?", analytics_enabled=False, delete_cache=(KEPT_S, KEPT_S)) as page:
        gr.HTML(MASTHEAD)
        singer.render(pipeline)
    return page.queue(max_size=WAITING, default_concurrency_limit=1)


def launch_options() -> dict[str, Any]:
    """How the page is launched: its looks, its limits, and nothing watched or remembered."""
    return {
        "theme": theme.theme(),
        "css": theme.css(),
        "head": theme.head(),
        "max_file_size": LIMITS.largest_bytes,
        "run_history": False,
        "enable_monitoring": False,
        "footer_links": ["api"],
        "share": False,
        "pwa": False,
        "ssr_mode": False,
    }
