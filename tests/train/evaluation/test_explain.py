"""Mean maps and hidden places, with a network whose evidence is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from gender_audio.features.axes import FeatureAxes
from gender_audio.gradcam import TargetLayer
from train import run_records
from train.evaluation.explain import Subject, drawn, hidden, measure, strongest
from train.reports import explain as report


class Level(nn.Module):
    """Says 1 as surely as the image is loud above 0, and 0 otherwise."""

    def __init__(self) -> None:
        super().__init__()
        self.looks = nn.Conv2d(1, 1, 1)
        self.looks.weight.data.fill_(1)
        self.looks.bias.data.zero_()

    def forward(self, images: Tensor) -> Tensor:
        """Images [b, 1, h, w] to logits [b, 2]."""
        score = 40 * self.looks(images).relu().mean((1, 2, 3))
        return torch.stack([1 - score, score - 1], 1)


@pytest.fixture(scope="module")
def record() -> dict[str, object]:
    """Twelve images lying on their side: a loud low row for some time in four of them."""
    network = Level().eval()
    images = torch.zeros(12, 1, 40, 8)
    images[:4, :, 10:30, 1] = 1

    @torch.inference_mode()
    def answer(images: Tensor) -> np.ndarray:
        return network(images).softmax(-1).numpy()

    grid = FeatureAxes.hertz([100.0 * row for row in range(1, 9)], 0.01, 0.0)
    return measure(Subject([network], images, answer, ("none", "male"), TargetLayer("looks", 1), grid, upright=False))


def test_maps_are_averaged_by_what_is_said(record: dict) -> None:
    assert record["rows"] == 12 and record["frames"] == 40
    assert {label: found["rows"] for label, found in record["maps"].items()} == {"none": 8, "male": 4}
    mean = np.array(record["maps"]["male"]["mean"])
    assert mean.shape == (8, 40)
    assert mean[1, 10:30].min() == 1 and mean.sum() == 20
    assert not np.any(record["maps"]["none"]["mean"])


def test_hiding_what_counted_costs_more_than_hiding_the_rest(record: dict) -> None:
    found = record["maps"]["male"]
    assert found["lost"] > 0.1 > abs(found["lost_mirrored"])


def test_a_fifth_is_hidden_by_the_mean() -> None:
    image = torch.arange(20.0).view(1, 4, 5)
    marked = strongest(image[0].numpy())
    assert marked.sum() == 4 and marked[3, 1:].all()
    covered = hidden(image, marked)
    assert (covered[0, 3, 1:] == image.mean()).all()
    torch.testing.assert_close(covered[:, :3], image[:, :3])


def test_rows_are_drawn_from_everywhere_and_always_the_same() -> None:
    rows = drawn(2000, 100)
    assert len(set(rows)) == 100 and np.array_equal(rows, drawn(2000, 100))
    assert len(set(rows % 4)) == 4 and rows.max() > 1800
    assert drawn(5, 100).tolist() == [0, 1, 2, 3, 4]


def test_the_report_shows_what_was_recorded(record: dict, tmp_path: Path) -> None:
    assert report.sections(tmp_path) == []
    run_records.write("explain-singer", {"command": "as typed", **record}, tmp_path / "records")
    text = "\n".join(report.sections(tmp_path))
    lost = [f"{record['maps']['male'][part]:.2f}" for part in ("lost", "lost_mirrored")]
    assert f"| singer | One male-like voice | 4 | {lost[0]} | {lost[1]} |" in text
    assert "`as typed`" in text and "1 bands" in text
    assert (tmp_path / "images" / "evidence-singer.png").stat().st_size < 100_000
