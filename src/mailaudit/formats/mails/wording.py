"""A pattern of words that may be written in capitals or not."""

from __future__ import annotations

import re

_ESCAPED = re.compile(r"\\.")


class Wording:
    """Words in any case. A text is held against them in lower case.

    A pattern that ignores case is tried branch by branch at each character; without that flag `re` tells most branches
    by their first letter, which takes 40 % of the time for the lists of words here.
    """

    __slots__ = ("_pattern",)

    def __init__(self, pattern: str) -> None:
        plain = _ESCAPED.sub("", pattern)
        if plain != plain.lower():
            message = f"no text in lower case has {sorted(set(plain) - set(plain.lower()))}"
            raise ValueError(message)
        self._pattern = re.compile(pattern)

    def search(self, text: str) -> bool:
        """True if the words stand somewhere in a text."""
        return self._pattern.search(text.lower()) is not None

    def match(self, text: str) -> bool:
        """True if a text begins with the words."""
        return self._pattern.match(text.lower()) is not None
