"""Fingerprints: short names for a feature with its parameters."""

from __future__ import annotations

import hashlib
import json
from typing import Any


def fingerprint(feature: str, parameters: dict[str, Any]) -> str:
    """Sixteen hex digits that name a feature with its parameters; a card carries them."""
    description = json.dumps({"feature": feature, **parameters}, sort_keys=True)
    return hashlib.sha256(description.encode()).hexdigest()[:16]
