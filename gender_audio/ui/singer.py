"""The singer tab: a recording in, who sings out, with everything that led there."""

from __future__ import annotations

import logging
import traceback
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr
from gradio_client.utils import is_http_url_like

from gender_audio import audio, report, synth
from gender_audio.audio import AudioError, NotFound
from gender_audio.pipeline import Pipeline, Progress, Verdict
from gender_audio.ui.displays import Displays, served
from gender_audio.ui.hosting import on_gpu

LOG = logging.getLogger(__name__)
ONE_AT_A_TIME: dict[str, Any] = {"concurrency_id": "ensemble", "concurrency_limit": 1}

INVITATION = "Record or upload at least half a second of singing, speech or music, or try an example."
ADDRESS = "Addresses are not fetched here; please upload the recording itself."
FAILED = "Something went wrong here and the recording was not classified; please try again."
CONSENT = """<div class="note"><p>This describes how a voice sounds, not who someone is.</p>
<p>Record only yourself, or someone who agreed to it. Recordings are deleted within twenty minutes.</p></div>"""
EXAMPLES = '<div class="note"><p>Examples, sung by a synthesiser</p></div>'
# On a small screen the verdict appears below the recording.
SHOW_VERDICT = """() => {
  const card = document.querySelector("#verdict");
  if (card.getBoundingClientRect().bottom > innerHeight) card.scrollIntoView({behavior: "smooth"});
}"""


def render(pipeline: Pipeline) -> None:
    """Add the tab, and the API endpoint `/classify`, to the page that is being built."""
    with gr.Row():
        with gr.Column(scale=4, min_width=320, elem_classes="recording"):
            sources: list[Any] = ["upload", "microphone"]
            recording = gr.Audio(label="Recording", sources=sources, type="filepath", buttons=[])
            _take_files_only(recording)
            button = gr.Button("Classify", variant="primary", size="lg")
            gr.HTML(CONSENT)
            gr.HTML(EXAMPLES)
            with gr.Row(elem_classes="examples"):
                examples = {name: gr.Button(name.capitalize(), size="sm") for name in synth.EXAMPLES}
        with gr.Column(scale=8, min_width=600):
            displays = Displays()

    @on_gpu
    def listen(
        path: str | None,
        progress: gr.Progress = gr.Progress(),
    ) -> list[Any]:
        try:
            verdict = _judge(pipeline, path, lambda share, step: progress(share, desc=step))
        except gr.Error as error:
            return displays.refuse(error.message)
        progress(1.0, desc="Drawing the pictures")
        return displays.show(verdict)

    @on_gpu
    def classify(recording: str | None) -> dict[str, Any]:
        """Say how the voice in a recording sounds: none, one male-like, one female-like, or more than one."""
        verdict = _judge(pipeline, recording)
        return report.as_dict(Path(str(recording)).name, verdict)

    run: dict[str, Any] = {
        "fn": listen,
        "inputs": recording,
        "outputs": displays.outputs,
        "show_progress_on": displays.card,
        "api_visibility": "private",
        **ONE_AT_A_TIME,
    }
    gr.on([button.click, recording.upload, recording.stop_recording], **run).then(js=SHOW_VERDICT)
    recording.clear(displays.forget, outputs=displays.outputs, api_visibility="private")
    for name, example in examples.items():
        load = partial(_example, recording, name)
        example.click(load, outputs=recording, api_visibility="private").then(**run).then(js=SHOW_VERDICT)
    endpoint = gr.Button(visible=False)
    endpoint.click(classify, recording, gr.JSON(visible=False), api_name="classify", **ONE_AT_A_TIME)


def _take_files_only(recording: gr.Audio) -> None:
    """Refuse addresses, which the API may name: Gradio would fetch them whole, past every limit on size."""
    keep = recording.async_move_resource_to_block_cache

    async def take(path: str | Path | None) -> str | None:
        if path is not None and is_http_url_like(str(path)):
            raise gr.Error(ADDRESS, print_exception=False)
        return await keep(path)

    recording.async_move_resource_to_block_cache = take  # type: ignore[method-assign, assignment]


def _example(recording: gr.Audio, name: str) -> str:
    return served(recording, synth.example(name))


def _judge(pipeline: Pipeline, path: str | None, progress: Progress = lambda *_: None) -> Verdict:
    """The verdict on a file that reached the server; raises gr.Error with a sentence for the visitor."""
    try:
        if path is None:
            raise NotFound(INVITATION)
        return pipeline(audio.read(Path(path)), progress)
    except AudioError as error:
        raise gr.Error(str(error), print_exception=False) from error
    except Exception as error:
        # Only where it happened: messages may name the recording.
        LOG.error("%s\n%s", type(error).__name__, "".join(traceback.format_tb(error.__traceback__)))
        raise gr.Error(FAILED, print_exception=False) from error
