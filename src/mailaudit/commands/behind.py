"""`--explain`: for each line of a table the command that lists what it counts."""

from __future__ import annotations

import datetime as dt
import re
import shlex
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from mailaudit.commands import dates
from mailaudit.commands.implied import together
from mailaudit.commands.ranges import zone_name
from mailaudit.measure.filters import Filters
from mailaudit.model.answers import EXPLAIN
from mailaudit.model.columns import Column
from mailaudit.model.vocabulary import OUTCOMES
from mailaudit.writers.values import local

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mailaudit.commands.implied import Words
    from mailaudit.commands.options import Output, Period
    from mailaudit.commands.session import Session
    from mailaudit.model.answers import Answer, Row, Value

COLUMN = Column(EXPLAIN, "text", "the command that lists what the line counts")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the table was asked for with, which its lines' commands ask for, too."""

    period: Period
    filters: Filters = field(default_factory=Filters)
    notices: bool = False
    fold: bool = False
    """Senders stand for several: no filter finds them."""
    only: tuple[str, ...] = ()
    """Types or categories of failures."""
    confidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """A command, the options that describe the line, and a range if the line has one of its own."""

    verb: str
    keys: Words = ()
    """Options of which the filters given may have others."""
    flags: tuple[str, ...] = ()
    between: tuple[str, ...] = ()


def explained(answer: Answer, this: Session, asked: Asked) -> Answer:
    """The table with a column more: the command, or nothing where no filter describes the line."""
    names = list(answer.places)

    def command(row: Row) -> str | None:
        found = _question(answer.name, dict(zip(names, row, strict=True)), asked)
        if found is None:
            return None
        if found.verb == "trace":
            return shlex.join(["mailaudit", "trace", *found.flags, *reading_words(this)])
        if any(option == "--outcome" for option, _ in found.keys) and this.until_us is not None:
            return None  # tables show states at the end of the range, `log` how it ended
        given = _given(asked.filters if answer.name != "own_rejects" else asked.filters.without_end())
        if found.verb == "bounces":
            given |= {"--only": asked.only, "--confidence": asked.confidence}
        kept = together(given, found.keys)
        if kept is None:
            return None
        notices = ["--include-notices"] if asked.notices and found.verb in {"log", "bounces"} else []
        span = _within(found.between, this) if found.between else _range(asked.period)
        return shlex.join(["mailaudit", found.verb, *found.flags, *kept, *notices, *span, *reading_words(this)])

    rows = [(*row, command(row)) for row in answer.rows]
    shown = (*answer.shown, EXPLAIN) if answer.shown else ()
    return replace(answer, columns=(*answer.columns, COLUMN), rows=rows, shown=shown)


def with_commands(output: Output) -> Output:
    """Chosen columns with the command beside them: --explain asked for it."""
    return replace(output, columns=(*output.columns, EXPLAIN)) if output.columns else output


def _given(filters: Filters) -> dict[str, tuple[str, ...]]:
    """The filters as options, each with its values, of which one must hold."""
    given = {f"--{name.replace('_', '-')}": getattr(filters, name) for name in FILTERS}
    if filters.raised_by and filters.raised_by_key != "any":
        given["--raised-by-key"] = (filters.raised_by_key,)
    return given


FILTERS = (
    "sender", "recipient", "domain", "host", "status", "outcome", "code", "relay", "sasl_user", "text", "raised_by",
)  # fmt: skip


def _question(table: str, row: dict[str, Value], asked: Asked) -> Question | None:
    given = asked.filters
    if table in {"reply", "enhanced"} and (given.code or given.relay or given.text):
        return None  # the table has all lines about recipients whose last line is so, `events` those that are so
    if table in QUESTIONS:
        return QUESTIONS[table](row)
    names = list(row)[: list(row).index("messages")] if table.startswith("by_") else [KEY_OF.get(table, "")]
    if asked.fold and any(name.startswith("sender") for name in names):
        return None
    return _by_keys(names, row)


def _summary(row: dict[str, Value]) -> Question | None:
    word = str(row.get("name"))
    if row.get("section") != "recipients" or word not in {"recipients", *OUTCOMES}:
        return None
    return Question("log", (("--outcome", word),) if word in OUTCOMES else ())


def _code(row: dict[str, Value]) -> Words:
    """Both codes of the line, and none where one is null."""
    codes = [str(row[name]) for name in ("smtp_code", "enhanced_status") if row.get(name)]
    return (("--code", " ".join(codes) if len(codes) > 1 else f"={''.join(codes)}"),)


def _replies(row: dict[str, Value]) -> Question | None:
    code = row.get("smtp_code") or row.get("enhanced_status")
    if not code:
        return None
    return Question("events", (("--code", str(code)),), ("--replies", "--event", str(row["event"])))


def _own_rejects(row: dict[str, Value]) -> Question | None:
    return Question("events", _code(row), ("--event", "rejected", "--cause", str(row["cause"])))


