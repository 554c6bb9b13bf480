"""Words as servers misspell or join them, put right: so rules need but one spelling. The words are in spelling.toml."""

from __future__ import annotations

import re
from functools import cache

from mailaudit.classify.tables import read

WORD = re.compile(r"[a-z]{4,}")
NAME = re.compile(r"\b(?:[A-Z][a-z]+){2,}\b|(?:^|(?<=[(\d]) ?|(?<=,) )[A-Za-z]+(?:-[A-Za-z]+)+(?=[,)]|$)")
"""What is wrong, as one word: `MailboxFull`, `(Unable-To-Transfer, Loop-Detected)`, `550 no-such-user`."""
PARTS = re.compile(r"-|(?<=[a-z])(?=[A-Z])")


def spelt(lower: str) -> str:
    """The text, in lower case, with known misspellings put right."""
    right = _right()
    return WORD.sub(lambda found: right.get(found[0], found[0]), lower)


def parted(text: str) -> str:
    """The names in a text as words, in braces; the text itself keeps them, as some rules know them."""
    return " ".join(f"{{{PARTS.sub(' ', name).lower().strip()}}}" for name in dict.fromkeys(NAME.findall(text)))


@cache
def _right() -> dict[str, str]:
    """The right word for each wrong one."""
    return {wrong: right for right, wrongs in read("spelling.toml")["spelling"].items() for wrong in wrongs}
