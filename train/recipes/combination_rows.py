"""Rows that the combination is fitted to, and what networks that are new to their singers say about them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gender_audio import weights
from gender_audio.calibration import Calibration
from gender_audio.systems.combination import ALL, ENSEMBLE, combination_inputs
from gender_audio.systems.labels import SINGING
from gender_audio.systems.published import PublishedNetwork
from train.data.folds import FOLDS
from train.data.real_snippets import draw_real, load_real
from train.data.remix import load_protocol
from train.recipes.answers import answer

SEPARATOR = "unet"


@dataclass(frozen=True, eq=False)
class Rows:
    """Labelled rows: n snippets, float32 [48000] each, with label numbers int [n] and the singers of each."""

    snippets: list[np.ndarray]
    labels: np.ndarray
    singers: list[tuple[str, ...]]

    def __len__(self) -> int:
        return len(self.labels)

    def select(self, rows: np.ndarray) -> Rows:
        """Some of the rows, by number."""
        return Rows([self.snippets[row] for row in rows], self.labels[rows], [self.singers[row] for row in rows])


def read_rows(data: Path, protocol: Path, draws: int, seed: int, folds: Mapping[str, int]) -> dict[str, Rows]:
    """The usable rows of each set: random ones of the train split, and those of `real_val.csv` and `remix_val.csv`."""
    drawn = draw_real(data, "train", draws, seed)
    real = load_real(protocol / "real_val.csv", data)
    remixes = load_protocol(protocol / "remix_val.csv", data)
    rows = {
        "train": _rows([(row.samples, row.label, row.singers) for row in drawn]),
        "real_val": _rows([(row.samples, row.label, row.singers) for row in real]),
        "remix_val": _rows([(row.mixture, row.label, row.singers) for row in remixes]),
    }
    return {name: usable(of_set, folds) for name, of_set in rows.items()}


def _rows(rows: Sequence[tuple[np.ndarray, str, tuple[str, ...]]]) -> Rows:
    snippets, labels, singers = zip(*rows, strict=True)
    return Rows(
        [snippet.astype(np.float32) for snippet in snippets],
        np.array([SINGING.labels.index(label) for label in labels]),
        list(singers),
    )


def held_out_fold(singers: Sequence[str], folds: Mapping[str, int]) -> int | None:
    """The fold of the members that have not heard the singers: -1 if that is every member, None if it is none."""
    of_row = {folds[singer] for singer in singers if singer in folds}
    if not of_row:
        return -1
    return of_row.pop() if len(of_row) == 1 and -1 not in of_row else None


def usable(rows: Rows, folds: Mapping[str, int]) -> Rows:
    """The rows whose singers are new to some member."""
    return rows.select(np.flatnonzero([held_out_fold(singers, folds) is not None for singers in rows.singers]))


def member_weight(rows: Rows, folds: Mapping[str, int], members: int) -> np.ndarray:
    """The weight of every member for every usable row, [m, n]: equal for those that have not heard its singers."""
    fold = np.array([held_out_fold(singers, folds) for singers in rows.singers], dtype=int)
    counts = (fold == -1) | (np.arange(members)[:, None] % FOLDS == fold)
    return counts / counts.sum(0)


@dataclass(frozen=True, eq=False)
class Inputs:
    """Inputs of the regressions for n rows.

    Attributes:
        values: name of each regression to its inputs, [n, f].
        labels: label numbers, [n].
        sets, groups: the set and the first singer of every row, [n].
    """

    values: dict[str, np.ndarray]
    labels: np.ndarray
    sets: np.ndarray
    groups: np.ndarray

    @property
    def weight(self) -> np.ndarray:
        """Weight of every row, [n]."""
        return balanced_weight(self.labels, self.sets)

    @property
    def validation(self) -> np.ndarray:
        """Whether a row is one of a validation set, bool [n]."""
        return self.sets != "train"


def regression_inputs(
    rows: Mapping[str, Rows], networks: Sequence[PublishedNetwork], folds: Mapping[str, int], cache: Path
) -> Inputs:
    """What members that have not heard the singers, and the published networks, say about some sets of rows."""
    card = weights.card(SINGING.name)
    values: dict[str, list[np.ndarray]] = defaultdict(list)
    for of_set in rows.values():
        answers = answer(of_set.snippets, SEPARATOR, networks, cache)
        weight = member_weight(of_set, folds, len(answers.logits))
        ensemble = answers.ensemble(Calibration(**card.calibration), weight)
        values[ALL].append(combination_inputs(ensemble, [answers.outputs[network.name] for network in networks]))
        values[ENSEMBLE].append(ensemble)
        for name, outputs in answers.outputs.items():
            values[name].append(outputs)
    return Inputs(
        {name: np.concatenate(parts) for name, parts in values.items()},
        np.concatenate([of_set.labels for of_set in rows.values()]),
        np.repeat(list(rows), [len(of_set) for of_set in rows.values()]),
        np.array(
            [
                (singers or (f"{name} {number}",))[0]
                for name, of_set in rows.items()
                for number, singers in enumerate(of_set.singers)
            ]
        ),
    )


def balanced_weight(labels: np.ndarray, sets: np.ndarray) -> np.ndarray:
    """Weight of every row, [n]: all labels of all sets have the same total, and the mean is 1."""
    weight = np.zeros(len(labels))
    for row_set in np.unique(sets):
        for label in np.unique(labels[sets == row_set]):
            cell = (sets == row_set) & (labels == label)
            weight[cell] = 1 / cell.sum()
    return weight * len(weight) / weight.sum()
