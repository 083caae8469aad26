"""The report's section on saliency maps, and its figures."""

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
from train.reports.tables import image, rounded, table

COLOURS = LinearSegmentedColormap.from_list("evidence", ["#101418", VOICE.dark])
COLUMN, HEIGHT = 3.2, 2.4  # inches


def sections(docs: Path) -> list[str]:
    """The section, with a figure for each system that has a record."""
    records = {name: run_records.read(f"explain-{name}", docs / "records") for name in SYSTEMS}
    existing = {name: record for name, record in records.items() if record}
    if not existing:
        return []
    rows, images = [], []
    for name, record in existing.items():
        draw(name, record, docs / "images" / f"evidence-{name}.png")
        for label, metrics in record["maps"].items():
            drops = (metrics[part] for part in ("probability_drop", "probability_drop_mirrored"))
            values = [f"{rounded(drop, 2):.2f}" for drop in drops]
            rows.append([name, SYSTEMS[name].titles[label], str(metrics["rows"]), *values])
        resolution = mean_map(record, next(iter(record["maps"]))).resolution
        images += [
            image(f"images/evidence-{name}.png", f"Mean saliency of {name} by predicted label"),
            f"`{record['command']}` The resolution of the map is limited: {resolution}.",
        ]
    return [
        "## Where the evidence lies",
        "These are Grad-CAM maps of test recordings, averaged over those with the same predicted label. For singing, "
        "they are also averaged over all members; of the other two systems one network is explained. Bars are means of "
        "the rows. The maps show where networks look, not why. Voices occur at any time in a snippet, so the mean map "
        "says more about rows than about time.",
        "The occlusion test shows whether the marked areas matter. It replaces the fifth of each snippet with the "
        "highest saliency by the snippet's mean, and for comparison the same area mirrored in time and rows:",
        table(["system", "predicted", "snippets", "drop of the probability", "drop when mirrored"], rows),
        *images,
    ]


def mean_map(record: dict[str, Any], label: str) -> SaliencyMap:
    """The mean map of one label on the axes of its feature."""
    stored = record["axes"]
    axes = FeatureAxes(**{**stored, "rows": tuple(stored["rows"]), "ticks": tuple(stored["ticks"])})
    layer = TargetLayer(**record["target_layer"])
    cells = np.array(record["maps"][label]["mean_map"], np.float32)
    values = upsample(cells, (len(axes.rows), record["frames"]), layer)
    return SaliencyMap(values, values, axes, layer)


def draw(name: str, record: dict[str, Any], path: Path) -> None:
    """One panel for each label: its mean map and the mean of every row as a bar, all on the same scale."""
    maps = {label: mean_map(record, label) for label in record["maps"]}
    highest = max(float(saliency_map.map.max()) for saliency_map in maps.values())
    longest = max(float(saliency_map.map.mean(1).max()) for saliency_map in maps.values())
    path.parent.mkdir(parents=True, exist_ok=True)
    with rc_context({"font.size": 8}):
        figure = Figure((COLUMN * len(maps), HEIGHT), layout="constrained")
        panels = figure.subplots(1, 2 * len(maps), width_ratios=[4, 1] * len(maps), squeeze=False)[0]
        for (label, saliency_map), left, right in zip(maps.items(), panels[::2], panels[1::2], strict=True):
            saliency.draw_feature(left, saliency_map.map, saliency_map.axes, 0.0, COLOURS, highest)
            saliency.draw_row_axis(left, saliency_map.axes)
            left.set(title=f"{SYSTEMS[name].titles[label]} ({record['maps'][label]['rows']})", xlabel="Time (s)")
            saliency.draw_row_means(right, saliency_map.map.mean(1))
            right.set(xlim=(0, longest), xlabel="")
        figure.savefig(path, dpi=110)
