"""Lengths of time in words."""

from __future__ import annotations

import pytest

from mailaudit.model.times import waited


@pytest.mark.parametrize(
    ("seconds", "text", "short"),
    [
        (0, "0 s", "0 s"),
        (1, "1 s", "1 s"),
        (0.34, "0.34 s", "0.34 s"),
        (9.5, "9.5 s", "9.5 s"),
        (59.6, "59 s", "59 s"),
        (238, "3 m 58 s", "3 m 58 s"),
        (3600, "1 h", "1 h"),
        (14885, "4 h 8 m 5 s", "4 h 8 m"),
        (86_405, "1 d 5 s", "1 d"),
        (259_372, "3 d 2 m 52 s", "3 d"),
        (-5, "-5 s", "-5 s"),
    ],
)
def test_waits_in_words(seconds: float, text: str, short: str) -> None:
    """A wait reads as a person would say it; shortened, the smaller units are left out."""
    assert waited(seconds) == text
    assert waited(seconds, 2) == short
