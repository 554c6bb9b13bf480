"""JSON that is not made of lines, read value by value and only as far as needed.

Of a value that is too large for memory, or that ends too early, the members of its arrays are taken one by one; over
what is broken the reading goes on at the next line that begins like a record.
"""

from __future__ import annotations

import codecs
import json
import re
from typing import TYPE_CHECKING, Any

from mailaudit.read.batches import SIZE, TEXT
from mailaudit.read.decode import DECODER, ENTERED, behind_value, skip
from mailaudit.read.pages import LISTS
from mailaudit.read.secrets import hidden

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from mailaudit.read.streams import Warn

_MEMBER = re.compile(r'"((?:[^"\\]|\\.)*)"\s*:\s*')
_OPENS = re.compile(r"\{\s*|\[\s*")
_MOST = 64 << 20
"""Characters of one value beyond which its members are taken one by one."""
_PATIENCE = 32 * _MOST
"""Characters looked at for nothing, in values that turned out to be broken, after which an export is given up."""
_BEHIND = 64 << 10
"""Characters already read that are kept where values are broken."""
_SLOW = 50
"""Times as long as decoding takes the search for an end by brackets."""
_CUT = 16
"""An error so near to the end is one of what is still to come."""
_AGAIN = re.compile(r"\n\s*(\{\")")
_NONE, _DEEP = object(), object()


class Values:
    """The values of a text that is not made of lines, read as far as needed."""

    def __init__(self, data: bytes, stream: BinaryIO, warn: Warn) -> None:
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._stream, self._warn = stream, warn
        self._text, self._at, self._ended = self._decode(data), 0, False
        self._entered, self._taken, self._wasted = 0, 0, 0

    def __iter__(self) -> Iterator[tuple[list[Any], dict[int, str]]]:
        """Yields values in pieces, and by place the text of what is none."""
        values: list[Any] = []
        broken: dict[int, str] = {}
        taken = 0
        goes_on = True
        while goes_on and self._next():
            begin = self._at
            found = self._value()
            if found is _NONE or found is _DEEP:
                if self._entered <= ENTERED + self._taken // 100 and self._enter():
                    self._entered += 1
                    continue
                broken[len(values)] = self._text[self._at : self._at + TEXT]
                goes_on = self._pass(broken[len(values)], deep=found is _DEEP)
                found = None
            values.append(found)
            self._taken += 1
            taken += max(self._at - begin, TEXT if found is None else 1)
            if taken > SIZE:
                yield values, broken
                values, broken, taken = [], {}, 0
        if values:
            yield values, broken

    def _pass(self, text: str, *, deep: bool) -> bool:
        """Passes over a broken value that begins like this; false where that is not worth it, or there is no more."""
        if self._at > _BEHIND:  # an error of the decoder counts the lines from the beginning
            self._text, self._at = self._text[self._at :], 0
        if self._wasted > _PATIENCE:
            self._warn("broken", f"is no longer read here, so much of it is broken: {hidden(text)[:60]}…")
            return False
        if deep and (end := self._behind()) is not None:
            self._at = end
        elif not self._resume():
            self._warn("truncated", f"ends within a record; what was read of it: {hidden(text)[:60]}…")
            return False
        return True

    def _more(self) -> bool:
        """Reads on; false at the end."""
        if self._ended:
            return False
        piece = self._stream.read(SIZE)
        self._ended = not piece
        self._text = self._text[self._at :] + self._decode(piece, final=not piece)
        self._at = 0
        return not self._ended

    def _next(self) -> bool:
        """Goes to the next value, over what stands between values; passes over other members of a page."""
        while True:
            self._at = skip(self._text, self._at)
            if self._at >= len(self._text) - 256 and self._more():
                continue
            if self._at >= len(self._text):
                return False
            member = _MEMBER.match(self._text, self._at)
            if member is None:
                return True
            self._at = member.end()
            if self._text[self._at : self._at + 1] == "[" and member[1] in LISTS:
                self._at += 1
            elif (value := self._value()) is _NONE:
                return True  # a member that is cut: told as the broken value that it is
            elif value is _DEEP:
                if (end := self._behind()) is None:
                    return True
                self._at = end

    def _value(self) -> Any:  # noqa: ANN401 (whatever JSON holds)
        """The next value; _NONE if there is no whole one, _DEEP if it is nested too deeply."""
        while True:
            try:
                value, end = DECODER.raw_decode(self._text, self._at)
            except RecursionError:
                return _DEEP
            except json.JSONDecodeError as error:
                behind = len(self._text) - error.pos
                if behind > _CUT and not error.msg.startswith("Unterminated string"):
                    self._wasted += error.pos - self._at
                    return _NONE
                if len(self._text) - self._at > _MOST or not self._more():
                    self._wasted += len(self._text) - self._at
                    return _NONE
                continue
            if end == len(self._text) and not isinstance(value, dict | list | str) and self._more():
                continue  # a number may go on
            self._at = end
            return value

    def _behind(self) -> int | None:
        """Where the value ends that is nested too deeply; None if that is not to be seen."""
        end = behind_value(self._text, self._at)
        self._wasted += _SLOW * (min(SIZE, len(self._text) - self._at) if end is None else end - self._at)
        return end

    def _enter(self) -> bool:
        """Goes into an array, or an object whose members can be taken by themselves."""
        opened = _OPENS.match(self._text, self._at)
        if opened is None:
            return False
        if opened[0][0] == "[":
            self._at = opened.end()
            return True
        name = _MEMBER.match(self._text, opened.end())
        if name is None or self._text[name.end() : name.end() + 1] not in ("[", "{") or name[1] not in LISTS:
            return False
        self._at = opened.end()
        return True

    def _resume(self) -> bool:
        """Goes on behind a broken value, at the next line that begins like one."""
        while True:
            found = _AGAIN.search(self._text, self._at + 1)
            if found is not None:
                self._at = found.start(1)
                return True
            self._at = max(self._at, len(self._text) - 256)
            if not self._more():
                return False
