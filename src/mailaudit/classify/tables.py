"""The tables of this room as they stand in its TOML files: categories, block lists, rules."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal

from mailaudit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Type = Literal["hard", "soft", "block", "config", "info"]
Suppress = Literal["now", "repeat", "never"]
Retry = Literal["no", "later", "after_fix"]

FILES = (
    "notices",
    "services",
    "google",
    "microsoft",
    "receivers",
    "identity",
    "content",
    "rates",
    "blocks",
    "routes",
    "recipients",
    "systems",
    "abroad",
    "weak",
    "codes",
)
"""The files of `rules/`, in the order in which rules of the same tier are tried."""

OWN = 0
"""Tier of the rules that a user adds: they go before all of ours."""


@dataclass(frozen=True, slots=True)
class Category:
    """One kind of cause: who can put it right, and what to do."""

    name: str
    type: Type
    party: str
    suppress: Suppress
    retry: Retry
    means: str
    action: str
    names: Mapping[str, str] = field(default_factory=dict, hash=False)
    """What other programs call it, by program."""
    while_temporary: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """What is different while the server that tells of it calls the failure temporary."""


@dataclass(frozen=True, slots=True)
class BlockList:
    """A list that replies name."""

    name: str
    words: str
    lists: str
    look_up: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One sentence of a receiver and what it means; all conditions that are given must hold."""

    id: str
    tier: int
    category: str
    words: str = ""
    """Expression searched in the reply's template in lower case, with its marks behind it."""
    unless: str = ""
    """Expression that must not be there."""
    status: tuple[str, ...] = ()
    """Enhanced status codes: `5.7.26`, `*.7.26` for any class, `5.7.606-649` for a range."""
    smtp: tuple[str, ...] = ()
    """Reply codes: `550`, `55x`, `4xx`."""
    phase: str = ""
    """Expression on the SMTP command that was answered: CONNECT, EHLO, MAIL, RCPT, DATA …"""
    host: str = ""
    """Expression on the name of the host that answered; no host, no match."""
    action: str = ""
    """What to do, where the category's own advice is not enough."""
    example: str = ""
    """A reply that this rule decides."""
    source: str = ""
    """Who says so: a receiver's documentation, a standard, a program's source."""


@cache
def read(name: str) -> dict[str, Any]:
    """The content of one TOML file of this room."""
    text = resources.files("mailaudit.classify").joinpath(name).read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def categories() -> dict[str, Category]:
    """The categories by name, in the order of the file."""
    return {name: Category(name, **fields) for name, fields in read("categories.toml").items()}


@cache
def lists() -> tuple[BlockList, ...]:
    """The block lists."""
    return tuple(BlockList(**fields) for fields in read("lists.toml")["list"])


@cache
def rules() -> tuple[Rule, ...]:
    """Our rules in the order in which they are tried."""
    found = [rule for name in FILES for rule in rules_of(read(f"rules/{name}.toml")["rule"], name)]
    return tuple(sorted(found, key=lambda rule: rule.tier))  # stable: files and lines keep their order


def rules_of(rows: Iterable[Mapping[str, Any]], file: str, *, tier: int | None = None) -> list[Rule]:
    """The rules of one file; raises UsageError for what is no rule, naming the file and the rule."""
    found = []
    for number, row in enumerate(rows, 1):
        called = str(row.get("id") or f"number {number}")
        if tier is not None:
            _typed(row, f"{file}: rule {called}")
        given: dict[str, Any] = {
            key: spelt_out(joined(value)) if key in {"words", "unless"} else value for key, value in row.items()
        }
        for key in ("status", "smtp"):
            value = given.get(key, ())
            given[key] = (value,) if isinstance(value, str) else tuple(value)
        if tier is not None:
            given["tier"] = tier
        try:
            rule = Rule(**given)
        except TypeError as error:
            words = str(error).rpartition("__init__() ")[2]
            raise UsageError(f"{file}: rule {called}: {words}") from error
        if tier is not None:  # ours are held against their examples by the tests; compiling 400 takes its time
            _check(rule, file)
        found.append(rule)
    return found


def joined(value: str | Sequence[str]) -> str:
    """One expression: a rule may give its words as a list of alternatives, one a line."""
    return value if isinstance(value, str) else "|".join(value)


@cache
def pieces() -> dict[str, str]:
    """The expressions that rules share, by name; one may use those before it."""
    found: dict[str, str] = {}
    for name, expression in read("rules/words.toml")["words"].items():
        found[name] = _filled(expression, found)
    return found


def spelt_out(expression: str) -> str:
    """An expression with `{who}` and the other shared pieces put in."""
    return _filled(expression, pieces())


def _filled(expression: str, known: Mapping[str, str]) -> str:
    return re.sub(r"\{([a-z]+)\}", lambda found: known.get(found[1], found[0]), expression)


_LISTS = {"words": "", "unless": "", "status": r"[\d*]\.(?:\d+|\*)\.(?:\d+(?:-\d+)?|\*)", "smtp": r"[\dx]{3}"}
"""Keys that may have several texts, and how each must look."""


def _typed(row: Mapping[str, Any], where: str) -> None:
    """Raises UsageError for a value of a rule that is of another kind than its key wants."""
    for key, value in row.items():
        if key == "tier" or (isinstance(value, str) and key not in _LISTS):
            continue
        several = value if key in _LISTS and isinstance(value, list) else [value]
        for text in several:
            shape = _LISTS.get(key, "")
            if not isinstance(text, str) or (shape and not re.fullmatch(shape, text)):
                examples = {"status": ', such as "5.7.1" or "5.7.*"', "smtp": ', such as "550" or "5xx"'}
                raise UsageError(f"{where}: {key} = {text!r}", hint=f"write it as text{examples.get(key, '')}")


def _check(rule: Rule, file: str) -> None:
    import polars as pl  # noqa: PLC0415 (only for rules of one's own)

    for name in ("words", "unless", "phase", "host"):
        expression = getattr(rule, name)
        try:
            re.compile(expression)  # for one reply; polars, for many, knows less (https://docs.rs/regex)
            pl.Series([""]).str.contains(expression)
        except (re.error, RecursionError, OverflowError, pl.exceptions.ComputeError) as error:
            why = str(error).partition("\n\nThis error")[0].strip().rpartition("\n")[2].removeprefix("error: ")
            raise UsageError(f"{file}: rule {rule.id}: {name} is no regular expression: {why}") from error
    if not (rule.words or rule.status or rule.smtp):
        raise UsageError(f"{file}: rule {rule.id} has no condition", hint="give words, status or smtp")


@cache
def sources() -> dict[str, dict[str, str]]:
    """What rules cite: title, address and kind of each source."""
    return read("sources.toml")
