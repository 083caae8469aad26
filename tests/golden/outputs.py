"""Computes what `outputs.json` stores: name of an output to an array of numbers.

The clips are synthesised, so the outputs depend on the code and on the shipped weights alone.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.special import expit

from gender_audio import separation, synth
from gender_audio.audio import Clip
from gender_audio.separation import Stems
from gender_audio.systems import published
from gender_audio.systems.base import Verdict
from gender_audio.systems.combination import RATE, snippet_outputs
from gender_audio.systems.genre import GenreClassifier
from gender_audio.systems.singing import SingingClassifier
from gender_audio.systems.speech import SpeechClassifier
from gender_audio.systems.speech_mel import MelSpeechClassifier
from gender_audio.systems.speech_mfcc import MfccSpeechClassifier

MAP_SHAPE = (8, 12)
"""Rows and columns that a Grad-CAM map is averaged to before it is stored."""

Outputs = Iterator[tuple[str, np.ndarray]]


def all_outputs() -> dict[str, np.ndarray]:
    """Every stored output by name: `system/clip/output`."""
    return dict([*singing(), *published_networks(), *speech(), *genre(), *separators()])


def clips() -> dict[str, Clip]:
    """The examples of the page, and a clip that is shorter than one snippet."""
    examples = {name: synth.example(name) for name in synth.EXAMPLES}
    female = examples["female-like"]
    return {**examples, "short": Clip(female.samples[:, female.rate : round(2.5 * female.rate)], female.rate)}


def spoken() -> dict[str, Clip]:
    """Syllables at the pitch of speech, 2.5 per second: a low and a high voice."""
    voices = {"low": (synth.MALE, 45.0), "high": (synth.FEMALE, 57.0)}
    recordings = {}
    for name, (voice, pitch) in voices.items():
        notes = [
            synth.Note(0.4 * number, 0.36, pitch + (number % 3) - 1, syllable)
            for number, syllable in enumerate(("la", "mo", "ni", "sa", "le", "tu", "ha", "no"))
        ]
        recordings[name] = Clip(synth.sing(notes, voice)[None], synth.RATE)
    return recordings


def singing() -> Outputs:
    """The ensemble with and without the embedded separator; with saliency maps of the first."""
    ensemble = SingingClassifier.load()
    classifiers = {
        "singing": ensemble,
        "singing-unseparated": ensemble.with_separator("none"),
    }
    for system, classifier in classifiers.items():
        for name, clip in clips().items():
            verdict = classifier(clip)
            yield from verdict_outputs(f"{system}/{name}", verdict)
            yield f"{system}/{name}/ends_s", verdict.ends_s
            if verdict.timeline:
                yield f"{system}/{name}/timeline", verdict.timeline.probabilities[::5]
            if system == "singing":
                for member in (None, "07"):
                    saliency = classifier.explain(verdict.features[0], verdict.label, member).map
                    yield f"{system}/{name}/gradcam-{member or 'mean'}", block_means(saliency)


def published_networks() -> Outputs:
    """The probabilities of every published network for the snippets; log-odds differ more between processors."""
    for network in published.load_all():
        for name, clip in clips().items():
            yield f"{network.name}/{name}/outputs", expit(snippet_outputs(network, clip.mono(RATE)))


def speech() -> Outputs:
    """Both speech systems, and the networks for published images; with saliency maps."""
    systems: dict[str, SpeechClassifier] = {
        "speech-mfcc": MfccSpeechClassifier.load(),
        "speech-mfcc-published": MfccSpeechClassifier.load("published"),
        "speech-mel": MelSpeechClassifier.load(),
    }
    for system, classifier in systems.items():
        for name, clip in spoken().items():
            verdict = classifier(clip)
            yield from verdict_outputs(f"{system}/{name}", verdict)
            saliency = classifier.explain(verdict.features[0], verdict.label).map
            yield f"{system}/{name}/gradcam", block_means(saliency)


def genre() -> Outputs:
    """Every genre method on whole clips."""
    classifier = GenreClassifier.load()
    for name in ("instrumental", "duet"):
        yield from verdict_outputs(f"genre/{name}", classifier(clips()[name]))


def verdict_outputs(prefix: str, verdict: Verdict) -> Outputs:
    """The starts of the snippets and all probabilities of a verdict."""
    yield f"{prefix}/starts_s", verdict.starts_s
    yield f"{prefix}/snippets", verdict.snippet_probabilities
    yield f"{prefix}/members", verdict.member_probabilities
    yield f"{prefix}/probabilities", verdict.probabilities


def separators() -> Outputs:
    """Level of both stems and their correlation with the mixture, mono and stereo."""
    for separator in ("unet", "spleeter", "none"):
        separate = separation.load(separator)
        for name, clip in clips().items():
            yield f"{separator}/{name}/stems", stem_statistics(separate(clip))
        duet = clips()["duet"].mono(synth.RATE)
        stereo = np.stack([duet, 0.5 * np.roll(duet, 40)])
        yield f"{separator}/stereo/stems", stem_statistics(separate(Clip(stereo, synth.RATE)))


def stem_statistics(stems: Stems) -> np.ndarray:
    """RMS of vocals and accompaniment, and the correlation of each with the mixture, [channels, 4]."""
    rows = []
    for vocals, accompaniment, mixture in zip(stems.vocals, stems.accompaniment, stems.mixture, strict=True):
        levels = [
            float(np.sqrt(np.mean(np.square(part, dtype=np.float64)))) for part in (vocals, accompaniment, mixture)
        ]
        products = [float(np.mean(part.astype(np.float64) * mixture)) for part in (vocals, accompaniment)]
        correlations = [p / max(level * levels[2], 1e-12) for p, level in zip(products, levels, strict=False)]
        rows.append([levels[0], levels[1], *correlations])
    return np.array(rows)


def block_means(saliency: np.ndarray) -> np.ndarray:
    """A map [rows, frames] averaged to `MAP_SHAPE`."""
    for axis, parts in enumerate(MAP_SHAPE):
        pieces = np.array_split(saliency, parts, axis)
        saliency = np.stack([piece.mean(axis) for piece in pieces], axis)
    return saliency
