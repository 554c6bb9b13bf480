"""Which check of the sender a reply says failed (SPF, DKIM, DMARC, reverse DNS …), and what repairs it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from mailaudit.classify.ruleset import status_expression
from mailaudit.classify.tables import read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailaudit.classify.readings import Reading


@dataclass(frozen=True, slots=True)
class Check:
    """One check of senders."""

    name: str
    categories: tuple[str, ...]
    words: re.Pattern[str]
    status: re.Pattern[str] | None
    passed: re.Pattern[str] | None
    repair: str


@cache
def checks() -> tuple[Check, ...]:
    """The checks, in the order in which they are told."""
    return tuple(
        Check(
            row["name"],
            tuple(row["categories"]),
            re.compile(row["words"]),
            re.compile("|".join(f"^{status_expression(code)}$" for code in row["status"])) if row["status"] else None,
            re.compile(row["unless"]) if row["unless"] else None,
            row["repair"],
        )
        for row in read("checks.toml")["check"]
    )


def failed(category: str, said: Reading) -> Iterator[Check]:
    """The checks that a reply of this category says failed; those that it says passed are not among them."""
    for check in checks():
        if category in check.categories and (
            (check.words.search(said.text) and not (check.passed and check.passed.search(said.text)))
            or (check.status and check.status.search(said.status))
        ):
            yield check


def action(category: str, said: Reading) -> str:
    """What to do about the checks that failed; empty where the reply names none."""
    found = list(failed(category, said))
    if not found:
        return ""
    names = " and ".join(filter(None, (", ".join(check.name for check in found[:-1]), found[-1].name)))
    return f"{names} failed: {'; '.join(check.repair for check in found)}."
