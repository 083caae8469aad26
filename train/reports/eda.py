"""Writes docs/eda.md, a description of the corpora from their manifest: speakers, durations, examples and outliers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure

from gender_audio.features.mel_image import MelImage
from gender_audio.plots.palette import LABEL_COLOURS
from train.data.decoding import RATE, read_audio
from train.data.readers import manifest
from train.data.readers.csv_listing import Row
from train.reports.tables import image, table

IMAGES = Path("images")
OPTIONAL_COLUMNS = ("accent", "age", "genre")
"""Columns that a manifest may have; each becomes a table if it has values."""
PLAUSIBLE_AGE = (5.0, 110.0)
OUTLIER_FACTOR = 3.0
"""A duration is an outlier if it lies this many interquartile ranges outside the quartiles."""


def write(data: Path, docs: Path, kind: str, command: str) -> None:
    """Write `docs/eda.md` and its images about the clips of one kind in `data/manifest.csv`.

    Raises:
        LayoutError, OSError: as `manifest.rows_of_kind`.
    """
    rows = manifest.rows_of_kind(data, kind, manifest.DURATION)
    (docs / IMAGES).mkdir(parents=True, exist_ok=True)
    plot_durations(rows, docs / IMAGES / "eda-durations.svg")
    plot_examples(rows, data, docs / IMAGES / "eda-examples.png")
    parts = [
        f"# The corpora: {kind}",
        f"This page is written by `{command}`; do not edit it.",
        "## Speakers and clips",
        speaker_table(rows),
        *optional_tables(rows),
        "## Durations",
        image(IMAGES / "eda-durations.svg", "Durations of the clips by corpus and label"),
        "## Examples",
        "One clip of each corpus and label: the waveform and the corrected mel image of its first six seconds.",
        image(IMAGES / "eda-examples.png", "Waveforms and mel images"),
        "## Outliers",
        find_outliers(rows),
    ]
    (docs / "eda.md").write_text("\n\n".join(parts) + "\n", encoding="utf8")


def speaker_table(rows: Iterable[Row]) -> str:
    """A table of clips, speakers and minutes by corpus, split and label."""
    lines = [
        [*names, str(len(part)), str(len(_values(part, "singer_id"))), f"{_durations_s(part).sum() / 60:.1f}"]
        for names, part in _group(rows, "dataset", "split", "voice").items()
    ]
    return table(["corpus", "split", "label", "clips", "speakers", "minutes"], lines)


def optional_tables(rows: Sequence[Row]) -> list[str]:
    """Tables of the optional columns that have values, each with its heading."""
    parts = []
    for column in OPTIONAL_COLUMNS:
        if any(row.get(column) for row in rows):
            counts = {name: len(_values(part, "singer_id")) for (name,), part in _group(rows, column).items()}
            ordered = sorted(counts.items(), key=lambda item: -item[1])
            parts += [f"## By {column}", table([column, "speakers"], [[name, str(n)] for name, n in ordered])]
    return parts


def find_outliers(rows: Sequence[Row]) -> str:
    """A list of speakers with two labels or in two splits, implausible ages, and clips of unusual duration."""
    findings = []
    speakers = _group([row for row in rows if row["singer_id"]], "singer_id")
    for column in ("voice", "split"):
        mixed = [name for (name,), part in speakers.items() if len(_values(part, column)) > 1]
        name = {"voice": "label", "split": "split"}[column]
        findings.append(f"- Speakers with more than one {name}: {', '.join(mixed) or 'none'}.")
    if any(row.get("age") for row in rows):
        implausible = {row["singer_id"] for row in rows if row["age"] and not _plausible(row["age"])}
        findings.append(f"- Speakers with an implausible age: {', '.join(sorted(implausible)) or 'none'}.")
    for (dataset,), part in _group(rows, "dataset").items():
        low, high = np.quantile(_durations_s(part), [0.25, 0.75])
        margin = OUTLIER_FACTOR * (high - low)
        unusual = [
            row for row, s in zip(part, _durations_s(part), strict=True) if not low - margin <= s <= high + margin
        ]
        examples = ", ".join(f"`{row['path']}` ({float(row['duration_s']):.1f} s)" for row in unusual[:5])
        findings.append(f"- {dataset}: {len(unusual)} clips of unusual duration{': ' + examples if examples else ''}.")
    return "\n".join(findings)


def plot_durations(rows: Sequence[Row], path: Path) -> None:
    """Write histograms of the durations by corpus and label."""
    corpora = _group(rows, "dataset")
    bins = np.linspace(0, _durations_s(rows).max(), 40)
    figure, axes = _figure((7, 1.5 * len(corpora)), len(corpora), 1)
    for place, ((dataset,), part) in zip(axes[:, 0], corpora.items(), strict=True):
        labels = {label: _durations_s(clips) for (label,), clips in _group(part, "voice").items()}
        colours = [LABEL_COLOURS[label].light if label in LABEL_COLOURS else "0.6" for label in labels]
        place.hist(list(labels.values()), bins, stacked=True, color=colours, label=list(labels))
        place.set(title=dataset, ylabel="clips")
        place.legend(frameon=False)
    axes[-1, 0].set_xlabel("duration (s)")
    with rc_context({"svg.hashsalt": "eda"}):
        figure.savefig(path, metadata={"Date": None})


def plot_examples(rows: Sequence[Row], data: Path, path: Path) -> None:
    """Write the waveform and the mel image of the first clip of every corpus and label."""
    firsts = [part[0] for part in _group(rows, "dataset", "voice").values()]
    figure, axes = _figure((6.4, len(firsts)), len(firsts), 2)
    feature = MelImage()
    for (wave, spectrum), row in zip(axes, firsts, strict=True):
        samples, rate = read_audio(data / row["path"])
        mono = samples.mean(1)[: 6 * rate]
        wave.plot(np.arange(len(mono)) / rate, mono, color="0.2", linewidth=0.3)
        wave.set_ylabel(f"{row['dataset']}\n{row['voice']}")
        spectrum.set_ylabel("mel band")
        if rate == RATE:
            mel = feature(mono)
            spectrum.imshow(mel, "magma", aspect="auto", origin="lower", extent=(0, len(mono) / rate, 0, len(mel)))
    for place in axes[-1]:
        place.set_xlabel("time (s)")
    figure.savefig(path, dpi=50)


def _group(rows: Iterable[Row], *columns: str) -> dict[tuple[str, ...], list[Row]]:
    """Rows by combination of values, sorted."""
    groups: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        groups[tuple(row[column] for column in columns)].append(row)
    return dict(sorted(groups.items()))


def _values(rows: Iterable[Row], column: str) -> set[str]:
    return {row[column] for row in rows}


def _durations_s(rows: Iterable[Row]) -> np.ndarray:
    return np.array([float(row["duration_s"]) for row in rows])


def _plausible(age: str) -> bool:
    low, high = PLAUSIBLE_AGE
    return age.replace(".", "", 1).isdigit() and low <= float(age) <= high


def _figure(size: tuple[float, float], rows: int, columns: int) -> tuple[Any, Any]:
    figure = Figure(size, layout="constrained")
    return figure, figure.subplots(rows, columns, squeeze=False)
