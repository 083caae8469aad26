"""The report's section on the ablation study."""

from __future__ import annotations

from typing import Any

from gender_audio.systems.labels import SINGING
from train.reports.ablation import ensemble_sizes, variants


def variant(*accuracies: float, interval: list[float] | None = None) -> dict[str, Any]:
    return {
        "accuracies": list(accuracies),
        "interval": interval,
        "difference": 0.05,
        "difference_interval": interval and [-0.01, 0.1],
        "recall": dict.fromkeys(SINGING.labels, 0.5),
    }


def record(**test: dict[str, Any]) -> dict[str, Any]:
    return {
        "command": "as typed",
        "remixes": 16,
        "samples": 1600,
        "separator": "abc",
        "reference": "shipped",
        "test": test,
    }


def test_variants_show_mean_and_range_over_seeds() -> None:
    text = variants(record(shipped=variant(0.6, 0.7, 0.8), wide=variant(0.75, interval=[0.7, 0.8])))
    assert "| shipped | 3 | 70.0 % | 60.0 % to 80.0 % |  | +5.0 |  |" in text
    assert "| wide | 1 | 75.0 % |  | 70.0 % to 80.0 % | +5.0 | -1.0 to +10.0 |" in text
    assert "1 of the 2 rows have one seed" in text


def test_variants_have_no_caution_with_several_seeds() -> None:
    assert "one seed" not in variants(record(shipped=variant(0.6, 0.7)))


def test_ensemble_sizes_stop_at_the_number_of_members() -> None:
    text = ensemble_sizes({"by_ensemble_size": [0.8, 0.85, 0.9], "mean_of_logits": 0.88})
    assert [line.split("|")[2].strip() for line in text.splitlines()[2:]] == ["80.0 %", "85.0 %", "90.0 %", "88.0 %"]
