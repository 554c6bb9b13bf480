"""What an input consists of: lines of a log, records of an export, or mails. Its first bytes decide, never its name.

Journal and container logs are JSON, too, but their records are lines of a log in a wrapper, so they are `lines`.
"""

from __future__ import annotations

import codecs
import re
from typing import Literal

from mailaudit.read import mailboxes, stamps, wrappers
from mailaudit.read.cells import AT_LINE

Kind = Literal["lines", "records", "mails"]

_JSON = re.compile(rb'[\[{]\s*(?:["\]}{\[]|$)')
"""How a JSON document or the first of many begins; a line of a log in brackets does not."""
_FORM = re.compile(rb"\??[\w.\-\[\]%]+=[^&\s]*&[\w.\-\[\]%]+=|mandrill_events=")
_DIRECTIVE = re.compile(rb"#(?:Software|Version|Fields|Log-Type|TYPE)\b|sep=[;,\t]\r?\n", re.IGNORECASE)
_AT_LINE = re.compile(AT_LINE.encode())
_STAMPED_CELLS = re.compile(rb'"?\d{4}-\d\d-\d\d[T ][\d:.]+Z?"?,(?:[^,\r\n]*,){8}')
"""An export that lost its header: a time, and many cells."""
_LOOK = 4096
_ROWS = 3
"""Rows that are looked at."""
_CELLS = 3
"""Columns that a header has at least."""


def kind(head: bytes) -> Kind:
    """Tells what an input that begins with these (decompressed) bytes consists of."""
    text = head.removeprefix(codecs.BOM_UTF8).lstrip(b"\0 \t\r\n")
    if not text or text[:1] == b"<" or (text[:3].isalpha() and text[3:4] == b" "):
        return "lines"  # most logs: syslog's priority, or the name of a month
    if mailboxes.is_mail(text):
        return "mails"
    return "records" if _json(text) or _cells(text[:_LOOK]) else "lines"


def _json(text: bytes) -> bool:
    if not _JSON.match(text):
        return False
    return wrappers.find(text.split(b"\n", 1)[0][:_LOOK].decode("utf-8", "replace")) is None


def _cells(text: bytes) -> bool:
    """Tells whether the text looks like a form post, a log of cells, or a header with names of columns."""
    if any(pattern.match(text) for pattern in (_FORM, _DIRECTIVE, _AT_LINE, _STAMPED_CELLS)):
        return True
    first, *others = text.decode("utf-8", "replace").splitlines()
    if len(text) == _LOOK:
        others = others[:-1]  # cut, so it may lack cells
    return is_header(first) and not stamps.time_of(first) and _goes_on(first, others)


def _goes_on(header: str, others: list[str]) -> bool:
    """Tells whether the lines behind a header are rows under it, not lines of a log under a line of prose."""
    rows = [line for line in others if line.strip()][:_ROWS]
    cells = max(header.count(sign) for sign in ",;\t")
    short = [row for row in rows if max(row.count(sign) for sign in ",;\t") < cells]
    return not rows or (len(short) < len(rows) and not any(stamps.time_of(row) for row in short))


def is_header(line: str) -> bool:
    """Tells whether a line names columns: several short names, no two alike but for a few, none of them a number."""
    names = [name.strip().strip('"') for name in re.split(r"[,;\t]", line)]
    if len(names) < _CELLS or len({*names}) < max(_CELLS, len(names) * 3 // 4):
        return False
    return all(name and len(name) <= 64 and re.fullmatch(r"[^\W\d_][\w .:/()'’（）-]*", name) for name in names)  # noqa: PLR2004
