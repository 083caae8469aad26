"""The live tab: a verdict on the last three seconds of the microphone, again and again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from gender_audio import audio
from gender_audio.audio import AudioError, Limits
from gender_audio.live import SILENT_DB, Listener, LiveClassifier, LiveVerdict
from gender_audio.plots.palette import LABEL_COLOURS, LINE
from gender_audio.ui.retention import Expiring

STREAM_S, LONGEST_S = 0.5, 120
"""Length of a chunk, and time after which a visitor must start again, so that others get their turn."""
VISITORS = 4
"""Visitors who are heard at the same time."""
CHUNK = Limits(shortest_s=0.0)
WELCOME = (
    '<div class="verdict" role="status"><h2>Start the microphone and sing</h2><p>Twice a second you see what the last '
    "three seconds sound like. Each part of the sound is deleted as soon as it was heard, and within twenty minutes "
    "if it was not.</p></div>"
)


def render(classifier: LiveClassifier) -> None:
    """Add the tab to the page that is being built."""
    with gr.Row():
        with gr.Column(scale=4, min_width=320, elem_classes="live"):
            microphone = gr.Audio(
                label="Microphone", sources=["microphone"], streaming=True, type="filepath", buttons=[]
            )
        with gr.Column(scale=8, min_width=600):
            card = gr.HTML(WELCOME, elem_id="live-verdict")
    state = gr.State()

    def hear(path: str | None, expiring: Expiring[Listener] | None) -> tuple[Any, Any]:
        """The state and the card after the next chunk."""
        listener = expiring.value if expiring else None
        if listener is None:
            listener, expiring = Listener(), None
        expiring = expiring or Expiring(listener)
        if path is None:
            return expiring, gr.skip()
        try:
            listener.hear(audio.read(Path(path), CHUNK))
        except AudioError:  # a chunk without sound, as the last one may be
            return expiring, gr.skip()
        finally:
            Path(path).unlink(missing_ok=True)
        if not listener.ready():
            return expiring, gr.skip()
        answer = classifier(listener.window)
        listener.finish()
        return expiring, card_html(answer, listener.level_db)

    microphone.stream(
        hear,
        [microphone, state],
        [state, card],
        stream_every=STREAM_S,
        time_limit=LONGEST_S,
        concurrency_id="live",
        concurrency_limit=VISITORS,
        show_progress="hidden",
        api_visibility="private",
    )
    microphone.stop_recording(lambda: (None, WELCOME), outputs=[state, card], api_visibility="private")
    microphone.clear(lambda: (None, WELCOME), outputs=[state, card], api_visibility="private")


def card_html(answer: LiveVerdict, level_db: float) -> str:
    """HTML of a verdict: its words, the level of the sound, the probabilities, and how many members were asked."""
    verdict = answer.verdict
    colour = LINE if verdict.uncertain else LABEL_COLOURS[verdict.label]
    title = f"Not sure: {verdict.title.lower()}?" if verdict.uncertain else verdict.title
    level = max(0.0, 1 - level_db / SILENT_DB)
    members = f"All {answer.members} members"
    if answer.members < answer.of:
        members = f"{answer.members} of {answer.of} members, because this machine is slow,"
    rows = "".join(
        f'<div><dt>{title_}</dt><dd class="share"><i style="width: {value:.1%}; --label: {LABEL_COLOURS[label].css}">'
        f'</i></dd><dd class="percent">{value:.0%}</dd></div>'
        for (label, title_), value in zip(verdict.system.titles.items(), verdict.probabilities, strict=True)
    )
    return (
        f'<div class="verdict" style="--label: {colour.css}"><h2 role="status">{title}</h2>'
        f'<div class="level" role="meter" aria-label="Level" aria-valuenow="{level:.0%}"><i style="width: {level:.1%}">'
        f'</i></div><dl class="probabilities">{rows}</dl>'
        f'<p class="aside">{members} were asked; it took {answer.seconds:.2f} s.</p></div>'
    )
