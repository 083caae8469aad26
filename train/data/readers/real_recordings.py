"""Real recordings with known voices: those of `manifest.csv`, and of two more tables where there are any.

`more.csv` lists further recordings, `emotify_voices.csv` what the artists of songs are known for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from gender_audio.systems.labels import SINGING
from train.data.readers import manifest
from train.data.readers.csv_listing import Listing, Row
from train.data.splits import SPLITS
from train.data.validation import LayoutError

MORE, VOICES = "more.csv", "emotify_voices.csv"
COLUMNS = ("path", "dataset", "kind", "voice", "singer_id", "song_id", "split", "label_source")
ARTIST_COLUMNS, CERTAIN = ("artist", "voice", "confidence"), "high"
"""Columns of the table of artists, and the confidence that a song's label needs."""
MACHINE = "machine"
"""Source of labels that a model guessed; they are never used for choosing or testing."""
KINDS = ("singing", "song", "accompaniment", "speech")


@dataclass(frozen=True)
class Recording:
    """One recording.

    Attributes:
        path: relative to the folder of the corpora.
        kind: one of `KINDS`.
        voice: one of the labels of the singing system.
        group: the singer, the artist, the corpus if its people are not told apart, or else the song.
        guessed: the voice is a model's guess.
    """

    path: str
    dataset: str
    kind: str
    voice: str
    group: str
    split: str
    guessed: bool = False


def read_recordings(data: Path) -> list[Recording]:
    """All recordings whose voice is known.

    Raises:
        LayoutError: as `manifest.read_rows`; or columns or files are missing, or values are not allowed.
        OSError: there is no manifest.
    """
    artists = _rows(data / VOICES, ARTIST_COLUMNS, _voice_problems)
    known = {row["artist"]: row["voice"] for row in artists if row["confidence"] == CERTAIN}
    recordings = []
    for row in manifest.read_rows(data):
        if row["kind"] == "song":
            if row["artist"] in known:
                group = f"{row['dataset']}:{row['artist']}"
                recordings.append(_recording(row, known[row["artist"]], group))
        elif row["voice"] != "unknown":
            recordings.append(_recording(row, row["voice"], _group(row)))
    for row in _rows(data / MORE, COLUMNS, partial(_problems, data)):
        recordings.append(_recording(row, row["voice"], _group(row), guessed=row["label_source"] == MACHINE))
    return recordings


def groups(data: Path) -> dict[str, str]:
    """Path to the group of every recording of both tables, also of those without a known voice."""
    rows = [*manifest.read_rows(data), *_rows(data / MORE, COLUMNS, partial(_problems, data))]
    return {row["path"]: _group(row) for row in rows} | {
        recording.path: recording.group for recording in read_recordings(data)
    }


def _recording(row: Row, voice: str, group: str, guessed: bool = False) -> Recording:
    return Recording(row["path"], row["dataset"], row["kind"], voice, group, row["split"], guessed)


def _group(row: Row) -> str:
    """A singer_id with a question mark may be several people, so the whole corpus is one group."""
    if row["singer_id"].endswith("?"):
        return f"{row['dataset']}:?"
    return row["singer_id"] or row["song_id"] or row["path"]


def _rows(file: Path, columns: tuple[str, ...], check: Callable[[Row], Iterator[str]]) -> list[Row]:
    if not file.exists():
        return []
    listing = Listing.read(file)
    if problems := listing.problems(columns, check):
        raise LayoutError("\n".join(problems))
    return list(listing.rows.values())


def _voice_problems(row: Row) -> Iterator[str]:
    if row["voice"] not in SINGING.labels:
        yield f"{row['voice']!r} is not a voice; voices are {', '.join(SINGING.labels)}."


def _problems(data: Path, row: Row) -> Iterator[str]:
    yield from _voice_problems(row)
    if not (data / row["path"]).is_file():
        yield f"there is no file {data / row['path']}."
    if row["kind"] not in KINDS:
        yield f"{row['kind']!r} is not a kind; kinds are {', '.join(KINDS)}."
    if row["split"] not in SPLITS:
        yield f"{row['split']!r} is not a split; splits are {', '.join(SPLITS)}."
