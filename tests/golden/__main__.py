"""Writes `outputs.json`: `python -m tests.golden`. Run it only when the shipped weights change."""

from __future__ import annotations

import json

import numpy as np

from tests.golden.outputs import all_outputs
from tests.golden.test_golden import PATH

if __name__ == "__main__":
    rounded = {name: np.round(values.astype(float), 6).tolist() for name, values in all_outputs().items()}
    lines = ",\n".join(f" {json.dumps(name)}: {json.dumps(values)}" for name, values in sorted(rounded.items()))
    PATH.write_text(f"{{\n{lines}\n}}\n", encoding="utf8")
