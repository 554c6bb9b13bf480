"""What a page that people open is made of: sections with findings, figures, tables and charts, all of them plain data.

The room `report` makes pages, the writers lay them out; neither knows the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mailaudit.model.answers import Table

Level = Literal["bad", "warning", "new", "good", "note"]
"""bad: somebody must act now; warning: somebody should look; new: never seen before; good; note: plain information."""

TROUBLE: tuple[Level, ...] = ("bad", "warning")
"""Levels of what counts as a problem."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence that somebody should read, and what to do about it."""

    level: Level
    name: str
    """A word for programs: delivery_rate, log_ended …"""
    text: str
    action: str = ""


def troubled(findings: Iterable[Finding]) -> int:
    """How many of them are problems."""
    return sum(finding.level in TROUBLE for finding in findings)


@dataclass(frozen=True, slots=True)
class Figure:
    """One headline number with its name, and what is to be said of it."""

    name: str
    value: str
    note: str = ""
    level: Level = "note"


@dataclass(frozen=True, slots=True)
class Chart:
    """Numbers to be drawn: one or several series over the same labels."""

    kind: Literal["bars", "stacked", "share", "heat", "bands"]
    title: str
    labels: tuple[str, ...]
    series: tuple[tuple[str, tuple[float | None, ...]], ...]
    unit: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a page, which can be asked for by its name."""

    name: str
    title: str
    text: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    figures: tuple[Figure, ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """What a person reads: a title, what it is about, and sections in order."""

    title: str
    about: tuple[str, ...]
    sections: tuple[Section, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, in order."""
        return tuple(finding for section in self.sections for finding in section.findings)

    @property
    def troubled(self) -> int:
        """How many things somebody should act on or look at."""
        return troubled(self.findings)
