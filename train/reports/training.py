"""The report's section on the training of the members."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gender_audio import weights
from gender_audio.features.filterbank import Filterbank
from gender_audio.systems.labels import SINGING
from train import run_records
from train.data.folds import FOLDS
from train.reports import figures
from train.reports.tables import image, percent, table

KINDS = {"train": "training", "continue": "continued", "refit": "refit"}


def sections(docs: Path) -> list[str]:
    """The section, where there is a record."""
    record = run_records.read(SINGING.name, docs / "records")
    return [training(record["stages"], docs)] if record else []


def training(stages: list[dict[str, Any]], docs: Path) -> str:
    """The stages of training, the leakage of a random split, learning curves and learning rates."""
    rows = [
        [KINDS[stage["kind"]], f"{stage['remixes']:,}", _voices(stage), f"`{stage['command']}`"] for stage in stages
    ]
    measured = [stage for stage in stages if "leak" in stage]
    leak = measured[-1]["leak"]
    images = []
    if all(all(stage["curves"]) for stage in measured):
        figures.learning_curves(measured, docs / "images" / "learning.svg")
        images.append(
            image("images/learning.svg", "NLL on held-out singers after every round; a dotted line begins a stage")
        )
    figures.learning_rates(measured, docs / "images" / "schedule.svg")
    figures.filter_bank(Filterbank(**weights.card(SINGING.name).feature), docs / "images" / "filterbank.svg")
    refit = stages[-1]["kind"] == "refit"
    return "\n\n".join(
        [
            "## How the members were trained",
            "Each member has its own selection of the remixes and is trained without the singers and speakers of one "
            "fold."
            + (" The last stage uses all voices; its calibration is that of the stage before." if refit else ""),
            table(["stage", "remixes", "voices", "command at that time"], rows),
            f"{'Before the last stage, the' if refit else 'The'} balanced accuracy over the labels with a voice, on "
            f"remixes that a member was not trained on, is **{percent(leak['random'])}** if other remixes of the same "
            f"singers were in its training data, as with a random split, and **{percent(leak['grouped'])}** if its "
            f"singers were held out. So a random split would overstate it by "
            f"{100 * (leak['random'] - leak['grouped']):.1f} points.",
            *images,
            image("images/schedule.svg", "Learning rate by batch; a dotted line begins a stage"),
            image("images/filterbank.svg", "The filter bank of the members"),
        ]
    )


def _voices(stage: dict[str, Any]) -> str:
    return f"{stage['singers']}, all" if stage["kind"] == "refit" else f"{stage['singers']}, less one fold in {FOLDS}"
