"""Records in JSON: one document, a document a line, an array a line, or documents back to back.

Lines that are complete by themselves are decoded together, which is fast; anything else is decoded value by value. Of
a document that is too large for memory, or that ends too early, the members of its outer arrays are taken one by one.
"""

from __future__ import annotations

import codecs
import json
import re
from typing import TYPE_CHECKING, Any

import orjson

from mailaudit.read.batches import SIZE, TEXT, Batch
from mailaudit.read.secrets import hidden

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO

    from mailaudit.read.streams import Warn

LISTS = ("items", "results", "events", "Bounces", "Messages", "messages", "value", "data", "Records", "mandrill_events")
"""Members whose arrays hold the records."""

_LONG_NUMBER = re.compile(rb":\s*-?\d{19}")
"""A member that may not fit into 64 bits, which only the slower decoder keeps whole."""
_SKIP = re.compile(r"[^\s,\]}]")
_MEMBER = re.compile(r'"((?:[^"\\]|\\.)*)"\s*:\s*')
_BRACKETS = re.compile(r'"(?:[^"\\]++|\\.)*+"|[\[\]{}]')
"""Strings, in which brackets mean nothing, and brackets."""
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
_DIGITS = 400
"""Digits of a number beyond which it is kept as text: no provider counts so far, and decoding takes its square."""
_ENTERED = 6
"""Arrays in arrays that are gone into for the records in them; what is nested deeper is no export."""


def _whole_number(digits: str) -> int | str:
    return int(digits) if len(digits) <= _DIGITS else digits


_DECODER = json.JSONDecoder(parse_int=_whole_number)


def batches(head: bytes, stream: BinaryIO, warn: Warn) -> Iterator[Batch]:
    """Yields the records of an open JSON export that begins with `head`."""
    first = 1
    for values, broken in _pieces(head, stream, warn):
        records, bad = _numbered(values, broken)
        yield Batch(first, "json", records, SIZE, bad)
        first += len(records)


def _numbered(values: list[Any], broken: dict[int, str]) -> tuple[list[Any], dict[int, str]]:
    """Takes the members of arrays, and of the outer lists of pages, as records of their own."""
    if not broken and all(type(value) is dict and not _is_page(value) for value in values):
        return values, broken
    records: list[Any] = []
    bad: dict[int, str] = {}
    for place, value in enumerate(values):
        if place in broken:
            bad[len(records)] = broken[place]
            records.append(None)
        else:
            records += _members(value, 0)
    return records, bad


def _is_page(value: dict[str, Any]) -> bool:
    """Tells whether an object is only what is around a list of records; what says of an event is a record itself."""
    return not _LISTS.isdisjoint(value) and _OWN.isdisjoint(value)


_LISTS = frozenset(LISTS)
_OWN = frozenset(
    (
        "event",
        "event-data",
        "eventType",
        "notificationType",
        "RecordType",
        "msys",
        "msg",
        "type",
        "status",
        "transaction",
    )
)
_DEPTH = 6


def _members(value: Any, depth: int) -> list[Any]:  # noqa: ANN401 (whatever JSON holds)
    """The records in a value."""
    if depth == _DEPTH:
        return [value]
    if type(value) is list:
        return [record for member in value for record in _members(member, depth + 1)]
    if type(value) is dict and _is_page(value):
        for name in LISTS:
            inside = value.get(name)
            if type(inside) is str and inside.startswith("["):
                inside = decoded(inside)
            if type(inside) is list and (not inside or all(type(member) is dict for member in inside)):
                if name in _MINE and not _MINE[name](value):
                    continue
                return [record for member in inside for record in _members(member, depth + 1)]
    return [value]


_MINE: dict[str, Callable[[dict[str, Any]], bool]] = {
    # lists that are the record's own where it has an id: a message with its events
    "events": lambda value: not value.keys() & {"msg_id", "message_id", "messageId"},
    "data": lambda value: "type" not in value,
}


def decoded(text: str) -> Any:  # noqa: ANN401 (whatever JSON holds)
    """The value in a text; the text itself if it is no JSON."""
    try:
        return _loads(text.encode())
    except (ValueError, RecursionError):
        return text


