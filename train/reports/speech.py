"""The sections of docs/results.md on speech, and the picture of the leak, from the run records alone."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from train import run_records
from train.reports.singing import FEW
from train.reports.tables import ends, percent, picture, table

PICTURES = Path("images")
LEAK = PICTURES / "leak.svg"
FINDER = PICTURES / "finder.svg"
CORPORA = {"librispeech": "LibriSpeech", "ravdess": "RAVDESS", "emotiontts": "emotiontts"}
"""What the shared corpora are called, in the order of their columns."""
MODELS = {
    "svm": "linear SVM on mean cepstra",
    "small": "small CNN (LeNet's layers)",
    "larger": "larger CNN",
    "transfer": "transfer (trunk of a singer member)",
    "together": "all four together",
}
NETWORKS = {"resnet": "ResNet-34, width 16", "cepstral": "CNN at full resolution", "delay": "time-delay network"}
OURS = "ours"
THEIRS = {"svm": "59.2 % (on raw samples)", "small": "89 % (validation)", "transfer": "84 % (validation)"}
"""Published figures of system C."""


def sections(docs: Path) -> list[str]:
    """The sections there are records for; their pictures are drawn beside them."""
    speaker, voice = (run_records.read(name, docs / "records") for name in ("speech-mfcc", "speech-mel"))
    parts = []
    if speaker:
        draw(speaker, docs)
        parts += [digits(speaker), raw(speaker)]
    if voice:
        parts.append(models(voice))
    return parts


def with_interval(found: dict[str, Any]) -> str:
    """Balanced accuracy and its interval by speaker, or how many there are where they are too few for one."""
    spread = ends(found["interval"], "{:.3f}".format)
    return f"{found['balanced_accuracy']:.3f} ({spread if found['speakers'] >= FEW else counted(found)})"


def counted(found: dict[str, Any]) -> str:
    """How many speakers there are."""
    return f"{found['speakers']} speakers"


def heard(tested: dict[str, Any]) -> dict[str, str]:
    """The corpora that models were tested on, the shared ones first, to what they are called."""
    there = next(iter(tested.values()))["corpora"]
    return {name: CORPORA.get(name, name) for name in (*CORPORA, *there) if name in there}


def digits(record: dict[str, Any]) -> str:
    """System B's digits by both protocols."""
    files, voices = record["leaking"][OURS], record["disjoint"][OURS]
    rows = [
        ["system B, published", "random files", "1.07 %", "0.973", "95.3 %", "99.9 %", ""],
        *(_digits(name, "random files", found) for name, found in record["leaking"].items()),
        *(_digits(name, "**unseen speakers**", found) for name, found in record["disjoint"].items()),
        ["always the majority", "unseen speakers", percent(1 - voices["majority"]), "0", "0 %", "100 %", "0.500"],
    ]
    folds = [
        [
            str(number),
            str(fold["speakers"]),
            f"{fold['balanced_accuracy']:.3f}",
            percent(fold["recall"]["female"]),
            percent(fold["recall"]["male"]),
        ]
        for number, fold in enumerate(voices["folds"], 1)
    ]
    gap = 100 * (voices["error"] - files["error"])
    head = ["", "split", "error", "F1 female", "female recall", "male recall", "balanced accuracy (interval)"]
    return "\n\n".join(
        [
            "## Spoken digits, by file and by speaker",
            f"`{record['command']}`. 30,000 digits of 60 speakers, 12 female, as `published` cepstra of 12 x 98. "
            "System B tests on a random fifth of the files, so that every speaker is on both sides. Keeping speakers "
            f"apart, in {len(voices['folds'])} folds, shows what networks make of new ones (intervals by speaker).",
            "For new speakers, every second sample that our networks learn from is no digit but speech of the training "
            "speakers of the corpora below, made to look like one: microphone, noise, level and pauses are drawn at "
            "random, and it is clipped as the digits are. How networks learn was chosen by what some that two folds "
            "were kept from said of those two. So every speaker had a say in the choice, though never by way of a "
            "network that had heard it: these figures are not wholly blind.",
            "The answer is the mean of the networks' probabilities, file by file. One ResNet-34 answers alone, with a "
            "sixteenth of system B's parameters; it starts from a singer member, and learns its last layer first.",
            table(head, rows),
            f"The gap is {gap:.1f} points of error between the best of either protocol, each taught as suits it: to "
            "remember speakers on the one side, to do without them on the other.",
            picture(LEAK, "Share of each speaker's digits that is recognised; every dot is a speaker"),
            table(["fold", "speakers", "balanced accuracy", "recall female", "recall male"], folds),
            f"The learning-rate finder suggests {record['finder']['suggestion']:.1e}, where the loss falls fastest; "
            f"training rises to {voices['learners'][0]['whole']['rate']:.1e} for a moment and is below it most of the "
            "time.",
            picture(FINDER, "Loss over the learning rate; the line is what the finder suggests"),
        ]
    )


