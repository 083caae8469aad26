"""Out-of-bag predictions of an ensemble: each member predicts singers that it was not trained on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.metrics import recall_score

from gender_audio.systems.ensemble import Ensemble
from gender_audio.systems.labels import SINGING
from train.data.folds import Bag, stratified_sample

VOICED = [number for number, label in enumerate(SINGING.labels) if label != "none"]


def out_of_bag(ensemble: Ensemble, bags: Sequence[Bag], count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Out-of-bag predictions: each remix is predicted by the members that hold out its singers (Breiman 1996).

    Args:
        bags: one for each member, in order, of the same remixes.
        count: number of remixes to draw among those that some member holds out.

    Returns:
        Mean probabilities of the members that hold the remix out, float [count, 4], and the labels [count].
    """
    remixes = bags[0].remixes
    held_out = np.stack([bag.held_out for bag in bags])
    rows = stratified_sample(np.flatnonzero(held_out.any(0)), remixes.labels, count, np.random.default_rng(seed))
    probabilities = ensemble(remixes.load(rows)).softmax(-1).numpy()
    weight = held_out[:, rows, None] / held_out[:, rows].sum(0)[:, None]
    return (probabilities * weight).sum(0), np.asarray(remixes.labels[rows])


def split_leakage(ensemble: Ensemble, bags: Sequence[Bag], count: int, seed: int) -> dict[str, float]:
    """How much a random split of the remixes overestimates accuracy, compared with a split by singer.

    Args:
        count: remixes for each member and kind of split.

    Returns:
        Balanced accuracy over the labels with a voice, mean over the members, on remixes that a member was not trained
        on: `random`, of singers that it knows from other remixes, and `grouped`, of singers that it holds out.
    """
    rng = np.random.default_rng(seed)
    scores: dict[str, list[float]] = {"random": [], "grouped": []}
    for member, bag in zip(ensemble.members, bags, strict=True):
        remixes = bag.remixes
        sung = (remixes.singers != "").any(1)
        known = bag.out_of_bag & bag.known_singers.all(1)
        single = Ensemble([member])
        for split, usable in (("random", sung & known), ("grouped", sung & bag.held_out)):
            rows = stratified_sample(np.flatnonzero(usable), remixes.labels, count, rng)
            predictions = single(remixes.load(rows))[0].argmax(1)
            recall = recall_score(remixes.labels[rows], predictions, average="macro", labels=VOICED)
            scores[split].append(float(recall))
    return {split: float(np.mean(values)) for split, values in scores.items()}
