"""Fields of lines that are numbers, and those that only look like some."""

from __future__ import annotations

import pytest

from mailaudit.model.fields import typed


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("size", "2003", 2003),
        ("nrcpt", "0", 0),
        ("class", "-60", -60),
        ("relay_port", "25", 25),
        ("delay", "0.32", 0.32),
        ("delay_a", "0", 0),
        ("delay", "00:00:04", 4),
        ("delay", "1+02:03:04", 93_784),
        ("delay", "0.289s", 0.289),
        ("delay", "10m12s", 612),
        ("delay", "1w2d", 777_600),
    ],
)
def test_numbers_are_numbers(name: str, text: str, value: float) -> None:
    """Bytes, counts and ports; delays in seconds, however the server spells them."""
    found = typed(name, text)

    assert found == value
    assert isinstance(found, type(value))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("queue_id", "4E10"),
        ("queue_id", "123456"),
        ("enhanced_status", "5.1"),
        ("msgid", "00000001"),
        ("uid", "1000"),
        ("qp", "4722"),
        ("reply", "250"),
        ("size", "007"),
        ("size", "4E10"),
        ("size", "1.5"),
        ("size", ""),
        ("size", "9" * 30),
        ("delay", ""),
        ("delay", "soon"),
        ("delay", "1e3"),
        ("delay", "nan"),
        ("nrcpt", "٣"),
    ],
)
def test_what_names_something_stays_text(name: str, text: str) -> None:
    """Ids, codes and words; and what stands where a number is expected, and is none."""
    assert typed(name, text) == text


def test_what_is_not_known_stays_unknown() -> None:
    """Nothing becomes of nothing."""
    assert typed("size", None) is None
