"""`python -m bench`: speed and memory on two cores, with a limit for each and a reference measured in the same run."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from rich.console import Console

from bench import reference, server
from bench.stopwatch import median_s
from bench.table import Row, gigabytes, seconds, table
from gender_audio import synth
from gender_audio.audio import Clip, write
from gender_audio.features.filterbank import Filterbank
from gender_audio.systems.genre import GenreClassifier
from gender_audio.systems.singing import SingingClassifier

CORES = 2
CLIP_S, SONG_S, GENRE_S = 3, 210, 180
SNIPPETS = 32


def synthesise(duration_s: int) -> Clip:
    """A clip of this duration: the synthesised examples one after another, repeated."""
    samples = np.concatenate([clip.samples for clip in synth.examples().values()], axis=1)
    return Clip(np.resize(samples, (1, duration_s * synth.RATE)), synth.RATE)


def measure_filterbanks() -> Row:
    """The filter bank of 32 snippets: one batch in torch against one snippet at a time in numpy."""
    snippets = np.random.default_rng(0).normal(0, 0.1, (SNIPPETS, reference.SAMPLES))
    batch, feature = torch.from_numpy(snippets).float(), Filterbank()
    numpy_s = median_s(lambda: [reference.filterbank(snippet) for snippet in snippets], runs=9)
    torch_s = median_s(lambda: feature(batch), runs=9)
    return Row(f"filter bank, {SNIPPETS} snippets", torch_s, numpy_s / 3, numpy_s, seconds)


def measure_singing(cost: reference.Cost, duration_s: int, limit_s: float, runs: int) -> Row:
    """The warm singing system on a clip. The reference takes the same time for each snippet."""
    classifier, clip = SingingClassifier.load(), synthesise(duration_s)
    snippets = len(classifier.features.windows.starts(clip.samples.shape[-1], clip.rate))
    measured_s = median_s(partial(classifier, clip), runs)
    return Row(f"singing, {duration_s} s", measured_s, limit_s, snippets * cost.snippet_s, seconds)


def measure_genre() -> Row:
    """Every method of the genre system on a song of three minutes."""
    measured_s = median_s(partial(GenreClassifier.load(), synthesise(GENRE_S)), runs=3)
    return Row(f"genre, {GENRE_S} s", measured_s, 8.0, None, seconds)


def measure_server(cost: reference.Cost) -> list[Row]:
    """The application's process: time until its page loads, and its memory after a clip and a song."""
    with TemporaryDirectory() as folder:
        recordings = [Path(folder) / f"{duration_s}.wav" for duration_s in (CLIP_S, SONG_S)]
        for path in recordings:
            write(path, synthesise(int(path.stem)).samples, synth.RATE)
        measured = server.measure(recordings)
    return [
        Row("peak memory", measured.peak_bytes, 1.5e9, cost.peak_bytes, gigabytes),
        Row("start of the page", measured.start_s, 15.0, None, seconds),
    ]


def main() -> None:
    """Measure everything on two cores and print one table."""
    parser = argparse.ArgumentParser("python -m bench", description=__doc__)
    parser.add_argument(
        "--quick",
        action="store_true",
        help="measure only the filter bank and one short clip (a few seconds)",
    )
    quick = parser.parse_args().quick
    if len(os.sched_getaffinity(0)) > CORES:
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
        # Start again: libraries count the cores when they are imported.
        os.execv(sys.executable, [sys.executable, "-m", "bench", *sys.argv[1:]])
    process = subprocess.run([sys.executable, "-m", "bench.reference"], stdout=subprocess.PIPE, check=True)
    cost = reference.Cost(**json.loads(process.stdout))
    rows = [measure_singing(cost, CLIP_S, 0.25, runs=9), measure_filterbanks()]
    if not quick:
        rows += [measure_singing(cost, SONG_S, 12.0, runs=3), measure_genre(), *measure_server(cost)]
    Console().print(table(rows, title=f"Medians on {CORES} cores"))


if __name__ == "__main__":
    main()
