"""Played pieces: the same number is the same music, and it is played as it is written."""

from __future__ import annotations

import numpy as np
import pytest

from train.data import band

CHOIRS = {52, 53, 54, 85, 91}


def test_the_number_decides() -> None:
    first, rate = band.play(3)
    assert rate >= 16_000 and first.dtype == np.float32 and first.shape[1] == 2
    np.testing.assert_array_equal(first, band.play(3)[0])
    assert first.shape != band.play(4)[0].shape
    assert np.abs(first).max() > 0.02


@pytest.mark.parametrize("number", range(40))
def test_a_piece_lasts_and_nobody_sings_in_it(number: int) -> None:
    piece = band.piece(np.random.default_rng(number))
    assert piece.get_end_time() >= 0.8 * band.LENGTH_S
    assert not CHOIRS & {instrument.program for instrument in piece.instruments if not instrument.is_drum}
    notes = [note for instrument in piece.instruments for note in instrument.notes]
    assert all(0 <= note.pitch < 128 and 0 <= note.start < note.end for note in notes)


def test_pieces_are_in_one_key() -> None:
    for number in range(10):
        instruments = band.piece(np.random.default_rng(number)).instruments
        assert len({note.pitch % 12 for one in instruments if not one.is_drum for note in one.notes}) <= 7


def test_a_note_sounds_at_its_pitch() -> None:
    number = next(n for n in range(100) if len(band.piece(np.random.default_rng(n)).instruments) == 1)
    (lead,) = band.piece(np.random.default_rng(number)).instruments
    note = max(lead.notes, key=lambda one: one.end - one.start)
    samples, rate = band.play(number)
    sound = samples[round((note.start + 0.05) * rate) : round((note.end - 0.05) * rate)].mean(1)
    spectrum, hertz = np.abs(np.fft.rfft(sound * np.hanning(len(sound)))), np.fft.rfftfreq(len(sound), 1 / rate)
    steps = 12 * np.log2(np.maximum(hertz, 1) / (440 * 2 ** ((note.pitch - 69) / 12)))
    of_note = np.min([abs(steps - 12 * np.log2(k)) for k in range(1, 9)], 0) < 0.6
    assert np.square(spectrum[of_note]).sum() > 0.4 * np.square(spectrum).sum()
