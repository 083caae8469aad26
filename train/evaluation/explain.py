"""Where the evidence lies on average over unseen recordings, and whether the marked places matter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gender_audio.audio import Clip
from gender_audio.features.axes import FeatureAxes
from gender_audio.gradcam import SINGING_TARGET_LAYER, TargetLayer, grad_cam, upsample
from gender_audio.systems.ensemble import mean_of_probabilities
from gender_audio.systems.labels import SINGING
from gender_audio.systems.registry import load
from gender_audio.systems.singing import SingingClassifier
from gender_audio.systems.speech import SpeechClassifier
from train.data.decoding import RATE
from train.data.remix import load_protocol
from train.data.speech_cache import load_snippets, speech_sources

HIDDEN = 0.2
"""Share of a snippet that is hidden to see whether it mattered."""


@dataclass(frozen=True, eq=False)
class Subject:
    """What is looked into.

    Attributes:
        networks: whose maps are averaged.
        images: snippets as the networks take them, [n, channels, height, width].
        answer: images to probabilities [n, k].
        labels: their names, [k].
        lens, grid: how the maps are read, and what their axes are.
        upright: whether images have their rows along the height; those of the filter bank lie on their side.
    """

    networks: Sequence[nn.Module]
    images: Tensor
    answer: Callable[[Tensor], np.ndarray]
    labels: tuple[str, ...]
    lens: TargetLayer
    grid: FeatureAxes
    upright: bool = True


def singer(data: Path, folder: Path, count: int) -> Subject:
    """`count` rows of `remix_test.csv`, drawn at random, as the ensemble hears them."""
    pipeline = SingingClassifier.load()
    remixes = load_protocol(folder / "remix_test.csv", data)
    clips = [Clip(remixes[row].mixture[None], RATE) for row in drawn(len(remixes), count)]
    images = torch.cat([pipeline.features.from_stems(pipeline.separator(clip)) for clip in clips])
    return Subject(
        pipeline.ensemble.members,
        images,
        lambda images: mean_of_probabilities(pipeline.ensemble(images)).numpy(),
        SINGING.labels,
        SINGING_TARGET_LAYER,
        pipeline.features.filterbank.axes,
        upright=False,
    )


def speech(name: str, data: Path, cache: Path, count: int) -> Subject:
    """`count` snippets of full length by test speakers, drawn at random, as a speech system sees them."""
    listener = load(name)
    assert isinstance(listener, SpeechClassifier)
    spoken = load_snippets(listener.features, data, speech_sources(data, "test"), cache)
    whole = np.flatnonzero(spoken.lengths == spoken.lengths.max())
    images = listener.features.images([spoken.features(row) for row in whole[drawn(len(whole), count)]])
    network = listener.network

    @torch.inference_mode()
    def answer(images: Tensor) -> np.ndarray:
        return network(images).softmax(-1).numpy()

    return Subject([network], images, answer, listener.system.labels, listener.target_layer, listener.features.axes)


def drawn(size: int, count: int) -> np.ndarray:
    """At most `count` different numbers below `size`, always the same ones, in order."""
    return np.sort(np.random.default_rng(0).permutation(size)[:count])


def measure(subject: Subject) -> dict[str, Any]:
    """Of every label that is said the mean map, and the probability it loses with the marked fifth, ready for JSON."""
    probabilities = subject.answer(subject.images)
    said = probabilities.argmax(1)
    shape = (subject.images.shape[2], subject.images.shape[3])
    maps: dict[str, Any] = {}
    for label in np.unique(said):
        found, lost, lost_mirrored = [], [], []
        for image, before in zip(subject.images[said == label], probabilities[said == label, label], strict=True):
            found.append(grad_cam(subject.networks, image[None], int(label), subject.lens).mean(0)[0])
            marked = strongest(upsample(found[-1], shape, subject.lens))
            both = torch.stack([hidden(image, marked), hidden(image, np.flip(marked).copy())])
            after = subject.answer(both)[:, label]
            lost.append(float(before - after[0]))
            lost_mirrored.append(float(before - after[1]))
        mean = np.mean(found, 0)
        upright = mean if subject.upright else mean.T
        maps[subject.labels[label]] = {
            "rows": len(found),
            "lost": float(np.mean(lost)),
            "lost_mirrored": float(np.mean(lost_mirrored)),
            "mean": np.round(upright, 4).tolist(),
        }
    return {
        "rows": len(said),
        "lens": asdict(subject.lens),
        "grid": asdict(subject.grid),
        "frames": shape[1] if subject.upright else shape[0],
        "maps": maps,
    }


def strongest(found: np.ndarray) -> np.ndarray:
    """The highest `HIDDEN` of a map, bool of the same shape."""
    order = np.argsort(-found, axis=None, kind="stable")
    marked = np.zeros(found.size, bool)
    marked[order[: round(HIDDEN * found.size)]] = True
    return marked.reshape(found.shape)


def hidden(image: Tensor, places: np.ndarray) -> Tensor:
    """An image [channels, height, width] with its own mean at these places."""
    return torch.where(torch.from_numpy(places), image.mean(), image)
