"""`python -m tests.fuzz`: decode many cases on two cores, store a record and write docs/reliability.md from it."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from rich.progress import track

from tests.fuzz.runner import LONGEST_S, Report, run
from train import run_records
from train.reports.tables import table

CASES, BLOCK, PROCESSES = 20_000, 200, 2
RECORD, PAGE = "fuzz", run_records.DOCS / "reliability.md"


def joined(reports: list[Report], command: str) -> dict[str, Any]:
    """The record of all reports."""
    outcomes, kinds = (sum((getattr(report, name) for report in reports), Counter()) for name in ("outcomes", "kinds"))
    failures = {number: what for report in reports for number, what in report.failures.items()}
    return {
        "command": command,
        "cases": sum(outcomes.values()),
        "outcomes": dict(outcomes.most_common()),
        "kinds": dict(kinds.most_common()),
        "failures": failures,
        "connections": sum(report.connections for report in reports),
        "slowest_s": round(max(report.slowest_s for report in reports), 2),
    }


def page(record: dict[str, Any]) -> str:
    """The page about damaged and hostile files."""
    failures = [[str(number), what] for number, what in record["failures"].items()]
    parts = [
        "# Reliability",
        "This page is written by a command from a record in `docs/records`; do not edit it.",
        "## Damaged and hostile files",
        f"`{record['command']}`",
        f"{record['cases']:,} files were decoded in processes with limited memory: valid files that were damaged, "
        "WAV files with impossible headers and samples, and playlists that name other files and addresses. A file "
        "passes if it gives a recording or one sentence about what is wrong with it "
        f"within {LONGEST_S:g} s, and opens nothing else. {len(failures)} did not pass, {record['connections']} "
        f"network connections were opened, and the slowest file took {record['slowest_s']} s.",
        table(["outcome", "files"], [[name, f"{count:,}"] for name, count in record["outcomes"].items()]),
        table(["kind of file", "files"], [[name, f"{count:,}"] for name, count in record["kinds"].items()]),
        *([table(["case", "failure"], failures)] if failures else []),
    ]
    return "\n\n".join(parts) + "\n"


def main() -> None:
    """Run the cases; the exit status is 1 if any did not pass."""
    parser = argparse.ArgumentParser("python -m tests.fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=CASES, help="number of files")
    cases = parser.parse_args().cases
    blocks = [range(start, min(start + BLOCK, cases)) for start in range(0, cases, BLOCK)]
    with ProcessPoolExecutor(PROCESSES) as pool:
        reports = list(track(pool.map(run, blocks), total=len(blocks), description="decode"))
    record = joined(reports, " ".join(["python -m tests.fuzz", *sys.argv[1:]]))
    run_records.write(RECORD, record)
    PAGE.write_text(page(record), encoding="utf8")
    if record["failures"] or record["connections"]:
        sys.exit(f"{len(record['failures'])} files did not pass; see {PAGE}")


if __name__ == "__main__":
    main()
