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
from gender_audio.systems.base import Classifier, Progress, Verdict
from gender_audio.ui.errors import friendly_errors
from gender_audio.ui.result_view import ResultView, save_for_player

SHARED_QUEUE: dict[str, Any] = {"concurrency_id": "listening", "concurrency_limit": 1}

DELETED = "This recording has been deleted by now; please choose or record it again."
NO_ADDRESSES = "Addresses are not fetched here; please upload the recording itself."
FAILED = "Something went wrong here and the recording was not classified; please try again."
EXAMPLE_FAILED = "Something went wrong here and the example was not made; please try again."
CONSENT = """<div class="note"><p>This describes how a voice sounds, not who someone is.</p>
<p>Record only yourself, or someone who agreed to it. Recordings are deleted within twenty minutes.</p></div>"""
# On a small screen the verdict appears below the recording.
SCROLL_TO_VERDICT = """() => {
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
    displays: Callable[[Mapping[str, Any]], ResultView]
    examples: Mapping[str, Callable[[], Clip]] = field(default_factory=dict)
    note: str = ""


class Controls:
    """What a visitor sends with, laid out where it is made.

    Args:
        absent: names of the tab's listeners that cannot be offered, and why.
    """

    def __init__(self, tab: Tab, listeners: Mapping[str, Classifier], absent: Mapping[str, str]) -> None:
        sources: list[Any] = ["upload", "microphone"]
        self.recording = gr.Audio(label="Recording", sources=sources, type="filepath", buttons=[])
        _take_files_only(self.recording)
        systems = [(tab.systems[name], name) for name in listeners]
        self.choice = gr.Radio(systems, value=systems[0][1], label="Listener", visible=len(systems) > 1)
        self.inputs = [self.recording, self.choice] if len(systems) > 1 else [self.recording]
        self.button = gr.Button("Classify", variant="primary", size="lg")
        gr.HTML(CONSENT)
        if tab.examples:
            gr.HTML(f'<div class="note"><p>{tab.note}</p></div>')
        with gr.Row(elem_classes="examples"):
            self.examples = {name: gr.Button(name.capitalize(), size="sm") for name in tab.examples}
        for name, reason in absent.items():
            gr.HTML(f'<p class="absent">Not offered here: {tab.systems[name]}. {_code(reason)}</p>')


@dataclass(frozen=True, eq=False)
class Handlers:
    """What is said of the recordings of a tab: by its first listener, or the one that was chosen."""

    tab: Tab
    listeners: Mapping[str, Classifier]
    displays: ResultView

    def listen(self, path: str | None, system: str = "", progress: gr.Progress = gr.Progress()) -> list[Any]:
        """What the displays show of a recording."""
        name = system or next(iter(self.listeners))
        try:
            verdict = _judge(self.tab, self.listeners[name], path, lambda share, step: progress(share, desc=step))
            progress(1.0, desc="Drawing the pictures")
            with friendly_errors(FAILED):
                return self.displays.show(verdict, name)
        except gr.Error as error:
            return self.displays.refuse(error.message)

    def choose(self, path: str | None, system: str, progress: gr.Progress = gr.Progress()) -> list[Any]:
        """The same where another listener is chosen, which asks for no recording."""
        return self.displays.forget() if path is None else self.listen(path, system, progress)

    def classify(self, recording: str | None, system: str = "") -> dict[str, Any]:
        """What a program is told of a recording, ready for JSON."""
        listener = self.listeners[system or next(iter(self.listeners))]
        return report.as_dict(Path(str(recording)).name, _judge(self.tab, listener, recording))


def render(tab: Tab, listeners: Mapping[str, Classifier], absent: Mapping[str, str]) -> None:
    """Add the tab, and its endpoint, to the page that is being built; where it has several listeners, one is chosen.

    Args:
        absent: names of the tab's listeners that cannot be offered, and why.
    """
    with gr.Row():
        with gr.Column(scale=4, min_width=320, elem_classes="recording"):
            controls = Controls(tab, listeners, absent)
        with gr.Column(scale=8, min_width=600):
            displays = tab.displays(listeners)
    answers = Handlers(tab, listeners, displays)
    _connect(tab, controls, answers)
    endpoint = gr.Button(visible=False)
    endpoint.click(
        answers.classify,
        controls.inputs,
        gr.JSON(visible=False),
        api_name=tab.endpoint,
        api_description=tab.purpose,
        **SHARED_QUEUE,
    )


def _connect(tab: Tab, controls: Controls, answers: Handlers) -> None:
    """Let what a visitor does be answered."""
    recording, choice, displays = controls.recording, controls.choice, answers.displays
    run: dict[str, Any] = {
        "fn": answers.listen,
        "inputs": controls.inputs,
        "outputs": displays.outputs,
        "show_progress_on": displays.card,
        "api_visibility": "private",
        "trigger_mode": "always_last",  # or who trims meanwhile would see what the whole recording got beside a part
        **SHARED_QUEUE,
    }
    asked = [
        gr.on([controls.button.click, recording.upload, recording.stop_recording], **run),
        # Whoever changes their mind meanwhile hears from the last they chose.
        choice.input(**{**run, "fn": answers.choose, "inputs": [recording, choice]}),
    ]
    for name, example in controls.examples.items():
        load = partial(_example, recording, tab.examples[name])
        loaded = example.click(load, outputs=recording, api_visibility="private", cancels=asked[:2])
        asked.append(loaded.success(**run))
    for classified in asked:
        classified.then(js=SCROLL_TO_VERDICT)
    # Otherwise the verdict on what was taken away would appear after it.
    recording.clear(displays.forget, outputs=displays.outputs, api_visibility="private", cancels=asked)


def _code(words: str) -> str:
    """HTML of a sentence; what stands between backquotes is code."""
    return re.sub("`(.+?)`", r"<code>\1</code>", escape(words))


def _take_files_only(recording: gr.Audio) -> None:
    """Refuse addresses, which the API may name: Gradio would fetch them whole, past every limit on size."""
    keep = recording.async_move_resource_to_block_cache

    async def take(path: str | Path | None) -> str | None:
        if path is not None and is_http_url_like(str(path)):
            raise gr.Error(NO_ADDRESSES, print_exception=False)
        return await keep(path)

    recording.async_move_resource_to_block_cache = take  # type: ignore[method-assign, assignment]


def _example(recording: gr.Audio, make: Callable[[], Clip]) -> str:
    with friendly_errors(EXAMPLE_FAILED):
        return save_for_player(recording, make())


def _judge(tab: Tab, listener: Classifier, path: str | None, progress: Progress = lambda *_: None) -> Verdict:
    """The verdict on a file that reached the server; raises gr.Error with a sentence for the visitor."""
    with friendly_errors(FAILED):
        if path is None:
            raise NotFound(tab.invitation)
        if not Path(path).exists():
            raise NotFound(DELETED)
        return listener(audio.read(Path(path)), progress)
