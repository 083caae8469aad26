"""The sections on the separators."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from train import run_records
from train.reports.tables import decibels, ends, percent, table

GAINS = ("sung", "spoken", "instrumental")


def sections(docs: Path) -> list[str]:
    """What the records say of the embedded separator, and of all of them side by side."""
    test, compared = (run_records.read(name, docs / "records") for name in ("test", "separators"))
    parts = [separation(test["separation"])] if test else []
    return parts + ([separators(compared)] if compared else [])


def separation(record: dict[str, float]) -> str:
    """The embedded separator."""
    rows = [[kind, percent(gain) if "share" in kind else decibels(gain)] for kind, gain in record.items()]
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
        rows.append(
            [
                titles[name],
                *(decibels(found["gains"][kind]) for kind in GAINS),
                *(decibels(found["mir1k"][name]) for name in ("gnsdr", "gsir", "gsar")),
                f"{percent(found['accuracy'])} ({ends(found['accuracy_interval'])})",
                f"{found['real_time_factor']:.3f}",
                f"{found['peak_bytes'] / 1e9:.2f} GB",
            ]
        )
    return "\n\n".join(
        [
            "## Separators side by side",
            "On `remix_test.csv`, with the gains above; MIR-1K's measures of the voice (GNSDR, GSIR and GSAR by BSS "
            "Eval, voice and accompaniment at one level) on the clips of its singers in the test split; accuracy of "
            "the ensemble shipped then, which learnt behind the embedded separator, on the vocals of each (95 % "
            "interval by first singer); seconds per second of a song of 3:30, and the most memory that its processes "
            f"used. `{record['command']}`",
            "MIR-1K is usually divided otherwise, with more singers to test and fewer to learn from, and some of the "
            "karaoke tracks here sound in training, too: published GNSDR (7.5 dB by recurrent networks in 2014, "
            "10.5 dB by a stacked hourglass in 2018) says what is usual, not what is better."
            + ("" if "spleeter" in record["test"] else " Spleeter was not installed where this was measured."),
            table(["separator", *GAINS, "GNSDR", "GSIR", "GSAR", "accuracy", "time", "memory"], rows),
            familiar(record["voices"]),
        ]
    )


def familiar(record: dict[str, Any]) -> str:
    """What the embedded separator makes of voices that it knows, and of others."""
    rows = []
    for title, found in (("learnt from", record["known"]), ("new, of the val split", record["new"])):
        spread = ends(found["interval"], "{:.1f}".format)
        rows.append([title, str(found["singers"]), f"{decibels(found['gain'])} ({spread})"])
    return "\n\n".join(
        [
            "Members that learn behind the embedded separator hear voices that it learnt from, too. Single sung voices "
            "over the accompaniments of the val split, improved by (95 % interval by singer):",
            table(["voices", "singers", "gain"], rows),
        ]
    )
