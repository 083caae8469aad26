"""Evaluation on the fixed protocol, through the served pipeline; the record holds every number the report prints."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any

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
from gender_audio.systems.ensemble import mean_of_logits, mean_of_probabilities
from gender_audio.systems.labels import SINGING
from gender_audio.systems.singing import SingingClassifier
from train.data.decoding import RATE
from train.data.remix import Remix
from train.engine.bootstrap import evenly, mean_interval
from train.evaluation.separation import by_kind, gain

CHANCES = 1000
"""Draws of what a calibration error is by chance."""


@dataclass(frozen=True, eq=False)
class Heard:
    """What the pipeline said of n rows.

    Attributes:
        logits: of every member, [m, n, 4].
        probabilities: calibrated, [n, 4].
        uncertain: whether it is not sure, bool [n].
    """

    logits: np.ndarray
    probabilities: np.ndarray
    uncertain: np.ndarray


def hear(pipelines: Mapping[str, SingingClassifier], remixes: list[Remix]) -> tuple[dict[str, Heard], np.ndarray]:
    """Serve every row as a clip of its own, to pipelines that share a separator.

    Returns:
        What each pipeline heard, and the gain of the separated voice of each row in dB, [n]: SI-SDR improvement, or
        suppression where there is no voice.
    """
    separator = next(iter(pipelines.values())).separator
    gains = []
    logits: dict[str, list[torch.Tensor]] = {name: [] for name in pipelines}
    for remix in tqdm(remixes, desc="hear", unit="row"):
        stems = separator(Clip(remix.mixture[None], RATE))
        gains.append(gain(remix, Clip(stems.vocals, stems.rate).mono(RATE)))
        for name, pipeline in pipelines.items():
            logits[name].append(pipeline.ensemble(pipeline.features.from_stems(stems)))
    heard = {}
    for name, pipeline in pipelines.items():
        every = torch.cat(logits[name], 1)
        probabilities = pipeline.calibration(mean_of_probabilities(every).double().numpy())
        heard[name] = Heard(every.numpy(), probabilities, pipeline.calibration.uncertain(probabilities))
    return heard, np.array(gains)


def reliability(probabilities: np.ndarray, labels: np.ndarray, bins: int = 15) -> list[tuple[float, float, int]]:
    """Mean confidence, accuracy and rows of [n, 4] in `bins` parts of equal mass, from the least to the most sure."""
    surest, right = probabilities.max(1), probabilities.argmax(1) == labels
    parts = np.array_split(np.argsort(surest), bins)
    return [(float(surest[part].mean()), float(right[part].mean()), len(part)) for part in parts if len(part)]


def calibration_error(probabilities: np.ndarray, labels: np.ndarray, bins: int = 15) -> float:
    """Expected calibration error of [n, 4] in `bins` parts of equal mass (Nixon et al. 2019)."""
    parts = reliability(probabilities, labels, bins)
    return sum(abs(right - surest) * rows for surest, right, rows in parts) / len(labels)


def error_by_chance(probabilities: np.ndarray, seed: int = 0) -> float:
    """The mean calibration error where labels are drawn from [n, 4] themselves: nothing is better calibrated."""
    rng = np.random.default_rng(seed)
    ends = probabilities.cumsum(1)
    drawn = (rng.random((CHANCES, len(ends), 1)) > ends[:, :-1]).sum(-1)
    return float(np.mean([calibration_error(probabilities, labels) for labels in drawn]))


def risk(probabilities: np.ndarray, labels: np.ndarray, steps: int = 20) -> list[tuple[float, float]]:
    """Share of [n, 4] that is answered, the surest first, and share of wrong answers among them."""
    wrong = (probabilities.argmax(1) != labels)[np.argsort(-probabilities.max(1))]
    answered = [max(1, round(len(wrong) * step / steps)) for step in range(1, steps + 1)]
    return [(count / len(wrong), float(wrong[:count].mean())) for count in answered]


def surest(heard: Heard, share: float) -> dict[str, np.ndarray]:
    """Numbers of the share of rows that are surest: by their highest probability, and by how many members agree."""
    said = heard.probabilities.argmax(1)
    highest = heard.probabilities.max(1)
    agreement = (heard.logits.argmax(-1) == said).mean(0)
    count = round(share * len(said))
    return {
        "probability": np.argsort(-highest, kind="stable")[:count],
        "agreement": np.lexsort((-highest, -agreement))[:count],
    }


def by_size(logits: np.ndarray, labels: np.ndarray, draws: int = 5, seed: int = 0) -> list[float]:
    """Accuracy of 1, 2 and so on of the members [m, n, 4] together: the mean over orders in which they join.

    Each member is the first in equally many orders, so that one alone is the mean member.
    """
    rng = np.random.default_rng(seed)
    every = torch.from_numpy(logits).double().softmax(-1).numpy()
    drawn = [rng.permutation(len(every)) for _ in range(draws)]
    orders = [np.roll(order, first) for order in drawn for first in range(len(every))]
    right = [(every[order].cumsum(0).argmax(-1) == labels).mean(1) for order in orders]
    return np.mean(right, 0).tolist()


def worst(probabilities: np.ndarray, remixes: list[Remix], count: int = 10) -> list[dict[str, object]]:
    """The rows whose true label got the least probability."""
    labels = np.array([SINGING.labels.index(remix.label) for remix in remixes])
    given = probabilities[np.arange(len(labels)), labels]
    return [
        {
            "row": int(row),
            "kind": remixes[row].kind,
            "singers": " and ".join(remixes[row].singers) or remixes[row].backing,
            "label": remixes[row].label,
            "said": SINGING.labels[int(probabilities[row].argmax())],
            "probability": float(given[row]),
        }
        for row in np.argsort(given)[:count]
    ]


def classification(heard: Heard, remixes: list[Remix]) -> dict[str, object]:
    """Every figure of the four-class task, ready for JSON."""
    labels = np.array([SINGING.labels.index(remix.label) for remix in remixes])
    said = heard.probabilities.argmax(1)
    groups = [remix.group for remix in remixes]
    kinds = np.array([remix.kind for remix in remixes])
    logits = torch.from_numpy(heard.logits)
    members = [float(accuracy_score(labels, member.argmax(1))) for member in heard.logits]
    sure = ~heard.uncertain
    right = (said == labels).astype(float)
    above = right - np.mean([member.argmax(1) == labels for member in heard.logits], 0)
    return {
        "rows": len(labels),
        "singers": {label: len({one.group for one in remixes if one.label == label}) for label in SINGING.labels},
        "accuracy": float(accuracy_score(labels, said)),
        "accuracy_interval": mean_interval(right, labels, groups),
        "above_members": float(above.mean()),
        "above_members_interval": mean_interval(above, labels, groups),
        "balanced_accuracy": float(balanced_accuracy_score(labels, said)),
        "macro_f1": float(f1_score(labels, said, average="macro")),
        "recall": dict(zip(SINGING.labels, recall_score(labels, said, average=None).tolist(), strict=True)),
        "confusion": confusion_matrix(labels, said).tolist(),
        "nll": float(log_loss(labels, heard.probabilities.astype(float), labels=range(len(SINGING.labels)))),
        "brier": float(np.square(heard.probabilities - np.eye(len(SINGING.labels))[labels]).sum(1).mean()),
        "ece": calibration_error(heard.probabilities, labels),
        "ece_by_chance": error_by_chance(heard.probabilities),
        "reliability": reliability(heard.probabilities, labels),
        "risk": risk(heard.probabilities, labels),
        "surest_by": {name: float(right[rows].mean()) for name, rows in surest(heard, 0.9).items()},
        "worst": worst(heard.probabilities, remixes),
        "by_kind": {kind: float(right[kinds == kind].mean()) for kind in sorted(set(kinds))},
        "members": members,
        "mean_member": float(np.mean(members)),
        "sizes": by_size(heard.logits, labels),
        "mean_of_logits": float(accuracy_score(labels, mean_of_logits(logits).numpy().argmax(1))),
        "coverage": float(sure.mean()),
        "accuracy_when_sure": float(right[sure].mean()),
    }


def accompaniments(heard: Heard, gains: np.ndarray, remixes: list[Remix], known: Set[str]) -> dict[str, Any]:
    """The rows with an accompaniment by whether a piece in it is among the `known` ones.

    Returns:
        For `known` and `new`, as far as there are any, how many rows, their balanced accuracy with its interval by
        singer, and the mean gain of sung voices in dB.
    """
    labels = np.array([SINGING.labels.index(remix.label) for remix in remixes])
    right = heard.probabilities.argmax(1) == labels
    sung = np.array([remix.kind == "sung" for remix in remixes])
    met = np.array([bool(known & set(remix.accompaniment_paths)) for remix in remixes])
    found = {}
    for name, side in (
        ("known", met),
        ("new", ~met & np.array([bool(remix.accompaniment_paths) for remix in remixes])),
    ):
        groups = [remixes[row].group for row in np.flatnonzero(side)]
        if groups:
            found[name] = {
                "rows": len(groups),
                "accuracy": evenly(right[side], labels[side]),
                "interval": mean_interval(right[side], labels[side], groups),
                "gain": float(gains[side & sung].mean()) if (side & sung).any() else None,
            }
    return found


def separation(gains: np.ndarray, remixes: list[Remix]) -> dict[str, object]:
    """Mean gain of the vocals in dB by kind of row, and by label on sung rows with an accompaniment."""
    groups = by_kind(gains, remixes)
    means = {", ".join(name): float(np.mean(values)) for name, values in sorted(groups.items())}
    quiet = float(np.mean(np.array(groups[("instrumental",)]) >= 15))
    return {**means, "instrumental, share of rows with 15 dB or more": quiet}
