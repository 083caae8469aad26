"""The report's sections on the two systems for speech."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from train import run_records
from train.reports import speech_figures
from train.reports.tables import MIN_GROUPS, image, percent, table, value_range

OURS = "ours"
CORPORA = {"librispeech": "LibriSpeech", "ravdess": "RAVDESS", "emotiontts": "emotiontts"}
"""Titles of the shared corpora, in the order of their columns."""
MODELS = {
    "svm": "linear SVM on mean cepstra",
    "small": "small CNN (LeNet's layers)",
    "larger": "larger CNN",
    "transfer": "transfer (trunk of a singing member)",
    "together": "all four together",
}
NETWORKS = {"resnet": "ResNet-34, width 16", "cepstral": "CNN at full resolution", "delay": "time-delay network"}
SYSTEM_C = {"svm": "59.2 % (on raw samples)", "small": "89 % (validation)", "transfer": "84 % (validation)"}
"""Published accuracies of system C."""
SYSTEM_B = ["system B, published", "random files", "1.07 %", "0.973", "95.3 %", "99.9 %", ""]
INTERVALS = f"(95 % interval by speaker, where there are at least {MIN_GROUPS})"


def sections(docs: Path) -> list[str]:
    """The sections that there are records for; their figures are drawn beside them."""
    mfcc, mel = (run_records.read(name, docs / "records") for name in ("speech-mfcc", "speech-mel"))
    parts = []
    if mfcc:
        speech_figures.draw(mfcc, docs)
        parts += [digits(mfcc), raw_speech(mfcc["speech"]["test"])]
    if mel:
        parts.append(mel_models(mel))
    return parts


def balanced_accuracy(metrics: dict[str, Any]) -> str:
    """Balanced accuracy with its interval by speaker, or the number of speakers if they are too few."""
    interval = value_range(metrics["interval"], "{:.3f}".format)
    speakers = f"{metrics['speakers']} speakers"
    return f"{metrics['balanced_accuracy']:.3f} ({interval if metrics['speakers'] >= MIN_GROUPS else speakers})"


def corpus_titles(by_model: dict[str, Any]) -> dict[str, str]:
    """The corpora that models were tested on, the shared ones first, and their titles."""
    tested = next(iter(by_model.values()))["corpora"]
    return {name: CORPORA.get(name, name) for name in (*CORPORA, *tested) if name in tested}


def digits(record: dict[str, Any]) -> str:
    """System B's digits, split by file and by speaker."""
    by_file, by_speaker = record["leaking"][OURS], record["disjoint"][OURS]
    majority = percent(1 - by_speaker["majority"])
    rows = [
        SYSTEM_B,
        *(_digits_row(name, "random files", metrics) for name, metrics in record["leaking"].items()),
        *(_digits_row(name, "**new speakers**", metrics) for name, metrics in record["disjoint"].items()),
        ["always the majority", "new speakers", majority, "0", "0 %", "100 %", "0.500"],
    ]
    folds = [
        [
            str(number),
            str(fold["speakers"]),
            f"{fold['balanced_accuracy']:.3f}",
            percent(fold["recall"]["female"]),
            percent(fold["recall"]["male"]),
        ]
        for number, fold in enumerate(by_speaker["folds"], 1)
    ]
    gap = 100 * (by_speaker["error"] - by_file["error"])
    highest_rate = by_speaker["learners"][0]["whole"]["rate"]
    head = ["", "split", "error", "F1 female", "female recall", "male recall", "balanced accuracy (interval)"]
    return "\n\n".join(
        [
            "## Spoken digits, split by file and by speaker",
            f"`{record['command']}`",
            "The data are 30,000 digits of 60 speakers, 12 of them female, as `published` cepstra of 12 x 98. System B "
            "tests on a random fifth of the files, so every speaker is in training and test data. The second split has "
            f"{len(by_speaker['folds'])} folds by speaker, so the test speakers are new (intervals by speaker).",
            "For new speakers, half of the training samples of our networks are not digits but speech of the training "
            "speakers of the corpora below. It is processed to resemble the digits: microphone, noise, level and "
            "pauses are random, and it is clipped as the digits are. The training settings were chosen on speakers "
            "that were held out of the training data of two folds. So every speaker had an influence on the settings, "
            "but none on a network that is tested on it: these results are not entirely blind.",
            "The prediction is the mean of the networks' probabilities, file by file. The row with one ResNet-34 is a "
            "single network with a sixteenth of system B's parameters. It starts from a singing member, and its last "
            "layer is trained first.",
            table(head, rows),
            f"The error differs by {gap:.1f} points between the best networks of the two splits. Each was trained as "
            "suits its split: for known speakers it helps to memorise them, for new speakers it does not.",
            image(speech_figures.LEAK, "Share of each speaker's digits that is recognised; every dot is a speaker"),
            table(["fold", "speakers", "balanced accuracy", "recall female", "recall male"], folds),
            f"The learning-rate finder suggests {record['finder']['suggestion']:.1e}, where the loss falls fastest. "
            f"Training reaches {highest_rate:.1e} for a short time and stays below it otherwise.",
            image(speech_figures.FINDER, "Loss by learning rate; the line is the finder's suggestion"),
        ]
    )


