"""Log text cannot steer a terminal."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailaudit.writers.escapes import json_safe, neutral

ANYTHING = st.text(st.characters(codec=None), max_size=40)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("[prod.protection.outlook.com] [/x]", "[prod.protection.outlook.com] [/x]"),
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("bell\x07 back\x08 \x9b2J", r"bell\x07 back\x08 \x9b2J"),
        ("two\nlines\tand\r", r"two\nlines\tand\r"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("zero\u200bwidth", r"zero\u200bwidth"),
        ("\ud800", r"\ud800"),
        ("Grüße, 日本", "Grüße, 日本"),
    ],
)
def test_what_could_steer_a_terminal_is_shown_instead(text: str, shown: str) -> None:
    """Control characters, bidirectional controls and lone surrogates become escapes; everything else stays."""
    assert shown == neutral(text)


@given(ANYTHING)
def test_no_control_character_is_left(text: str) -> None:
    """Whatever the text, what is left can be encoded and holds no control character."""
    left = neutral(text)

    left.encode()
    assert not {character for character in left if unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}}
    assert not set(left) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")


@given(ANYTHING)
def test_json_keeps_the_value(text: str) -> None:
    """JSON is as safe to look at, and reads back as the same value."""
    written = json_safe(json.dumps(text, ensure_ascii=False))

    assert text.encode("utf-16", "surrogatepass") == json.loads(written).encode("utf-16", "surrogatepass")
    assert neutral(written) == written
