"""Filters as SQL: texts from here, values always as bound parameters."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

from mailaudit.errors import UsageError
from mailaudit.model.ips import shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

NULL_SENDER = {"", "<>"}


@dataclass(frozen=True, slots=True)
class Filters:
    """Which rows to keep: a row must satisfy every filter given, and of one filter at least one value."""

    sender: tuple[str, ...] = ()
    recipient: tuple[str, ...] = ()
    domain: tuple[str, ...] = ()
    host: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    outcome: tuple[str, ...] = ()
    code: tuple[str, ...] = ()
    relay: tuple[str, ...] = ()
    sasl_user: tuple[str, ...] = ()
    text: tuple[str, ...] = ()
    raised_by: tuple[str, ...] = ()
    raised_by_key: str = "any"

    @property
    def about_mail(self) -> bool:
        """True if they choose messages: a host is known of every line."""
        return replace(self, host=(), raised_by_key="any") != Filters()

    def without_end(self) -> Filters:
        """The same filters but for status and outcome, which are facts about a recipient and not about an event."""
        return replace(self, status=(), outcome=())


class Conditions:
    """Conditions that must all hold, with their parameters."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.values: list[object] = []

    @classmethod
    def on(cls, table: str, given: Filters, time: str, since_us: int | None, until_us: int | None) -> Self:
        """A range of the column `time`, and filters, on a table or alias with the columns of `recipients`."""
        made = cls()
        made.between(time, since_us, until_us)
        made.filters(given, table)
        return made

    @property
    def sql(self) -> str:
        """The text after WHERE."""
        return " and ".join(self.texts) or "true"

    def add(self, text: str, *values: object) -> None:
        """Adds one condition."""
        self.texts.append(f"({text})")
        self.values.extend(values)

    def any_of(self, parts: Iterable[tuple[str, Sequence[object]]]) -> None:
        """Adds the condition that at least one of the parts holds; no parts: no condition."""
        held = list(parts)
        if held:
            self.add(" or ".join(text for text, _ in held), *(value for _, values in held for value in values))

    def between(self, column: str, since_us: int | None, until_us: int | None) -> None:
        """Adds the range, its end excluded."""
        if since_us is not None:
            self.add(f"{column} >= ?", since_us)
        if until_us is not None:
            self.add(f"{column} < ?", until_us)

    def filters(self, given: Filters, table: str, *, variables: bool = True) -> None:
        """Adds the filters on a table or alias with the columns of `recipients`; `variables`: it has raised_by, too."""
        self.any_of(_sender(f"{table}.sender", text) for text in given.sender)
        self.any_of(
            part
            for text in given.recipient
            for part in (_has(f"{table}.recipient", text), _has(f"{table}.original_recipient", text))
        )
        self.any_of(_domain(f"{table}.recipient_domain", name) for name in given.domain)
        self.any_of((f"lower({table}.host) = ?", [name.lower()]) for name in given.host)
        self.any_of((f"{table}.status = ?", [word]) for word in given.status)
        self.any_of((f"{table}.outcome = ?", [word]) for word in given.outcome)
        self.any_of(_code(table, code) for code in given.code)
        self.any_of(
            part
            for text in given.relay
            for part in (_has(f"{table}.relay_host", text), _has(f"{table}.relay_ip", text))
        )
        self.any_of((f"lower({table}.sasl_user) = ?", [user.lower()]) for user in given.sasl_user)
        self.any_of(_has(f"{table}.reply", text) for text in given.text)
        self.any_of(
            _has(column, text)
            for text in given.raised_by
            for column in raised_by(table, given.raised_by_key, variables=variables)
        )


def _has(column: str, text: str) -> tuple[str, list[object]]:
    """The column contains the text, in whatever case; after `=`, it is the text."""
    whole, text = text.startswith("="), text.removeprefix("=").lower()
    if column.endswith("_ip"):
        text = shortened(text)
    return (f"lower({column}) = ?", [text]) if whole else (f"lower({column}) like ? escape '!'", [f"%{_quoted(text)}%"])


def _sender(column: str, text: str) -> tuple[str, list[object]]:
    """`<>` is the null sender, `@example.com` everybody of that domain."""
    if text in NULL_SENDER:
        return f"{column} = ?", [""]
    if text.startswith("@"):
        return f"lower({column}) like ? escape '!'", [f"%{_quoted(text.lower())}"]
    return _has(column, text)


def _domain(column: str, name: str) -> tuple[str, list[object]]:
    """The domain; with a dot in front, those below it too."""
    domain = name.lower().lstrip("@").rstrip(".")
    if not domain.startswith("."):
        return f"{column} = ?", [domain]
    return f"{column} = ? or {column} like ? escape '!'", [domain[1:], f"%{_quoted(domain)}"]


def _quoted(text: str) -> str:
    return re.sub(r"([!%_])", r"!\1", text)


def raised_by(table: str, key: str, *, variables: bool = True) -> tuple[str, ...]:
    """The columns one of which names who raised it."""
    variable = f"{table}.raised_by" if variables else "cast(null as varchar)"
    return {
        "any": (f"coalesce({variable}, {table}.sasl_user, {table}.sender)",),
        "sender": (f"{table}.sender",),
        "sasl_user": (f"{table}.sasl_user",),
        "client": (f"{table}.client_host", f"{table}.client_ip"),
    }.get(key, (variable,))


def check_code(code: str) -> None:
    """Raises UsageError for what is neither a reply code nor an enhanced status code, nor part of one."""
    _code("", code)


def _code(table: str, code: str) -> tuple[str, list[object]]:
    """`550`, `4xx`, `55x` mean the reply code; `5.1.1`, `5.7.x`, `4.*` the enhanced status code; `550 5.1.1` both.

    After `=` there is no other code: `=550` has no enhanced status code, and `=` has neither.
    """
    words = code.removeprefix("=").split()
    parts = [_one_code(table, word) for word in words]
    if code.startswith("="):
        enhanced = [("." in word) for word in words]
        parts += [] if False in enhanced else [(f"{table}.smtp_code is null", [])]
        parts += [] if True in enhanced else [(f"{table}.enhanced_status is null", [])]
    elif not words:
        raise UsageError(f"{code!r} is no reply code", hint="write 550, 4xx, 5.1.1 or 5.7.x")
    return " and ".join(text for text, _ in parts), [value for _, values in parts for value in values]


def _one_code(table: str, code: str) -> tuple[str, list[object]]:
    word = code.lower().replace("*", "x")
    if found := re.fullmatch(r"([2-5])(\d|x)(\d|x)", word):
        low = int("".join("0" if digit == "x" else digit for digit in found.groups()))
        high = int("".join("9" if digit == "x" else digit for digit in found.groups()))
        if found[2] == "x" and found[3] != "x":
            raise UsageError(f"{code!r} leaves out a digit in the middle", hint="write 550, 55x or 5xx")
        return f"{table}.smtp_code between ? and ?", [low, high]
    if re.fullmatch(r"[2-5](\.(\d{1,3}|x)){1,2}", word):
        fixed = word.split(".x")[0]
        if fixed.count(".") == 2:  # noqa: PLR2004 (all three parts)
            return f"{table}.enhanced_status = ?", [fixed]
        return f"{table}.enhanced_status like ?", [f"{fixed}.%"]
    raise UsageError(f"{code!r} is no reply code", hint="write 550, 4xx, 5.1.1 or 5.7.x")
