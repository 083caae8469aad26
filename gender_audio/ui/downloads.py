"""What a visitor can take away: stems, a picture of the timeline, and segments in the formats of other programs."""

from __future__ import annotations

from collections.abc import Sequence

import gradio as gr

from gender_audio.export import FORMATS
from gender_audio.plots.timeline import timeline_png
from gender_audio.systems.base import Verdict
from gender_audio.ui.result_view import private_folder

UNNAMED = "recording"


def downloads() -> gr.File:
    """The component: a list of files."""
    return gr.File(label="Files", file_count="multiple", interactive=False, elem_id="downloads")


def save_downloads(component: gr.File, verdict: Verdict, stems: Sequence[str]) -> list[str]:
    """Write all files about a verdict, named after its recording.

    Args:
        stems: paths of the stems, which exist already.

    Raises:
        FileNotFoundError: as `private_folder`.
    """
    name = verdict.clip.name or UNNAMED
    picture = private_folder(component) / f"{name}.png"
    picture.write_bytes(timeline_png(verdict))
    paths = [picture]
    for chosen in FORMATS.values():
        paths.append(picture.with_name(f"{name}.{chosen.suffix}"))
        paths[-1].write_text(chosen.write(name, verdict), encoding="utf8")
    return [*stems, *map(str, paths)]
