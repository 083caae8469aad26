"""The section on how the members learnt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gender_audio import weights
from gender_audio.features.filterbank import Filterbank
from gender_audio.systems.labels import SINGING
from train import run_records
from train.data.folds import FOLDS
from train.reports import figures as draw
from train.reports.tables import percent, picture, table


def sections(docs: Path) -> list[str]:
    """The section, where there is a record."""
    learnt = run_records.read(SINGING.name, docs / "records")
    return [training(learnt, docs)] if learnt else []


def training(record: dict[str, Any], docs: Path) -> str:
    """Every step, what was left out of it, and how it went."""
    further, refit = record.get("further", []), record.get("refit")
    steps = [("learnt from nothing", record), *(("went on", told) for told in further)]
    rows = [
        [name, f"{told['remixes']:,}", f"{told['singers']}, less one fold in {FOLDS}", f"`{told['command']}`"]
        for name, told in [*steps, *([("refitted", refit)] if refit else [])]
    ]
    if refit:
        rows[-1][2] = f"{refit['singers']}, all"
    leak = steps[-1][1]["leak"]
    pictures = []
    if all(all(told["curves"]) for _, told in steps):
        draw.learning(record, docs / "images" / "learning.svg")
        pictures.append(picture("images/learning.svg", "NLL after every round; dotted where members went on"))
    draw.schedule(record, docs / "images" / "schedule.svg")
    draw.filter_bank(Filterbank(**weights.card(SINGING.name).feature), docs / "images" / "filterbank.svg")
    return "\n\n".join(
        [
            "## How the members learnt",
            "Each from remixes of its own, and without the singers and speakers of one fold; what the remixes are made "
            "of grew from step to step (the card of the weights and the README say with what)."
            + (" The last step has every voice; the calibration is that of before." if refit else ""),
            table(["step", "remixes", "voices", "command"], rows),
            f"{'Before the last step, on' if refit else 'On'} remixes that a member did not learn from, balanced "
            f"accuracy over the labels with a voice is **{percent(leak['random'])}** if it knows the singers from "
            f"other remixes, as after a random split, and **{percent(leak['grouped'])}** if it never heard them. The "
            f"difference, {100 * (leak['random'] - leak['grouped']):.1f} points, is what a random split would have "
            "pretended.",
            *pictures,
            picture("images/schedule.svg", "Learning rate, batch by batch"),
            picture("images/filterbank.svg", "The filter bank that members hear through"),
        ]
    )
