"""Quick recipes: every schedule and every count shrinks."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pytest

from train.engine.quick import count, shrink
from train.engine.schedule import Schedule
from train.evaluation import ablation, separators, system_d
from train.recipes import genre, separator, singing, speech_mel, speech_mfcc, speech_mfcc_raw

NOWHERE = Path("nowhere")
USUAL = Schedule(samples=1_000, batch=32, rate=0.1, rounds=5)


@dataclass(frozen=True)
class Inner:
    schedule: Schedule = USUAL
    networks: int = count(3, quick=1)


@dataclass(frozen=True)
class Outer:
    name: str = "outer"
    rows: int = count(100, quick=10)
    inner: tuple[Inner, ...] = (Inner(),)


def test_quick_shrinks_nested_schedules_and_counts() -> None:
    small = shrink(Outer())
    assert (small.name, small.rows) == ("outer", 10)
    assert small.inner[0] == Inner(USUAL.quick(), 1)
    assert shrink({"a": USUAL}) == {"a": USUAL.quick()}


def test_quick_keeps_smaller_counts() -> None:
    assert shrink(Outer(rows=4)).rows == 4


def schedules(value: Any) -> list[Schedule]:
    if isinstance(value, Schedule):
        return [value]
    if isinstance(value, dict):
        return [schedule for inner in value.values() for schedule in schedules(inner)]
    if isinstance(value, (list, tuple)):
        return [schedule for inner in value for schedule in schedules(inner)]
    if hasattr(value, "__dataclass_fields__"):
        return [schedule for attribute in fields(value) for schedule in schedules(getattr(value, attribute.name))]
    return []


@pytest.mark.parametrize(
    "recipe",
    [
        singing.Recipe(NOWHERE, NOWHERE),
        separator.Recipe(NOWHERE, NOWHERE, NOWHERE),
        speech_mfcc.Recipe(NOWHERE, NOWHERE),
        speech_mfcc_raw.Recipe(NOWHERE, NOWHERE),
        speech_mel.Recipe(NOWHERE, NOWHERE),
        genre.Recipe((), NOWHERE),
        ablation.AblationConfig(NOWHERE, NOWHERE, NOWHERE),
        system_d.Reference(genre.Recipe((), NOWHERE)),
    ],
)
def test_every_quick_recipe_has_short_schedules(recipe: object) -> None:
    assert schedules(recipe) and schedules(shrink(recipe))
    assert all(one.samples <= 16 for one in schedules(shrink(recipe)))
    assert any(one.samples > 16 for one in schedules(recipe))


def test_quick_comparison_of_separators_is_short() -> None:
    small = shrink(separators.Comparison(NOWHERE, NOWHERE, NOWHERE))
    assert (small.song_s, small.remixes) == (10, 4)


def test_quick_ablation_has_one_seed() -> None:
    assert len(shrink(ablation.AblationConfig(NOWHERE, NOWHERE, NOWHERE)).seeds) == 1