def _digits(name: str, split: str, found: dict[str, Any]) -> list[str]:
    recall = found["recall"]
    figures = [
        percent(found["error"], 2),
        f"{found['f1_female']:.3f}",
        percent(recall["female"]),
        percent(recall["male"]),
    ]
    networks = [NETWORKS[learner["network"]] for learner in found["learners"]]
    if name == OURS:
        each = (f"{learner['seeds']} x {kind}" for learner, kind in zip(found["learners"], networks, strict=True))
        networks = ["**ours**: " + ", ".join(each)]
    return [*networks, split, *figures, with_interval(found)]


def raw(record: dict[str, Any]) -> str:
    """The speaker system on raw speech."""
    tested = record["speech"]["test"]
    corpora = heard(tested)
    rows = [[name, *_corpora(found, corpora)] for name, found in tested.items()]
    return "\n\n".join(
        [
            "## The speaker system on raw speech",
            "Recordings of the test speakers of each corpus, balanced accuracy (95 % interval by speaker, where they "
            "are enough), and ECE over all. The `sound` "
            "networks learnt from the training speakers of these corpora and are what `--system speaker` uses; the "
            "`published` networks learnt from the images of the digits and from the same speech in their guise; they "
            "need recordings like the digits.",
            table(["feature", *corpora.values(), "all recordings", "ECE"], rows),
        ]
    )


def _corpora(found: dict[str, Any], corpora: Iterable[str]) -> list[str]:
    return [*(with_interval(found["corpora"][name]) for name in corpora), with_interval(found), f"{found['ece']:.3f}"]


def models(record: dict[str, Any]) -> str:
    """The voice system."""
    tested, checked, base = record["test"], record["val"], record["baselines"]
    corpora = heard(tested)
    best = max((name for name in checked if name != "together"), key=lambda name: checked[name]["evenly"])
    rows = [
        [
            f"**{MODELS[name]}**" if name == best else MODELS[name],
            THEIRS.get(name, ""),
            f"{checked[name]['evenly']:.3f}",
            *_corpora(found, corpora),
        ]
        for name, found in tested.items()
    ]
    rebuilt = [
        ["linear SVM on 60,000 raw samples", THEIRS["svm"], with_interval(base["raw"])],
        ["LeNet on their 32 x 32 images, SGD, 20 epochs", THEIRS["small"], with_interval(base["lenet"])],
    ]
    head = ["model", "system C", "validation", *corpora.values(), "all recordings", "ECE"]
    worst = [[f"`{row['path']}`", row["speaker"], row["label"], percent(row["probability"])] for row in record["worst"]]
    return "\n\n".join(
        [
            "## Spoken voices: four models",
            f"`{record['command']}`. Recordings of the test speakers of each corpus, none of whom any model was "
            "trained or chosen on; balanced accuracy (95 % interval by speaker, where they are enough), and ECE over "
            "all. The best single model on the validation speakers is bold: by the mean over the corpora, in which a "
            "corpus with speakers of one label counts by that alone. `--system voice` answers with all four together.",
            table(head, rows),
            "System C rebuilt, trained on the same speakers and tested on the same recordings:",
            table(["model", "published", "here"], rebuilt),
            "What speakers on both sides are worth: the SVM on mean cepstra, on a quarter of the training recordings "
            f"that is drawn by file, reaches {base['gap']['by file']:.3f}; drawn by speaker, "
            f"{base['gap']['by speaker']:.3f}.",
            "The recordings that all four together missed most surely, with the probability of the right label:",
            table(["recording", "speaker", "label", "probability"], worst),
        ]
    )


def draw(record: dict[str, Any], docs: Path) -> None:
    """The leak, speaker by speaker, and the learning-rate finder's curve."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    from gender_audio.plots.palette import LABEL_COLOURS

    (docs / PICTURES).mkdir(parents=True, exist_ok=True)
    with rc_context({"svg.hashsalt": "speech", "font.size": 9}):
        figure = Figure((7, 2.6), layout="constrained")
        axes = figure.subplots(1, 2, sharey=True)
        for place, (name, title) in zip(
            axes, {"leaking": "speakers known", "disjoint": "speakers unknown"}.items(), strict=True
        ):
            for row, label in enumerate(("male", "female")):
                shares = sorted(
                    found["recall"] for found in record[name][OURS]["by_speaker"].values() if found["label"] == label
                )
                spread = [row + 0.5 * (number / max(1, len(shares) - 1) - 0.5) for number in range(len(shares))]
                place.scatter(shares, spread, 14, LABEL_COLOURS[label].light)
            place.set(title=title, xlim=(-0.02, 1.02), xlabel="share of the speaker's digits recognised")
            place.axvline(0.5, color="0.8", linewidth=1, zorder=0)
        axes[0].set_yticks([0, 1], ["male-like", "female-like"])
        figure.savefig(docs / LEAK, metadata={"Date": None})
        figure = Figure((5, 2.2), layout="constrained")
        place = figure.subplots()
        place.semilogx(record["finder"]["rates"], record["finder"]["losses"], color="0.2")
        place.axvline(record["finder"]["suggestion"], color=LABEL_COLOURS["male"].light)
        place.set(xlabel="learning rate", ylabel="loss")
        figure.savefig(docs / FINDER, metadata={"Date": None})
