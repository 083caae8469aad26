"""A corpus described from its manifest: who speaks, for how long, what it sounds like, and what stands out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gender_audio.features.mel_image import MelImage
from gender_audio.plots.palette import LABEL_COLOURS
from train.data.decoding import RATE, read_audio
from train.data.readers import manifest
from train.data.readers.csv_listing import Row
from train.reports.tables import table

PICTURES = Path("images")
OPTIONAL = ("accent", "age", "genre")
"""Columns that a manifest may have; each becomes a table where it says anything."""
PLAUSIBLE_AGE = (5.0, 110.0)
FAR = 3.0
"""A duration this many times the middle half's width away from it stands out."""


def write(data: Path, docs: Path, kind: str, command: str) -> None:
    """Write `docs/eda.md` with its pictures about the clips of one kind in `data/manifest.csv`.

    Raises:
        LayoutError, OSError: as `manifest.rows_of_kind`.
    """
    rows = manifest.rows_of_kind(data, kind, manifest.DURATION)
    (docs / PICTURES).mkdir(parents=True, exist_ok=True)
    durations(rows, docs / PICTURES / "eda-durations.svg")
    examples(rows, data, docs / PICTURES / "eda-examples.png")
    parts = [
        f"# What is in the corpora: {kind}",
        f"Written by a command; do not edit. `{command}`",
        "## Who",
        people(rows),
        *described(rows),
        "## How long",
        f"![How long the clips are, corpus by corpus]({PICTURES / 'eda-durations.svg'})",
        "## What it looks like",
        "One clip of each corpus and label: its waveform and the corrected mel image of its first six seconds.",
        f"![Waveforms and mel images]({PICTURES / 'eda-examples.png'})",
        "## What stands out",
        outliers(rows),
    ]
    (docs / "eda.md").write_text("\n\n".join(parts) + "\n", encoding="utf8")


def people(rows: Iterable[Row]) -> str:
    """Clips, speakers and minutes by corpus, split and label."""
    lines = [
        [*names, str(len(part)), str(len(_values(part, "singer_id"))), f"{_lengths(part).sum() / 60:.1f}"]
        for names, part in _by(rows, "dataset", "split", "voice").items()
    ]
    return table(["corpus", "split", "label", "clips", "speakers", "minutes"], lines)


def described(rows: Sequence[Row]) -> list[str]:
    """Accent, age and the like, where the manifest has them."""
    parts = []
    for column in OPTIONAL:
        if any(row.get(column) for row in rows):
            counts = {name: len(_values(part, "singer_id")) for (name,), part in _by(rows, column).items()}
            ordered = sorted(counts.items(), key=lambda item: -item[1])
            parts += [f"## By {column}", table([column, "speakers"], [[name, str(n)] for name, n in ordered])]
    return parts


def outliers(rows: Sequence[Row]) -> str:
    """Speakers with two labels or in two splits, implausible ages, and clips far from the usual length."""
    findings = []
    speakers = _by([row for row in rows if row["singer_id"]], "singer_id")
    for column in ("voice", "split"):
        mixed = [name for (name,), part in speakers.items() if len(_values(part, column)) > 1]
        words = {"voice": "label", "split": "split"}[column]
        findings.append(f"- Speakers with more than one {words}: {', '.join(mixed) or 'none'}.")
    if any(row.get("age") for row in rows):
        odd = {row["singer_id"] for row in rows if row["age"] and not _plausible(row["age"])}
        findings.append(f"- Speakers of an implausible age: {', '.join(sorted(odd)) or 'none'}.")
    for (dataset,), part in _by(rows, "dataset").items():
        low, high = np.quantile(_lengths(part), [0.25, 0.75])
        reach = FAR * (high - low)
        far = [row for row, s in zip(part, _lengths(part), strict=True) if not low - reach <= s <= high + reach]
        named = ", ".join(f"`{row['path']}` ({float(row['duration_s']):.1f} s)" for row in far[:5])
        findings.append(f"- {dataset}: {len(far)} clips of unusual length{': ' + named if named else ''}.")
    return "\n".join(findings)


def durations(rows: Sequence[Row], path: Path) -> None:
    """Histograms of the durations, by corpus and label."""
    corpora = _by(rows, "dataset")
    bins = np.linspace(0, _lengths(rows).max(), 40)
    figure, places = _figure((7, 1.5 * len(corpora)), len(corpora), 1)
    for place, ((dataset,), part) in zip(places[:, 0], corpora.items(), strict=True):
        labels = {label: _lengths(clips) for (label,), clips in _by(part, "voice").items()}
        colours = [LABEL_COLOURS[label].light if label in LABEL_COLOURS else "0.6" for label in labels]
        place.hist(list(labels.values()), bins, stacked=True, color=colours, label=list(labels))
        place.set(title=dataset, ylabel="clips")
        place.legend(frameon=False)
    places[-1, 0].set_xlabel("duration (s)")
    figure.savefig(path, metadata={"Date": None})


def examples(rows: Sequence[Row], data: Path, path: Path) -> None:
    """Waveform and mel image of the first clip of every corpus and label."""
    firsts = [part[0] for part in _by(rows, "dataset", "voice").values()]
    figure, places = _figure((6.4, len(firsts)), len(firsts), 2)
    feature = MelImage()
    for (wave, image), row in zip(places, firsts, strict=True):
        samples, rate = read_audio(data / row["path"])
        mono = samples.mean(1)[: 6 * rate]
        wave.plot(np.arange(len(mono)) / rate, mono, color="0.2", linewidth=0.3)
        wave.set_ylabel(f"{row['dataset']}\n{row['voice']}")
        image.set_ylabel("mel band")
        if rate == RATE:
            seen = feature(mono)
            image.imshow(seen, "magma", aspect="auto", origin="lower", extent=(0, len(mono) / rate, 0, len(seen)))
    for place in places[-1]:
        place.set_xlabel("time (s)")
    figure.savefig(path, dpi=50)


def _by(rows: Iterable[Row], *columns: str) -> dict[tuple[str, ...], list[Row]]:
    """The rows with each combination of values, in order."""
    groups: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        groups[tuple(row[column] for column in columns)].append(row)
    return dict(sorted(groups.items()))


def _values(rows: Iterable[Row], column: str) -> set[str]:
    return {row[column] for row in rows}


def _lengths(rows: Iterable[Row]) -> np.ndarray:
    return np.array([float(row["duration_s"]) for row in rows])


def _plausible(age: str) -> bool:
    low, high = PLAUSIBLE_AGE
    return age.replace(".", "", 1).isdigit() and low <= float(age) <= high


def _figure(size: tuple[float, float], rows: int, columns: int) -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure = Figure(size, layout="constrained")
    return figure, figure.subplots(rows, columns, squeeze=False)
