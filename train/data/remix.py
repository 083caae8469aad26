"""Mixes voices and accompaniments into remixes, and renders the remixes of the fixed protocol.

The protocol (`remix_test.csv`, `remix_val.csv`) defines the arithmetic. Every source is cut to three seconds and scaled
to unit RMS. A second voice or accompaniment is added at a gain, and the sum is scaled to unit RMS again. The voice is
`snr_db` above the accompaniment. The peak of the mixture is 0.9.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from train.data.decoding import read_mono
from train.data.effects import normalise_rms
from train.data.readers import protocol

LENGTH = 48_000
"""Samples of a remix: three seconds."""


@dataclass(frozen=True, eq=False)
class Remix:
    """One labelled snippet. `vocals` and `accompaniment` are float32 [48000]; their sum is the mixture.

    `kind` is "sung", "spoken", "sung a cappella", "spoken a cappella", "instrumental" or "song". The stems of a song
    are unknown: `vocals` is the mixture if there is a voice, so no separator may learn from it or be measured on it.
    `singers` are those of `Source.group`, in order. Of a protocol row, `accompaniment_song` names the song of the first
    accompaniment, and `accompaniment_paths` the files of all accompaniments.
    """

    vocals: np.ndarray
    accompaniment: np.ndarray
    label: str
    kind: str
    singers: tuple[str, ...] = ()
    accompaniment_song: str = ""
    accompaniment_paths: tuple[str, ...] = ()

    @property
    def group(self) -> str:
        """The first singer of a protocol row, or the song of its accompaniment if there is no singer."""
        return self.singers[0] if self.singers else self.accompaniment_song

    @property
    def mixture(self) -> np.ndarray:
        """float32 [48000], peak 0.9."""
        return self.vocals + self.accompaniment


def layer(first: np.ndarray, second: np.ndarray | None, gain_db: float) -> np.ndarray:
    """The sum of two sources at unit RMS, the second one at a gain, scaled to unit RMS."""
    return (
        normalise_rms(first)
        if second is None
        else normalise_rms(normalise_rms(first) + normalise_rms(second) * 10 ** (gain_db / 20))
    )


def mix(voice: np.ndarray | None, accompaniment: np.ndarray | None, snr_db: float, label: str, kind: str) -> Remix:
    """A remix of a voice and an accompaniment, both at unit RMS; None is silence."""
    silence = np.zeros(LENGTH, np.float32)
    vocals = silence if voice is None else voice * np.float32(10 ** (snr_db / 20))
    rest = silence if accompaniment is None else accompaniment
    return normalise_peak(Remix(vocals, rest, label, kind))


def normalise_peak(remix: Remix) -> Remix:
    """The remix scaled to a peak of 0.9."""
    scale = np.float32(0.9 / (np.abs(remix.mixture).max() + 1e-9))
    return replace(
        remix,
        vocals=(remix.vocals * scale).astype(np.float32),
        accompaniment=(remix.accompaniment * scale).astype(np.float32),
    )


def load_protocol(file: Path, data: Path) -> list[Remix]:
    """Render all rows of `remix_test.csv` or `remix_val.csv` from the corpora below `data`.

    Raises:
        LayoutError, OSError: as `protocol.read_rows`; or a recording cannot be read or is too short.
    """
    return [render_row(row, data) for row in protocol.read_rows(file, data)]


def render_row(row: Mapping[str, str], data: Path) -> Remix:
    """Render one row of the protocol."""

    def cut(name: str) -> np.ndarray | None:
        if not row[name]:
            return None
        samples = read_mono(data / row[name], int(row[f"{name}_at"]), LENGTH)
        return np.pad(samples, (0, LENGTH - len(samples)))

    first, accompaniment = cut("voice1"), cut("acc1")
    voice = None if first is None else layer(first, cut("voice2"), float(row["gain2_db"] or 0))
    rest = None if accompaniment is None else layer(accompaniment, cut("acc2"), float(row["acc2_gain_db"] or 0))
    remix = mix(voice, rest, float(row["snr_db"] or 0), row["label"], row["kind"])
    paths = tuple(row[name] for name in ("acc1", "acc2") if row[name])
    return replace(
        remix,
        singers=tuple(row["singers"].split()),
        accompaniment_song=row["acc1"].rsplit("_", 1)[0],
        accompaniment_paths=paths,
    )
