"""Where a song has a voice."""

from __future__ import annotations

import numpy as np
import pytest
import soxr

from gender_audio import separation, synth
from gender_audio.audio import Clip
from gender_audio.separation import Stems
from train.data.decoding import RATE
from train.data.voice_activity import FRAME, SEPARATOR, has_voice, vocal_power, voiced_starts


def test_vocal_power_is_zero_where_vocals_are_quiet() -> None:
    def separate(clip: Clip) -> Stems:
        gain = np.where(np.arange(clip.samples.shape[1]) < 5 * FRAME, 0.5, 0.1)
        return Stems((clip.samples * gain).astype(np.float32), clip, clip.rate)

    power = vocal_power(np.full(10 * FRAME + 7, 0.2, np.float32), separate)
    assert power == pytest.approx([0.01] * 5 + [0] * 5) and power.dtype == np.float32


def test_frames_follow_the_rate_of_the_separator() -> None:
    def separate(clip: Clip) -> Stems:
        vocals = np.repeat(clip.mono(RATE), 2)[None] * (np.arange(20 * FRAME) < 10 * FRAME)
        return Stems(vocals.astype(np.float32), clip, 2 * RATE)

    power = vocal_power(np.full(10 * FRAME, 0.2, np.float32), separate)
    assert (power > 0.03).tolist() == [True] * 5 + [False] * 5


def test_windows_need_a_voice_most_of_the_time() -> None:
    power = np.array([0, 0, 1, 1, 1, 1, 0, 0, 0, 0])
    assert voiced_starts(power, 4).tolist() == [1, 2, 3]
    assert has_voice(power[1:5]) and not has_voice(power[5:9])
    assert not len(voiced_starts(power, 11)) and not len(voiced_starts(np.zeros(20), 4))


def test_separator_finds_the_voice_of_a_song() -> None:
    backing = synth.accompany(synth.CHORDS, 1.0, RATE, 0)[: 4 * RATE]
    clip = synth.example("female-like")
    voice = soxr.resample(clip.samples[0], clip.rate, RATE)[: 2 * RATE]
    song = 0.3 * backing / np.abs(backing).max()
    song[2 * RATE :] += 0.6 * voice / np.abs(voice).max()
    power = vocal_power(song.astype(np.float32), separation.load(SEPARATOR))
    assert np.mean(power[22:] > 0) > 0.7 > 0.3 > np.mean(power[:18] > 0)
