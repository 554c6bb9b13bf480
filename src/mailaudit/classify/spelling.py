"""Words as servers misspell them, put right: so rules need but one spelling. The words are data, in spelling.toml."""

from __future__ import annotations

import re
from functools import cache

from mailaudit.classify.tables import read

WORD = re.compile(r"[a-z]{4,}")


def spelt(lower: str) -> str:
    """The text, in lower case, with known misspellings put right."""
    right = _right()
    return WORD.sub(lambda found: right.get(found[0], found[0]), lower)


@cache
def _right() -> dict[str, str]:
    """The right word for each wrong one."""
    return {wrong: right for right, wrongs in read("spelling.toml")["spelling"].items() for wrong in wrongs}