def _failures(row: dict[str, Value]) -> Question | None:
    """The addresses of a group of failures; nothing where it is one of a mailbox provider's or a block list's."""
    if "isp" in row or "list" in row:
        return None
    keys: list[tuple[str, str]] = [("--domain", str(row["domain"]))] if row.get("domain") else []
    if "smtp_code" in row:
        keys += _code(row)
    keys += [("--outcome", str(row["outcome"]))] if row.get("outcome") else []
    keys += [("--only", str(word))] if (word := row.get("category") or row.get("type")) else []
    whole = str(row.get("example") or "").lower()
    pieces = [piece.strip() for piece in re.split(r"<[a-z]+>|[0-9]+", str(row.get("reply") or ""))]
    if len(longest := max((piece for piece in pieces if piece.lower() in whole), key=len, default="")) >= TELLING:
        keys.append(("--text", longest[:ENOUGH]))
    return Question("bounces", tuple(keys), ("--addresses",)) if keys else None


TELLING, ENOUGH = 8, 60
"""Characters of a reply that tell it from others: at least, and at most."""


def _by_keys(names: Sequence[str], row: dict[str, Value]) -> Question | None:
    """The filters of the line's keys; None if one of them has none."""
    keys: list[tuple[str, str]] = []
    between: tuple[str, ...] = ()
    if {"smtp_code", "enhanced_status"} <= set(names):
        keys += _code(row)
    for name in names:
        value = row.get(name)
        if name in CODES and len(CODES & set(names)) > 1:
            continue
        if value is None:
            return None
        if name in {"day", "month"}:
            if not between or name == "day":
                between = _period(str(value))
        elif name in KEYS:
            keys.append(KEYS[name](str(value)))
        else:
            return None
    return Question("log", tuple(keys), (), between)


CODES = {"smtp_code", "enhanced_status"}

KEY_OF = {
    "month": "month",
    "day": "day",
    "sender": "sender",
    "sender_domain": "sender_domain",
    "recipient_domain": "domain",
    "relay": "relay",
    "sasl_user": "sasl_user",
}
"""The column that names a line, for tables whose lines a filter describes."""

QUESTIONS: dict[str, Callable[[dict[str, Value]], Question | None]] = {
    "summary": _summary,
    "reply": _replies,
    "enhanced": _replies,
    "own_rejects": _own_rejects,
    "sender_domain": lambda row: _by_keys(["sender_domain"], {"sender_domain": row.get("domain")}),
    "bounces": _failures,
    "addresses": lambda row: Question("bounces", (("--recipient", f"={row['recipient']}"),)),
    "retries": lambda row: Question("trace", flags=(str(row["queue_id"]),)),
}
"""Tables whose lines are described in a way of their own."""

KEYS: dict[str, Callable[[str], tuple[str, str]]] = {
    "sender": lambda value: ("--sender", f"={value}" if value else "<>"),
    "sender_domain": lambda value: ("--sender", f"@{value}"),
    "domain": lambda value: ("--domain", value),
    "recipient": lambda value: ("--recipient", f"={value}"),
    "recipient_domain": lambda value: ("--domain", value),
    "relay": lambda value: ("--relay", f"={value}"),
    "sasl_user": lambda value: ("--sasl-user", value),
    "host": lambda value: ("--host", value),
    "outcome": lambda value: ("--outcome", value),
    "smtp_code": lambda value: ("--code", value),
    "enhanced_status": lambda value: ("--code", value),
}


def _period(word: str) -> tuple[str, ...]:
    """The range of a month (`2026-05`) or day (`2026-05-31`)."""
    parts = [int(part) for part in word.split("-")]
    if len(parts) == 2:  # noqa: PLR2004 (year and month)
        after = f"{parts[0] + parts[1] // 12}-{parts[1] % 12 + 1:02d}"
    else:
        after = (dt.date(*parts) + dt.timedelta(days=1)).isoformat()
    return ("--since", word, "--until", after)


def _within(between: Sequence[str], this: Session) -> list[str]:
    """The range of a line, cut to the range asked for."""
    _, since, _, until = between
    since_us, until_us = (dates.moment(word, this.zone, dt.datetime.now(dt.UTC)) for word in (since, until))
    if this.since_us is not None and this.since_us > since_us:
        since = local(this.since_us, this.zone)
    if this.until_us is not None and this.until_us < until_us:
        until = local(this.until_us, this.zone)
    return ["--since", since, "--until", until]


def _range(period: Period) -> list[str]:
    words = ["--today"] if period.today else []
    for name, value in (("--days", period.days), ("--since", period.since), ("--until", period.until)):
        words += [name, str(value)] if value is not None else []
    return words


def filter_words(filters: Filters) -> list[str]:
    """The filters as they are typed."""
    words: list[str] = []
    for option, values in _given(filters).items():
        for value in values:
            words += [option, value]
    return words


def reading_words(this: Session) -> list[str]:
    """The zone of the report, the options of reading and the paths as they were typed: another command reads alike."""
    source, zone = this.source, this.run.request.tz
    words = ["--tz", zone_name(zone)] if zone is not None else []
    if not this.run.request.collapse:
        words.append("--no-collapse")
    if source.year is not None:
        words += ["--year", str(source.year)]
    if source.input_tz is not None:
        words += ["--input-tz", zone_name(source.input_tz)]
    if source.input_format is not None:
        words += ["--input-format", source.input_format]
    if source.rules is not None:
        words += ["--rules", source.rules]
    return [*words, *source.paths]
