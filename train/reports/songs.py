"""The report's section on timelines and labels of whole songs."""

from __future__ import annotations

from pathlib import Path

from train import run_records
from train.reports.tables import percent, table, value_range

ROWS = {"snippets": "the nearest snippet", "timeline": "timeline"}
ERRORS = {
    "median_boundary_error_s": "median boundary error",
    "median_error_of_voice_s": "where a voice begins or ends",
    "median_error_of_singers_s": "between voices",
}


def seconds(value: float | None) -> str:
    """A time; a dash where nothing was measured."""
    return "–" if value is None else f"{value:.1f} s"


def sections(docs: Path) -> list[str]:
    """The section, if songs were evaluated."""
    record = run_records.read("songs", docs / "records")
    if not record:
        return []
    served = record["served"]
    timelines = [
        [
            title,
            percent(record[name]["accuracy"]),
            value_range(record[name]["interval"]),
            *(percent(share, 0) for share in record[name]["recall"]),
            *(seconds(record[name][error]) for error in ERRORS),
            f"{record[name]['boundaries_found']} of {record[name]['boundaries']}",
        ]
        for name, title in ROWS.items()
    ]
    aggregators = [
        [name, percent(one["balanced_accuracy"]), value_range(one["interval"])]
        for name, one in record["aggregators"].items()
    ]
    return [
        "## Whole songs",
        f"`{record['command']}`",
        f"{record['songs']} songs, {record['minutes']:.0f} minutes, were assembled from solo singers and "
        "accompaniments of the test split: breaks, and sections with one or two singers of the song's cast. The truth "
        "of every tenth of a second follows from the stems. The timeline was fitted to songs of the other splits by "
        "singers that no member heard; the intervals redraw whole songs.",
        table(
            [
                "label of each 0.1 s by",
                "accuracy",
                "95 % interval",
                *record["labels"],
                *ERRORS.values(),
                "changes found",
            ],
            timelines,
        ),
        f"{percent(record['timeline']['errors_in_worst_tenth'], 0)} of the timeline's wrong steps are in a tenth of "
        "the songs.",
        "The label of a whole song from its snippets, balanced accuracy. The networks were trained on the songs that "
        "the timeline was fitted to; none of them knows the length of a song. The application uses "
        f"{record['rule']!r}, the best one on songs that the networks were trained without.",
        table(["aggregation", "balanced accuracy", "95 % interval"], aggregators),
        f"The application is right about {percent(served['accuracy'])} of the songs. It is sure of "
        f"{percent(served['coverage'])} of them and right about {percent(served['accuracy_when_confident'])} of these; "
        f"the ECE is {served['ece']:.3f} (5 bins). A whole song has a temperature and a threshold of its own.",
    ]
