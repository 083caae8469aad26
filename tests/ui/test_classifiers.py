"""Loading the classifiers of the page."""

from __future__ import annotations

import pytest

from gender_audio.systems.registry import SYSTEMS
from gender_audio.systems.singing import SingingClassifier
from gender_audio.ui import classifiers


@pytest.mark.slow
def test_every_system_is_loaded_and_spleeter_shares_the_networks() -> None:
    loaded = classifiers.load()
    assert set(loaded) == {*SYSTEMS, classifiers.SPLEETER}
    singing, spleeter = loaded["singing"], loaded[classifiers.SPLEETER]
    assert isinstance(singing, SingingClassifier) and isinstance(spleeter, SingingClassifier)
    assert spleeter.ensemble is singing.ensemble
    assert spleeter.separator.name == "spleeter"
