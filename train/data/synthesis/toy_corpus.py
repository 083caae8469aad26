"""A small synthesised version of the corpora and the protocol, just large enough to run every recipe.

Its voices come from `gender_audio.synth`, so results with them say nothing about people.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import soundfile

from gender_audio import synth
from gender_audio.features.mfcc import Mfcc
from gender_audio.systems.labels import SINGING
from train.data.decoding import RATE
from train.data.readers.audiomnist import FILE as DIGITS
from train.data.remix import LENGTH
from train.data.splits import SPLITS

Row = dict[str, str]

LICENCE = "synthesised, CC0"
MANIFEST = "path,dataset,kind,voice,singer_id,song_id,split,duration_s,genre,artist,licence"
PROTOCOL = (
    "id,label,kind,voice1,voice1_at,voice2,voice2_at,gain2_db,acc1,acc1_at,acc2,acc2_at,acc2_gain_db,snr_db,singers"
)
REAL = "id,label,kind,dataset,group,path1,start1_s,path2,start2_s,gain2_db"
KINDS = ("sung", "sung", "sung", "spoken", "spoken", "sung a cappella")
"""Kinds of the protocol rows of each label with a voice; `none` has as many rows."""

SINGERS = {"mir1k": (3, 1, 1), "choral": (2, 1, 1)}
SPEAKERS = {"librispeech": (2, 1, 1), "ravdess": (2, 1, 1), "emotiontts": (2, 1, 1)}
"""Corpus to number of people of each sex in train, val and test."""
ARTISTS = (2, 1, 1)
"""Artists of each genre in train, val and test."""
DIGIT_SPEAKERS, TAKES = 5, 4
"""Speakers of digits of each sex, and digits of each speaker."""

SUNG_S, SPOKEN_S, SONG_S = 4.0, 3.6, 11.0
SYLLABLES = ("lai", "mo", "nia", "sai", "le", "lu", "ho", "nau", "ti", "mei", "sa")
VOICES = {"male": (synth.MALE, 50), "female": (synth.FEMALE, 64)}
"""Default voice, and the middle of its singing range as a MIDI number."""
SPEAKING = -6
"""Semitones from the middle of the singing range to the middle of the speaking range."""


@dataclass(frozen=True)
class Style:
    """Style of a genre: seconds per bar, transposition of the chords in semitones, and drive of the distortion."""

    bar_s: float
    transposition: int
    drive: float


GENRES = {
    "rock": Style(1.1, -5, 12.0),
    "pop": Style(1.7, 0, 1.0),
    "classical": Style(2.8, 7, 0.5),
    "electronic": Style(0.9, 12, 3.0),
}


@dataclass(frozen=True)
class Person:
    """A synthetic voice: its label, its sound, and the middle of its range as a MIDI number."""

    voice: str
    sound: synth.Voice
    middle: float

    @classmethod
    def draw(cls, voice: str, rng: np.random.Generator) -> Person:
        """Draw a random voice of a label."""
        default, middle = VOICES[voice]
        sound = replace(
            default,
            tract=default.tract * rng.uniform(0.95, 1.05),
            brightness_hz=default.brightness_hz * rng.uniform(0.8, 1.25),
            vibrato_hz=default.vibrato_hz * rng.uniform(0.9, 1.1),
            breath=default.breath * rng.uniform(0.5, 2.0),
        )
        return cls(voice, sound, middle + rng.uniform(-2, 2))

    def utter(self, rng: np.random.Generator, seconds: float, spoken: bool, rate: int = RATE) -> np.ndarray:
        """Random syllables, sung, or spoken at four per second, float32 [n]."""
        length_s = 0.25 if spoken else 0.5
        middle = self.middle + SPEAKING * spoken
        pitches = middle + rng.integers(-3, 4, round(seconds / length_s))
        notes = [
            synth.Note(length_s * place, 0.9 * length_s, float(pitch), str(rng.choice(SYLLABLES)))
            for place, pitch in enumerate(pitches)
        ]
        return synth.sing(notes, self.sound, rate, _seed(rng))


class Corpus:
    """The rows of a manifest, and the folder of their recordings."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows: list[Row] = []

    def add(
        self, path: str, samples: np.ndarray, dataset: str, kind: str, voice: str, split: str, **columns: str
    ) -> None:
        """Write a recording [n] or [n, channels] at 16 kHz, and add its row."""
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(self.folder / path, samples, RATE)
        fields = {"path": path, "dataset": dataset, "kind": kind, "voice": voice, "split": split, "licence": LICENCE}
        self.rows.append({**fields, "duration_s": f"{len(samples) / RATE:.1f}", **columns})


