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
from train.reports import reliability

CASES, BLOCK, PROCESSES = 20_000, 200, 2


def joined(reports: list[Report], command: str) -> dict[str, Any]:
    """The record of all reports."""
    outcomes, kinds = (sum((getattr(report, name) for report in reports), Counter()) for name in ("outcomes", "kinds"))
    return {
        "command": command,
        "cases": sum(outcomes.values()),
        "outcomes": dict(outcomes.most_common()),
        "kinds": dict(kinds.most_common()),
        "failures": {number: what for report in reports for number, what in report.failures.items()},
        "connections": sum(report.connections for report in reports),
        "longest_s": LONGEST_S,
        "slowest_s": round(max(report.slowest_s for report in reports), 2),
    }


def main() -> None:
    """Run the cases; the exit status is 1 if any did not pass."""
    parser = argparse.ArgumentParser("python -m tests.fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=CASES, help="number of files")
    cases = parser.parse_args().cases
    blocks = [range(start, min(start + BLOCK, cases)) for start in range(0, cases, BLOCK)]
    with ProcessPoolExecutor(PROCESSES) as pool:
        reports = list(track(pool.map(run, blocks), total=len(blocks), description="decode"))
    record = joined(reports, " ".join(["python -m tests.fuzz", *sys.argv[1:]]))
    run_records.write(reliability.FUZZ, record)
    page = reliability.write()
    if record["failures"] or record["connections"]:
        sys.exit(f"{len(record['failures'])} files did not pass; see {page}")


if __name__ == "__main__":
    main()
