"""Writes a page with players for the worst predictions. It contains recordings, so keep it outside the repository."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from gender_audio import audio
from train.data.decoding import RATE
from train.data.readers.protocol import read_rows
from train.data.remix import render_row

HEAD = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Worst predictions</title>
<style>body {font: 16px system-ui; max-width: 60em; margin: 2em auto} td, th {padding: .3em 1em .3em 0;
text-align: left}
</style><h1>Worst predictions</h1>"""


@dataclass(frozen=True)
class Player:
    """One recording in the folder of the page, its speaker or singers, its label and the probability of the label."""

    file: str
    source: str
    label: str
    probability: float


def write(records: Mapping[str, Mapping[str, Any]], data: Path, protocol: Path, out: Path) -> Path:
    """Write the page and its recordings into the folder `out`.

    Args:
        records: the run records `speech-mel` and `test`; empty where there is none.
        data, protocol: folders of the corpora and of remix_test.csv.

    Returns:
        The page.
    """
    out.mkdir(parents=True, exist_ok=True)
    players = {
        "Speech (speech-mel)": _speech_players(records["speech-mel"], data, out),
        "Singing": _singing_players(records["test"], data, protocol, out),
    }
    sections = [f"<h2>{title}</h2>{_table(list(rows))}" for title, rows in players.items()]
    page = out / "index.html"
    page.write_text(HEAD + "".join(sections), encoding="utf8")
    return page


def _speech_players(record: Mapping[str, Any], data: Path, out: Path) -> Iterator[Player]:
    for row in record.get("worst", []):
        file = "-".join(Path(row["path"]).parts)
        shutil.copyfile(data / row["path"], out / file)
        yield Player(file, row["speaker"], row["label"], row["probability"])


def _singing_players(record: Mapping[str, Any], data: Path, protocol: Path, out: Path) -> Iterator[Player]:
    worst = record.get("classification", {}).get("worst", [])
    if not worst:
        return
    rows = read_rows(protocol / "remix_test.csv", data)
    for row in worst:
        file = f"remix-{row['row']}.wav"
        audio.write(out / file, render_row(rows[row["row"]], data).mixture[None], RATE)
        yield Player(file, f"{row['singers']}, {row['kind']}", row["label"], row["probability"])


def _table(players: list[Player]) -> str:
    rows = [
        f'<tr><td><audio controls preload="none" src="{escape(player.file)}"></audio><td>{escape(player.source)}'
        f"<td>{escape(player.label)}<td>{player.probability:.1%}"
        for player in players
    ]
    return f"<table><tr><th>recording<th>source<th>label<th>probability of the label{''.join(rows)}</table>"
