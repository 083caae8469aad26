"""The sections on the separators."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from train import records
from train.reports.tables import percent, table

GAINS = ("sung", "spoken", "instrumental")


def sections(docs: Path) -> list[str]:
    """What the records say of the embedded separator, and of all of them side by side."""
    test, compared = (records.read(name, docs / "records") for name in ("test", "separators"))
    parts = [separation(test["separation"])] if test else []
    return parts + ([separators(compared)] if compared else [])


def separation(record: dict[str, float]) -> str:
    """The embedded separator."""
    rows = [[kind, percent(gain) if "share" in kind else f"{gain:.1f} dB"] for kind, gain in record.items()]
    return "\n\n".join(
        [
            "## Separation",
            "Mean SI-SDR improvement of the vocals on rows with an accompaniment; on instrumental rows, how far the "
            "vocal stem lies below the mixture.",
            table(["kind of row", "gain"], rows),
        ]
    )


def separators(record: dict[str, Any]) -> str:
    """Separators side by side."""
    titles = {"none": "none", "hpss": "median filters", "unet": "unet (embedded)", "spleeter": "Spleeter"}
    rows = []
    for name, found in record["test"].items():
        low, high = found["accuracy_interval"]
        rows.append(
            [
                titles[name],
                *(f"{found['gains'][kind]:.1f} dB" for kind in GAINS),
                *(f"{found['mir1k'][name]:.1f} dB" for name in ("gnsdr", "gsir", "gsar")),
                f"{percent(found['accuracy'])} ({percent(low)} to {percent(high)})",
                f"{found['real_time_factor']:.3f}",
                f"{found['peak_bytes'] / 1e9:.2f} GB",
            ]
        )
    return "\n\n".join(
        [
            "## Separators side by side",
            "On `remix_test.csv`, with the gains above; GNSDR, GSIR and GSAR of the voice on the MIR-1K clips of the "
            "test singers, voice and accompaniment at one level (BSS Eval; published GNSDR: 7.5 dB by recurrent "
            "networks in 2014, 10.5 dB by a stacked hourglass in 2018); accuracy of the ensemble shipped then, which "
            "learnt behind the embedded separator, on the vocals of each (95% bootstrap interval by first singer); "
            "seconds per second of a song of 3:30, and the most memory that its processes used. "
            f"`{record['command']}`",
            table(["separator", *GAINS, "GNSDR", "GSIR", "GSAR", "accuracy", "time", "memory"], rows),
            familiar(record["voices"]),
        ]
    )


def familiar(record: dict[str, Any]) -> str:
    """What the embedded separator makes of voices that it knows, and of others."""
    rows = []
    for title, found in (("learnt from", record["known"]), ("new, of the val split", record["new"])):
        low, high = found["interval"]
        rows.append([title, str(found["singers"]), f"{found['gain']:.1f} dB ({low:.1f} to {high:.1f})"])
    return "\n\n".join(
        [
            "Members that learn behind the embedded separator hear voices that it learnt from, too. Single sung voices "
            "over the accompaniments of the val split, improved by (95% bootstrap interval by singer):",
            table(["voices", "singers", "gain"], rows),
        ]
    )
