"""Recipe `student`: the ensemble distilled into one network that hears what its teachers hear (Hinton et al. 2015)."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

from torch import nn

from gender_audio import weights
from gender_audio.systems.ensemble import Ensemble
from gender_audio.systems.labels import STUDENT
from train.engine.calibrate import calibrate
from train.recipes import singing
from train.recipes.singing import Recipe

FIRST = 0
"""The member that the student starts as; whom this one never heard, the student is chosen and calibrated on."""
SCHEDULE = replace(singing.SCHEDULE, samples=48_000, rate=1e-3)


def taught(recipe: Recipe) -> Recipe:
    """How the first member goes on to be the student, by what its teachers say of the remixes that all heard last."""
    return replace(singing.from_shipped(singing.latest(recipe)), schedule=SCHEDULE, taught=True)


def train(recipe: Recipe) -> nn.Module:
    """Train the student, or take it from its finished run; its best round on singers that it never hears counts."""
    recipe.check()
    return singing.train_member(recipe, FIRST)


def ship(network: nn.Module, recipe: Recipe, command: str, folder: Path = weights.FOLDER) -> None:
    """Calibrate on singers that the student never heard and write `weights/student`."""
    features, labels = recipe.judged.bag(FIRST).held_out_sample(singing.OUT_OF_BAG)
    probabilities = Ensemble([network])(features)[0].softmax(1).numpy()
    card = replace(
        weights.card("singing"),
        system="student",
        metrics={"out_of_bag_accuracy": float((probabilities.argmax(1) == labels.numpy()).mean())},
        command=command,
        calibration=asdict(calibrate(probabilities, labels.numpy())),
    )
    weights.save({"student": network}, card, folder)


def recalibrate(recipe: Recipe, command: str) -> None:
    """Calibrate the shipped student anew, if there is one; it stays as it is."""
    if (weights.FOLDER / STUDENT).exists():
        earlier = weights.card(STUDENT).command
        ship(Ensemble.load(STUDENT).members[0], recipe, f"{earlier}, then {command}")
