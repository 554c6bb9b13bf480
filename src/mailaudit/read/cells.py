"""Records in cells: CSV and its relatives, with a header; and the few logs of cells that have none.

A header is found by its names, so lines before it (`sep=;`, `#TYPE …`, W3C directives) do not matter. It may come
again, as it does where files were joined; then it is a record of its own, which says nothing.
"""

from __future__ import annotations

import codecs
import csv
import re
from typing import TYPE_CHECKING, Any

from mailaudit.read.batches import ROWS, SIZE, TEXT, Batch
from mailaudit.read.secrets import hidden

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from mailaudit.read.streams import Warn

HEADER = "#header"
"""The only key of a record that repeats the header."""
AT = "#cells"
"""The only key of a record of a log without a header: its text."""
REST = "#rest"
"""Key of cells beyond the header."""

_FIELD_LIMIT = 16 << 20
_ROW = 300
"""About how many bytes a row has."""
AT_LINE = r"\d{9,10}(?:@[^@\r\n]*){4}"
"""How a line of Momentum's logs begins: seconds since 1970, and cells between `@`."""
_STAMPED = re.compile(r'"?\d{4}-\d\d-\d\d[T ][\d:.]+Z?"?,')


def batches(head: bytes, stream: BinaryIO, warn: Warn) -> Iterator[Batch]:
    """Yields the records of an open export of cells that begins with `head`; `warn` is told of a row that is cut."""
    lines = _lines(head, stream)
    first = next(lines, "")
    while first.strip() == "" or first.lower().startswith(("sep=", "#type")):
        first = next(lines, None) or ""
        if not first:
            return
    delimiter = _delimiter(first)
    rows = _at(first, lines) if re.match(AT_LINE, first) else _rows(first, lines, warn)
    number = 1
    records: list[Any] = []
    broken: dict[int, str] = {}
    for row in rows:
        if isinstance(row, str):
            broken[len(records)] = row[:TEXT]
            records.append(None)
        else:
            records.append(row)
        if len(records) == ROWS:
            yield Batch(number, "csv", records, len(records) * _ROW, broken, delimiter)
            number, records, broken = number + len(records), [], {}
    if records:
        yield Batch(number, "csv", records, len(records) * _ROW, broken, delimiter)


def _lines(head: bytes, stream: BinaryIO) -> Iterator[str]:
    """Yields the lines with their ends; bytes that are no UTF-8 are replaced.

    A carriage return ends a line where nothing else does: Excel's "CSV (Macintosh)".
    """
    end = "\r" if b"\r" in head.rstrip() and b"\n" not in head else "\n"
    decode = codecs.getincrementaldecoder("utf-8")("replace").decode
    left = ""
    data = head
    while data:
        text = left + decode(data)
        *whole, left = text.split(end)
        for line in whole:
            yield line + "\n"
        data = stream.read(SIZE)
    if left:
        yield left


def _at(first: str, lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    """Yields each line as one cell: only its own format knows how often to cut it."""
    yield {AT: first.rstrip("\r\n")}
    for line in lines:
        if line.strip():
            yield {AT: line.rstrip("\r\n")}


def _rows(first: str, lines: Iterator[str], warn: Warn) -> Iterator[dict[str, Any] | str]:
    """Yields each row by the names of the header, empty cells as None; the text of a row that is none."""
    csv.field_size_limit(_FIELD_LIMIT)
    names: list[str] = []
    if _STAMPED.match(first):
        names, lines = _TRACKING, _put_back(first, lines)
    else:
        while first.startswith("#"):
            names = _fields(first) or names
            if (following := next(lines, None)) is None:
                return
            first = following
        if names:
            lines = _put_back(first, lines)
        else:
            names = _header(first)
    last = [""]
    delimiter = "," if names is _TRACKING or not first else _delimiter(first)
    reader = csv.reader(_watched(lines, last), delimiter=delimiter)
    for row in _named(reader, unique(names), last):
        if isinstance(row, str) and last[0] == row:
            warn("truncated", f"ends within a row; what was read of it: {hidden(row)[:60]}…")
        yield row


def _header(line: str) -> list[str]:
    """The names in a header; none in a line that is no row of cells."""
    try:
        return next(csv.reader([line], delimiter=_delimiter(line)), [])
    except csv.Error:
        return []


def _watched(lines: Iterator[str], last: list[str]) -> Iterator[str]:
    """Yields the lines, and keeps the last one in `last`."""
    for line in lines:
        last[0] = line
        yield line


def _named(reader: Iterator[list[str]], names: list[str], last: list[str]) -> Iterator[dict[str, Any] | str]:
    whole = False  # all rows so far had all cells: some exports leave out empty ones at the end
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield f"no row of cells: {error}"
            continue
        if len(row) == len(names) and not _is_directive(row[0]) and (row[0] != names[0] or not _is_header(row, names)):
            whole = True
            yield {name: cell or None for name, cell in zip(names, row, strict=True)}
        elif whole and 0 < len(row) < len(names) and not last[0].endswith("\n"):
            yield last[0]
        elif row and row[0].startswith("#"):
            names = unique(_fields(",".join(row))) or names
        elif _is_header(row, names):
            names = unique(row)
            yield {HEADER: names}
        elif row:
            whole = False
            yield _odd(row, names)


def _is_directive(cell: str) -> bool:
    """Tells whether a row is a `#Fields:` line: it has as many cells as it names."""
    return cell[:1] == "#" and cell[:8].lower() == "#fields:"


def _is_header(row: list[str], names: list[str]) -> bool:
    """Tells whether a row is a header again, maybe one of other columns: files of several days were put together."""
    return len(row) > 1 and len({*unique(row)} & {*names}) > len(row) // 2


def _odd(row: list[str], names: list[str]) -> dict[str, Any]:
    """A row with fewer cells than names, or with more."""
    record: dict[str, Any] = dict.fromkeys(names)
    record.update({name: cell or None for name, cell in zip(names, row, strict=False)})
    if len(row) > len(names):
        record[REST] = row[len(names) :]
    return record


def _fields(line: str) -> list[str]:
    """The names on a `#Fields:` line; none on another."""
    return [name.strip() for name in line[8:].strip().split(",")] if line[:8].lower() == "#fields:" else []


def _put_back(line: str, lines: Iterator[str]) -> Iterator[str]:
    yield line
    yield from lines


def unique(names: list[str]) -> list[str]:
    """The names without blanks around them; one that comes again gets a number."""
    found: list[str] = []
    for given in names:
        name = given.strip().strip('"')
        known = sum(1 for other in found if other == name or other.startswith(f"{name}#"))
        found.append(f"{name}#{known + 1}" if known else name)
    return found


def _delimiter(line: str) -> str:
    """What stands between the cells of a header: the commonest of the usual ones outside quotes."""
    bare = re.sub(r'"[^"]*"', "", line)
    return max(",;\t|", key=bare.count)


_TRACKING = [
    "date-time",
    "client-ip",
    "client-hostname",
    "server-ip",
    "server-hostname",
    "source-context",
    "connector-id",
    "source",
    "event-id",
    "internal-message-id",
    "message-id",
    "network-message-id",
    "recipient-address",
    "recipient-status",
    "total-bytes",
    "recipient-count",
    "related-recipient-address",
    "reference",
    "message-subject",
    "sender-address",
    "return-path",
    "message-info",
    "directionality",
    "tenant-id",
    "original-client-ip",
    "original-server-ip",
    "custom-data",
    "transport-traffic-type",
    "log-id",
    "schema-version",
]
"""The columns of Exchange's tracking logs, which lose their header on the way through some shippers."""
