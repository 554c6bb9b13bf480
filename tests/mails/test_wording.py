"""Patterns for words in any case."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailaudit.formats.mails.wording import Wording

PATTERN = r"(?x)\b(?:un?deliver|no\ such|full\b|n.o\ pôde|не\ доставлен)|\D\d{3}\b"


WORDS = ("UNDELIVER", "undeliver", "NO", "SUCH", "Full", "não", "PÔDE", "Не", "Доставлен", "550", "x", " ")


@given(st.lists(st.sampled_from(WORDS)))
def test_it_finds_what_a_pattern_that_ignores_case_finds(words: list[str]) -> None:
    """In lower case, the same words stand at the same places."""
    text = " ".join(words)
    plain = re.compile(PATTERN, re.IGNORECASE)

    assert Wording(PATTERN).search(text) == bool(plain.search(text))
    assert Wording(PATTERN).match(text) == bool(plain.match(text))


@pytest.mark.parametrize("pattern", ["User unknown", r"\bЯщик"])
def test_capitals_would_never_be_found(pattern: str) -> None:
    """A pattern with capitals is a mistake that shows at once; its classes may be written so."""
    with pytest.raises(ValueError, match="lower case"):
        Wording(pattern)


def test_classes_are_no_capitals() -> None:
    """An escaped letter is a class, not a letter."""
    assert Wording(r"\W\d\S").search("-5A")
