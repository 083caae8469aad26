"""Speech turned into singing: on notes, with the formants and the id of the speaker."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import librosa
import numpy as np
import pytest
import scipy.signal

from train.data.corpus import Source, psola_sources, read_sources
from train.data.decoding import SPEEDS, decode
from train.data.synthesis import psola
from train.data.synthesis.mbrola import RANGES, draw_style, melody
from train.recipes import singing

RATE = 16_000


def speech(hz: float) -> np.ndarray:
    """Three words whose pitch falls, from a vocal tract with resonances at 700 and 2,200 Hz."""
    pitch = hz * np.linspace(1.2, 0.8, int(0.3 * RATE))
    pulses = np.diff(np.floor(np.cumsum(pitch) / RATE), prepend=0)
    for resonance in (700, 2200):
        pole = 0.97 * np.exp(2j * np.pi * resonance / RATE)
        pulses = scipy.signal.lfilter([1], np.poly([pole, pole.conjugate()]).real, pulses)
    word = np.concatenate([np.zeros(RATE // 8), pulses / np.abs(pulses).max()])
    return np.tile(word, 3).astype(np.float32)


@pytest.mark.parametrize(("kind", "hz"), [("male", 110), ("female", 210)])
@pytest.mark.parametrize("seed", range(3))
def test_sing_holds_the_first_word_on_the_first_note(kind: str, hz: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    style = draw_style(rng)
    note, beats = next(melody(rng, *RANGES[kind]))
    spoken = speech(hz)
    sung = psola.sing(spoken, RATE, kind, np.random.default_rng(seed))
    assert np.abs(sung).max() == pytest.approx(0.7)
    start = int(0.1 * RATE)
    held = sung[start : start + int(min(0.25, beats * style.beat_ms / 1000) * RATE)]
    pitch_hz = librosa.yin(held, fmin=60, fmax=900, sr=RATE, frame_length=1024)
    assert np.median(librosa.hz_to_midi(pitch_hz)) == pytest.approx(note, abs=1)


def test_sing_keeps_the_formants(seed: int = 1) -> None:
    sung = psola.sing(speech(110), RATE, "male", np.random.default_rng(seed))
    power = [np.abs(librosa.stft(sound, n_fft=512)).mean(1) for sound in (speech(110), sung)]
    before, after = (np.convolve(spectrum, np.ones(13) / 13, "same")[5:120] for spectrum in power)
    assert np.corrcoef(np.log(before), np.log(after))[0, 1] > 0.9


def test_sing_keeps_silence() -> None:
    assert not psola.sing(np.zeros(RATE, np.float32), RATE, "female", np.random.default_rng(0)).any()


def test_psola_sources_keep_train_speakers_and_their_ids(corpus: Path, tmp_path: Path) -> None:
    spoken = [source for source in read_sources(corpus, "train") if source.kind == "speech"]
    sung = psola_sources(corpus, 3)
    speakers = {source.singer_id: source.voice for source in spoken}
    assert speakers and len(sung) == 3 * len(speakers) == len({source.path for source in sung})
    assert {source.singer_id: source.voice for source in sung} == speakers
    assert psola_sources(corpus, 0) == []
    recipe = singing.Recipe(corpus, tmp_path, n_midi=0, n_mbrola=0, n_psola=2)
    assert recipe.strata == replace(recipe, n_psola=0).strata, "folds stay what they were"
    takes = decode(corpus, sung[0], SPEEDS[sung[0].voice])
    assert len(takes) == 4 and all(take.any() for take in takes)
    again = decode(corpus, sung[0], (1.0,))
    np.testing.assert_array_equal(again[0], takes[SPEEDS[sung[0].voice].index(1.0)])
    other = replace(sung[0], path=sung[0].path.replace("0000 ", "0001 "))
    assert isinstance(other, Source) and not np.array_equal(decode(corpus, other, (1.0,))[0], again[0])
