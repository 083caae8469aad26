"""The first sections of the report: results at a glance, a reading order and a glossary."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gender_audio.systems.labels import GENRE, SINGING, SPEECH_MEL, SPEECH_MFCC, System
from train import run_records
from train.reports.tables import percent, table, value_range

READING_ORDER = (
    "Start with the table above and the terms below.",
    "*Real recordings* and *Remixes* are about the main system, singing: its metrics, confusions and calibration.",
    "*Separation* and *Separators compared* show the step before it: how well the voice is separated.",
    "*Ablation* and *How the members were trained* show which parts matter and what a random split would hide.",
    "*Spoken digits*, *Raw speech* and *Four models of speech* are about the two systems for spoken voices.",
    "*Rock against other genres* is about the genre system.",
    "*Where the evidence lies* shows which parts of the sound the networks use.",
)
GLOSSARY = {
    "member, ensemble": "one of twenty networks; the mean of their probabilities, calibrated",
    "published network": "one that others trained and published; the verdict combines the ensemble with three of them",
    "snippet": "the three seconds of sound that a network gets at a time (one second for `speech-mfcc`, up to six for "
    "`speech-mel`)",
    "remix": "a voice over an accompaniment that it was not recorded with, mixed at random",
    "held out": "not used for training; held-out singers or artists are new to the network",
    "fold": "one of several groups of singers, speakers or artists; each network is trained without one of them",
    "out of fold": "predicted by networks that were trained without the fold of that voice, song or speaker",
    "balanced accuracy": "the mean recall of the labels, so that each label counts the same",
    "95 % interval": "a bootstrap interval that resamples whole singers, speakers or artists with the same labels; it "
    "covers other people, not other trainings",
    "NLL, Brier, ECE": "errors of the probabilities: mean negative log-likelihood, squared distance from the truth, "
    "and expected calibration error, the mean gap between confidence and accuracy",
    "confidence": "the highest probability of a prediction",
    "SI-SDR, GNSDR": "how close a separated voice is to the true one, in dB; GNSDR is the gain over the mixture",
    "leakage": "the same singer, speaker or artist in training and test data, which makes results look too good",
    "system A, B, C, D": "four earlier projects that this one continues: singing in four classes (A), spoken digits "
    "(B), recordings of speakers (C), progressive rock (D)",
}


def sections(docs: Path) -> list[str]:
    """The results at a glance, the reading order and the glossary, if anything has been measured."""
    rows = summary(docs)
    if not rows:
        return []
    return [
        "## At a glance",
        "All results are for people and artists that no network was trained on. Each is explained below.",
        table(["system", "labels", "measured on", "balanced accuracy", "95 % interval", "chance"], rows),
        "## How to read this page",
        "\n".join(f"{number}. {step}" for number, step in enumerate(READING_ORDER, 1)),
        "## Terms",
        table(["term", "meaning"], GLOSSARY.items()),
    ]


def summary(docs: Path) -> list[list[str]]:
    """A row for every system that has a record."""
    folder = docs / "records"
    rows = []
    if test := run_records.read("test", folder):
        metrics = test["classification"]
        values = {**metrics, "interval": metrics["accuracy_interval"]}
        rows.append(_row(SINGING.name, SINGING, f"{metrics['rows']:,} remixes", values))
    if real := run_records.read("real", folder):
        rows.append(_row(SINGING.name, SINGING, f"{real['rows']} snippets of real recordings", real))
    if mfcc := run_records.read(SPEECH_MFCC.name, folder):
        rows.append(_speech_row(SPEECH_MFCC, mfcc["speech"]["test"]["sound"]))
    if mel := run_records.read(SPEECH_MEL.name, folder):
        rows.append(_speech_row(SPEECH_MEL, mel["test"]["together"]))
    if genre := run_records.read(GENRE.name, folder):
        counts = f"{sum(genre['songs']['test'].values())} songs by {genre['artists']['test']} artists"
        rows.append(_row(GENRE.name, GENRE, counts, genre["test"][genre["chosen"]]))
    return rows


def _speech_row(system: System, metrics: dict[str, Any]) -> list[str]:
    counts = f"{metrics['rows']} recordings of {metrics['speakers']} speakers"
    return _row(system.name, system, counts, metrics)


def _row(title: str, system: System, counts: str, metrics: dict[str, Any]) -> list[str]:
    labels = ", ".join(f"`{label}`" for label in system.labels)
    accuracy, chance = percent(metrics["balanced_accuracy"]), percent(1 / len(system.labels), 0)
    return [title, labels, counts, accuracy, value_range(metrics["interval"]), chance]
