"""Recipe `student`: one network that learns the probabilities of the ensemble (Hinton et al. 2015)."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch
from torch import nn

from gender_audio import weights
from gender_audio.models.resnet import ResNet34
from gender_audio.systems.ensemble import Ensemble
from gender_audio.systems.labels import SINGING, STUDENT
from train.data.folds import member_seed
from train.data.remix_cache import build_cache
from train.data.splits import SplitError
from train.engine.calibrate import calibrate
from train.engine.fit import fit
from train.engine.schedule import Schedule
from train.recipes import singing
from train.recipes.distillation import DistillationDataset, teacher_probabilities
from train.run_records import key

MEMBER = 0
"""The student holds out the same fold and draws the same remixes as this member."""


@dataclass(frozen=True)
class Recipe:
    """How the student is trained.

    Attributes:
        teachers: how the ensemble was trained, with any number of members; the student uses the same remixes.
        schedule: of the student.
    """

    teachers: singing.Recipe
    schedule: Schedule = singing.SCHEDULE

    @property
    def run(self) -> Path:
        """Folder of the checkpoints."""
        name = key(self.teachers.run(MEMBER).parent.name, self.schedule, weights.fingerprint(SINGING.name))
        return self.teachers.cache / f"student-{name}"

    def check(self) -> None:
        """Check that the members in `weights/singing` held out the singers that this recipe holds out.

        Raises:
            SplitError: they were not trained in exactly one stage with the settings of `teachers`.
            LayoutError: as `singing.Recipe.check`.
        """
        card = weights.card(SINGING.name)
        expected = replace(self.teachers, members=len(card.files)).stage("")
        remedy = (
            "Train members with the same options by `python -m train singing`, or let "
            f"{weights.VARIABLE} name a folder with such members."
        )
        kinds = [stage.kind for stage in card.stages]
        if kinds != ["train"]:
            raise SplitError(
                f"The members in {weights.FOLDER / SINGING.name} come from the stages {', '.join(kinds)}. A student "
                f"needs members from one `train` stage, since only those are known to hold out a fold. {remedy}"
            )
        differences = card.stages[0].differences(expected)
        if differences:
            raise SplitError(
                f"The members in {weights.FOLDER / SINGING.name} were trained with other settings: "
                f"{'; '.join(differences)}. {remedy}"
            )
        self.teachers.check()

    def stage(self, command: str) -> weights.Stage:
        """The entry for this training in the card."""
        teachers_stage = self.teachers.stage(command)
        settings = {**teachers_stage.settings, "samples": self.schedule.samples, "members": 1}
        return replace(
            teachers_stage, kind="distil", settings={**settings, "teachers": weights.fingerprint(SINGING.name)}
        )


def train(recipe: Recipe) -> nn.Module:
    """Train the student, or load its finished run; singers that it and its teachers held out choose its best round."""
    recipe.check()
    teachers = recipe.teachers
    build_cache(teachers.cache_config)
    bag, seed = teachers.bag(MEMBER), member_seed(teachers.seed, MEMBER)
    targets = teacher_probabilities(bag.remixes, teachers.cache_config.folder, bag.fold)
    torch.manual_seed(seed)
    network = ResNet34(len(teachers.channels), singing.WIDTH)
    score = singing.score_on(*bag.held_out_sample(singing.VALIDATION_REMIXES))
    fit(network, DistillationDataset(bag, targets), singing.loss, score, recipe.schedule, recipe.run, seed)
    return network


def export(network: nn.Module, recipe: Recipe, command: str, folder: Path = weights.FOLDER) -> None:
    """Calibrate the student on singers that it and its teachers held out, and write `weights/student`."""
    bag = recipe.teachers.for_calibration.bag(MEMBER)
    features, labels = bag.held_out_sample(singing.OUT_OF_BAG_REMIXES)
    probabilities = Ensemble([network])(features)[0].softmax(1).numpy()
    card = replace(
        weights.card(SINGING.name),
        system=STUDENT,
        metrics={"out_of_bag_accuracy": float((probabilities.argmax(1) == labels.numpy()).mean())},
        stages=(recipe.stage(command),),
        calibration=asdict(calibrate(probabilities, labels.numpy())),
    )
    weights.save({STUDENT: network}, card, folder)