def _loads(data: bytes) -> Any:  # noqa: ANN401 (whatever JSON holds)
    """Decodes one value. Raises ValueError, or RecursionError."""
    if _LONG_NUMBER.search(data) is None:
        try:
            return orjson.loads(data)
        except orjson.JSONDecodeError:
            pass  # the other decoder takes half surrogates, NaN, and bytes that are no UTF-8
    return json.loads(data.decode("utf-8", "replace"), parse_int=_whole_number)


def _pieces(data: bytes, stream: BinaryIO, warn: Warn) -> Iterator[tuple[list[Any], dict[int, str]]]:
    """Yields values, and by place the text of what is none."""
    begin = data.split(b"\n", 1)[0].strip()
    if not _is_whole(begin):
        yield from _Values(data, stream, warn)
        return
    while data:
        piece = stream.read(SIZE)
        cut = data.rfind(b"\n") + 1 if piece else len(data)
        if cut:
            yield _lines(data[:cut], warn, at_end=not piece)
            data = data[cut:]
        data += piece
        if not piece:
            return


def _is_whole(line: bytes) -> bool:
    """Tells whether a line holds whole values."""
    try:
        _loads(line.rstrip(b","))
    except (ValueError, RecursionError):
        values, broken = _back_to_back(line.decode("utf-8", "replace"))
        return bool(values) and not broken
    return True


def _lines(data: bytes, warn: Warn, *, at_end: bool) -> tuple[list[Any], dict[int, str]]:
    """The values of whole lines: all at once where that is possible."""
    data = data.strip()
    lines = data.count(b"\n") + 1
    if data and _LONG_NUMBER.search(data) is None:
        try:
            values = orjson.loads(b"[" + data.replace(b"\n", b",") + b"]")
        except orjson.JSONDecodeError:
            values = []
        if len(values) == lines:
            return values, {}
    return _one_by_one(data.split(b"\n"), warn, at_end=at_end)


def _one_by_one(lines: list[bytes], warn: Warn, *, at_end: bool) -> tuple[list[Any], dict[int, str]]:
    values: list[Any] = []
    broken: dict[int, str] = {}
    for place, line in enumerate(lines):
        text = line.strip().rstrip(b",")
        if not text or text in (b"[", b"]"):
            continue
        try:
            values.append(_loads(text))
        except (ValueError, RecursionError):
            several, bad = _back_to_back(text.decode("utf-8", "replace"))
            if bad and at_end and place == len(lines) - 1:
                warn("truncated", f"ends within a record; what was read of it: {bad[max(bad)][:60]}…")
            broken.update({len(values) + at: text for at, text in bad.items()})
            values += several
    return values, broken


def _back_to_back(text: str) -> tuple[list[Any], dict[int, str]]:
    """The values in a text, one directly behind the other."""
    values: list[Any] = []
    broken: dict[int, str] = {}
    at, entered = _skip(text, 0), 0
    while at < len(text):
        try:
            value, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            if text[at] == "[" and entered < _ENTERED:
                at, entered = _skip(text, at + 1), entered + 1  # an array that is cut: its members one by one
                continue
            broken[len(values)] = text[at : at + TEXT]
            value, behind = None, _behind(text, at) if isinstance(error, RecursionError) else None
            end = len(text) if behind is None else behind
        values.append(value)
        at = _skip(text, end)
    return values, broken


def _behind(text: str, at: int) -> int | None:
    """Where the value ends that begins here and is nested too deeply to be decoded; None if it does not end."""
    depth = 0
    for found in _BRACKETS.finditer(text, at, at + SIZE):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(found[0], 0)
        if depth <= 0:
            return found.end()
    return None


def _skip(text: str, at: int) -> int:
    """Where the next value begins, over what stands between values; the end if there is none."""
    found = _SKIP.search(text, at)
    return len(text) if found is None else found.start()


class _Values:
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
                if self._entered <= _ENTERED + self._taken // 100 and self._enter():
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
            self._at = _skip(self._text, self._at)
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
                value, end = _DECODER.raw_decode(self._text, self._at)
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
        end = _behind(self._text, self._at)
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


_AGAIN = re.compile(r"\n\s*(\{\")")
_NONE, _DEEP = object(), object()
