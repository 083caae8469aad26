"""`record`: the verdict on a recording from the microphone."""

from __future__ import annotations

import time

import typer
from rich.console import Console

from gender_audio import report
from gender_audio.audio import AudioError, microphone
from gender_audio.cli.classify import classify_clip, load_classifier
from gender_audio.cli.errors import fail
from gender_audio.cli.options import Seconds, SystemName
from gender_audio.systems.labels import SINGING

COUNTDOWN_S = 3


def record_and_classify(seconds: Seconds = 3.0, system: SystemName = SINGING.name) -> None:
    """Record from the microphone after a countdown, then say how the voice sounds. Nothing is saved."""
    try:
        source = microphone.default_microphone()
        classifier = load_classifier(system)
        for number in range(COUNTDOWN_S, 0, -1):
            typer.echo(f"{number} ...", err=True)
            time.sleep(1)
        typer.echo(f"Recording {seconds:g} s from {report.printable(source.name)}", err=True)
        clip = microphone.record(source, seconds)
    except microphone.RecordingError as error:
        fail(error)
    try:
        verdict = classify_clip(classifier, clip)
    except AudioError as error:
        fail(error)
    report.show("Recording", verdict, Console())
