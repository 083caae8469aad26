"""Figures of docs/results.md, drawn from run records and from the definitions in the code."""

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
def figure(path: Path, across: str, up: str) -> Iterator[Axes]:
    """Axes that are written to `path` as SVG, the same bytes for the same drawing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with plt.rc_context(STYLE):
        drawing, axes = plt.subplots(figsize=SIZE, layout="constrained")
        axes.set(xlabel=across, ylabel=up)
        yield axes
        drawing.savefig(path, metadata={"Date": None})
        plt.close(drawing)


def reliability(record: dict[str, Any], path: Path) -> None:
    """How often the ensemble is right against how sure it is, in parts of equal mass."""
    sure, right, _ = zip(*record["reliability"], strict=True)
    with figure(path, "mean confidence", "share that is right") as axes:
        axes.plot([0, 1], [0, 1], color=LINE.dark, linestyle=":")
        axes.plot(sure, right, "o-", color=VOICE.light)
        axes.set(xlim=(min(0.3, *sure), 1.01), ylim=(min(0.3, *right), 1.01))


def risk(record: dict[str, Any], path: Path) -> None:
    """Share of wrong answers against share of rows answered, and where the application says that it is not sure."""
    answered, wrong = zip(*record["risk"], strict=True)
    with figure(path, "share of rows answered, the surest first", "share of them that is wrong") as axes:
        axes.plot(answered, wrong, "o-", color=VOICE.light)
        axes.axvline(record["coverage"], color=LINE.dark, linestyle=":", label="the rest is \u201cnot sure\u201d")
        axes.set(xlim=(0, 1.02), ylim=(0, None))
        axes.legend(frameon=False)


def sizes(record: dict[str, Any], path: Path) -> None:
    """Accuracy of so many members together, in whichever order they join, beside that of each alone."""
    count = np.arange(1, len(record["sizes"]) + 1)
    with figure(path, "members", "accuracy") as axes:
        axes.plot(count, record["members"], "o", color=LINE.dark, label="each member alone")
        axes.plot(count, record["sizes"], "o-", color=VOICE.light, label="so many together, mean over orders")
        axes.set_xticks(count[::3])
        axes.legend(frameon=False)


def learning(record: dict[str, Any], path: Path) -> None:
    """NLL on unheard singers after every round of every member; each time they went on, on other remixes."""
    done = 0
    with figure(path, "round", "NLL on unheard singers") as axes:
        for told in _stages(record):
            if done:
                axes.axvline(done + 0.5, color=LINE.dark, linestyle=":")
            for curve in told["curves"]:
                axes.plot(done + np.arange(1, len(curve) + 1), curve, color=VOICE.light, alpha=0.4)
            done += max(map(len, told["curves"]))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_yscale("log")


def schedule(record: dict[str, Any], path: Path) -> None:
    """The learning rate of every batch of a member, each time it went on, too."""
    done = 0
    with figure(path, "batch", "learning rate") as axes:
        for told in _stages(record):
            if done:
                axes.axvline(done, color=LINE.dark, linestyle=":")
            axes.plot(done + 10 * np.arange(len(told["rates"])), told["rates"], color=VOICE.light)
            done += 10 * len(told["rates"])
        axes.set_ylim(0, None)


def _stages(record: dict[str, Any]) -> list[dict[str, Any]]:
    return [record, *record.get("further", [])]


def filter_bank(feature: Filterbank, path: Path) -> None:
    """The triangular filters over frequency."""
    table = filters(feature).numpy()
    hertz = np.arange(len(table)) * feature.rate / feature.fft
    with figure(path, "frequency (Hz)", "weight") as axes:
        axes.plot(hertz, table, color=VOICE.light, linewidth=0.7)
        axes.set_xlim(0, feature.rate / 2)


def sound(clip: Clip, path: Path) -> None:
    """Waveform and spectrogram in dB of a clip."""
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
