"""How many examples Hypothesis tries where a test says so itself: in CI half as many, as `conftest` has it for all."""

from __future__ import annotations

import os


def examples(number: int) -> int:
    """The number, at home; CI tries the same ones every time."""
    return number // 2 if os.environ.get("CI") else number
