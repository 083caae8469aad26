"""Shrinks any recipe to the shortest run that still executes all of its code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, fields, is_dataclass, replace
from typing import Any, TypeVar

from train.engine.schedule import Schedule

T = TypeVar("T")


def count(default: int, quick: int) -> Any:
    """A field of a recipe: its default, and the largest value that a quick run has."""
    return field(default=default, metadata={"quick": quick})


def shrink(recipe: T) -> T:
    """The same recipe with short schedules, also those in collections, and every `count` at its quick value."""
    return _shrink(recipe)


def _shrink(value: Any) -> Any:
    if isinstance(value, Schedule):
        return value.quick()
    if isinstance(value, Mapping):
        return {name: _shrink(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_shrink(item) for item in value)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    changes = {}
    for attribute in fields(value):
        before = getattr(value, attribute.name)
        after = _at_most(before, attribute.metadata["quick"]) if "quick" in attribute.metadata else _shrink(before)
        if after != before:
            changes[attribute.name] = after
    return replace(value, **changes) if changes else value


def _at_most(value: Any, limit: Any) -> Any:
    """The smaller number, or the shorter sequence."""
    return min(value, limit) if isinstance(value, int) else value[: len(limit)]
