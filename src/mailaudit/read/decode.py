"""JSON values in text: one, or several back to back; numbers of any length, and bytes that are no UTF-8, are taken."""

from __future__ import annotations

import json
import re
from typing import Any

import orjson

from mailaudit.read.batches import SIZE, TEXT

_LONG_NUMBER = re.compile(rb":\s*-?\d{19}")
"""A member that may not fit into 64 bits, which only the slower decoder keeps whole."""
_SKIP = re.compile(r"[^\s,\]}]")
_BRACKETS = re.compile(r'"(?:[^"\\]++|\\.)*+"|[\[\]{}]')
"""Strings, in which brackets mean nothing, and brackets."""
_DIGITS = 400
"""Digits of a number beyond which it is kept as text: no provider counts so far, and decoding takes its square."""
ENTERED = 6
"""Arrays in arrays that are gone into for the records in them; what is nested deeper is no export."""


def _whole_number(digits: str) -> int | str:
    return int(digits) if len(digits) <= _DIGITS else digits


DECODER = json.JSONDecoder(parse_int=_whole_number)


def decoded(text: str) -> Any:  # noqa: ANN401 (whatever JSON holds)
    """The value in a text; the text itself if it is no JSON."""
    try:
        return loads(text.encode())
    except (ValueError, RecursionError):
        return text


def loads(data: bytes) -> Any:  # noqa: ANN401 (whatever JSON holds)
    """Decodes one value. Raises ValueError, or RecursionError."""
    if fits(data):
        try:
            return orjson.loads(data)
        except orjson.JSONDecodeError:
            pass  # the other decoder takes half surrogates, NaN, and bytes that are no UTF-8
    return json.loads(data.decode("utf-8", "replace"), parse_int=_whole_number)


def fits(data: bytes) -> bool:
    """Tells whether the fast decoder keeps every number in the bytes whole."""
    return _LONG_NUMBER.search(data) is None


def back_to_back(text: str) -> tuple[list[Any], dict[int, str]]:
    """The values in a text, one directly behind the other."""
    values: list[Any] = []
    broken: dict[int, str] = {}
    at, entered = skip(text, 0), 0
    while at < len(text):
        try:
            value, end = DECODER.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            if text[at] == "[" and entered < ENTERED:
                at, entered = skip(text, at + 1), entered + 1  # an array that is cut: its members one by one
                continue
            broken[len(values)] = text[at : at + TEXT]
            value, behind = None, behind_value(text, at) if isinstance(error, RecursionError) else None
            end = len(text) if behind is None else behind
        values.append(value)
        at = skip(text, end)
    return values, broken


def behind_value(text: str, at: int) -> int | None:
    """Where the value ends that begins here and is nested too deeply to be decoded; None if it does not end."""
    depth = 0
    for found in _BRACKETS.finditer(text, at, at + SIZE):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(found[0], 0)
        if depth <= 0:
            return found.end()
    return None


def skip(text: str, at: int) -> int:
    """Where the next value begins, over what stands between values; the end if there is none."""
    found = _SKIP.search(text, at)
    return len(text) if found is None else found.start()
