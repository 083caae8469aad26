"""docs/reliability.md: damaged and hostile files, and many visitors at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from train import run_records
from train.reports.tables import percent, table

FUZZ, LOAD = "fuzz", "load"
"""Names of the records."""


def write(docs: Path = run_records.DOCS) -> Path:
    """Write the page from the records that exist.

    Returns:
        The path of the page.
    """
    parts = ["# Reliability", "This page is written by commands from the records in `docs/records`; do not edit it."]
    for name, section in ((FUZZ, fuzz_section), (LOAD, load_section)):
        record = run_records.read(name, docs / "records")
        parts += section(record) if record else []
    path = docs / "reliability.md"
    path.write_text("\n\n".join(parts) + "\n", encoding="utf8")
    return path


def fuzz_section(record: dict[str, Any]) -> list[str]:
    """What happened to the files of `python -m tests.fuzz`."""
    failures = [[str(number), what] for number, what in record["failures"].items()]
    return [
        "## Damaged and hostile files",
        f"`{record['command']}`",
        f"{record['cases']:,} files were decoded in processes with limited memory: valid files that were damaged, "
        "WAV files with impossible headers and samples, and playlists that name other files and addresses. A file "
        "passes if it gives a recording or one sentence about what is wrong with it "
        f"within {record['longest_s']:g} s, and opens nothing else. {len(failures)} did not pass, "
        f"{record['connections']} network connections were opened, and the slowest file took {record['slowest_s']} s.",
        table(["outcome", "files"], [[name, f"{count:,}"] for name, count in record["outcomes"].items()]),
        table(["kind of file", "files"], [[name, f"{count:,}"] for name, count in record["kinds"].items()]),
        *([table(["case", "failure"], failures)] if failures else []),
    ]


def load_section(record: dict[str, Any]) -> list[str]:
    """How the page's server answers one client and many, from `python -m bench.load`."""
    one, many = record["one"], record["many"]
    rows = [
        ["answers a second", f"{one['per_s']:.2f}", f"{many['per_s']:.2f}"],
        ["median seconds until an answer", f"{one['median_s']:.2f}", f"{many['median_s']:.2f}"],
        ["answers", str(one["answers"]), str(many["answers"])],
        ["wrong or lost answers", str(one["wrong"]), str(many["wrong"])],
        ["refused because the queue was full", str(one["refused"]), str(many["refused"])],
    ]
    return [
        "## Many visitors at once",
        f"`{record['command']}`",
        f"Clients on the same machine sent clips of {record['clip_s']:g} s without a pause; each answer was compared "
        f"with the answer that this clip got before. With {many['clients']} clients, the server gave "
        f"{percent(many['per_s'] / one['per_s'], 0)} of the answers a second that it gave one client. Its memory was "
        f"{record['memory_before'] / 1e9:.2f} GB before and {record['memory_after'] / 1e9:.2f} GB after, and it had "
        f"{record['files_before']} and {record['files_after']} open files.",
        table(["", "one client", f"{many['clients']} clients"], rows),
    ]
