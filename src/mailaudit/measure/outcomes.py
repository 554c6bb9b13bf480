"""Questions of an investigation: rates by provider and day, sendings, volumes, and what receivers said."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

from mailaudit.advise.matrices import Provider
from mailaudit.advise.sendings import Sending
from mailaudit.measure import calendar, dimensions
from mailaudit.measure.accounts import local_days
from mailaudit.measure.causes import causes
from mailaudit.measure.filters import Conditions
from mailaudit.measure.pieces import pieces
from mailaudit.measure.texts import filled, statements
from mailaudit.model.times import moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mailaudit.measure.engine import Engine, Row
    from mailaudit.measure.filters import Filters

ALL = "all"
LOCAL = "local"


def prepare(engine: Engine, zone: dt.tzinfo, filters: Filters) -> None:
    """Makes the table `outcomes` of the mail that left the house and passes the filters; with providers, sendings."""
    causes(engine)
    span = calendar.span(engine)
    days = (
        []
        if span is None
        else [(moment(begin, zone).date().isoformat(), begin, end) for begin, end in local_days(zone, *span)]
    )
    engine.table("local_dates", ("day varchar", "begin_us bigint", "end_us bigint"), days)
    conditions = Conditions()
    conditions.filters(filters, "p")
    made, tags_of_each = statements("outcomes.sql")
    for number, piece in enumerate(pieces(engine, "select submitted_us as time_us from settled")):
        into = "insert into outcomes" if number else "create or replace table outcomes as"
        engine.run(
            filled(made, into=into, piece=piece.holds("p.submitted_us"), conditions=conditions.sql), conditions.values
        )
    engine.run(tags_of_each)
    pairs = engine.rows("select distinct relay_host, recipient_domain from outcomes")
    isps = [(relay, domain, dimensions.isp(relay, domain)) for relay, domain in pairs]
    engine.table("outcome_isps", ("relay_host varchar", "recipient_domain varchar", "isp varchar"), isps)
    engine.run(
        "update outcomes set isp = i.isp from outcome_isps i "
        "where i.relay_host is not distinct from outcomes.relay_host "
        "and i.recipient_domain is not distinct from outcomes.recipient_domain"
    )
    engine.run("delete from outcomes where isp = ?", [LOCAL])
    tags = engine.rows("select distinct tags from outcome_tags")
    engine.table("tag_names", ("tags varchar", "name varchar"), [(text, _name(text)) for (text,) in tags])
    engine.run(
        "update outcomes set sending = n.name from outcome_tags t join tag_names n on n.tags = t.tags "
        "where t.root = outcomes.root and n.name is not null"
    )


def _name(tags: str) -> str | None:
    """A campaign's name: its tags, one after the other."""
    try:
        found = json.loads(tags)
    except json.JSONDecodeError:
        return tags or None
    words = found if isinstance(found, list) else [found]
    return ", ".join(str(word) for word in words) or None


def totals(engine: Engine, since_us: int, until_us: int) -> Row:
    """Delivered, soft, hard in a range, by the time of the end; and what is still open of what was accepted in it."""
    (row,) = engine.rows(
        f"select {_COUNTS} from outcomes where finished_us >= ? and finished_us < ?", [since_us, until_us]
    )
    ((waiting,),) = engine.rows(
        "select cast(count(*) as bigint) from outcomes where kind is null and submitted_us >= ? and submitted_us < ?",
        [since_us, until_us],
    )
    return (*(number or 0 for number in row), waiting)


_COUNTS = ", ".join(
    f"cast(coalesce(sum(case when kind = '{kind}' then 1 else 0 end), 0) as bigint)"
    for kind in ("delivered", "soft", "hard")
)


def providers(engine: Engine, since_us: int, until_us: int) -> list[Provider]:
    """What became of the mail to each provider in a range, most mail first."""
    rows = engine.rows(
        f"select isp, {_COUNTS} from outcomes where finished_us >= ? and finished_us < ? and kind is not null "
        "group by isp order by count(*) desc, isp",
        [since_us, until_us],
    )
    return [Provider(*row) for row in rows]


def trend(engine: Engine, since_us: int, until_us: int) -> list[Row]:
    """Provider, day, delivered, soft, hard; in order."""
    return engine.rows(
        f"select isp, ended_day, {_COUNTS} from outcomes where finished_us >= ? and finished_us < ? "
        "and kind is not null group by isp, ended_day order by isp, ended_day",
        [since_us, until_us],
    )


