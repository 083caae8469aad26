"""A tab of the page: a recording in, a verdict out, and the same at an address of the API."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr
from gradio_client.utils import is_http_url_like

from gender_audio import audio, report
from gender_audio.audio import Clip, NotFound
from gender_audio.ui.displays import Displays, served
from gender_audio.ui.guard import guarded
from gender_audio.verdict import Listener, Progress, Verdict

ONE_AT_A_TIME: dict[str, Any] = {"concurrency_id": "listening", "concurrency_limit": 1}

GONE = "This recording has been deleted by now; please choose or record it again."
ADDRESS = "Addresses are not fetched here; please upload the recording itself."
FAILED = "Something went wrong here and the recording was not classified; please try again."
UNSUNG = "Something went wrong here and the example was not made; please try again."
CONSENT = """<div class="note"><p>This describes how a voice sounds, not who someone is.</p>
<p>Record only yourself, or someone who agreed to it. Recordings are deleted within twenty minutes.</p></div>"""
# On a small screen the verdict appears below the recording.
SHOW_VERDICT = """() => {
  const card = [...document.querySelectorAll(".verdict")].find(card => card.checkVisibility());
  if (card.getBoundingClientRect().bottom > innerHeight) card.scrollIntoView({behavior: "smooth"});
}"""


@dataclass(frozen=True)
class Tab:
    """What is special about a tab.

    Attributes:
        endpoint: name of the tab's address in the API.
        purpose: what it says of itself there.
        systems: names of the listeners that may answer in this tab, and the words they are chosen by.
        invitation: what a visitor is told who sent nothing.
        displays: lays out what is shown of the verdicts of the systems' listeners.
        examples: name to what makes the clip.
        note: words above the examples.
    """

    endpoint: str
    purpose: str
    systems: Mapping[str, str]
    invitation: str
    displays: Callable[[Mapping[str, Any]], Displays]
    examples: Mapping[str, Callable[[], Clip]] = field(default_factory=dict)
    note: str = ""


def render(tab: Tab, listeners: Mapping[str, Listener], absent: Mapping[str, str]) -> None:
    """Add the tab, and its endpoint, to the page that is being built; where it has several listeners, one is chosen.

    Args:
        absent: names of the tab's listeners that cannot be offered, and why.
    """
    first = next(iter(listeners))
    with gr.Row():
        with gr.Column(scale=4, min_width=320, elem_classes="recording"):
            sources: list[Any] = ["upload", "microphone"]
            recording = gr.Audio(label="Recording", sources=sources, type="filepath", buttons=[])
            _take_files_only(recording)
            systems = [(tab.systems[name], name) for name in listeners]
            choice = gr.Radio(systems, value=first, label="Listener", visible=len(systems) > 1)
            button = gr.Button("Classify", variant="primary", size="lg")
            gr.HTML(CONSENT)
            if tab.examples:
                gr.HTML(f'<div class="note"><p>{tab.note}</p></div>')
            with gr.Row(elem_classes="examples"):
                examples = {name: gr.Button(name.capitalize(), size="sm") for name in tab.examples}
            for name, reason in absent.items():
                gr.HTML(f'<p class="absent">Not offered here: {tab.systems[name]}. {_code(reason)}</p>')
        with gr.Column(scale=8, min_width=600):
            displays = tab.displays(listeners)

    def listen(
        path: str | None,
        system: str = first,
        progress: gr.Progress = gr.Progress(),
    ) -> list[Any]:
        try:
            verdict = _judge(tab, listeners[system], path, lambda share, step: progress(share, desc=step))
            progress(1.0, desc="Drawing the pictures")
            with guarded(FAILED):
                return displays.show(verdict, system)
        except gr.Error as error:
            return displays.refuse(error.message)

    def classify(recording: str | None, system: str = first) -> dict[str, Any]:
        return report.as_dict(Path(str(recording)).name, _judge(tab, listeners[system], recording))

    def choose(path: str | None, system: str, progress: gr.Progress = gr.Progress()) -> list[Any]:
        return displays.forget() if path is None else listen(path, system, progress)

    inputs = [recording, choice] if len(systems) > 1 else [recording]
    run: dict[str, Any] = {
        "fn": listen,
        "inputs": inputs,
        "outputs": displays.outputs,
        "show_progress_on": displays.card,
        "api_visibility": "private",
        "trigger_mode": "always_last",  # or who trims meanwhile would see what the whole recording got beside a part
        **ONE_AT_A_TIME,
    }
    asked = [
        gr.on([button.click, recording.upload, recording.stop_recording], **run),
        # Whoever changes their mind meanwhile hears from the last they chose.
        choice.input(**{**run, "fn": choose, "inputs": [recording, choice]}),
    ]
    for name, example in examples.items():
        load = partial(_example, recording, tab.examples[name])
        loaded = example.click(load, outputs=recording, api_visibility="private", cancels=asked[:2])
        asked.append(loaded.success(**run))
    for classified in asked:
        classified.then(js=SHOW_VERDICT)
    # Otherwise the verdict on what was taken away would appear after it.
    recording.clear(displays.forget, outputs=displays.outputs, api_visibility="private", cancels=asked)
    endpoint = gr.Button(visible=False)
    endpoint.click(
        classify,
        inputs,
        gr.JSON(visible=False),
        api_name=tab.endpoint,
        api_description=tab.purpose,
        **ONE_AT_A_TIME,
    )


def _code(words: str) -> str:
    """HTML of a sentence; what stands between backquotes is code."""
    return re.sub("`(.+?)`", r"<code>\1</code>", escape(words))


def _take_files_only(recording: gr.Audio) -> None:
    """Refuse addresses, which the API may name: Gradio would fetch them whole, past every limit on size."""
    keep = recording.async_move_resource_to_block_cache

    async def take(path: str | Path | None) -> str | None:
        if path is not None and is_http_url_like(str(path)):
            raise gr.Error(ADDRESS, print_exception=False)
        return await keep(path)

    recording.async_move_resource_to_block_cache = take  # type: ignore[method-assign, assignment]


def _example(recording: gr.Audio, make: Callable[[], Clip]) -> str:
    with guarded(UNSUNG):
        return served(recording, make())


def _judge(tab: Tab, listener: Listener, path: str | None, progress: Progress = lambda *_: None) -> Verdict:
    """The verdict on a file that reached the server; raises gr.Error with a sentence for the visitor."""
    with guarded(FAILED):
        if path is None:
            raise NotFound(tab.invitation)
        if not Path(path).exists():
            raise NotFound(GONE)
        return listener(audio.read(Path(path)), progress)
