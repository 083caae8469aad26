"""Figures of docs/results.md, drawn from run records and from feature definitions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from gender_audio.audio import Clip
from gender_audio.features.filterbank import Filterbank, filters
from gender_audio.plots.palette import LINE, VOICE

SIZE = (4.6, 3.2)  # inches
STYLE: dict[str, Any] = {
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": LINE.light,
    "font.size": 9,
    "svg.hashsalt": "figures",
}


@contextmanager
def figure(path: Path, xlabel: str, ylabel: str) -> Iterator[Axes]:
    """Axes of a figure that is written to `path` as SVG; the same drawing gives the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with plt.rc_context(STYLE):
        drawing, axes = plt.subplots(figsize=SIZE, layout="constrained")
        axes.set(xlabel=xlabel, ylabel=ylabel)
        yield axes
        drawing.savefig(path, metadata={"Date": None})
        plt.close(drawing)


def reliability(record: dict[str, Any], path: Path) -> None:
    """Accuracy against mean confidence in bins of equal mass."""
    confidence, accuracy, _ = zip(*record["reliability"], strict=True)
    with figure(path, "mean confidence", "accuracy") as axes:
        axes.plot([0, 1], [0, 1], color=LINE.dark, linestyle=":")
        axes.plot(confidence, accuracy, "o-", color=VOICE.light)
        axes.set(xlim=(min(0.3, *confidence), 1.01), ylim=(min(0.3, *accuracy), 1.01))


def risk_coverage(record: dict[str, Any], path: Path) -> None:
    """Error rate against the share of rows answered, and the share that the application answers."""
    answered, wrong = zip(*record["risk"], strict=True)
    with figure(path, "share of rows answered, most confident first", "error rate among them") as axes:
        axes.plot(answered, wrong, "o-", color=VOICE.light)
        axes.axvline(record["coverage"], color=LINE.dark, linestyle=":", label="the rest is \u201cnot sure\u201d")
        axes.set(xlim=(0, 1.02), ylim=(0, None))
        axes.legend(frameon=False)


def ensemble_sizes(record: dict[str, Any], path: Path) -> None:
    """Accuracy by number of members, averaged over orders, beside that of each member alone."""
    accuracies = record["by_ensemble_size"]
    count = np.arange(1, len(accuracies) + 1)
    with figure(path, "members", "accuracy") as axes:
        axes.plot(count, record["members"], "o", color=LINE.dark, label="each member alone")
        axes.plot(count, accuracies, "o-", color=VOICE.light, label="ensemble of this size, mean over orders")
        axes.set_xticks(count[::3])
        axes.legend(frameon=False)


def learning_curves(stages: list[dict[str, Any]], path: Path) -> None:
    """NLL on held-out singers after every round of every member, stage after stage."""
    rounds = 0
    with figure(path, "round", "NLL on held-out singers") as axes:
        for stage in stages:
            if rounds:
                axes.axvline(rounds + 0.5, color=LINE.dark, linestyle=":")
            for curve in stage["curves"]:
                axes.plot(rounds + np.arange(1, len(curve) + 1), curve, color=VOICE.light, alpha=0.4)
            rounds += max(map(len, stage["curves"]))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_yscale("log")


def learning_rates(stages: list[dict[str, Any]], path: Path) -> None:
    """The learning rate of every batch of a member, stage after stage."""
    batches = 0
    with figure(path, "batch", "learning rate") as axes:
        for stage in stages:
            if batches:
                axes.axvline(batches, color=LINE.dark, linestyle=":")
            axes.plot(batches + 10 * np.arange(len(stage["rates"])), stage["rates"], color=VOICE.light)
            batches += 10 * len(stage["rates"])
        axes.set_ylim(0, None)


def filter_bank(feature: Filterbank, path: Path) -> None:
    """The triangular filters of the filter bank over frequency."""
    table = filters(feature).numpy()
    hertz = np.arange(len(table)) * feature.rate / feature.fft
    with figure(path, "frequency (Hz)", "weight") as axes:
        axes.plot(hertz, table, color=VOICE.light, linewidth=0.7)
        axes.set_xlim(0, feature.rate / 2)


def waveform_and_spectrogram(clip: Clip, path: Path) -> None:
    """Waveform and spectrogram in dB of a clip, written to `path`."""
    import librosa

    mono = clip.samples.mean(0)
    decibels = librosa.amplitude_to_db(np.abs(librosa.stft(mono)), ref=np.max)
    with plt.rc_context({**STYLE, "axes.grid": False}):
        drawing, (wave, spectrum) = plt.subplots(2, sharex=True, figsize=(SIZE[0], 4), layout="constrained")
        wave.plot(np.arange(len(mono)) / clip.rate, mono, color=VOICE.light, linewidth=0.5)
        spectrum.imshow(
            decibels, "magma", origin="lower", aspect="auto", extent=(0, clip.duration_s, 0, clip.rate / 2), vmin=-80
        )
        spectrum.set(xlabel="time (s)", ylabel="frequency (Hz)")
        drawing.savefig(path)
        plt.close(drawing)
