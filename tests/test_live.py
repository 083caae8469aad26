"""The last seconds of a stream, and verdicts that keep up."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gender_audio.audio import Clip
from gender_audio.live import PERIOD_S, RATE, WINDOW_S, Listener, LiveClassifier
from tests.fakes import FakeSingingClassifier


def chunk(seconds: float, rate: int = RATE, level: float = 0.1) -> Clip:
    return Clip(np.full((1, round(seconds * rate)), level, np.float32), rate)


@given(st.lists(st.tuples(st.floats(0, 2), st.sampled_from([8_000, 16_000, 44_100, 48_000])), max_size=8))
def test_window_is_the_end_of_what_was_heard(parts: list[tuple[float, int]]) -> None:
    listener = Listener()
    for seconds, rate in parts:
        listener.hear(chunk(seconds, rate))
    heard_s = sum(seconds for seconds, _ in parts)
    assert listener.window.rate == RATE
    assert listener.window.duration_s == pytest.approx(min(heard_s, WINDOW_S), abs=0.01)


def test_window_has_the_newest_sound_and_its_level() -> None:
    listener = Listener()
    for level in (0.9, 0.5, 0.001):
        listener.hear(chunk(2, level=level))
    window = listener.window.samples[0]
    assert window[0] == np.float32(0.5) and window[-1] == np.float32(0.001)
    assert listener.level_db == pytest.approx(-60, abs=0.1)


def test_chunks_that_waited_get_no_verdicts_of_their_own() -> None:
    now = [0.0]
    listener = Listener(lambda: now[0])
    listener.hear(chunk(0.5))
    assert not listener.ready()
    listener.hear(chunk(0.5))
    assert listener.ready()
    now[0] = 2.0
    listener.finish()
    for _ in range(4):
        listener.hear(chunk(0.5))
        assert not listener.ready()
    now[0] += PERIOD_S
    assert listener.ready()


def test_fewer_members_are_asked_on_a_slow_machine() -> None:
    def ticks(step: float) -> Iterator[float]:
        now = 0.0
        while True:
            yield now
            now += step

    slow, fast = ticks(0.7), ticks(0.2)
    for clock, members in ((slow, [20, 20, 20, 5, 5, 5, 5]), (fast, [20] * 7)):
        live = LiveClassifier([FakeSingingClassifier(), FakeSingingClassifier()], [20, 5], clock.__next__)
        answers = [live(chunk(3)) for _ in members]
        assert [answer.members for answer in answers] == members
        assert all(answer.of == 20 for answer in answers)
