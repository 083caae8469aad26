"""Maps of networks with known evidence, and the sanity check of Adebayo et al. (2018)."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from gender_audio import synth
from gender_audio.gradcam import SINGING_TARGET_LAYER, TargetLayer, grad_cam, mean_saliency, upsample
from gender_audio.models.resnet import ResNet34
from gender_audio.systems.labels import SINGING
from gender_audio.systems.singing import SingingClassifier

pytestmark = pytest.mark.slow

LINE, BLOB = slice(6, 15), slice(20, 38)
"""The bands of the two objects that an image may contain."""
LAYER = TargetLayer("3", stride=4)


def line_and_blob(rng: np.random.Generator, line: bool = True, blob: bool = True) -> tuple[Tensor, int]:
    """Noise [1, 120, 40] with a thin line in band 10, a thick blob around band 29, or both; the middle of the line."""
    image = rng.normal(0, 0.3, (1, 120, 40)).astype(np.float32)
    middle, other = rng.integers(20, 100, 2)
    image[0, middle - 10 : middle + 10, 10] += 3 * line
    image[0, other - 5 : other + 5, 24:34] += 3 * blob
    return torch.from_numpy(image), int(middle)


@pytest.fixture(scope="module")
def detector() -> nn.Sequential:
    """A small network that detects a line and a blob."""
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    network = nn.Sequential(
        *(nn.Conv2d(1, 8, 5, stride=2, padding=2), nn.ReLU(), nn.Conv2d(8, 8, 5, stride=2, padding=2), nn.ReLU()),
        *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 2)),
    )
    optimizer = torch.optim.Adam(network.parameters(), 1e-2)
    targets = [(number % 2, number // 2 % 2) for number in range(32)]
    for _ in range(100):
        images = torch.stack([line_and_blob(rng, bool(line), bool(blob))[0] for line, blob in targets])
        optimizer.zero_grad()
        nn.functional.binary_cross_entropy_with_logits(network(images), torch.tensor(targets).float()).backward()
        optimizer.step()
    return network.eval()


def test_map_covers_the_detected_object(detector: nn.Sequential) -> None:
    rng = np.random.default_rng(1)
    for _ in range(5):
        image, middle = line_and_blob(rng)
        line, blob = (mean_saliency([detector], image, label, LAYER) for label in (0, 1))
        assert line.shape == (120, 40) and line.min() >= 0 and 0.8 < line.max() <= 1
        assert line[:, LINE].sum() > 0.5 * line.sum() > 5 * line[:, BLOB].sum()
        assert blob[:, BLOB].sum() > 0.7 * blob.sum() > 5 * blob[:, LINE].sum()
        assert abs(int(line[:, LINE].sum(1).argmax()) - middle) <= 2 * LAYER.stride


def test_map_without_evidence_is_zero(detector: nn.Sequential) -> None:
    image, _ = line_and_blob(np.random.default_rng(2))
    assert not mean_saliency([scaled(detector, 0)], image, 1, LAYER).any()


def test_maps_do_not_depend_on_the_scale_of_scores(detector: nn.Sequential) -> None:
    images = torch.stack([line_and_blob(np.random.default_rng(seed))[0] for seed in range(3)])
    quiet, loud = grad_cam([detector, scaled(detector, 50)], images, 1, LAYER)
    assert quiet.shape == (3, 30, 10)
    np.testing.assert_allclose(quiet, loud, atol=1e-5)


def scaled(network: nn.Sequential, factor: float) -> nn.Module:
    """The network with its scores multiplied."""
    last = nn.Linear(8, 2)
    last.weight.data = factor * network[-1].weight.data
    return nn.Sequential(*network[:-1], last)


def test_upsample_centres_cells_on_their_convolutions() -> None:
    cells = np.zeros((5, 3), np.float32)
    cells[2, 1] = 1
    upsampled = upsample(cells, (20, 12), TargetLayer("", stride=4))
    assert upsampled.shape == (20, 12) and upsampled.dtype == np.float32
    assert upsampled[8, 4] == upsampled.max() == 1 and upsampled[8, 5] == 0.75 and upsampled[6, 4] == 0.5
    assert not upsampled[:5].any() and not upsampled[12:].any() and not upsampled[:, 8:].any()
    np.testing.assert_allclose(upsample(np.ones((5, 3), np.float32), (20, 12), TargetLayer("", 4)), 1)


def test_maps_depend_on_trained_weights() -> None:
    """Maps of trained networks resemble each other and differ from maps of random networks."""
    classifier = SingingClassifier.load()
    features = torch.from_numpy(classifier(synth.example("female-like")).features)
    label = SINGING.labels.index("female")
    torch.manual_seed(0)
    untrained = grad_cam([ResNet34().eval() for _ in range(10)], features, label, SINGING_TARGET_LAYER)
    trained = grad_cam(classifier.ensemble.members, features, label, SINGING_TARGET_LAYER)
    np.testing.assert_array_equal(trained, grad_cam(classifier.ensemble.members, features, label, SINGING_TARGET_LAYER))
    assert correlation(trained[:10], untrained) < 0.4 < 0.7 < correlation(trained[:10], trained[10:])


def correlation(maps: np.ndarray, other_maps: np.ndarray) -> float:
    """Correlation of the mean maps of two sets of networks, averaged over snippets.

    Both have the shape [networks, snippets, rows, columns].
    """
    pairs = zip(maps.mean(0), other_maps.mean(0), strict=True)
    return float(np.mean([np.corrcoef(first.ravel(), second.ravel())[0, 1] for first, second in pairs]))


def test_singing_classifier_explains_its_features(singing_classifier: SingingClassifier) -> None:
    verdict = singing_classifier(synth.example("duet"))
    mean = singing_classifier.explain(verdict.features[1], "multiple")
    assert mean.image.shape == mean.map.shape == (40, 299)
    np.testing.assert_array_equal(mean.image, verdict.features[1, 0].T)
    maps = [singing_classifier.explain(verdict.features[1], "multiple", name).map for name in verdict.member_names]
    np.testing.assert_allclose(np.mean(maps, 0), mean.map, atol=1e-6)
    assert not np.allclose(maps[0], maps[1])
