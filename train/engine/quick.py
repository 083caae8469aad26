"""One rule that shrinks any recipe to a run that only shows that the code works."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, fields, is_dataclass, replace
from typing import Any, TypeVar

from train.engine.schedule import Schedule

T = TypeVar("T")


def count(default: int, quick: int) -> Any:
    """A field of a recipe: its default, and the largest value that a quick run has."""
    return field(default=default, metadata={"quick": quick})


def quick(recipe: T) -> T:
    """The same recipe with every schedule, also those in collections, and every `count` at its least."""
    return _shrink(recipe)


def _shrink(value: Any) -> Any:
    if isinstance(value, Schedule):
        return value.quick()
    if isinstance(value, Mapping):
        return {name: _shrink(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_shrink(one) for one in value)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    changes = {}
    for own in fields(value):
        before = getattr(value, own.name)
        after = _at_most(before, own.metadata["quick"]) if "quick" in own.metadata else _shrink(before)
        if after != before:
            changes[own.name] = after
    return replace(value, **changes) if changes else value


def _at_most(value: Any, quick: Any) -> Any:
    """The smaller number, or the shorter sequence."""
    return min(value, quick) if isinstance(value, int) else value[: len(quick)]
