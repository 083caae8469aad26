"""A page with players for what went worst. It holds recordings of the corpora, so it belongs outside the repository."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from gender_audio import audio
from train.data.decoding import RATE
from train.data.readers.protocol import read_rows as listed
from train.data.remix import render_row

HEAD = """<!doctype html><html lang="en"><meta charset="utf-8"><title>What went worst</title>
<style>body {font: 16px system-ui; max-width: 60em; margin: 2em auto} td, th {padding: .3em 1em .3em 0;
text-align: left}
</style><h1>What went worst</h1>"""


@dataclass(frozen=True)
class Player:
    """One recording in the folder of the page, what is known of it, and the probability that its label was given."""

    file: str
    who: str
    label: str
    probability: float


def write(found: Mapping[str, Mapping[str, Any]], data: Path, protocol: Path, out: Path) -> Path:
    """Write the page and its recordings into the folder `out`.

    Args:
        found: the records `voice` and `test`, whose worst recordings are meant; empty where there is none.
        data, protocol: folders of the corpora and of remix_test.csv.

    Returns:
        The page.
    """
    out.mkdir(parents=True, exist_ok=True)
    parts = {
        "Spoken voices": _spoken(found["speech-mel"], data, out),
        "Who sings": _sung(found["test"], data, protocol, out),
    }
    sections = [f"<h2>{title}</h2>{_table(list(players))}" for title, players in parts.items()]
    page = out / "index.html"
    page.write_text(HEAD + "".join(sections), encoding="utf8")
    return page


def _spoken(record: Mapping[str, Any], data: Path, out: Path) -> Iterator[Player]:
    for row in record.get("worst", []):
        source = data / row["path"]
        file = "-".join(Path(row["path"]).parts)
        shutil.copyfile(source, out / file)
        yield Player(file, row["speaker"], row["label"], row["probability"])


def _sung(record: Mapping[str, Any], data: Path, protocol: Path, out: Path) -> Iterator[Player]:
    worst = record.get("classification", {}).get("worst", [])
    if not worst:
        return
    rows = listed(protocol / "remix_test.csv", data)
    for row in worst:
        file = f"remix-{row['row']}.wav"
        audio.write(out / file, render_row(rows[row["row"]], data).mixture[None], RATE)
        yield Player(file, f"{row['singers']}, {row['kind']}", row["label"], row["probability"])


def _table(players: list[Player]) -> str:
    rows = [
        f'<tr><td><audio controls preload="none" src="{escape(one.file)}"></audio><td>{escape(one.who)}'
        f"<td>{escape(one.label)}<td>{one.probability:.1%}"
        for one in players
    ]
    return f"<table><tr><th>recording<th>who<th>label<th>probability of the label{''.join(rows)}</table>"
