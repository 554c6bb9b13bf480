"""Numbers with their nouns."""

from __future__ import annotations


def counted(number: int, one: str, many: str | None = None) -> str:
    """`1 message`, `2 messages`; `many` where an `s` is not enough: `counted(2, "record tells", "records tell")`."""
    return f"{number} {one if number == 1 else many or one + 's'}"
