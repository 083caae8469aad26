"""Evaluation on the fixed protocol, through the served pipeline; the record holds every number the report prints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    confusion_matrix,
    f1_score,
    log_loss,
    recall_score,
)
from tqdm import tqdm

from gender_audio.audio import Clip
from gender_audio.ensemble import mean_of_logits, mean_of_probabilities
from gender_audio.pipeline import Pipeline
from gender_audio.systems import LABELS
from train.data.library import RATE
from train.data.remix import Remix
from train.gains import by_kind, gain

BOOTSTRAPS = 1000


@dataclass(frozen=True, eq=False)
class Heard:
    """What the pipeline said of n rows.

    Attributes:
        logits: of every member, [m, n, 4].
        probabilities: calibrated, [n, 4].
        uncertain: whether it is not sure, bool [n].
        gains: of the separated voice in dB, [n]; SI-SDR improvement, or suppression where there is no voice.
    """

    logits: np.ndarray
    probabilities: np.ndarray
    uncertain: np.ndarray
    gains: np.ndarray


def hear(pipeline: Pipeline, remixes: list[Remix]) -> Heard:
    """Serve every row as a clip of its own."""
    logits, gains = [], []
    for remix in tqdm(remixes, desc="hear", unit="row"):
        stems = pipeline.separator(Clip(remix.mixture[None], RATE))
        gains.append(gain(remix, stems.vocals[0]))
        logits.append(pipeline.listen(stems))
    every = torch.cat(logits, 1)
    probabilities = pipeline.calibration(mean_of_probabilities(every).double().numpy())
    return Heard(every.numpy(), probabilities, pipeline.calibration.uncertain(probabilities), np.array(gains))


def interval(measure: Callable[[np.ndarray], float], groups: list[str], seed: int = 0) -> tuple[float, float]:
    """A 95% bootstrap interval of `measure(row numbers)` that redraws whole groups: singers, not rows."""
    rng = np.random.default_rng(seed)
    members = [np.flatnonzero(np.array(groups) == name) for name in sorted(set(groups))]
    draws = [
        measure(np.concatenate([members[k] for k in rng.integers(len(members), size=len(members))]))
        for _ in range(BOOTSTRAPS)
    ]
    low, high = np.quantile(draws, [0.025, 0.975])
    return float(low), float(high)


def calibration_error(probabilities: np.ndarray, labels: np.ndarray, bins: int = 15) -> float:
    """Expected calibration error of [n, 4] in `bins` parts of equal mass (Nixon et al. 2019)."""
    order = np.argsort(probabilities.max(1))
    parts = np.array_split(order, bins)
    right = probabilities.argmax(1) == labels
    surest = probabilities.max(1)
    return float(sum(abs(right[part].mean() - surest[part].mean()) * len(part) for part in parts) / len(labels))


def classification(heard: Heard, remixes: list[Remix]) -> dict[str, object]:
    """Every figure of the four-class task, ready for JSON."""
    labels = np.array([LABELS.index(remix.label) for remix in remixes])
    said = heard.probabilities.argmax(1)
    groups = [remix.group for remix in remixes]
    kinds = np.array([remix.kind for remix in remixes])
    logits = torch.from_numpy(heard.logits)
    members = [float(accuracy_score(labels, member.argmax(1))) for member in heard.logits]
    sizes = [
        float(accuracy_score(labels, mean_of_probabilities(logits[:size]).numpy().argmax(1)))
        for size in range(1, len(logits) + 1)
    ]
    sure = ~heard.uncertain
    return {
        "rows": len(labels),
        "accuracy": float(accuracy_score(labels, said)),
        "accuracy_interval": interval(lambda rows: float((said == labels)[rows].mean()), groups),
        "balanced_accuracy": float(balanced_accuracy_score(labels, said)),
        "macro_f1": float(f1_score(labels, said, average="macro")),
        "recall": dict(zip(LABELS, recall_score(labels, said, average=None).tolist(), strict=True)),
        "confusion": confusion_matrix(labels, said).tolist(),
        "nll": float(log_loss(labels, heard.probabilities.astype(float), labels=range(len(LABELS)))),
        "brier": float(np.square(heard.probabilities - np.eye(len(LABELS))[labels]).sum(1).mean()),
        "ece": calibration_error(heard.probabilities, labels),
        "by_kind": {kind: float((said == labels)[kinds == kind].mean()) for kind in sorted(set(kinds))},
        "members": members,
        "mean_member": float(np.mean(members)),
        "sizes": sizes,
        "mean_of_logits": float(accuracy_score(labels, mean_of_logits(logits).numpy().argmax(1))),
        "coverage": float(sure.mean()),
        "accuracy_when_sure": float((said == labels)[sure].mean()),
    }


def separation(heard: Heard, remixes: list[Remix]) -> dict[str, object]:
    """Mean gain of the vocals in dB by kind of row, and by label on sung rows with an accompaniment."""
    groups = by_kind(heard.gains, remixes)
    means = {", ".join(name): float(np.mean(values)) for name, values in sorted(groups.items())}
    quiet = float(np.mean(np.array(groups[("instrumental",)]) >= 15))
    return {**means, "instrumental, share of rows with 15 dB or more": quiet}
