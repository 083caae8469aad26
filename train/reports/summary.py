"""How the report opens: what there is to be heard, how well it is, and the words that everything is told in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gender_audio.systems.labels import GENRE, SINGING, SPEECH_MEL, SPEECH_MFCC, STUDENT, System
from train import run_records
from train.reports.tables import ends, percent, table

TERMS = {
    "member, ensemble": "one of twenty networks; the mean of their probabilities, calibrated",
    "snippet": "the three seconds of sound (one for `speaker`, up to six for `voice`) that networks hear at a time",
    "remix": "a voice over an accompaniment it was not recorded with, made anew at random",
    "out of bag, out of fold": "said of voices, songs or speakers by networks that never heard them",
    "95 % interval": "a bootstrap that draws whole singers, speakers or artists anew, each for one with the same "
    "labels; it knows of other people, not of other trainings",
    "NLL, Brier, ECE": "how far probabilities are from the truth: mean negative log-likelihood, squared distance, and "
    "the gap between how sure and how often right",
    "SI-SDR, GNSDR": "how far a separated voice is from the true one, in dB, and what is gained over the mixture",
    "system A, B, C, D": "four earlier projects that this one takes up: singers in four classes (A), spoken digits "
    "(B), recordings of speakers (C), progressive rock (D)",
}


def sections(docs: Path) -> list[str]:
    """The summary and the terms, where anything has been measured."""
    rows = summary(docs)
    if not rows:
        return []
    return [
        "## At a glance",
        "People and artists that no network learnt from; every figure is explained below.",
        table(["system", "says", "measured on", "balanced accuracy", "95 % interval", "a guess"], rows),
        "Words used here:",
        table(["term", "meaning"], TERMS.items()),
    ]


def summary(docs: Path) -> list[list[str]]:
    """A row for everything that the application offers and there is a record of."""
    found = {name: run_records.read(name, docs / "records") for name in ("test", "speech-mfcc", "speech-mel", "genre")}
    rows = []
    if test := found["test"]:
        for title, name in ((f"{SINGING.name}, ensemble", "classification"), (f"{SINGING.name}, {STUDENT}", "student")):
            if one := test.get(name):
                figures = {"balanced_accuracy": one["balanced_accuracy"], "interval": one["accuracy_interval"]}
                rows.append(_row(title, SINGING, f"{one['rows']:,} snippets", figures))
    if speaker := found["speech-mfcc"]:
        rows.append(_spoken(SPEECH_MFCC, speaker["speech"]["test"]["sound"]))
    if voice := found["speech-mel"]:
        rows.append(_spoken(SPEECH_MEL, voice["test"]["together"]))
    if genre := found["genre"]:
        counted = f"{sum(genre['songs']['test'].values())} songs by {genre['artists']['test']} artists"
        rows.append(_row(GENRE.name, GENRE, counted, genre["test"][genre["chosen"]]))
    return rows


def _spoken(system: System, found: dict[str, Any]) -> list[str]:
    return _row(system.name, system, f"{found['rows']} recordings of {found['speakers']} speakers", found)


def _row(title: str, system: System, counted: str, found: dict[str, Any]) -> list[str]:
    labels = ", ".join(f"`{label}`" for label in system.labels)
    share = percent(found["balanced_accuracy"])
    return [title, labels, counted, share, ends(found["interval"]), percent(1 / len(system.labels), 0)]
