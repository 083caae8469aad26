"""Every variant of a member learns and is measured on a small corpus, and the table says what it found."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.fft import dct

from gender_audio.features.filterbank import Filterbank
from gender_audio.separation import fingerprint
from gender_audio.systems.labels import SINGING
from tests.train.conftest import rows
from train.data.remix import load_protocol
from train.data.remix_cache import TRUE_STEMS, extract_features
from train.evaluation import ablation
from train.evaluation.ablation import SHIPPED, VARIANTS, Variant
from train.reports.ablation import alone


@pytest.fixture(scope="module")
def recipe(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> ablation.Recipe:
    folder = tmp_path_factory.mktemp("ablation")
    rows(folder)
    (folder / "remix_test.csv").write_bytes((folder / "remix_val.csv").read_bytes())
    return ablation.Recipe(corpus, folder, folder / "cache", remixes=16, samples=16, n_midi=2, n_mbrola=0, n_psola=0)


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=list(VARIANTS))
def test_every_network_fits_what_it_hears(variant: Variant) -> None:
    channels = len(ablation.INPUTS[variant.inputs])
    heard = torch.zeros(2, channels, variant.feature.frames, variant.feature.bands)
    assert variant.build().eval()(heard).shape == (2, len(SINGING.labels))


def test_true_stems_are_the_vocals_themselves(recipe: ablation.Recipe, corpus: Path) -> None:
    remixes = load_protocol(recipe.protocol / "remix_val.csv", corpus)
    voiced = [remix for remix in remixes if remix.vocals.any() and remix.accompaniment.any()][:2]
    alone = [replace(remix, accompaniment=np.zeros_like(remix.vocals)) for remix in voiced]
    mixed, bare = (
        extract_features(several, TRUE_STEMS, Filterbank(), ("vocals", "mixture")) for several in (voiced, alone)
    )
    torch.testing.assert_close(mixed[:, 0], bare[:, 0])
    assert not torch.allclose(mixed[:, 1], bare[:, 1])


def test_the_mean_cepstrum_is_that_of_the_mean_spectrum() -> None:
    features = np.random.default_rng(0).standard_normal((3, 299, 40)).astype(np.float32)
    every = dct(features, norm="ortho")[..., 1:21].mean(1)
    np.testing.assert_allclose(ablation.cepstra(features), every, atol=1e-5)


@pytest.mark.usefixtures("one_process")
def test_variants_are_trained_and_compared(recipe: ablation.Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = {name: VARIANTS[name] for name in (SHIPPED, "true stems: a perfect separator", "CNN of 3 layers")}
    # A separator takes the buzzing tones of this corpus for instruments; there would be nothing left to tell apart.
    monkeypatch.setitem(VARIANTS, SHIPPED, replace(VARIANTS[SHIPPED], separator=TRUE_STEMS))
    found = ablation.measure(recipe, chosen)
    assert list(found) == [*chosen, "SVM on mean cepstra", "always the same label"]
    assert found["always the same label"]["accuracy"] == 0.25
    assert sorted(found["always the same label"]["recall"].values()) == [0, 0, 0, 1]
    assert found["SVM on mean cepstra"]["accuracy"] > 0.25
    for figures in found.values():
        assert figures["interval"][0] <= figures["accuracy"] <= figures["interval"][1]
        assert figures["accuracy"] == pytest.approx(np.mean(list(figures["recall"].values())))
    told = {"command": "train ablation", "remixes": 16, "samples": 16, "test": found}
    page = alone({**told, "separator": fingerprint("unet")})
    assert f"| {SHIPPED} | " in page and "| +0.0 |" in page
    assert len([line for line in page.splitlines() if line.startswith("| ")]) >= 6
    assert "Since then" not in page and "Since then" in alone({**told, "separator": "another"})
