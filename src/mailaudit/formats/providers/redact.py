"""What must never be shown: signatures, tokens and links that confirm, wherever an export has them."""

from __future__ import annotations

from math import isfinite
from typing import Any

from mailaudit.read.secrets import SECRETS

_DEPTH = 12


def redacted(value: Any, depth: int = 0) -> Any:  # noqa: ANN401 (whatever JSON holds)
    """The value without members that are secret."""
    if depth == _DEPTH:
        return None
    if isinstance(value, dict):
        return {name: redacted(member, depth + 1) for name, member in value.items() if str(name).lower() not in SECRETS}
    if isinstance(value, list):
        return [redacted(member, depth + 1) for member in value]
    if isinstance(value, str) and value[:1] in ("{", "[") and '"' in value:
        # an envelope's message is JSON in a text
        from mailaudit.read.decode import decoded  # noqa: PLC0415

        inside = decoded(value.strip())
        return inside if isinstance(inside, str) else redacted(inside, depth + 1)
    if isinstance(value, float) and not isfinite(value):
        return str(value)  # JSON has no such number
    return value
