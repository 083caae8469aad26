"""A fake singing system."""

from __future__ import annotations

import pytest

from gender_audio.systems.singing import SingingClassifier
from tests.fakes import FakeSingingClassifier

Loads = list[dict[str, object]]


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> Loads:
    """Replaces the singing system by a fake that predicts female; returns a list of the options of each load."""
    loads: Loads = []

    def load(**options: object) -> FakeSingingClassifier:
        loads.append(options)
        return FakeSingingClassifier("female")

    monkeypatch.setattr(SingingClassifier, "load", load)
    return loads
