"""What the shipped members have been through, by the commands on their card, and what that leaves for them to do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gender_audio import weights
from gender_audio.systems.labels import SINGING
from train.data.splits import SplitError

if TYPE_CHECKING:
    from train.recipes.singing import Recipe


def commands() -> str:
    """The commands that trained the shipped members."""
    return weights.card(SINGING.name).command


def gone_on() -> int:
    """How often the shipped members went on."""
    return commands().count("--further")


def calibrated(recipe: Recipe) -> None:
    """Make sure that the shipped members were calibrated behind the separator of a recipe.

    Raises:
        SplitError: it was another one.
    """
    if weights.card(SINGING.name).separator != recipe.plan.separator_fingerprint:
        raise SplitError("The shipped members were calibrated behind another separator. First give --recalibrate.")


def before(recipe: Recipe) -> str:
    """The commands that trained the shipped members. Whom each of them never heard follows from the recipe.

    Raises:
        SplitError: they were not trained by `singer`, there is nobody left whom they never heard, they were trained
            with another seed, `everyone` was another, or they hear something else.
    """
    typed = commands()
    first = typed.partition(", then ")[0]
    if _named(first) != "singing":
        raise SplitError(
            f"The members in {weights.FOLDER / SINGING.name} were trained by `{first}`. Only of those that "
            "`python -m train singer` trained is it known whom each never heard: train members by it, or let "
            f"{weights.VARIABLE} name a folder with such members."
        )
    if "--refit" in typed:
        raise SplitError(
            f"The members in {weights.FOLDER / SINGING.name} have heard every voice since --refit: nobody is left to "
            f"choose or calibrate on. Train members anew by `{first}`, which leaves voices out again, or let "
            f"{weights.VARIABLE} name a folder of weights with members from before their --refit."
        )
    if (recipe.include_val, recipe.seed) != _learnt(first):
        raise SplitError(
            f"The shipped members were trained by `{first}`. Give the same --everyone and --seed: whom each of them "
            "never heard follows from these."
        )
    if (recipe.inputs, recipe.separator) != _hears(first):
        raise SplitError(
            f"The shipped members were trained by `{first}`, so they hear something else than {recipe.inputs} of "
            f"the separator {recipe.separator!r}."
        )
    return typed


def _named(command: str) -> str:
    """What a command is called, whatever is typed before and after."""
    words = command.removeprefix("python -m train ").split()
    return next((word for word in words if not word.startswith("-")), "")


def _learnt(command: str) -> tuple[bool, int]:
    """Whether the members of a command learnt from everyone, and their seed."""
    return "--everyone" in command.split(), int(_given(command, "seed", "0"))


def _hears(command: str) -> tuple[str, str]:
    """What the members of a command listen to, and the separator in front of them."""
    inputs = _given(command, "inputs", "vocals")
    return inputs, "none" if inputs == "mixture" else _given(command, "separator", "unet")


def _given(command: str, option: str, usual: str) -> str:
    """What a command gives an option."""
    found = re.search(rf"--{option}[ =](\S+)", command)
    return found[1] if found else usual