def write(folder: Path, seed: int = 0) -> None:
    """Write the corpora to `folder/data` and the protocols to `folder/protocol`. The manifest is written last."""
    rng, corpus, protocol = np.random.default_rng(seed), Corpus(folder / "data"), folder / "protocol"
    for place, split in enumerate(SPLITS):
        for voice in VOICES:
            for dataset, counts in SINGERS.items():
                for number in range(counts[place]):
                    _singer(corpus, dataset, voice, split, number, rng)
            for dataset, counts in SPEAKERS.items():
                for number in range(counts[place]):
                    _speaker(corpus, dataset, voice, split, number, rng)
        corpus.add(f"instrumental/{split}.ogg", _backing(rng), "opensurge", "accompaniment", "none", split)
        for genre in GENRES:
            for number in range(ARTISTS[place]):
                _artist(corpus, genre, split, number, rng)
    _digits(corpus.folder, rng)
    more = Corpus(corpus.folder)
    for split in SPLITS:
        _more(more, split, np.random.default_rng([seed, *split.encode()]))
    _table(corpus.folder / "more.csv", f"{MANIFEST},label_source", more.rows)
    artists = [{"artist": f"pop {split} 0", "voice": "none", "confidence": "high"} for split in SPLITS]
    _table(corpus.folder / "emotify_voices.csv", "artist,voice,confidence", artists)
    protocol.mkdir(parents=True, exist_ok=True)
    for split in ("val", "test"):
        _table(protocol / f"remix_{split}.csv", PROTOCOL, protocol_rows(corpus.rows, split, rng))
        _table(protocol / f"real_{split}.csv", REAL, real_rows([*corpus.rows, *more.rows], split))
    _table(corpus.folder / "manifest.csv", MANIFEST, corpus.rows)


def protocol_rows(clips: Sequence[Row], split: str, rng: np.random.Generator) -> list[Row]:
    """Random rows of `remix_<split>.csv`, mixed from the clips of the manifest."""
    in_split = [clip for clip in clips if clip["split"] == split]
    wanted = [(label, "instrumental" if label == "none" else kind) for label in SINGING.labels for kind in KINDS]
    order = rng.permutation(len(wanted))
    return [_remix(f"{split}{number:04d}", *wanted[int(place)], in_split, rng) for number, place in enumerate(order)]


def _remix(name: str, label: str, kind: str, clips: Sequence[Row], rng: np.random.Generator) -> Row:
    row = {"id": name, "label": label, "kind": kind}
    if label != "none":
        source = "speech" if kind == "spoken" else "singing"
        choice = [clip for clip in clips if clip["kind"] == source and label in (clip["voice"], "multiple")]
        chosen = [choice[k] for k in rng.permutation(len(choice))[: 1 + (label == "multiple")]]
        for place, clip in enumerate(chosen, 1):
            row |= {f"voice{place}": clip["path"], f"voice{place}_at": _start(clip, rng)}
        row["singers"] = " ".join(clip["singer_id"] for clip in chosen)
        row["gain2_db"] = f"{rng.uniform(-5, 5):.2f}" if len(chosen) > 1 else ""
    if "a cappella" not in kind:
        backings = [clip for clip in clips if clip["kind"] == "accompaniment"]
        backing = backings[rng.integers(len(backings))]
        row |= {"acc1": backing["path"], "acc1_at": _start(backing, rng), "snr_db": f"{rng.uniform(-3, 8):.2f}"}
    return row


def real_rows(clips: Sequence[Row], split: str) -> list[Row]:
    """Rows of `real_<split>.csv`: every known recording but speech, and every pair of a man and a woman."""
    in_split = [clip for clip in clips if clip["split"] == split and clip["voice"] != "unknown"]
    alone = {kind: [clip for clip in in_split if clip["kind"] == kind] for kind in ("singing", "accompaniment", "song")}
    rows = [_real(clip, clip["voice"], kind) for kind in alone for clip in alone[kind]]
    men, women = ([clip for clip in alone["singing"] if clip["voice"] == voice] for voice in VOICES)
    rows += [
        _real(man, "multiple", "duet") | {"path2": woman["path"], "start2_s": "0.5", "gain2_db": "3.0"}
        for man in men
        for woman in women
    ]
    return [{"id": f"{split}{number:04d}", **row} for number, row in enumerate(rows)]


def _real(clip: Row, label: str, kind: str) -> Row:
    names = {"singing": "ensemble" if clip["voice"] == "multiple" else "solo", "accompaniment": "instrument"}
    group = clip.get("singer_id") or clip["path"]
    fields = {"label": label, "kind": names.get(kind, kind), "dataset": clip["dataset"], "group": group}
    return {**fields, "path1": clip["path"], "start1_s": "0.25"}


def _start(clip: Row, rng: np.random.Generator) -> str:
    spare = round(float(clip["duration_s"]) * RATE) - LENGTH
    return str(rng.integers(max(1, spare)))


