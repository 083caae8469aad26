"""`python -m bench`: what the application costs on two cores, its marks, and a reference in the same run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from rich.console import Console
from rich.table import Table

from bench import reference
from bench.measure import median_s
from bench.server import visit
from gender_audio import synth, weights
from gender_audio.audio import Clip, write
from gender_audio.features.filterbank import Filterbank
from gender_audio.systems.ensemble import Ensemble
from gender_audio.systems.genre import GenreClassifier
from gender_audio.systems.labels import SINGING, STUDENT
from gender_audio.systems.singing import SingingClassifier
from gender_audio.systems.singing_features import SingingFeatures

CORES = 2
CLIP_S, SONG_S, GENRE_S = 3, 210, 180
SNIPPETS = 32


@dataclass(frozen=True)
class Row:
    """One thing measured: ours, its mark, and the reference where system A did the same, in one unit."""

    what: str
    ours: float
    mark: float
    reference: float | None
    show: Callable[[float], str]

    @property
    def kept(self) -> bool:
        """Whether ours is within its mark."""
        return self.ours <= self.mark

    @property
    def ratio(self) -> str:
        """How many times ours the reference is."""
        return f"{self.reference / self.ours:.1f}" if self.reference else "-"

    def cells(self) -> tuple[str, ...]:
        """The row as text: what, ours, mark, reference, ratio."""
        mark = f"{self.show(self.mark)} {'kept' if self.kept else 'MISSED'}"
        return (
            self.what,
            self.show(self.ours),
            mark,
            self.show(self.reference) if self.reference else "-",
            self.ratio,
        )


def seconds(value: float) -> str:
    """0.1234 becomes 0.123 s."""
    return f"{value:#.3g} s"


def gigabytes(value: float) -> str:
    """1234567890 becomes 1.23 GB."""
    return f"{value / 1e9:.2f} GB"


def singing(duration_s: int) -> Clip:
    """The synthesised examples one after another, over and over, for so many seconds."""
    examples = np.concatenate([clip.samples for clip in synth.examples().values()], axis=1)
    return Clip(np.resize(examples, (1, duration_s * synth.RATE)), synth.RATE)


def compare_filterbanks() -> Row:
    """The exact feature of 32 snippets: one batch in torch against one snippet after another in numpy."""
    snippets = np.random.default_rng(0).normal(0, 0.1, (SNIPPETS, reference.SAMPLES))
    batch, feature = torch.from_numpy(snippets).float(), Filterbank()
    theirs = median_s(lambda: [reference.filterbank(snippet) for snippet in snippets], runs=9)
    return Row(
        f"filter bank, {SNIPPETS} snippets",
        median_s(lambda: feature(batch), runs=9),
        theirs / 3,
        theirs,
        seconds,
    )


def compare_networks() -> Row:
    """The student against the ensemble that taught it, on the features of 32 snippets."""
    ensemble, student = Ensemble.load(), Ensemble.load(STUDENT)
    features = torch.randn(SNIPPETS, *SingingFeatures.from_card(weights.card(SINGING.name)).shape)
    theirs = median_s(lambda: ensemble(features), runs=5)
    # As many passes of one network as the twenty made, so that both are asked for as long.
    ours = median_s(lambda: student(features), runs=5 * len(ensemble.members))
    return Row(f"student, {SNIPPETS} snippets", ours, theirs / 15, theirs, seconds)


def compare_answers(cost: reference.Cost) -> list[Row]:
    """A warm pipeline on a clip and on a song. The reference takes as long for each snippet of a song."""
    pipeline = SingingClassifier.load()
    rows = []
    for duration_s, mark_s, runs in ((CLIP_S, 0.25, 9), (SONG_S, 12.0, 3)):
        clip = singing(duration_s)
        snippets = len(pipeline.features.windows.starts(clip.samples.shape[-1], clip.rate))
        ours_s = median_s(partial(pipeline, clip), runs)
        rows.append(Row(f"answer, {duration_s} s", ours_s, mark_s, snippets * cost.snippet_s, seconds))
    return rows


def measure_genre() -> Row:
    """Every method of the genre system on a song of three minutes."""
    ours_s = median_s(partial(GenreClassifier.load(), singing(GENRE_S)), runs=3)
    return Row(f"genre, {GENRE_S} s", ours_s, 8.0, None, seconds)


def compare_processes(cost: reference.Cost) -> list[Row]:
    """The application's process: how soon its page answers, and its memory after a clip and a song."""
    with TemporaryDirectory() as folder:
        recordings = [Path(folder) / f"{duration_s}.wav" for duration_s in (CLIP_S, SONG_S)]
        for path in recordings:
            write(path, singing(int(path.stem)).samples, synth.RATE)
        visited = visit(recordings)
    return [
        Row("peak memory", visited.peak_bytes, 1.5e9, cost.peak_bytes, gigabytes),
        Row("page after start", visited.page_s, 15.0, None, seconds),
    ]


def main() -> None:
    """Measure everything on two cores and print one table."""
    if len(os.sched_getaffinity(0)) > CORES:
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
        os.execv(sys.executable, [sys.executable, "-m", "bench"])  # the libraries counted the cores when imported
    alone = subprocess.run([sys.executable, "-m", "bench.reference"], stdout=subprocess.PIPE, check=True)
    cost = reference.Cost(**json.loads(alone.stdout))
    table = Table("", "ours", "mark", "reference", "ratio", title=f"Medians on {CORES} cores")
    rows = [*compare_answers(cost), measure_genre(), compare_networks(), compare_filterbanks()]
    for row in [*rows, *compare_processes(cost)]:
        table.add_row(*row.cells())
    Console().print(table)


main()
