"""Mean saliency maps and occlusion, with a network whose saliency is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from gender_audio.features.axes import FeatureAxes
from gender_audio.gradcam import TargetLayer
from train import run_records
from train.evaluation.explain import ExplainedModel, evaluate_saliency, occlude, sample_rows, top_area
from train.reports import explain as report


class LevelNetwork(nn.Module):
    """Predicts label 1 for loud images and label 0 for quiet ones."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(1, 1, 1)
        self.convolution.weight.data.fill_(1)
        self.convolution.bias.data.zero_()

    def forward(self, images: Tensor) -> Tensor:
        """Images [b, 1, h, w] to logits [b, 2]."""
        score = 40 * self.convolution(images).relu().mean((1, 2, 3))
        return torch.stack([1 - score, score - 1], 1)


@pytest.fixture(scope="module")
def record() -> dict[str, object]:
    """Twelve images with time along the height; four of them have a loud low row for some time."""
    network = LevelNetwork().eval()
    images = torch.zeros(12, 1, 40, 8)
    images[:4, :, 10:30, 1] = 1

    @torch.inference_mode()
    def predict(images: Tensor) -> np.ndarray:
        return network(images).softmax(-1).numpy()

    axes = FeatureAxes.hertz([100.0 * row for row in range(1, 9)], 0.01, 0.0)
    layer = TargetLayer("convolution", 1)
    return evaluate_saliency(
        ExplainedModel([network], images, predict, ("none", "male"), layer, axes, frequency_first=False)
    )


def test_evaluate_saliency_averages_maps_by_predicted_label(record: dict) -> None:
    assert record["rows"] == 12 and record["frames"] == 40
    assert {label: metrics["rows"] for label, metrics in record["maps"].items()} == {"none": 8, "male": 4}
    mean = np.array(record["maps"]["male"]["mean_map"])
    assert mean.shape == (8, 40)
    assert mean[1, 10:30].min() == 1 and mean.sum() == 20
    assert not np.any(record["maps"]["none"]["mean_map"])


def test_evaluate_saliency_occlusion_lowers_the_probability(record: dict) -> None:
    metrics = record["maps"]["male"]
    assert metrics["probability_drop"] > 0.1 > abs(metrics["probability_drop_mirrored"])


def test_occlude_replaces_the_top_fifth_by_the_mean() -> None:
    image = torch.arange(20.0).view(1, 4, 5)
    mask = top_area(image[0].numpy())
    assert mask.sum() == 4 and mask[3, 1:].all()
    occluded = occlude(image, mask)
    assert (occluded[0, 3, 1:] == image.mean()).all()
    torch.testing.assert_close(occluded[:, :3], image[:, :3])


def test_sample_rows_is_deterministic_and_spread_out() -> None:
    rows = sample_rows(2000, 100)
    assert len(set(rows)) == 100 and np.array_equal(rows, sample_rows(2000, 100))
    assert len(set(rows % 4)) == 4 and rows.max() > 1800
    assert sample_rows(5, 100).tolist() == [0, 1, 2, 3, 4]


def test_report_shows_the_recorded_drops(record: dict, tmp_path: Path) -> None:
    assert report.sections(tmp_path) == []
    run_records.write("explain-singing", {"command": "as typed", **record}, tmp_path / "records")
    text = "\n".join(report.sections(tmp_path))
    metrics = record["maps"]["male"]
    drops = [f"{metrics[part]:.2f}" for part in ("probability_drop", "probability_drop_mirrored")]
    assert f"| singing | One male-like voice | 4 | {drops[0]} | {drops[1]} |" in text
    assert "`as typed`" in text and "1 bands" in text
    assert (tmp_path / "images" / "evidence-singing.png").stat().st_size < 100_000
