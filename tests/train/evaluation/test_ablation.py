"""Variants of the ablation study are trained and evaluated on a small corpus."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.fft import dct

from gender_audio.features.filterbank import Filterbank
from gender_audio.systems.labels import SINGING
from tests.train.conftest import write_validation_rows
from train.data.remix import load_protocol
from train.data.remix_cache import TRUE_STEMS, extract_features
from train.evaluation import ablation
from train.evaluation.ablation import REFERENCE, VARIANTS, AblationConfig, Variant, variant_metrics


@pytest.fixture(scope="module")
def config(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> AblationConfig:
    folder = tmp_path_factory.mktemp("ablation")
    write_validation_rows(folder)
    (folder / "remix_test.csv").write_bytes((folder / "remix_val.csv").read_bytes())
    sizes = {"remixes": 16, "samples": 16, "n_midi": 2, "n_mbrola": 0, "n_psola": 0}
    return AblationConfig(corpus, folder, folder / "cache", seeds=(0, 1), **sizes)


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=list(VARIANTS))
def test_variant_networks_accept_their_features(variant: Variant) -> None:
    channels = len(ablation.INPUTS[variant.inputs])
    features = torch.zeros(2, channels, variant.feature.frames, variant.feature.bands)
    assert variant.build().eval()(features).shape == (2, len(SINGING.labels))


def test_true_stems_do_not_depend_on_the_accompaniment(config: AblationConfig, corpus: Path) -> None:
    remixes = load_protocol(config.protocol / "remix_val.csv", corpus)
    originals = [remix for remix in remixes if remix.vocals.any() and remix.accompaniment.any()][:2]
    alone = [replace(remix, accompaniment=np.zeros_like(remix.vocals)) for remix in originals]
    mixed, solo = (
        extract_features(side, TRUE_STEMS, Filterbank(), ("vocals", "mixture")) for side in (originals, alone)
    )
    torch.testing.assert_close(mixed[:, 0], solo[:, 0])
    assert not torch.allclose(mixed[:, 1], solo[:, 1])


def test_mean_cepstra_are_those_of_the_mean_spectrum() -> None:
    features = np.random.default_rng(0).standard_normal((3, 299, 40)).astype(np.float32)
    expected = dct(features, norm="ortho")[..., 1:21].mean(1)
    np.testing.assert_allclose(ablation.mean_cepstra(features), expected, atol=1e-5)


def test_variant_metrics_average_over_seeds() -> None:
    labels, groups = np.array([0, 1, 2, 3] * 3), [str(row) for row in range(12)]
    predictions = np.stack([labels, np.zeros(12, int)])
    metrics = variant_metrics(predictions, labels, groups, reference=np.ones(12))
    assert metrics["accuracies"] == [1, 0.25]
    assert metrics["difference"] == pytest.approx(-0.375)
    assert metrics["interval"] == pytest.approx((0.625, 0.625))
    assert metrics["recall"] == {"none": 1, "male": 0.5, "female": 0.5, "multiple": 0.5}


@pytest.mark.training
@pytest.mark.slow
@pytest.mark.usefixtures("one_process")
def test_evaluate_variants_trains_every_seed(config: AblationConfig) -> None:
    # The separator removes the buzzing tones of this corpus, so the reference gets the true stems.
    reference = replace(VARIANTS[REFERENCE], separator=TRUE_STEMS)
    record = ablation.evaluate_variants(config, {REFERENCE: reference, "CNN": VARIANTS["CNN of 3 layers"]})
    assert [(name, len(metrics["accuracies"])) for name, metrics in record.items()] == [
        (REFERENCE, 2),
        ("CNN", 2),
        ("SVM on mean cepstra", 1),
        ("always the same label", 1),
    ]
    assert record["always the same label"]["accuracies"] == [0.25]
    assert record["SVM on mean cepstra"]["accuracies"][0] > 0.25
    assert record[REFERENCE]["difference"] == 0
    for metrics in record.values():
        mean = np.mean(metrics["accuracies"])
        assert metrics["interval"][0] <= mean <= metrics["interval"][1]
        assert mean == pytest.approx(np.mean(list(metrics["recall"].values())))
