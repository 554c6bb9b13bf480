"""Questions about the health of mail flow: the latest results of each domain or group, and their history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailaudit.advise.checks import History
from mailaudit.advise.mail_flow import Result
from mailaudit.measure import dimensions
from mailaudit.measure.filters import Conditions, Filters
from mailaudit.measure.texts import filled, statements
from mailaudit.model.times import DAY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mailaudit.measure.engine import Engine

SUBJECTS = {
    "recipient_domain": "r.recipient_domain",
    "sender_domain": "r.sender_domain",
    "relay": "r.relay_host",
    "host": "r.host",
    "isp": "''",
    "all": "''",
}
"""What can be judged by, and its column; providers are filled in afterwards."""
OF_MESSAGES = ("sender_domain", "host")
"""Of these, what the message tells, not the line."""
_OF_MESSAGE = ", l.sender, l.sender_domain, l.host, l.sasl_user, l.client_host, l.client_ip"
UNITS = ("attempt", "message")
ALL = "all"


@dataclass(frozen=True, slots=True)
class Choice:
    """Which results, and what they are judged by."""

    filters: Filters
    unit: str = "attempt"
    by: str = "recipient_domain"
    since_us: int | None = None
    until_us: int | None = None
    notices: bool = False


def prepare(engine: Engine, choice: Choice) -> None:
    """Makes the view `results` (row, time_us, event, subject), and `result_lines` with all that is known of each."""
    conditions, times = Conditions(), Conditions()
    conditions.filters(choice.filters, "r", variables=False)
    time = "r.time_us" if choice.unit == "attempt" else "coalesce(r.finished_us, r.last_us)"
    times.between(time, choice.since_us, choice.until_us)
    make, *views = statements(f"results_{choice.unit}s.sql")
    roles = "'user', 'hop', 'notice'" if choice.notices else "'user', 'hop'"
    message = choice.filters != Filters() or choice.by in OF_MESSAGES
    pieces = {
        "subject": SUBJECTS[choice.by],
        "range": times.sql,
        "conditions": conditions.sql,
        "roles": roles,
        "life": "join life l on l.key = s.root" if message else "",
        "of_message": _OF_MESSAGE if message else "",
        "of_isp": ", r.recipient_domain, r.relay_host" if choice.by == "isp" else "",
    }
    engine.run(filled(make, **pieces), [*times.values, *conditions.values])
    for view in views:
        engine.run(view)
    if choice.by == "isp":
        table = f"{choice.unit}_results"
        pairs = engine.rows(f"select distinct relay_host, recipient_domain from {table}")
        engine.table(
            "result_isps",
            ("relay_host varchar", "recipient_domain varchar", "isp varchar"),
            [(relay, domain, dimensions.isp(relay, domain)) for relay, domain in pairs],
        )
        engine.run(
            f"update {table} set subject = i.isp from result_isps i where i.relay_host is not distinct from "
            f"{table}.relay_host and i.recipient_domain is not distinct from {table}.recipient_domain"
        )


def subjects(engine: Engine) -> list[str]:
    """What there are results of, most results first; an unknown one (no domain, no relay) is left out."""
    found = engine.rows(
        "select subject from results where subject <> '' group by subject order by count(*) desc, subject"
    )
    return [subject for (subject,) in found]


def judged_by(engine: Engine, members: Mapping[str, Iterable[str] | None]) -> None:
    """Makes the table `judged`: the results that each name stands for; None stands for all results."""
    pairs = [(name, subject) for name, held in members.items() if held is not None for subject in held]
    engine.table("members", ("name varchar", "subject varchar"), pairs)
    everything = [name for name, held in members.items() if held is None]
    whole = " ".join(f"union all select {_text(name)}, r.* from results r" for name in everything)
    some = "select m.name, r.* from results r join members m on m.subject = r.subject"
    engine.run(f"create or replace view judged as {some} {whole}")
    engine.run("create or replace table last_results as select * from results limit 0")
    last = " ".join(f"union all select {_text(name)}, r.* from last_results r" for name in everything)
    engine.run(f"create or replace view judged_last as {some} {last}")


def _text(name: str) -> str:
    if not name.isalpha():
        raise ValueError(name)
    return f"'{name}'"


_LATEST = """
create or replace table latest_results as
select j.name, j."row"
from judged_last j
join (
    select name, min(time_us) as from_us
    from (
        select name, time_us, row_number() over (partition by name order by time_us desc) as place
        from judged_last
    ) by_time
    where place <= ?
    group by name
) f on f.name = j.name and j.time_us >= f.from_us
"""
"""The latest of each name, and all others of the same time."""

_PLACED = """
select p.name, p.time_us, p.source, p."offset", p."row", p.event, p.subject, p.delay, p.root
from (
    select
        j.name, r.*,
        row_number() over (
            partition by j.name order by r.time_us desc, r.source desc, r."offset" desc, r."row" desc
        ) as place
    from latest_results j
    join result_lines r on r."row" = j."row"
) p
where p.place <= ?
order by p.name, p.place desc
"""
"""Ordered by time alone, the latest of each name cost a third; only those of one time need the whole order."""

_DETAILS = """
select d."row", l.queue_id, l.sender, d.recipient, d.relay_host, d.smtp_code, d.enhanced_status, d.reply
from deliveries d
join judged_rows j on j."row" = d."row"
join lives l on l.key = j.root
"""


def windows(engine: Engine, count: int) -> dict[str, list[Result]]:
    """The latest results by name, at most `count` each, in order of completion; all of what is known of the last."""
    _last(engine, count)
    engine.run(_LATEST, [count])
    found: dict[str, list[Result]] = {}
    roots: dict[int, int] = {}
    for name, time_us, source, offset, row, event, subject, delay, root in engine.rows(_PLACED, [count]):
        found.setdefault(name, []).append(
            Result(time_us, (source, offset, row), event, subject, delay=delay, message=root)
        )
        roots[row] = root
    rows = {held[-1].place[2] for held in found.values()}
    details = _details(engine, {row: roots[row] for row in rows})
    return {name: [*held[:-1], _with(held[-1], details)] for name, held in found.items()}


def detailed(engine: Engine, count: int) -> list[Result]:
    """The latest of all results with everything known of them, in order of completion."""
    _last(engine, count)
    found, roots = [], {}
    for time_us, source, offset, row, event, subject, delay, root in engine.rows(
        'select r.time_us, r.source, r."offset", r."row", r.event, r.subject, r.delay, r.root '
        'from last_results l join result_lines r on r."row" = l."row" '
        'order by r.time_us desc, r.source desc, r."offset" desc, r."row" desc limit ?',
        [count],
    ):
        found.append(Result(time_us, (source, offset, row), event, subject, delay=delay, message=root))
        roots[row] = root
    details = _details(engine, roots)
    return [_with(result, details) for result in reversed(found)]


def _last(engine: Engine, count: int) -> None:
    """Makes the table `last_results`: the latest of all results, and all others of the same time as their first."""
    # Of all results the last are found faster than each one's place among them.
    latest = "select min(time_us) from (select time_us from results order by time_us desc limit ?) latest"
    engine.run(f"create or replace table last_results as select * from results where time_us >= ({latest})", [count])


def _details(engine: Engine, roots: Mapping[int, int]) -> dict[int, Sequence[object]]:
    engine.table("judged_rows", ('"row" bigint', "root bigint"), roots.items())
    return {row[0]: row[1:] for row in engine.rows(_DETAILS)}


def _with(result: Result, details: Mapping[int, Sequence[object]]) -> Result:
    known = details.get(result.place[2])
    if known is None:
        return result
    queue_id, sender, recipient, relay_host, smtp_code, enhanced_status, reply = known
    return Result(
        result.time_us, result.place, result.event, result.subject, _str(queue_id), _str(sender), _str(recipient),
        _str(relay_host), smtp_code if isinstance(smtp_code, int) else None, _str(enhanced_status), _str(reply),
        result.delay, result.message,
    )  # fmt: skip


def _str(value: object) -> str | None:
    return value if isinstance(value, str) else None


_HISTORIES = """
select
    name, cast(count(*) as bigint), min(time_us), max(time_us),
    cast(count(distinct time_us - time_us % {day}) as bigint),
    cast(max(gap_us) as bigint),
    cast(sum(case when time_us > {recent} then 1 else 0 end) as bigint),
    cast(sum(case when time_us > {recent} and event = 'delivered' then 1 else 0 end) as bigint),
    cast(sum(case when event = 'delivered' then 1 else 0 end) as bigint)
from (
    select
        name, time_us, event,
        time_us - lag(time_us) over (partition by name order by time_us) as gap_us
    from judged
) g
group by name
order by name
"""


def histories(engine: Engine, at_us: int) -> dict[str, History]:
    """What the results of each name were like before, seen from a moment; the last 24 hours are told apart."""
    sql = _HISTORIES.format(day=DAY, recent=int(at_us - DAY))
    return {
        name: History(results, first, last, days, gap or 0, recent, recent_good, results - recent, good - recent_good)
        for name, results, first, last, days, gap, recent, recent_good, good in engine.rows(sql)
    }
