"""Plots of a verdict: timeline, members, stems and spectrogram, each an HTML `<figure>`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from gender_audio.features.mel import hz_to_mel, mel_spectrogram, power_to_db
from gender_audio.plots.palette import INK, LABEL_COLOURS, LINE, VOICE
from gender_audio.plots.svg import png, responsive, rows
from gender_audio.report import label_title
from gender_audio.systems.base import Verdict

if TYPE_CHECKING:  # these import torch
    from gender_audio.systems.combination import PublishedAnswer
    from gender_audio.systems.singing import SingingVerdict

MEL_BANDS = 96
QUIETEST_DB = -80.0  # relative to the loudest point of a spectrogram

Samples = NDArray[np.float32]


def timeline(verdict: Verdict) -> str:
    """The waveform in the colours of the labels, and the probability of each label over time."""
    spans = "; ".join(
        f"{part.start_s:.0f} to {part.end_s:.0f} s: {label_title(verdict, part.label)}" for part in verdict.segments
    )
    return responsive(partial(_draw_timeline, verdict), f"Waveform and timeline. {spans}.")


def timeline_png(verdict: Verdict) -> bytes:
    """The same as a picture on a white ground."""
    return png(partial(_draw_timeline, verdict))


def _draw_timeline(verdict: Verdict, width: int) -> Figure:
    system, parts = verdict.system, verdict.segments
    figure, (wave, *lanes) = rows(width, [90, *[24] * len(system.labels)], verdict.clip.duration_s, gap=21)
    wave_s, low, high = _envelope(verdict.clip.samples.mean(axis=0), verdict.clip.rate, width)
    part_of = np.searchsorted([part.end_s for part in parts[:-1]], wave_s)
    colours: dict[str | None, str] = {label: LABEL_COLOURS[label].light for label in system.labels}
    for label, colour in (colours | {None: INK.light}).items():
        has_label = np.array([part.label == label for part in parts])[part_of]
        has_label[1:] |= has_label[:-1]  # no gap where the label changes
        wave.fill_between(wave_s, low, high, where=has_label.tolist(), color=colour)
    _set_amplitude(wave, max(float(-low.min()), float(high.max())))
    time_s, curves = _probability_curves(verdict)
    for label, lane, curve in zip(system.labels, lanes, curves, strict=True):
        lane.axhspan(0.0, 1.0, color=LINE.light, alpha=0.5, linewidth=0)
        lane.fill_between(time_s, curve, color=LABEL_COLOURS[label].light, linewidth=0)
        lane.set(ylim=(0.0, 1.0))
        lane.text(0.0, 1.1, system.titles[label], transform=lane.transAxes, fontsize=11, va="bottom")
    return figure


def _probability_curves(verdict: Verdict) -> tuple[np.ndarray, np.ndarray]:
    """Times [t], and the probability of each label at these, [k, t]; 0 in silence."""
    middles_s = (verdict.starts_s + verdict.ends_s) / 2
    probabilities = verdict.snippet_probabilities.copy()
    probabilities[list(verdict.silent_snippets)] = 0.0
    curves = np.concatenate([probabilities[:1], probabilities, probabilities[-1:]]).T
    return np.concatenate([[0.0], middles_s, [verdict.clip.duration_s]]), curves


def members(verdict: Verdict, ensemble: np.ndarray | None = None, published: Sequence[PublishedAnswer] = ()) -> str:
    """The probabilities of the verdict and of every member, one row each.

    Args:
        ensemble: probabilities of the members together, [k], if other networks take part in the verdict.
        published: the answers of these other networks.
    """
    system = verdict.system
    votes = [verdict.member_labels.count(label) for label in system.labels]
    names = [name.lstrip("0") for name in verdict.member_names]
    left, row = 62, 15
    together = [("Ensemble", verdict.probabilities)]
    if ensemble is not None:
        together = [("Verdict", verdict.probabilities), ("Ensemble", ensemble)]
    together_ys = [62.0 + 22 * number for number in range(len(together))]
    ys = [together_ys[-1] + 22 + row * (number + 0.5) for number in range(len(names))]
    votes_y = ys[-1] + 26
    published_ys = [votes_y + 46 + 36 * number for number in range(len(published))]
    height = (published_ys or [votes_y])[-1] + 12
    # The height of a row, its probabilities, the label that it votes for, and the width of its bars.
    bars = [
        *((y, probabilities, None, 12) for y, (_, probabilities) in zip(together_ys, together, strict=True)),
        *zip(ys, verdict.member_probabilities, verdict.member_labels, [9] * len(names), strict=True),
        *((y, one.probabilities, one.label, 9) for y, one in zip(published_ys, published, strict=True)),
    ]
    titles = [*zip(together_ys, (name for name, _ in together), strict=True), *zip(ys, names, strict=True)]

    def draw(width: int) -> Figure:
        figure = Figure((width / 72, height / 72))
        axes = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(height, 0))
        axes.set_axis_off()
        for y, name in [*titles, (votes_y, "Votes")]:
            axes.text(left - 5, y, name, fontsize=11, ha="right", va="center")
        for y, network in zip(published_ys, published, strict=True):
            axes.text(left, y - 15, network.title, fontsize=11, va="center")
        column = (width - left) / len(system.labels)
        for index, label in enumerate(system.labels):
            x, full, colour = left + index * column, column - 10, LABEL_COLOURS[label].light
            axes.text(x, 2, fill(system.titles[label], 12), va="top", fontsize=10, linespacing=1.15)
            axes.text(x, 46, f"{verdict.probabilities[index]:.0%}", weight="bold", va="center")
            for y, probabilities, vote, thickness in bars:
                alpha = 1.0 if vote in (None, label) else 0.45
                axes.hlines(y, x, x + full, LINE.light, linewidths=thickness, alpha=0.5)
                axes.hlines(y, x, x + full * probabilities[index], colour, linewidths=thickness, alpha=alpha)
            weight = "bold" if label == verdict.label else "normal"
            axes.text(x, votes_y, str(votes[index]), va="center", weight=weight)
        return figure

    counts = ", ".join(f"{system.titles[label]} {count}" for label, count in zip(system.labels, votes, strict=True))
    others = "".join(f" {one.title}: {system.titles[one.label]}." for one in published)
    return responsive(draw, f"Members beside the verdict. Votes of {len(names)} members: {counts}.{others}")


def stem(verdict: SingingVerdict, name: str) -> str:
    """The waveform of one stem, `vocals` or `accompaniment`, on the scale of the louder of the two."""
    stems = {"vocals": verdict.stems.vocals, "accompaniment": verdict.stems.accompaniment}
    peak = max(float(np.abs(samples).max()) for samples in stems.values())
    colour = VOICE if name == "vocals" else INK

    def draw(width: int) -> Figure:
        figure, (wave,) = rows(width, [72], verdict.clip.duration_s)
        time_s, low, high = _envelope(stems[name].mean(axis=0), verdict.stems.rate, width)
        wave.fill_between(time_s, low, high, color=colour.light)
        _set_amplitude(wave, peak)
        return figure

    return responsive(draw, f"Waveform of the {name}.")


def spectrogram(verdict: SingingVerdict) -> str:
    """The mel spectrogram of the mixture, 80 dB from the loudest point down."""
    mixture = verdict.clip.mono(verdict.stems.rate)
    highest_hz = verdict.stems.rate / 2

    def draw(width: int) -> Figure:
        figure, (axes,) = rows(width, [190], verdict.clip.duration_s, left=60)
        extent = (0.0, verdict.clip.duration_s, 0.0, MEL_BANDS)
        spectrogram_db = _mel_db(mixture, verdict.stems.rate, columns=width)
        axes.imshow(
            spectrogram_db,
            "magma",
            aspect="auto",
            interpolation="none",
            extent=extent,
            origin="lower",
            vmin=QUIETEST_DB,
            vmax=0.0,
        )
        ticks_hz = [hz for hz in (250, 500, 1_000, 2_000, 4_000, 8_000) if hz <= highest_hz]
        axes.set_yticks(
            [MEL_BANDS * hz_to_mel(hz) / hz_to_mel(highest_hz) for hz in ticks_hz],
            [str(hz) for hz in ticks_hz],
        )
        axes.set_ylabel("Frequency (Hz)")
        return figure

    return responsive(draw, f"Mel spectrogram from 0 to {highest_hz:.0f} Hz.")


def _set_amplitude(axes: Axes, peak: float) -> None:
    """Set the vertical limits of a waveform; silence becomes a line in the middle."""
    axes.set_ylim(-(peak or 1.0), peak or 1.0)


def _envelope(samples: Samples, rate: int, columns: int) -> tuple[Samples, Samples, Samples]:
    """Time in s, minimum and maximum in each of at most `columns` equal parts of samples [n]."""
    starts = np.unique(np.linspace(0, len(samples), columns, endpoint=False).astype(int))
    time_s = (starts + np.diff(starts, append=len(samples)) / 2) / rate
    return time_s, np.minimum.reduceat(samples, starts), np.maximum.reduceat(samples, starts)


def _mel_db(samples: Samples, rate: int, columns: int) -> Samples:
    """Mel spectrogram [MEL_BANDS, at most `columns`] of samples [n], in dB below its loudest point.

    A long clip gets only four frames per column, which bounds time and memory.
    """
    hop = max(rate // 100, len(samples) // (4 * columns))
    power = mel_spectrogram(samples, rate, 1024, hop, MEL_BANDS)
    starts = np.unique(np.linspace(0, power.shape[1], columns, endpoint=False).astype(int))
    mean = np.add.reduceat(power, starts, axis=1) / np.diff(starts, append=power.shape[1])
    relative = mean / max(float(mean.max()), 1e-30)
    return power_to_db(relative, 10 ** (QUIETEST_DB / 10))
