"""A tab of the page: recording and controls on one side, results on the other, and an API endpoint."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr
from gradio_client.utils import is_http_url_like

from gender_audio import audio, report
from gender_audio.audio import Clip, NotFound
from gender_audio.systems.base import Classifier, Progress, Verdict
from gender_audio.systems.registry import SYSTEMS
from gender_audio.ui.errors import friendly_errors
from gender_audio.ui.result_view import ResultView, save_for_player

SHARED_QUEUE: dict[str, Any] = {"concurrency_id": "classifying", "concurrency_limit": 1}
"""Event options: all events with these run one at a time."""

DELETED = "This recording has been deleted; please choose or record it again."
NO_ADDRESSES = "Web addresses are not accepted here; please upload the recording itself."
FAILED = "Something went wrong and the recording was not classified; please try again."
EXAMPLE_FAILED = "Something went wrong and the example could not be created; please try again."
CONSENT = """<div class="note"><p>This describes how a voice sounds, not who someone is.</p>
<p>Record only yourself, or someone who agreed to it. Recordings are deleted within twenty minutes.</p></div>"""
# On a small screen the verdict appears below the recording.
SCROLL_TO_VERDICT = """() => {
  const card = [...document.querySelectorAll(".verdict")].find(card => card.checkVisibility());
  if (card.getBoundingClientRect().bottom > innerHeight) card.scrollIntoView({behavior: "smooth"});
}"""


@dataclass(frozen=True)
class Tab:
    """The settings of a tab.

    Attributes:
        endpoint: name of its API endpoint.
        description: description of the endpoint.
        systems: names of the classifiers in this tab, and the words shown for them.
        prompt: message for visitors who sent no recording.
        view: creates the results part for the tab's classifiers.
        examples: name to function that makes the clip.
        note: text above the examples.
    """

    endpoint: str
    description: str
    systems: Mapping[str, str]
    prompt: str
    view: Callable[[Mapping[str, Any]], ResultView]
    examples: Mapping[str, Callable[[], Clip]] = field(default_factory=dict)
    note: str = ""


class Controls:
    """The input components of a tab, created where the page is being built.

    Args:
        tab: the tab.
        names: names of the classifiers to choose from.
    """

    def __init__(self, tab: Tab, names: Mapping[str, Classifier]) -> None:
        sources: list[Any] = ["upload", "microphone"]
        self.recording = gr.Audio(label="Recording", sources=sources, type="filepath", buttons=[])
        reject_web_addresses(self.recording)
        choices = [(tab.systems[name], name) for name in names]
        self.system = gr.Radio(choices, value=choices[0][1], label="Model", visible=len(choices) > 1)
        _accept_aliases(self.system)
        self.inputs = [self.recording, self.system] if len(choices) > 1 else [self.recording]
        self.button = gr.Button("Classify", variant="primary", size="lg")
        gr.HTML(CONSENT)
        if tab.examples:
            gr.HTML(f'<div class="note"><p>{tab.note}</p></div>')
        with gr.Row(elem_classes="examples"):
            self.examples = {name: gr.Button(name.capitalize(), size="sm") for name in tab.examples}


@dataclass(frozen=True, eq=False)
class Handlers:
    """Event handlers of a tab. Without a chosen classifier they use the first one."""

    tab: Tab
    classifiers: Mapping[str, Classifier]
    view: ResultView

    def show_verdict(self, path: str | None, system: str = "", progress: gr.Progress = gr.Progress()) -> list[Any]:
        """Values of the view's outputs for a recording."""
        name = system or next(iter(self.classifiers))
        try:
            verdict = self._verdict(name, path, lambda share, step: progress(share, desc=step))
            progress(1.0, desc="Drawing the plots")
            with friendly_errors(FAILED):
                return self.view.show(verdict, name)
        except gr.Error as error:
            return self.view.show_error(error.message)

    def change_system(self, path: str | None, system: str, progress: gr.Progress = gr.Progress()) -> list[Any]:
        """Values of the view's outputs after another classifier was chosen; without a recording they are cleared."""
        return self.view.clear() if path is None else self.show_verdict(path, system, progress)

    def answer_api(self, recording: str | None, system: str = "") -> dict[str, Any]:
        """The verdict on a recording, ready for JSON."""
        name = system or next(iter(self.classifiers))
        return report.as_dict(Path(str(recording)).name, self._verdict(name, recording))

    def _verdict(self, name: str, path: str | None, progress: Progress = lambda *_: None) -> Verdict:
        """The verdict on an uploaded file; raises `gr.Error` with a message for the visitor."""
        with friendly_errors(FAILED):
            if path is None:
                raise NotFound(self.tab.prompt)
            if not Path(path).exists():
                raise NotFound(DELETED)
            return self.classifiers[name](audio.read(Path(path)), progress)


