"""Random MIDI pieces: reproducible by number, and rendered as composed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from train.data.synthesis import midi
from train.data.validation import LayoutError

CHOIRS = {52, 53, 54, 85, 91}


def test_render_is_reproducible_by_number() -> None:
    first, rate = midi.render(3)
    assert rate >= 16_000 and first.dtype == np.float32 and first.shape[1] == 2
    np.testing.assert_array_equal(first, midi.render(3)[0])
    assert first.shape != midi.render(4)[0].shape
    assert np.abs(first).max() > 0.02


@pytest.mark.parametrize("number", range(40))
def test_compose_has_duration_and_no_choir(number: int) -> None:
    piece = midi.compose(np.random.default_rng(number))
    assert piece.get_end_time() >= 0.8 * midi.LENGTH_S
    assert not CHOIRS & {instrument.program for instrument in piece.instruments if not instrument.is_drum}
    notes = [note for instrument in piece.instruments for note in instrument.notes]
    assert all(0 <= note.pitch < 128 and 0 <= note.start < note.end for note in notes)


def test_render_uses_each_soundfont_and_reports_missing_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundled = next(iter(midi.FONTS))
    monkeypatch.setattr(midi, "FONTS", {bundled: "pretty_midi", tmp_path / "None.sf2": "no-such-soundfont"})
    assert midi.render(midi.PIECES - 1)[0].any()
    with pytest.raises(LayoutError, match=r"None\.sf2 is missing: install Debian's package no-such-soundfont"):
        midi.render(midi.PIECES)


def test_pitch_bends_slide_and_vibrate() -> None:
    note = midi.Note(80, 60, 1.0, 3.0)
    all_bends = [midi.pitch_bends(np.random.default_rng(seed), [note]) for seed in range(40)]
    pitch_by_time = [{round(1 + 0.02 * step, 2): bend.pitch for step, bend in enumerate(bends)} for bends in all_bends]
    assert all(1 <= bend.time < 3 and abs(bend.pitch) <= 8191 for bends in all_bends for bend in bends)
    assert {int(np.sign(bends[1.0])) for bends in pitch_by_time} == {-1, 0, 1}
    late = np.array([[bends[round(time, 2)] for time in np.arange(2, 3, 0.02)] for bends in pitch_by_time]) / 4096
    assert np.abs(late).max() <= 0.7 and np.median(np.ptp(late, axis=1)) > 0.3


def test_compose_stays_in_one_key() -> None:
    for number in range(10):
        instruments = midi.compose(np.random.default_rng(number)).instruments
        assert len({note.pitch % 12 for one in instruments if not one.is_drum for note in one.notes}) <= 7


def test_rendered_note_has_its_pitch() -> None:
    pieces = ((n, midi.compose(np.random.default_rng(n)).instruments) for n in range(100))
    number, (lead,) = next((n, parts) for n, parts in pieces if len(parts) == 1 and not parts[0].pitch_bends)
    note = max(lead.notes, key=lambda one: one.end - one.start)
    samples, rate = midi.render(number)
    sound = samples[round((note.start + 0.05) * rate) : round((note.end - 0.05) * rate)].mean(1)
    spectrum, hertz = np.abs(np.fft.rfft(sound * np.hanning(len(sound)))), np.fft.rfftfreq(len(sound), 1 / rate)
    steps = 12 * np.log2(np.maximum(hertz, 1) / (440 * 2 ** ((note.pitch - 69) / 12)))
    of_note = np.min([abs(steps - 12 * np.log2(k)) for k in range(1, 9)], 0) < 0.6
    assert np.square(spectrum[of_note]).sum() > 0.4 * np.square(spectrum).sum()