def _singer(corpus: Corpus, dataset: str, voice: str, split: str, number: int, rng: np.random.Generator) -> None:
    name = f"{split}{voice}{number}"
    fields = {"singer_id": f"{dataset}:{name}", "song_id": f"{dataset}:{name}_1"}
    sung = Person.draw(voice, rng).utter(rng, SUNG_S, spoken=False)
    path = f"voice/{name}_1_01" if dataset == "mir1k" else name
    corpus.add(f"{dataset}/{path}.ogg", sung, dataset, "singing", voice, split, **fields)
    if dataset == "mir1k":
        path, backing = f"mir1k/accompaniment/{name}_1_01.ogg", np.resize(_backing(rng), sung.shape)
        corpus.add(path, backing, dataset, "accompaniment", "none", split, song_id=fields["song_id"])


def _speaker(corpus: Corpus, dataset: str, voice: str, split: str, number: int, rng: np.random.Generator) -> None:
    name = f"{split}{voice}{number}"
    spoken = Person.draw(voice, rng).utter(rng, SPOKEN_S, spoken=True)
    corpus.add(f"{dataset}/{name}.ogg", spoken, dataset, "speech", voice, split, singer_id=f"{dataset}:{name}")


def _artist(corpus: Corpus, genre: str, split: str, number: int, rng: np.random.Generator) -> None:
    """Songs of one artist: two for rock, so that every fold has rock songs, otherwise one."""
    style, artist = GENRES[genre], f"{genre} {split} {number}"
    bar_s, transposition = style.bar_s * rng.uniform(0.9, 1.1), style.transposition + int(rng.integers(-2, 3))
    for song in range(2 if genre == "rock" else 1):
        samples = np.tanh(style.drive * _backing(rng, SONG_S, bar_s, transposition)) / max(1.0, style.drive / 2)
        path = f"emotify/{genre}/{split}{number}-{song}.ogg"
        fields = {"song_id": f"emotify:{path}", "genre": genre, "artist": artist}
        corpus.add(path, samples, "emotify", "song", "unknown", split, **fields)


def _more(corpus: Corpus, split: str, rng: np.random.Generator) -> None:
    """Rows of `more.csv`: singers, a guessed one, two who sing together, an instrument, and songs in stereo."""
    together = []
    for voice in VOICES:
        person, name = Person.draw(voice, rng), f"{split}{voice}"
        together.append(person.utter(rng, SUNG_S, spoken=False))
        fields = {"singer_id": f"gtsinger:{name}", "label_source": "named"}
        corpus.add(f"more/{name}.ogg", together[-1], "gtsinger", "singing", voice, split, **fields)
        sung, backing = person.utter(rng, 2 * SUNG_S, spoken=False), _backing(rng, 2 * SUNG_S)
        length = min(len(sung), len(backing))
        song = (0.7 * sung[:length] + 0.3 * backing[:length])[:, None] * [1.0, 0.9]
        fields = {"singer_id": f"carnatic:{name}", "label_source": "named"}
        corpus.add(f"more/{name}-song.ogg", song, "carnatic", "song", voice, split, **fields)
    fields = {"song_id": f"saurjya:{split}", "label_source": "named"}
    corpus.add(f"more/{split}-duet.ogg", 0.5 * np.add(*together), "saurjya", "singing", "multiple", split, **fields)
    corpus.add(f"more/{split}-chords.ogg", _backing(rng), "thinkdsp", "accompaniment", "none", split, **fields)
    if split == "train":
        guessed = Person.draw("female", rng).utter(rng, SUNG_S, spoken=False)
        fields = {"singer_id": "popbutfy:English?", "label_source": "machine"}
        corpus.add("more/guessed.ogg", guessed, "popbutfy", "singing", "female", split, **fields)


def _backing(
    rng: np.random.Generator, seconds: float = SUNG_S, bar_s: float = synth.BAR_S, transposition: int = 0
) -> np.ndarray:
    """Chords in random order, float32 [n] at 16 kHz."""
    order = rng.integers(len(synth.CHORDS), size=max(2, round(seconds / bar_s)))
    chords = [[pitch + transposition for pitch in synth.CHORDS[place]] for place in order]
    return synth.accompany(chords, bar_s, RATE, _seed(rng))


def _digits(folder: Path, rng: np.random.Generator) -> None:
    """Write images for `train.data.readers.audiomnist`, each of one second of speech."""
    feature = Mfcc("published")
    voices = [voice for voice in VOICES for _ in range(DIGIT_SPEAKERS)]
    images = []
    for voice in voices:
        speech = Person.draw(voice, rng).utter(rng, TAKES, spoken=True, rate=feature.rate)
        images += [feature(speech[take * feature.rate :]).round().astype(np.uint8) for take in range(TAKES)]
    np.savez(
        folder / DIGITS,
        mfcc=np.stack(images),
        gender=np.repeat([voice[0] for voice in voices], TAKES),
        speaker=np.repeat(np.arange(1, len(voices) + 1), TAKES),
        digit=np.tile(np.arange(TAKES), len(voices)),
        take=np.zeros(len(images), int),
    )


def _table(path: Path, head: str, lines: Sequence[Row]) -> None:
    with path.open("w", newline="", encoding="utf8") as file:
        table = csv.DictWriter(file, head.split(","), restval="")
        table.writeheader()
        table.writerows(lines)


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(2**31))
