"""The report's sections on separation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from train import run_records
from train.reports.tables import decibels, percent, table, value_range

KINDS = ("sung", "spoken", "instrumental")
TITLES = {
    "none": "none",
    "hpss": "median filters",
    "unet": "unet (embedded)",
    "spleeter": "Spleeter",
    "spleeter-package": "Spleeter, Deezer's package",
}


def sections(docs: Path) -> list[str]:
    """Sections on the embedded separator and on all separators side by side, where there are records."""
    test, compared = (run_records.read(name, docs / "records") for name in ("test", "separators"))
    parts = [embedded_separator(test["separation"])] if test else []
    return parts + ([comparison(compared), seen_vs_unseen(compared["voices"])] if compared else [])


def embedded_separator(record: dict[str, float]) -> str:
    """Gains of the embedded separator."""
    rows = [[kind, percent(gain) if "share" in kind else decibels(gain)] for kind, gain in record.items()]
    return "\n\n".join(
        [
            "## Separation",
            "Mean SI-SDR improvement of the vocals on rows with an accompaniment. For instrumental rows, the level of "
            "the vocal stem below the mixture.",
            table(["kind of row", "gain"], rows),
        ]
    )


def comparison(record: dict[str, Any]) -> str:
    """All separators side by side."""
    rows = [
        [
            TITLES[name],
            *(decibels(metrics["gains"][kind]) for kind in KINDS),
            *(decibels(metrics["mir1k"][measure]) for measure in ("gnsdr", "gsir", "gsar")),
            f"{percent(metrics['accuracy'])} ({value_range(metrics['accuracy_interval'])})",
            f"{metrics['real_time_factor']:.3f}",
            f"{metrics['peak_bytes'] / 1e9:.2f} GB",
        ]
        for name, metrics in record["test"].items()
    ]
    missing = [title for name, title in TITLES.items() if name not in record["test"]]
    return "\n\n".join(
        [
            "## Separators compared",
            f"`{record['command']}`",
            "- The gains are measured on `remix_test.csv` as above.\n"
            "- GNSDR, GSIR and GSAR are MIR-1K's measures of the voice (BSS Eval, voice and accompaniment at the same "
            "level), on the clips of its singers in the test split.\n"
            "- The accuracy is that of the ensemble that was shipped at the time, on the vocals of each separator (95 "
            "% interval by first singer). The ensemble was trained behind the embedded separator.\n"
            "- Time is in seconds per second of a song of 3:30. Memory is the most that the processes used.",
            "MIR-1K is usually split differently, with more test singers and fewer training singers, and some of its "
            "karaoke tracks are used in training here. So published GNSDR (7.5 dB by recurrent networks in 2014, 10.5 "
            "dB by a stacked hourglass in 2018) shows what is usual, not which method is better."
            + (f" Not in this comparison: {'; '.join(missing)}." if missing else ""),
            table(["separator", *KINDS, "GNSDR", "GSIR", "GSAR", "accuracy", "time", "memory"], rows),
        ]
    )


def seen_vs_unseen(record: dict[str, Any]) -> str:
    """The embedded separator on voices that it was trained on, and on new ones."""
    rows = []
    for title, metrics in (("used in training", record["known"]), ("new, of the val split", record["new"])):
        interval = value_range(metrics["interval"], "{:.1f}".format)
        rows.append([title, str(metrics["singers"]), f"{decibels(metrics['gain'])} ({interval})"])
    return "\n\n".join(
        [
            "The members are trained on vocals from the embedded separator, and it was trained on some of the same "
            "voices. Its gain on single sung voices over the accompaniments of the val split (95 % interval by "
            "singer):",
            table(["voices", "singers", "gain"], rows),
        ]
    )
