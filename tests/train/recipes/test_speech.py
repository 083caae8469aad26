"""The speech recipes on a small corpus, and their evaluation."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from typer.testing import CliRunner

from gender_audio import weights
from gender_audio.audio import Clip
from gender_audio.features.mfcc import Mfcc
from gender_audio.models.speech_cnn import CepstralSVM
from gender_audio.systems.speech_features import mfcc_features
from tests.train.conftest import HERTZ
from train.__main__ import app
from train.data.readers.audiomnist import Digits
from train.data.speech_cache import SpeechSnippets, load_snippets, speech_sources
from train.evaluation import speech as evaluation
from train.evaluation import system_c
from train.recipes import speech_mel, speech_mfcc, speech_mfcc_raw, speech_training
from train.recipes.speech_mfcc_configs import OURS, NetworkConfig

pytestmark = pytest.mark.training


def test_crop_is_relative_to_its_own_loudest_value() -> None:
    features = np.full((4, 200), -1.0, np.float32)
    features[0, 190] = 2.0
    rng = np.random.default_rng(0)
    crops = [speech_training.crop(features, rng, 50) for _ in range(50)]
    assert all(crop.shape == (4, 50) and crop.max() == 2 for crop in crops)
    assert speech_training.crop(features[:, :20], rng, 50).shape == (4, 50)


def test_cached_snippets_equal_served_features(speech: Path, tmp_path: Path) -> None:
    features = mfcc_features(Mfcc())
    snippets = load_snippets(features, speech, speech_sources(speech, "test"), tmp_path)
    assert set(snippets.speakers) == {f"test:{name}{number}" for name in HERTZ for number in range(4)}
    assert set(snippets.lengths) == {98}
    assert len(snippets) == 8 * 4
    samples, _ = soundfile.read(speech / "test-female-0.wav", dtype="float32")
    first = np.flatnonzero(snippets.paths == "test-female-0.wav")[0]
    snippet = features.cut(features.samples(Clip(samples[None], 16_000)))[:1]
    np.testing.assert_allclose(snippets.features(first), features.from_snippets(snippet)[0], atol=0.01)


def test_changed_recordings_are_not_taken_from_the_cache(speech: Path, tmp_path: Path) -> None:
    other = shutil.copytree(speech, tmp_path / "other")
    first, second = (other / f"test-{name}-0.wav" for name in HERTZ)
    first.write_bytes(second.read_bytes())
    features, wanted = mfcc_features(Mfcc()), speech_sources(speech, "test")[:1]
    one, another = (load_snippets(features, data, wanted, tmp_path / "cache") for data in (speech, other))
    assert not np.array_equal(one.columns, another.columns)


def test_run_names_depend_on_weights_labels_and_files(
    speech: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe, digits = speech_mel.Recipe(speech, tmp_path), Digits.read(speech)
    snippets, validation = (recipe.snippets(split) for split in ("train", "val"))

    def runs() -> list[Path]:
        configs = (NetworkConfig("resnet"), NetworkConfig("resnet", trunk="scratch"))
        mfcc_recipe = speech_mfcc.Recipe(speech, tmp_path)
        names = [recipe.run(name, snippets, validation) for name in ("transfer", "small")]
        return names + [mfcc_recipe.run(digits, config, 0) for config in configs]

    before = runs()
    with monkeypatch.context() as patched:
        patched.setattr(weights, "fingerprint", lambda system: "an ensemble trained again")
        assert [one == other for one, other in zip(before, runs(), strict=True)] == [False, True, False, True]
    renamed = replace(snippets, speakers=snippets.speakers[::-1])
    relabelled = replace(validation, labels=1 - validation.labels)
    others = [
        recipe.run("small", renamed, validation),
        recipe.run("small", snippets, relabelled),
        recipe.run("small", snippets, validation.take(np.arange(4))),
        replace(recipe, data=tmp_path / "elsewhere").run("small", snippets, validation),
    ]
    assert len({before[1], *others}) == 5


def test_digits_recipe_trains_and_evaluates_both_splits(speech: Path, tmp_path: Path) -> None:
    tiny = replace(speech_mfcc.HEAD, samples=32, batch=16, half=False)
    resnet = NetworkConfig("resnet", tiny, trunk="scratch", mixup=0.4)
    cepstral = NetworkConfig("cepstral", tiny, seeds=2)
    recipe = speech_mfcc.Recipe(
        speech,
        tmp_path,
        folds=2,
        head=tiny,
        pretraining=tiny,
        by_file={OURS: [replace(cepstral, speaker_loss_weight=1.0)]},
        by_speaker={
            "resnet": [resnet],
            OURS: [replace(cepstral, shared_speech=True), NetworkConfig("delay", tiny, shared_speech=True)],
        },
    )
    digits = Digits.read(speech)
    by_file = evaluation.by_file(recipe, digits, speech_mfcc.train_by_file(recipe, digits))
    folds = speech_mfcc.train_by_speaker(recipe, digits)
    by_speaker = evaluation.by_speaker(recipe, digits, folds)
    classifier = speech_mfcc.train(recipe, digits, folds[OURS])
    assert by_file[OURS]["rows"] == 5
    assert len(by_file[OURS]["members"]) == 2
    for metrics in by_speaker.values():
        assert (metrics["rows"], metrics["speakers"], len(metrics["folds"])) == (24, 12, 2)
        assert set(metrics["by_speaker"]["02"]) == {"label", "recall"}
    assert classifier.features.feature == Mfcc("published")
    assert list(classifier.members) == list(by_speaker[OURS]["members"])


def test_shared_speech_is_half_of_the_samples(speech: Path, tmp_path: Path) -> None:
    recipe, digits = speech_mfcc.Recipe(speech, tmp_path), Digits.read(speech)
    config = NetworkConfig("delay", shared_speech=True)
    samples, genders = speech_mfcc.training_samples(recipe, digits, config, 0)
    assert len(genders) == 12 + 8
    images, numbers = zip(*(samples[number] for number in range(400)), strict=True)
    known = np.array([any(np.array_equal(image, digit) for digit in digits.images) for image in images])
    speakers = np.unique(digits.speakers)
    assert all((number < len(speakers)) == digit for number, digit in zip(numbers, known, strict=True))
    assert known.mean() == pytest.approx(0.5, abs=0.08)
    assert genders[torch.stack(numbers)].float().mean() == pytest.approx(0.5, abs=0.08)
    none = digits.take(np.array([], int))
    samples, genders = speech_mfcc.training_samples(recipe, none, config, 0)
    assert sorted(genders.tolist()) == [0] * 4 + [1] * 4
    assert samples[0][0].shape == (12, 98)
    assert recipe.run(digits, config, 0) != recipe.run(digits, replace(config, shared_speech=False), 0)


def test_speaker_loss_is_added() -> None:
    torch.manual_seed(0)
    genders, images, speakers = torch.tensor([0, 1, 1]), torch.rand(6, 12, 98) * 255, torch.arange(6) % 3
    right = torch.cat([torch.eye(2)[genders[speakers]], torch.eye(3)[speakers]], 1) * 40

    def loss_of(logits: torch.Tensor, weight: float) -> float:
        config = NetworkConfig("cepstral", speaker_loss_weight=weight)
        return float(speech_mfcc.loss(config, genders)(lambda _: logits, (images, speakers)))  # type: ignore[arg-type]

    assert loss_of(right, 1.0) == pytest.approx(0, abs=1e-6)
    confused = torch.cat([right[:, :2], right[:, 2:].roll(1, 1)], 1)
    assert loss_of(confused, 0.0) == pytest.approx(0, abs=1e-6)
    assert loss_of(confused, 0.5) == pytest.approx(20, abs=1e-3)


def test_raw_speech_recipe_trains_and_evaluates(speech: Path, tmp_path: Path) -> None:
    schedule = replace(speech_mfcc_raw.SCHEDULE, samples=64, batch=16, rounds=2, half=False)
    recipe = speech_mfcc_raw.Recipe(speech, tmp_path, members=1, schedule=schedule)
    classifier = speech_mfcc_raw.train(recipe)
    record = evaluation.shared_speech(recipe, {"sound": classifier})
    assert record["test"]["sound"]["rows"] == 8
    assert set(record["test"]["sound"]["corpora"]) == {"librispeech"}
    assert 0 < classifier.calibration.threshold < 1


def test_mel_recipe_trains_and_evaluates(speech: Path, tmp_path: Path) -> None:
    tiny = replace(speech_mel.Recipe.head, samples=16, batch=8, rounds=1, half=False)
    recipe = speech_mel.Recipe(speech, tmp_path, trunk="scratch", head=tiny, small=tiny, whole=tiny)
    classifier = speech_mel.train(recipe)
    record = evaluation.mel_models(recipe, classifier)
    assert set(record["test"]) == {"svm", "small", "larger", "transfer", "together"}
    assert record["test"]["svm"]["balanced_accuracy"] == 1
    baselines = system_c.evaluate_system_c(recipe)
    assert set(baselines) == {"raw_svm", "lenet", "split_leakage"}
    assert 0 <= baselines["raw_svm"]["balanced_accuracy"] <= 1


@pytest.mark.parametrize(
    ("command", "dropped", "message"),
    [
        ("speech-mel", ("train:male3",), "male: 3 speaker(s) cannot be split into 4 folds"),
        ("speech-mfcc", (), "male: 3 speaker(s) cannot be split into 5 folds"),
    ],
)
def test_too_few_speakers_are_rejected_before_training(
    speech: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, dropped: tuple[str, ...], message: str
) -> None:
    monkeypatch.setattr(speech_mel, "train", lambda _: pytest.fail("too late"))
    monkeypatch.setattr(speech_mfcc, "find_rate", lambda *_: pytest.fail("too late"))
    data = shutil.copytree(speech, tmp_path / "data")
    lines = (data / "manifest.csv").read_text().splitlines(keepends=True)
    (data / "manifest.csv").write_text("".join(line for line in lines if not any(name in line for name in dropped)))
    speakers = np.array([1, 3, 5, 2, 4, 6, 8, 10])
    genders = np.array([*"mmmfffff"])
    np.savez(data / "audiomnist_mfcc.npz", mfcc=np.zeros((8, 12, 98), np.uint8), gender=genders, speaker=speakers)
    result = CliRunner().invoke(app, [command, "--data", str(data), "--cache", str(tmp_path / "cache")])
    assert result.exit_code == 2 and result.stderr.startswith(message), result.exception
    assert not (tmp_path / "cache").exists()


def test_sample_weights_balance_corpora_and_labels() -> None:
    labels, names = np.array([0, 0, 0, 1]), np.array(["x"] * 4)
    snippets = SpeechSnippets(*[np.zeros(0)] * 3, labels, names, names, names)
    np.testing.assert_allclose(speech_mel.sample_weights(snippets), [1 / 6, 1 / 6, 1 / 6, 1 / 2])


def test_svm_module_is_linear_in_mean_cepstra() -> None:
    svm = CepstralSVM(bands=16, coefficients=5)
    images = torch.randn(3, 1, 16, 20)
    logits = svm(images)
    torch.testing.assert_close(svm(torch.cat([images, images], 3)), logits)
    torch.testing.assert_close(logits.sum(1), torch.zeros(3))


def test_read_digits(speech: Path) -> None:
    digits = Digits.read(speech)
    assert digits.images.shape == (24, 12, 98)
    assert set(digits.labels) == {0, 1}
    assert digits.take(np.array([3, 5])).speakers.shape == (2,)
