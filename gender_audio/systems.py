"""The labels of the singer system, in the order every array uses."""

from __future__ import annotations

LABELS = ("none", "male", "female", "multiple")

TITLES = {
    "none": "No voice",
    "male": "One male-like voice",
    "female": "One female-like voice",
    "multiple": "More than one voice",
}
