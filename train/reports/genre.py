"""The genre section of the report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gender_audio.systems.genre_models import METHODS
from gender_audio.systems.labels import GENRE
from train import run_records
from train.reports.tables import ends, percent, picture, points, table

MARK = 0.85


def sections(docs: Path) -> list[str]:
    """What the record says of the genre system."""
    record = run_records.read("genre", docs / "records")
    return [section(record)] if record else []


def section(record: dict[str, Any]) -> str:
    """Everything that one run of `genre` found."""
    development, test = record["development"], record["test"]
    names = GENRE.labels
    head = ["method", "out of fold", "test", "95 % interval", *(f"recall {name}" for name in names), "AUC"]
    chosen = test[record["chosen"]]
    said = [row[0] for row in chosen["confusion"]]
    parts = [
        "## Rock against the world",
        " ".join(f"`{step}`" for step in record["command"].split(", then ")),
        _songs(record),
        picture("images/genre-songs.svg", "Songs by genre"),
        f"Chosen out of fold: **{METHODS[record['chosen']]}**. On the test songs it reaches "
        f"**{percent(chosen['balanced_accuracy'])}** balanced accuracy; the mark is {percent(MARK)}. "
        f"Of {sum(said)} songs that it calls {names[0]}, {said[0]} are.",
        table(
            head,
            [
                *([METHODS[name], *_row(development[name], test[name])] for name in METHODS),
                ["CNN-FCN, snippets one by one", *_row(record["snippets"]["development"], record["snippets"]["test"])],
                *([f"baseline: {name}", *_row(None, found)] for name, found in record["baselines"].items()),
                *([f"system D's {name}", *_row(None, found)] for name, found in record["reference"].items()),
            ],
        ),
        "Balanced accuracy; intervals redraw artists. Out of fold: each development song is judged by networks that "
        "never met its artist, neither to learn nor to stop; the RNN, the LSTM and attention learnt from answers of "
        "networks of which some had met it, so theirs may be a little too good. System D's models have its layers and "
        "raw features; its 1D-CNN is padded to 8,192 frames, its RNN and LSTM learnt from in-sample answers. The music "
        "tagger is a published network that learnt last.fm's tags from the Million Song Dataset; only the regression "
        "on what it hears learnt from the songs here. Whether artists tested here are in that dataset is not known.",
        picture("images/genre-confusion.svg", "Confusion matrices on the test songs"),
        picture("images/genre-curves.svg", "Learning curves of the first network of each kind"),
        "### Artists on both sides",
        "The SVM on development songs, mean of five draws of the folds: "
        f"{percent(record['gap']['by song'])} when songs are split at random, "
        f"{percent(record['gap']['by artist'])} when artists are. A difference of "
        f"{points(record['gap']['by song'] - record['gap']['by artist'])} points is little beside the intervals above.",
        *_undisputed(record),
        "### Length",
        "How far a method's probability moves at most, over every thirtieth test song:",
        table(
            ["method", *record["blindness"]],
            [[METHODS[name], *(f"{moved[name]:.4f}" for moved in record["blindness"].values())] for name in METHODS],
        ),
        picture("images/genre-features.png", "The features of a synthesised song"),
        "Songs the chosen method errs on, with every method's answer: "
        "[records/genre-mistakes.csv](records/genre-mistakes.csv).",
    ]
    return "\n\n".join(parts)


def _songs(record: dict[str, Any]) -> str:
    counts = [
        f"{split}: {', '.join(f'{count} {genre}' for genre, count in genres.items())} "
        f"by {record['artists'][split]} artists"
        for split, genres in record["songs"].items()
    ]
    return f"One-minute songs, {'; '.join(counts)}. No artist is on both sides."


def _undisputed(record: dict[str, Any]) -> list[str]:
    found, apart = record["undisputed"]["test"], record["undisputed"]["development"]
    if not (found and apart):
        return []
    whole = [(sum(row), left) for row, left in zip(found["confusion"], found["left_out"], strict=True)]
    guessed = sum((kept + left / 2) / (kept + left) for kept, left in whole) / len(whole)
    return [
        "### Artists with both labels",
        f"Of the {sum(found['confusion'][0]) + found['left_out'][0]} test songs that are labelled {GENRE.labels[0]}, "
        f"{found['left_out'][0]} are by artists with songs of the other label, too, and so are "
        f"{found['left_out'][1]} of the others: their label says little about how they sound. On the songs of all "
        f"other artists, {METHODS[record['chosen']]} reaches **{percent(found['balanced_accuracy'])}** "
        f"({ends(found['interval'])}); out of fold, {percent(apart['balanced_accuracy'])}. Who were right "
        f"about every one of these and guessed at the rest would reach {percent(guessed)} on all test songs. "
        "These artists were looked for after the mistakes had been seen; what counts is the figure in the table.",
    ]


def _row(development: dict[str, Any] | None, test: dict[str, Any]) -> list[str]:
    return [
        percent(development["balanced_accuracy"]) if development else "",
        percent(test["balanced_accuracy"]),
        ends(test["interval"]),
        *(percent(share) for share in test["recall"]),
        f"{test['auc']:.3f}",
    ]
