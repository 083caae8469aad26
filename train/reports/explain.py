"""The section of docs/results.md on where the evidence lies, and its pictures, from the run records alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from gender_audio.features.axes import FeatureAxes
from gender_audio.gradcam import SaliencyMap, TargetLayer, upsample
from gender_audio.plots import saliency
from gender_audio.plots.palette import VOICE
from gender_audio.systems.registry import SYSTEMS
from train import run_records
from train.reports.tables import picture, rounded, table

GLOW = LinearSegmentedColormap.from_list("evidence", ["#101418", VOICE.dark])
COLUMN, HEIGHT = 3.2, 2.4  # inches


def sections(docs: Path) -> list[str]:
    """The section, with a picture for each system that has been looked into; none where there is none."""
    looked = {name: run_records.read(f"explain-{name}", docs / "records") for name in SYSTEMS}
    there = {name: record for name, record in looked.items() if record}
    if not there:
        return []
    rows, parts = [], []
    for name, record in there.items():
        draw(name, record, docs / "images" / f"evidence-{name}.png")
        for label, found in record["maps"].items():
            lost = (f"{rounded(found[part], 2):.2f}" for part in ("lost", "lost_mirrored"))
            rows.append([name, SYSTEMS[name].titles[label], str(found["rows"]), *lost])
        words = f"`{record['command']}` The map is blurry: {view(record, next(iter(record['maps']))).sharpness}."
        parts.append(f"{picture(f'images/evidence-{name}.png', f'Mean evidence of {name} by label')}\n\n{words}")
    return [
        "## Where the evidence lies",
        "Grad-CAM on test recordings, averaged over those that were given the same label and, for the singer, over "
        "all members; of the other two systems one network is looked into. Bars are the means of the rows. The maps "
        "say where networks looked, not why, and no more sharply than stated. Voices come at any time of a snippet, "
        "so the mean over many tells of rows more than of time. To see whether the marked places matter, the fifth of "
        "each snippet with the most evidence is replaced by the snippet's mean, and beside it the same area mirrored "
        "in time and rows:",
        table(["system", "said", "snippets", "probability lost", "lost when mirrored"], rows),
        *parts,
    ]


def view(record: dict[str, Any], label: str) -> SaliencyMap:
    """The mean map of one label on the grid of its feature."""
    axes = record["grid"]
    grid = FeatureAxes(**{**axes, "rows": tuple(axes["rows"]), "ticks": tuple(axes["ticks"])})
    lens = TargetLayer(**record["lens"])
    mean = np.array(record["maps"][label]["mean"], np.float32)
    found = upsample(mean, (len(grid.rows), record["frames"]), lens)
    return SaliencyMap(found, found, grid, lens)


def draw(name: str, record: dict[str, Any], path: Path) -> None:
    """One panel for each label: its mean map, and the mean of every row as a bar, on one scale."""
    views = {label: view(record, label) for label in record["maps"]}
    highest = max(float(evidence.map.max()) for evidence in views.values())
    longest = max(float(evidence.map.mean(1).max()) for evidence in views.values())
    path.parent.mkdir(parents=True, exist_ok=True)
    with rc_context({"font.size": 8}):
        figure = Figure((COLUMN * len(views), HEIGHT), layout="constrained")
        panels = figure.subplots(1, 2 * len(views), width_ratios=[4, 1] * len(views), squeeze=False)[0]
        for (label, evidence), left, right in zip(views.items(), panels[::2], panels[1::2], strict=True):
            saliency.draw_feature(left, evidence.map, evidence.grid, 0.0, GLOW, highest)
            saliency.draw_row_axis(left, evidence.grid)
            left.set(title=f"{SYSTEMS[name].titles[label]} ({record['maps'][label]['rows']})", xlabel="Time (s)")
            saliency.draw_row_means(right, evidence.map.mean(1))
            right.set(xlim=(0, longest), xlabel="")
        figure.savefig(path, dpi=110)
