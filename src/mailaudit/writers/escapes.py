r"""Log text is hostile input: what could steer a terminal is shown as an escape such as `\x1b`."""

from __future__ import annotations

import re

UNSAFE = re.compile(
    "["
    "\x00-\x1f\x7f-\x9f"  # control characters, with the two that begin terminal sequences: ESC and CSI
    "\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"  # invisible, line breaking, or changing the direction
    "\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f"  # annotations, lone surrogates, tags
    "]"
)
"""Characters that never reach a terminal as they are."""


def neutral(text: str) -> str:
    """The text with every unsafe character replaced by its Python escape."""
    if text.isascii() and text.isprintable():
        return text
    return UNSAFE.sub(_escape, text)


def json_safe(text: str) -> str:
    r"""A JSON text with unsafe characters as `\uXXXX`, which reads back as the same value."""
    return text if text.isascii() and "\x7f" not in text else UNSAFE.sub(_json_escape, text)


def _escape(found: re.Match[str]) -> str:
    character = found.group()
    return character.encode("unicode_escape").decode("ascii")


def _json_escape(found: re.Match[str]) -> str:
    units = found.group().encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
