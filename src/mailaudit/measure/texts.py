"""The query texts: .sql files of this package, with what their heads declare.

A statistic is one file in `tables/`: its head names title, unit, which time counts, what it reads, how it is ordered
and its columns; its body is one query. `{counts}` in head and body stands for `tables/_counts.sql`, and so on: columns
that many tables share are written once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, cast

from mailaudit.model.columns import Column

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from mailaudit.model.columns import Type

_DECLARED = re.compile(r"--   (\w+) +(\w+) +(.+)")
_SHARED = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Question:
    """One statistic as its file declares it."""

    name: str
    title: str
    unit: str
    time: str
    note: str
    reads: tuple[str, ...]
    order: str
    columns: tuple[Column, ...]
    sql: str
    folded: str = ""
    """A column in which the query leaves host names, of which the registered domain is shown."""


def _package() -> Traversable:
    return resources.files("mailaudit.measure")


def statements(name: str) -> list[str]:
    """Returns the statements of one .sql file of this package, in order.

    A statement ends with a semicolon at the end of a line, and only there.
    """
    text = _package().joinpath(name).read_text(encoding="utf-8")
    return [part for part in (text.strip() + "\n").split(";\n") if part.strip()]


def filled(text: str, **pieces: str) -> str:
    """Returns the text with its {places} filled; only texts of ours go there, never what a user typed."""
    return _SHARED.sub(lambda found: pieces.get(found[1], found[0]), text)


@cache
def questions() -> tuple[str, ...]:
    """Returns the names of all tables that can be asked for."""
    names = (file.name for file in _package().joinpath("tables").iterdir())
    return tuple(sorted(name[:-4] for name in names if name.endswith(".sql") and not name.startswith("_")))


@cache
def question(name: str) -> Question:
    """Reads one statistic's file."""
    head, columns, sql = _read(name)
    return Question(
        name=name,
        title=head["title"],
        unit=head["unit"],
        time=head["time"],
        note=head.get("note", ""),
        reads=tuple(head.get("reads", "").split()),
        order=head["order"],
        columns=columns,
        sql=sql,
        folded=head.get("folded", ""),
    )


@cache
def shared(name: str) -> tuple[tuple[Column, ...], str]:
    """Returns columns and query text that several tables share."""
    _, columns, sql = _read("_" + name)
    return columns, sql


def _read(name: str) -> tuple[dict[str, str], tuple[Column, ...], str]:
    head: dict[str, str] = {}
    columns: list[Column] = []
    body: list[str] = []
    for line in _package().joinpath("tables", f"{name}.sql").read_text(encoding="utf-8").splitlines():
        if not line.startswith("--"):
            body.append(line)
        elif found := _DECLARED.fullmatch(line):
            columns.append(Column(found[1], cast("Type", found[2]), found[3]))
        elif found := re.fullmatch(r"--   \{(\w+)\}", line):
            columns += shared(found[1])[0]
        elif found := re.fullmatch(r"-- (\w+): (.+)", line):
            head[found[1]] = found[2]
    return head, tuple(columns), _SHARED.sub(lambda found: shared(found[1])[1], "\n".join(body))
