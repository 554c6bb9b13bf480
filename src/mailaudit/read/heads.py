"""Heads: the time, host, program and process id of every line, whatever wrote the log.

A file has one shape of lines, or two or three. The shape of a few lines is found, all lines of that shape are cut at
once by position, and what is left over is looked at line by line and cut in groups of one shape each.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import polars as pl

from mailaudit.read import prefixes

FRAME: dict[str, type[pl.DataType]] = {
    "no": pl.UInt32,
    "offset": pl.Int64,
    "time_us": pl.Int64,
    "floating": pl.Int8,
    "host": pl.String,
    "tag": pl.String,
    "pid": pl.String,
    "body": pl.String,
}
REST: dict[str, type[pl.DataType]] = {"no": pl.UInt32, "offset": pl.Int64, "line": pl.String}
SKIPPED: dict[str, type[pl.DataType]] = {"no": pl.UInt32, "kind": pl.String}
NOTICES: dict[str, type[pl.DataType]] = {"no": pl.UInt32, "kind": pl.String, "text": pl.String}

_SAMPLE = 24
_ROUNDS = 4
_GROUPS = 500
"""Shapes in one block beyond which lines are left over: no log has so many."""


@dataclass(frozen=True, slots=True)
class Heads:
    """The lines of a block: every line is in exactly one of frame, rest and skipped."""

    frame: pl.DataFrame
    """Lines with a head, in order of line numbers: columns FRAME."""
    rest: pl.DataFrame
    """Lines without a recognisable head: columns REST."""
    skipped: pl.DataFrame
    """Lines that say nothing about mail or machine, each with a kind: columns SKIPPED."""
    notices: pl.DataFrame
    """What the log says about itself (lost lines, gaps): columns NOTICES."""


def heads(lines: pl.DataFrame) -> Heads:
    """Cuts the lines of a block (columns no, offset, line)."""
    empty = lines["line"] == ""
    skipped = pl.DataFrame(schema=SKIPPED)
    if empty.any():
        skipped = lines.filter(empty).select("no", kind=pl.lit("empty"))
        lines = lines.filter(~empty)
    done, rest = _cut_all(lines)
    return Heads(done, rest, skipped, pl.DataFrame(schema=NOTICES))


def _cut_all(lines: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The lines that could be cut, and those that could not."""
    parts, left = [], lines
    for _ in range(_ROUNDS):
        prefix = _usual(left)
        if prefix is None:
            break
        done, left = prefixes.cut(left, prefix)
        parts.append(done)
    odd, rest = _cut_one_by_one(left)
    parts = [part for part in (*parts, *odd) if len(part)]
    if len(parts) == 1:
        return parts[0], rest
    return pl.concat([pl.DataFrame(schema=FRAME), *parts]).sort("no"), rest


def _usual(lines: pl.DataFrame) -> prefixes.Prefix | None:
    """The shape that most of a few lines have."""
    sample = lines["line"].gather_every(max(1, len(lines) // _SAMPLE)).to_list()
    found = Counter(prefix for line in sample if (prefix := prefixes.find(line)))
    return found.most_common(1)[0][0] if found else None


def _cut_one_by_one(lines: pl.DataFrame) -> tuple[list[pl.DataFrame], pl.DataFrame]:
    """Cuts what the usual shapes left over: each line by its own shape."""
    if lines.is_empty():
        return [], lines
    numbers: dict[prefixes.Prefix | None, list[int]] = {}
    for row, line in enumerate(lines["line"].to_list()):
        numbers.setdefault(prefixes.find(line), []).append(row)
    failed = [lines[numbers.pop(None, [])]]
    parts = []
    for prefix, rows in numbers.items():
        group = lines[rows]
        if prefix is None or len(parts) == _GROUPS:
            failed.append(group)
            continue
        done, left = prefixes.cut(group, prefix)
        parts.append(done)
        failed.append(left)
    return parts, pl.concat(failed).sort("no")
