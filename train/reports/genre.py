"""The report's section on the genre system."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gender_audio.systems.genre_models import METHODS
from gender_audio.systems.labels import GENRE
from train import run_records
from train.reports.tables import image, percent, points, table, value_range

TARGET = 0.85


def sections(docs: Path) -> list[str]:
    """The section, where there is a record."""
    record = run_records.read(GENRE.name, docs / "records")
    return [section(record)] if record else []


def section(record: dict[str, Any]) -> str:
    """Everything about one training of the genre system."""
    parts = [
        "## Rock against other genres",
        " ".join(f"`{record[name]}`" for name in ("command", "evaluation_command") if name in record),
        _songs(record),
        image("images/genre-songs.svg", "Songs by genre"),
        _chosen(record),
        _methods(record),
        "The values are balanced accuracies; intervals resample artists. Out of fold, each development song is "
        "predicted by networks that did not use its artist for training or for early stopping. One exception: the RNN, "
        "the LSTM and attention are trained on predictions of networks some of which had used it, so their values may "
        "be slightly too good.",
        "System D's models have its layers and raw features. Its 1D-CNN is padded to 8,192 frames, its RNN and LSTM "
        "are trained on in-sample predictions. The music tagger is a published network that was trained on last.fm's "
        "tags of the Million Song Dataset; only the regression on its embedding is trained on the songs here. It is "
        "not known whether artists of the test songs are in that dataset.",
        image("images/genre-confusion.svg", "Confusion matrices out of fold and on the test songs"),
        image("images/genre-curves.svg", "Learning curves of the first network of each kind"),
        "### Split by song and by artist",
        _split_leakage(record["split_leakage"]),
        *_single_label_artists(record),
        "### Length",
        "The largest change of a method's probability over every thirtieth test song:",
        table(
            ["method", *record["length_sensitivity"]],
            [
                [METHODS[name], *(f"{changes[name]:.4f}" for changes in record["length_sensitivity"].values())]
                for name in METHODS
            ],
        ),
        image("images/genre-features.png", "The features of a synthesised song"),
        "Songs that the chosen method gets wrong, with the probabilities of all methods: "
        "[records/genre-mistakes.csv](records/genre-mistakes.csv).",
    ]
    return "\n\n".join(parts)


def _songs(record: dict[str, Any]) -> str:
    counts = [
        f"{split}: {', '.join(f'{count} {genre}' for genre, count in genres.items())} "
        f"by {record['artists'][split]} artists"
        for split, genres in record["songs"].items()
    ]
    return f"One-minute songs, {'; '.join(counts)}. No artist is in both splits."


def _chosen(record: dict[str, Any]) -> str:
    chosen = record["test"][record["chosen"]]
    predicted = [row[0] for row in chosen["confusion"]]
    return (
        f"The method is chosen out of fold: **{METHODS[record['chosen']]}**. On the test songs it reaches "
        f"**{percent(chosen['balanced_accuracy'])}** balanced accuracy; the target was {percent(TARGET)}. "
        f"Of {sum(predicted)} songs that it predicts as {GENRE.labels[0]}, {predicted[0]} are."
    )


def _methods(record: dict[str, Any]) -> str:
    development, test, snippets = record["development"], record["test"], record["snippets"]
    recalls = (f"recall {label}" for label in GENRE.labels)
    return table(
        ["method", "out of fold", "test", "95 % interval", *recalls, "AUC"],
        [
            *([METHODS[name], *_metrics(development[name], test[name])] for name in METHODS),
            ["CNN-FCN, single snippets", *_metrics(snippets["development"], snippets["test"])],
            *([f"baseline: {name}", *_metrics(None, metrics)] for name, metrics in record["baselines"].items()),
            *([f"system D's {name}", *_metrics(None, metrics)] for name, metrics in record["reference"].items()),
        ],
    )


def _metrics(development: dict[str, Any] | None, test: dict[str, Any]) -> list[str]:
    return [
        percent(development["balanced_accuracy"]) if development else "",
        percent(test["balanced_accuracy"]),
        value_range(test["interval"]),
        *(percent(share) for share in test["recall"]),
        f"{test['auc']:.3f}",
    ]


def _split_leakage(accuracies: dict[str, float]) -> str:
    by_song, by_artist = accuracies["by song"], accuracies["by artist"]
    return (
        f"The SVM on development songs (mean over five draws of the folds) reaches {percent(by_song)} with a random "
        f"split of the songs and {percent(by_artist)} with a split by artist. The difference of "
        f"{points(by_song - by_artist)} points is small beside the intervals above."
    )


def _single_label_artists(record: dict[str, Any]) -> list[str]:
    """The subsection on artists with both labels; empty where their songs cannot be left out."""
    test, development = (record["single_label_artists"][split] for split in ("test", "development"))
    if not (test and development):
        return []
    counts = [(sum(row), left_out) for row, left_out in zip(test["confusion"], test["left_out"], strict=True)]
    limit = sum((kept + left_out / 2) / (kept + left_out) for kept, left_out in counts) / len(counts)
    genre = GENRE.labels[0]
    return [
        "### Artists with both labels",
        f"Of the {sum(counts[0])} test songs with the label {genre}, {test['left_out'][0]} are by artists who also "
        f"have songs with the other label; so are {test['left_out'][1]} of the other test songs. The label of these "
        "songs says little about their sound. On the songs of all other artists, "
        f"{METHODS[record['chosen']]} reaches **{percent(test['balanced_accuracy'])}** "
        f"({value_range(test['interval'])}); out of fold, {percent(development['balanced_accuracy'])}. A method that "
        f"is always right about these and guesses the rest would reach {percent(limit)} on all test songs. "
        "This analysis was made after the errors had been seen; the result is the value in the table.",
    ]
