"""`--explain`: for each line of a table the command that lists what it counts."""

from __future__ import annotations

import datetime as dt
import re
import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

from mailaudit.commands import dates
from mailaudit.commands.ranges import zone_name
from mailaudit.model.answers import EXPLAIN
from mailaudit.model.columns import Column
from mailaudit.model.vocabulary import OUTCOMES
from mailaudit.writers.values import local

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mailaudit.commands.options import Period
    from mailaudit.commands.session import Session
    from mailaudit.measure.filters import Filters
    from mailaudit.model.answers import Answer, Row, Value

COLUMN = Column(EXPLAIN, "text", "the command that lists what the line counts")


def explained(answer: Answer, this: Session, period: Period, filters: Filters) -> Answer:
    """The table with a column more: the command, or nothing where no filter describes the line."""
    names = list(answer.places)

    def command(row: Row) -> str | None:
        found = _question(answer.name, dict(zip(names, row, strict=True)))
        if found is None:
            return None
        verb, options, between = found
        if verb == "trace":
            return shlex.join(["mailaudit", verb, *options, *reading_words(this)])
        if "--status" in options and this.until_us is not None:
            return None  # tables show states at the end of the range, `log` how it ended
        span = _within(between, this) if between else _range(period)
        return shlex.join(["mailaudit", verb, *filter_words(filters), *options, *span, *reading_words(this)])

    rows = [(*row, command(row)) for row in answer.rows]
    shown = (*answer.shown, EXPLAIN) if answer.shown else ()
    return replace(answer, columns=(*answer.columns, COLUMN), rows=rows, shown=shown)


Question = tuple[str, list[str], list[str]]
"""Command, filters, and a range if the line has one of its own."""


def _question(table: str, row: dict[str, Value]) -> Question | None:
    if table in QUESTIONS:
        return QUESTIONS[table](row)
    if table.startswith("by_"):
        return _by_keys(list(row)[: list(row).index("messages")], row)
    return _by_keys([KEY_OF.get(table, "")], row)


def _summary(row: dict[str, Value]) -> Question | None:
    word = str(row.get("name"))
    if row.get("section") != "recipients" or word not in {"recipients", *OUTCOMES}:
        return None
    return "log", ["--status", word] if word in OUTCOMES else [], []


def _replies(row: dict[str, Value]) -> Question | None:
    code = row.get("smtp_code") or row.get("enhanced_status")
    return ("events", ["--code", str(code)], []) if code else None


def _own_rejects(row: dict[str, Value]) -> Question | None:
    code = row.get("enhanced_status") or row.get("smtp_code")
    return ("log", ["--include-rejects", "--status", "rejected", "--code", str(code)], []) if code else None


def _failures(row: dict[str, Value]) -> Question | None:
    """The addresses of a group of failures, by what filters can tell of it."""
    code = row.get("enhanced_status") or row.get("smtp_code")
    options = KEYS["domain"](str(row["domain"])) if row.get("domain") else []
    options += KEYS["smtp_code"](str(code)) if code else []
    options += ["--only", str(row["category"])] if row.get("category") else []
    pieces = re.split(r"<[a-z]+>|[0-9]+", str(row.get("reply") or ""))
    if len(longest := max(pieces, key=len).strip()) >= TELLING:
        options += ["--text", longest[:ENOUGH]]
    return ("bounces", ["--addresses", *options], []) if options else None


TELLING, ENOUGH = 8, 60
"""Characters of a reply that tell it from others: at least, and at most."""


def _by_keys(names: Sequence[str], row: dict[str, Value]) -> Question | None:
    """The filters of the line's keys; None if one of them has none."""
    options: list[str] = []
    between: list[str] = []
    for name in names:
        value = row.get(name)
        if name not in KEYS or value is None:
            return None
        if name in {"day", "month"}:
            between = _period(str(value))
        else:
            options += KEYS[name](str(value))
    return "log", options, between


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
    "addresses": lambda row: ("bounces", ["--recipient", f"={row['recipient']}"], []),
    "retries": lambda row: ("trace", [str(row["queue_id"])], []),
}
"""Tables whose lines are described in a way of their own."""

KEYS: dict[str, Callable[[str], list[str]]] = {
    "month": lambda _: [],
    "day": lambda _: [],
    "sender": lambda value: ["--sender", f"={value}" if value else "<>"],
    "sender_domain": lambda value: ["--sender", f"@{value}"],
    "domain": lambda value: ["--domain", value],
    "recipient": lambda value: ["--recipient", f"={value}"],
    "recipient_domain": lambda value: ["--domain", value],
    "relay": lambda value: ["--relay", f"={value}"],
    "sasl_user": lambda value: ["--sasl-user", value],
    "host": lambda value: ["--host", value],
    "outcome": lambda value: ["--status", value],
    "smtp_code": lambda value: ["--code", value],
    "enhanced_status": lambda value: ["--code", value],
}


def _period(word: str) -> list[str]:
    """The range of a month (`2026-05`) or day (`2026-05-31`)."""
    parts = [int(part) for part in word.split("-")]
    if len(parts) == 2:  # noqa: PLR2004 (year and month)
        after = f"{parts[0] + parts[1] // 12}-{parts[1] % 12 + 1:02d}"
    else:
        after = (dt.date(*parts) + dt.timedelta(days=1)).isoformat()
    return ["--since", word, "--until", after]


def _within(between: list[str], this: Session) -> list[str]:
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
    for name in ("sender", "recipient", "domain", "host", "status", "code", "relay", "sasl_user", "text", "raised_by"):
        for value in getattr(filters, name):
            words += [f"--{name.replace('_', '-')}", value]
    if filters.raised_by and filters.raised_by_key != "any":
        words += ["--raised-by-key", filters.raised_by_key]
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
