"""Fingerprints: short hashes of a feature and its parameters."""

from __future__ import annotations

import hashlib
import json
from typing import Any


def fingerprint(feature: str, parameters: dict[str, Any]) -> str:
    """Sixteen hex digits that identify a feature and its parameters; model cards store them."""
    description = json.dumps({"feature": feature, **parameters}, sort_keys=True)
    return hashlib.sha256(description.encode()).hexdigest()[:16]