def _digits_row(name: str, split: str, metrics: dict[str, Any]) -> list[str]:
    networks = [NETWORKS[learner["network"]] for learner in metrics["learners"]]
    if name == OURS:
        counted = (
            f"{learner['seeds']} x {network}" for learner, network in zip(metrics["learners"], networks, strict=True)
        )
        networks = ["**ours**: " + ", ".join(counted)]
    return [
        *networks,
        split,
        percent(metrics["error"], 2),
        f"{metrics['f1_female']:.3f}",
        percent(metrics["recall"]["female"]),
        percent(metrics["recall"]["male"]),
        balanced_accuracy(metrics),
    ]


def raw_speech(tested: dict[str, Any]) -> str:
    """`speech-mfcc` on raw recordings."""
    corpora = corpus_titles(tested)
    rows = [[name, *_corpus_cells(metrics, corpora)] for name, metrics in tested.items()]
    return "\n\n".join(
        [
            "## Raw speech: speech-mfcc",
            f"Balanced accuracy on recordings of the test speakers of each corpus {INTERVALS}, and ECE over all "
            "recordings. The `sound` networks were trained on the training speakers of these corpora; `--system "
            "speech-mfcc` uses them. The `published` networks were trained on the images of the digits and on speech "
            "that was processed to resemble them, and need recordings like the digits.",
            table(["feature", *corpora.values(), "all recordings", "ECE"], rows),
        ]
    )


def _corpus_cells(metrics: dict[str, Any], corpora: Iterable[str]) -> list[str]:
    by_corpus = (balanced_accuracy(metrics["corpora"][name]) for name in corpora)
    return [*by_corpus, balanced_accuracy(metrics), f"{metrics['ece']:.3f}"]


def mel_models(record: dict[str, Any]) -> str:
    """The four models of `speech-mel` and system C's own."""
    tested, validation, baselines = record["test"], record["val"], record["baselines"]
    corpora = corpus_titles(tested)
    best = max((name for name in validation if name != "together"), key=lambda name: validation[name]["macro_mean"])
    rows = [
        [
            f"**{MODELS[name]}**" if name == best else MODELS[name],
            SYSTEM_C.get(name, ""),
            f"{validation[name]['macro_mean']:.3f}",
            *_corpus_cells(metrics, corpora),
        ]
        for name, metrics in tested.items()
    ]
    rebuilt = [
        ["linear SVM on 60,000 raw samples", SYSTEM_C["svm"], balanced_accuracy(baselines["raw_svm"])],
        ["LeNet on its 32 x 32 images, SGD, 20 epochs", SYSTEM_C["small"], balanced_accuracy(baselines["lenet"])],
    ]
    worst = [[f"`{row['path']}`", row["speaker"], row["label"], percent(row["probability"])] for row in record["worst"]]
    leakage = baselines["split_leakage"]
    head = ["model", "system C", "validation", *corpora.values(), "all recordings", "ECE"]
    return "\n\n".join(
        [
            "## Four models of speech: speech-mel",
            f"`{record['command']}`",
            f"Balanced accuracy on recordings of the test speakers of each corpus {INTERVALS}, and ECE over all "
            "recordings. No model was trained or selected on these speakers. `--system speech-mel` uses all four "
            "models together.",
            "The column *validation* is the mean of the balanced accuracies of the corpora for the validation "
            "speakers; a corpus with speakers of one label counts with that label alone. The best model there is bold.",
            table(head, rows),
            "System C's models, trained on the same speakers and tested on the same recordings:",
            table(["model", "published", "here"], rebuilt),
            "What it is worth to have the same speakers in training and test data: the SVM on mean cepstra, tested on "
            f"a quarter of the training recordings, reaches {leakage['by file']:.3f} with a split by file and "
            f"{leakage['by speaker']:.3f} with a split by speaker.",
            "The recordings that all four together get wrong with the lowest probability of the true label:",
            table(["recording", "speaker", "label", "probability of the label"], worst),
        ]
    )