def complaints(engine: Engine, since_us: int, until_us: int, *, of_these: bool) -> dict[str, int]:
    """Complaints in a range by provider; `of_these`: about the messages in `outcomes` only."""
    which = (
        "and coalesce((select f.root from family f where f.key = d.key), d.key) in (select root from outcomes) "
        if of_these
        else ""
    )
    rows = engine.rows(
        "select d.recipient_domain, cast(count(*) as bigint) from deliveries d "
        f"where d.event = 'complained' and d.time_us >= ? and d.time_us < ? {which}group by d.recipient_domain",
        [since_us, until_us],
    )
    found: dict[str, int] = {}
    for domain, number in rows:
        name = dimensions.isp(None, domain)
        found[name] = found.get(name, 0) + number
    return found


def sendings(engine: Engine, since_us: int, until_us: int) -> list[Sending]:
    """The sendings begun in a range: a campaign (tags), else a sender, on a local day of acceptance."""
    rows = engine.rows(
        f"""
        select
            coalesce(o.sending, o.sender, '(unknown)'),
            coalesce(case when o.sending is null then o.sender else o.sender_domain end, '(unknown)'),
            o.sending_day, min(o.submitted_us), max(o.submitted_us), cast(count(*) as bigint), {_COUNTS},
            cast(sum(case when x.root is null then 0 else 1 end) as bigint)
        from outcomes o
        left join (
            select distinct coalesce(f.root, d.key) as root, lower(d.recipient) as recipient
            from deliveries d left join family f on f.key = d.key where d.event = 'complained'
        ) x on x.root = o.root and x.recipient = lower(o.recipient)
        where o.submitted_us >= ? and o.submitted_us < ? and o.sending_day is not null
        group by 1, 2, 3
        order by 4, 1, 2
        """,
        [since_us, until_us],
    )
    return [Sending(*row) for row in rows]


def volumes(engine: Engine, since_us: int, until_us: int) -> dict[str, dict[dt.date, int]]:
    """Recipients of the mail accepted in a range, by provider (and all together) and day."""
    rows = engine.rows(
        "select isp, sending_day, cast(count(*) as bigint) from outcomes where submitted_us >= ? and submitted_us < ? "
        "and sending_day is not null group by isp, sending_day order by isp, sending_day",
        [since_us, until_us],
    )
    found: dict[str, dict[dt.date, int]] = {ALL: {}}
    for name, text, number in rows:
        day = dt.date.fromisoformat(text)
        found.setdefault(name, {})[day] = number
        found[ALL][day] = found[ALL].get(day, 0) + number
    return found


def messages(engine: Engine, since_us: int, until_us: int) -> list[Row]:
    """What receivers said in a range, most often first: what it is grouped by, how many, when, and the earliest."""
    return engine.rows(
        """
        select g.kind, g.isp, g.text, g.category, g.action, cast(count(*) as bigint), min(g.finished_us),
            max(g.finished_us), max(case when g.place = 1 then g.queue_id end),
            max(case when g.place = 1 then g.recipient end), max(case when g.place = 1 then g.reply end)
        from (
            select o.*, row_number() over (
                partition by kind, isp, text, category, action order by finished_us, source, "offset", recipient
            ) as place
            from outcomes o
            where o.kind in ('soft', 'hard') and o.finished_us >= ? and o.finished_us < ?
        ) g
        group by g.kind, g.isp, g.text, g.category, g.action
        order by count(*) desc, g.kind, g.isp, g.text
        """,
        [since_us, until_us],
    )


def failures(engine: Engine, kind: str, isps: Sequence[str], since_us: int, until_us: int) -> list[Row]:
    """The failures of a kind at some providers in a range, in order of time."""
    marks = ", ".join("?" for _ in isps)
    return engine.rows(
        "select isp, finished_us, queue_id, sender, recipient, smtp_code, enhanced_status, category, reply "
        f"from outcomes where kind = ? and isp in ({marks}) and finished_us >= ? and finished_us < ? "
        'order by finished_us, source, "offset", recipient',
        [kind, *isps, since_us, until_us],
    )


def domains(engine: Engine, kind: str, isp: str, since_us: int, until_us: int) -> list[str]:
    """The recipients' domains of such failures, most failures first."""
    rows: Iterable[Row] = engine.rows(
        "select recipient_domain from outcomes where kind = ? and isp = ? and finished_us >= ? and finished_us < ? "
        "and recipient_domain is not null group by recipient_domain order by count(*) desc, recipient_domain",
        [kind, isp, since_us, until_us],
    )
    return [domain for (domain,) in rows]
