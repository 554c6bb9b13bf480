"""Patterns of lines as programs print them: from the text of a format in their sources to a regular expression.

A form is a whole line, from its first to its last character, so that no other line can pass for it by its beginning.
In it `%s` stands for any text, `%w` for text without a blank, `%d` for a number and `%x` for a hexadecimal one.  A form
that begins with `/` is a pattern already.
"""

from __future__ import annotations

import re

_FIELDS = {"%s": ".*", "%w": "[^ ]*", "%d": "-?[0-9]+", "%x": "(?:0x)?[0-9A-Fa-f]+"}


def one_of(*forms: str) -> str:
    """The pattern of all lines that have one of these forms."""
    return f"^{either(*forms)}$"


def either(*forms: str) -> str:
    """The same without its ends: part of a larger pattern."""
    return "(?:" + "|".join(map(_pattern, forms)) + ")"


def _pattern(form: str) -> str:
    if form.startswith("/"):
        return form[1:]
    return "".join(_FIELDS.get(part) or re.escape(part) for part in re.split("(%[swdx])", form))