def render(tab: Tab, classifiers: Mapping[str, Classifier]) -> None:
    """Add a tab and its endpoint to the page that is being built.

    Args:
        tab: the tab.
        classifiers: name to classifier; visitors choose one if there are several.
    """
    with gr.Row():
        with gr.Column(scale=4, min_width=320, elem_classes="recording"):
            controls = Controls(tab, classifiers)
        with gr.Column(scale=8, min_width=600):
            view = tab.view(classifiers)
    handlers = Handlers(tab, classifiers, view)
    _connect(tab, controls, handlers)
    endpoint = gr.Button(visible=False)
    endpoint.click(
        handlers.answer_api,
        controls.inputs,
        gr.JSON(visible=False),
        api_name=tab.endpoint,
        api_description=tab.description,
        **SHARED_QUEUE,
    )


def _connect(tab: Tab, controls: Controls, handlers: Handlers) -> None:
    """Connect the controls' events to their handlers."""
    recording, system, view = controls.recording, controls.system, handlers.view
    event: dict[str, Any] = {
        "fn": handlers.show_verdict,
        "inputs": controls.inputs,
        "outputs": view.outputs,
        "show_progress_on": view.card,
        "api_visibility": "private",
        "trigger_mode": "always_last",  # a recording that is trimmed during an event must be classified next
        **SHARED_QUEUE,
    }
    events = [
        gr.on([controls.button.click, recording.upload, recording.stop_recording], **event),
        # A separate event, so that the last choice is classified after the running event.
        system.input(**{**event, "fn": handlers.change_system, "inputs": [recording, system]}),
    ]
    for name, button in controls.examples.items():
        load = partial(_load_example, recording, tab.examples[name])
        loaded = button.click(load, outputs=recording, api_visibility="private", cancels=events[:2])
        events.append(loaded.success(**event))
    for finished in events:
        finished.then(js=SCROLL_TO_VERDICT)
    # Cancel running events, or their verdicts would appear after the recording was removed.
    recording.clear(view.clear, outputs=view.outputs, api_visibility="private", cancels=events)


def reject_web_addresses(recording: gr.Audio) -> None:
    """Reject web addresses in API calls: Gradio would download the whole file, whatever its size."""
    store = recording.async_move_resource_to_block_cache

    async def store_file(path: str | Path | None) -> str | None:
        if path is not None and is_http_url_like(str(path)):
            raise gr.Error(NO_ADDRESSES, print_exception=False)
        return await store(path)

    recording.async_move_resource_to_block_cache = store_file  # type: ignore[method-assign, assignment]


def _accept_aliases(choice: gr.Radio) -> None:
    """Let API calls use the aliases of a system."""
    names = {alias: system.name for system in SYSTEMS.values() for alias in system.aliases}
    preprocess = choice.preprocess
    choice.preprocess = lambda name: preprocess(names.get(str(name), name))  # type: ignore[method-assign, assignment]


def _load_example(recording: gr.Audio, make: Callable[[], Clip]) -> str:
    with friendly_errors(EXAMPLE_FAILED):
        return save_for_player(recording, make())
