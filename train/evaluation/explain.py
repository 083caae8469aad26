"""Mean Grad-CAM maps over test recordings, and an occlusion test of whether the marked areas matter."""

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

OCCLUDED_SHARE = 0.2
"""Share of a snippet that the occlusion test replaces by the mean."""


@dataclass(frozen=True, eq=False)
class ExplainedModel:
    """Networks and the images that they are explained on.

    Attributes:
        networks: their maps are averaged.
        images: snippets as the networks take them, [n, channels, height, width].
        predict: images to probabilities [n, k].
        labels: names of the k labels.
        target_layer: the layer that maps are read from.
        axes: the axes of the feature.
        frequency_first: whether the height of an image is frequency; False for the filter bank, whose height is time.
    """

    networks: Sequence[nn.Module]
    images: Tensor
    predict: Callable[[Tensor], np.ndarray]
    labels: tuple[str, ...]
    target_layer: TargetLayer
    axes: FeatureAxes
    frequency_first: bool = True


def load_singing(data: Path, protocol_folder: Path, count: int) -> ExplainedModel:
    """The ensemble in `weights/singing` and `count` random rows of `remix_test.csv`."""
    pipeline = SingingClassifier.load()
    ensemble = pipeline.ensemble
    remixes = load_protocol(protocol_folder / "remix_test.csv", data)
    clips = [Clip(remixes[row].mixture[None], RATE) for row in sample_rows(len(remixes), count)]
    images = torch.cat([pipeline.features.from_stems(pipeline.separator(clip)) for clip in clips])
    return ExplainedModel(
        ensemble.members,
        images,
        lambda images: mean_of_probabilities(ensemble(images)).numpy(),
        SINGING.labels,
        SINGING_TARGET_LAYER,
        pipeline.features.filterbank.axes,
        frequency_first=False,
    )


def load_speech(name: str, data: Path, cache: Path, count: int) -> ExplainedModel:
    """One network of a speech system and `count` random snippets of full length by test speakers."""
    classifier = load(name)
    assert isinstance(classifier, SpeechClassifier)
    snippets = load_snippets(classifier.features, data, speech_sources(data, "test"), cache)
    full_length = np.flatnonzero(snippets.lengths == snippets.lengths.max())
    rows = full_length[sample_rows(len(full_length), count)]
    images = classifier.features.images([snippets.features(row) for row in rows])
    network = classifier.network

    @torch.inference_mode()
    def predict(images: Tensor) -> np.ndarray:
        return network(images).softmax(-1).numpy()

    labels, layer, axes = classifier.system.labels, classifier.target_layer, classifier.features.axes
    return ExplainedModel([network], images, predict, labels, layer, axes)


def sample_rows(size: int, count: int) -> np.ndarray:
    """At most `count` different indices below `size`, always the same ones, sorted."""
    return np.sort(np.random.default_rng(0).permutation(size)[:count])


def evaluate_saliency(model: ExplainedModel) -> dict[str, Any]:
    """For each predicted label: the mean map, and how much the probability drops by occlusion; ready for JSON."""
    probabilities = model.predict(model.images)
    predicted = probabilities.argmax(1)
    height, width = model.images.shape[2:]
    maps: dict[str, Any] = {}
    for label in np.unique(predicted):
        chosen = predicted == label
        cams, drops = [], []
        for image, before in zip(model.images[chosen], probabilities[chosen, label], strict=True):
            cams.append(grad_cam(model.networks, image[None], int(label), model.target_layer).mean(0)[0])
            mask = top_area(upsample(cams[-1], (height, width), model.target_layer))
            occluded = torch.stack([occlude(image, mask), occlude(image, np.flip(mask).copy())])
            drops.append(before - model.predict(occluded)[:, label])
        drop, mirrored_drop = np.mean(drops, 0)
        mean_map = np.mean(cams, 0)
        maps[model.labels[label]] = {
            "rows": len(cams),
            "probability_drop": float(drop),
            "probability_drop_mirrored": float(mirrored_drop),
            "mean_map": np.round(mean_map if model.frequency_first else mean_map.T, 4).tolist(),
        }
    return {
        "rows": len(predicted),
        "target_layer": asdict(model.target_layer),
        "axes": asdict(model.axes),
        "frames": width if model.frequency_first else height,
        "maps": maps,
    }


def top_area(saliency: np.ndarray) -> np.ndarray:
    """The `OCCLUDED_SHARE` of a map with the highest values, bool of the same shape."""
    order = np.argsort(-saliency, axis=None, kind="stable")
    mask = np.zeros(saliency.size, bool)
    mask[order[: round(OCCLUDED_SHARE * saliency.size)]] = True
    return mask.reshape(saliency.shape)


def occlude(image: Tensor, mask: np.ndarray) -> Tensor:
    """An image [channels, height, width] with its mean where the mask [height, width] is true."""
    return torch.where(torch.from_numpy(mask), image.mean(), image)
