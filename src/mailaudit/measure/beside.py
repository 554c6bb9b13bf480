"""What stands beside failures: deferrals by cause, lists that name us, backscatter, possible duplicates."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mailaudit.measure.causes import causes
from mailaudit.measure.filters import Conditions
from mailaudit.model.columns import Column

if TYPE_CHECKING:
    from mailaudit.measure.engine import Engine, Row
    from mailaudit.measure.failed import Wanted

DEFERRAL_COLUMNS = (
    Column("category", "word", "kind of cause, one of 44"),
    Column("type", "word", "hard, soft, block, config or info"),
    Column("domain", "text", "recipients' domain"),
    Column("lines", "big", "attempts that were put off so"),
    Column("recipients", "big", "recipients put off so"),
    Column("delivered", "big", "of these, delivered since"),
    Column("failed", "big", "of these, failed for good since"),
    Column("open", "big", "of these, not settled"),
    Column("first", "time", "the earliest"),
    Column("last", "time", "the latest"),
    Column("example", "text", "the earliest reply, whole"),
    Column("action", "text", "what to do next"),
)

_DEFERRALS = """
with put_off as (
    select d."row", d.key, d.recipient_key, d.recipient_domain as domain, d.time_us, d.reply, c.category, c.type,
        c.action, r.outcome, r.root, r.recipient
    from deliveries d
    join causes c on c."row" = d."row"
    join lives l on l.key = d.key
    join recipients_plain r on r.root = l.root and r.recipient_key is not distinct from d.recipient_key
    where d.event = 'deferred' and r.role in ({roles}) and {conditions}
),
placed as (
    select p.*,
        row_number() over (partition by category, domain order by time_us, "row") as place,
        row_number() over (partition by category, domain, root, recipient_key order by time_us, "row") as turn
    from put_off p
)
select category, max(type), domain, cast(count(*) as bigint), cast(sum(case when turn = 1 then 1 else 0 end) as bigint),
    cast(sum(case when turn = 1 and outcome = 'delivered' then 1 else 0 end) as bigint),
    cast(sum(case when turn = 1 and outcome in ('bounced', 'expired') then 1 else 0 end) as bigint),
    cast(sum(case when turn = 1 and outcome in ('deferred', 'pending', 'held') then 1 else 0 end) as bigint),
    min(time_us), max(time_us), max(case when place = 1 then reply end), max(action)
from placed
group by category, domain
order by 4 desc, 9, category, domain
"""


def deferrals(engine: Engine, wanted: Wanted) -> list[Row]:
    """The rows of `DEFERRAL_COLUMNS`: greylisting and rate limits stand here, for most of that mail arrives."""
    causes(engine)
    conditions = Conditions.on("r", wanted.filters, "d.time_us", wanted.since_us, wanted.until_us)
    if wanted.only:
        marks = ", ".join("?" for _ in wanted.only)
        conditions.add(f"c.type in ({marks}) or c.category in ({marks})", *wanted.only, *wanted.only)
    sql = _DEFERRALS.format(roles=_roles(wanted), conditions=conditions.sql)
    return engine.rows(sql, conditions.values)


LIST_COLUMNS = (
    Column("list", "word", "block list, or the receiver's own token (S3150, TSS04, CXBL …)"),
    Column("ip", "text", "address that the reply names; null if it names none"),
    Column("category", "word", "kind of cause"),
    Column("lines", "big", "attempts that were answered so"),
    Column("recipients", "big", "recipients' addresses concerned"),
    Column("domains", "big", "recipients' domains concerned"),
    Column("first", "time", "first seen"),
    Column("last", "time", "last seen"),
    Column("look_up", "text", "where the list can be looked up or is explained"),
    Column("example", "text", "the earliest reply, whole"),
)

_LISTED = """
select c.list, c.category, d.reply, d.recipient_domain, d.recipient, d.time_us
from deliveries d
join causes c on c."row" = d."row"
join lives l on l.key = d.key
join recipients_plain r on r.root = l.root and r.recipient_key is not distinct from d.recipient_key
where c.list is not null and {conditions}
order by d.time_us, d."row"
"""
_IP = re.compile(
    r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])|(?<![\w:])(?:[0-9a-f]{1,4}:){2,7}:?[0-9a-f]{0,4}(?![\w:])",
    re.IGNORECASE,
)
_WRAPPER = re.compile(r"^(?:delivery temporarily suspended: )?(?:host|server) \S+ (?:said|refused to talk to me): ")


def listed(engine: Engine, wanted: Wanted) -> list[Row]:
    """The rows of `LIST_COLUMNS`, most attempts first."""
    from mailaudit.classify.listed import about  # noqa: PLC0415 (only where lists are asked for)

    causes(engine)
    conditions = Conditions.on("r", wanted.filters, "d.time_us", wanted.since_us, wanted.until_us)
    found: dict[tuple[str, str | None, str], list[object]] = {}
    seen: dict[tuple[str, str | None, str], tuple[set[str], set[str]]] = {}
    for name, category, reply, domain, recipient, time_us in engine.stream(
        _LISTED.format(conditions=conditions.sql), conditions.values
    ):
        key = (name, named_ip(reply), category)
        group = found.setdefault(key, [0, time_us, time_us, reply])
        people, domains = seen.setdefault(key, (set(), set()))
        group[0] = int(str(group[0])) + 1
        group[2] = time_us
        people.add(recipient or "")
        domains.add(domain or "")
    rows: list[Row] = []
    for (name, ip, category), (lines, first, last, example) in found.items():
        people, domains = seen[name, ip, category]
        known = about(name)
        look_up = known.look_up if known else None
        rows.append((name, ip, category, lines, len(people), len(domains), first, last, look_up, example))
    return sorted(rows, key=lambda row: (-row[3], row[6], row[0]))


def named_ip(reply: str | None) -> str | None:
    """The address that a reply names, ours as a rule: the answering host's own stands before `said:`."""
    found = _IP.search(_WRAPPER.sub("", reply or ""))
    return found[0] if found else None


BACKSCATTER_COLUMNS = (
    Column("domain", "text", "domain that got notices about mail it may never have sent"),
    Column("notices", "big", "notices to it"),
    Column("addresses", "big", "addresses there"),
    Column("refused", "big", "of the notices, those that were refused or expired"),
    Column("first", "time", "the earliest"),
    Column("last", "time", "the latest"),
    Column("queue_id", "text", "queue id of the earliest notice"),
    Column("about", "text", "queue id of the mail it reports on"),
    Column("recipient", "text", "whom it went to"),
)

_BACKSCATTER = """
select r.recipient_domain, cast(count(*) as bigint), cast(count(distinct r.recipient) as bigint),
    cast(sum(case when r.outcome in ('bounced', 'expired', 'deferred') then 1 else 0 end) as bigint),
    min(r.submitted_us), max(r.submitted_us), min(r.queue_id), min(p.queue_id), min(r.recipient)
from recipients_plain r
join edges e on e.child_key = r.root and e.kind = 'notice'
join life p on p.key = e.parent_key
left join programs g on g.program = r.program
where r.role = 'notice' and coalesce(g.here, 0) = 0 and p.sasl_user is null and p.client_ip is not null
    and p.client_ip <> '::1' and p.client_ip not like '127.%' and p.client_ip not like '10.%'
    and p.client_ip not like '192.168.%' and p.client_ip not similar to '172[.](1[6-9]|2[0-9]|3[01])[.].*'
    and p.client_ip not similar to '(fc|fd|fe80)[^.]*' and {conditions}
group by r.recipient_domain
order by 2 desc, 5, 1
"""


def backscatter(engine: Engine, wanted: Wanted) -> list[Row]:
    """The rows of `BACKSCATTER_COLUMNS`: notices to addresses elsewhere, about mail that came from elsewhere.

    Whoever is named as the sender of spam gets these; a mail server should refuse such mail at the door instead.
    """
    conditions = Conditions.on("r", wanted.filters, "r.submitted_us", wanted.since_us, wanted.until_us)
    return engine.rows(_BACKSCATTER.format(conditions=conditions.sql), conditions.values)


DUPLICATE_COLUMNS = (
    Column("recipient", "text", "who may have got the same mail more than once"),
    Column("message_id", "text", "its Message-ID"),
    Column("deliveries", "big", "times it was delivered, or may have been"),
    Column("why", "word", "delivered: several deliveries; unsure: a connection broke when all had been sent"),
    Column("first", "time", "the first"),
    Column("last", "time", "the last"),
    Column("queue_ids", "text", "queue ids, separated by blanks"),
    Column("sender", "text", "envelope sender"),
)

_DUPLICATES = """
with given as (
    select r.recipient, r.message_id, r.queue_id, r.sender, r.finished_us as time_us, 0 as unsure
    from recipients_plain r
    where r.outcome = 'delivered' and r.role = 'user' and r.message_id is not null and r.message_id <> ''
        and {conditions}
    union all
    select d.recipient, l.message_id, l.queue_id, l.sender, d.time_us, 1
    from deliveries d
    join lives l on l.key = d.key
    join recipients_plain r on r.root = l.root and r.recipient_key is not distinct from d.recipient_key
    where d.event = 'deferred' and d.reply like '%may be sent more than once%' and r.outcome = 'delivered'
        and {conditions}
)
select recipient, message_id, cast(count(*) as bigint),
    case when sum(1 - unsure) > 1 then 'delivered' else 'unsure' end, min(time_us), max(time_us),
    string_agg(distinct queue_id, ' ' order by queue_id), min(sender)
from given
where recipient is not null
group by recipient, message_id
having count(*) > 1
order by 3 desc, 5, recipient
"""


def duplicates(engine: Engine, wanted: Wanted) -> list[Row]:
    """The rows of `DUPLICATE_COLUMNS`, most deliveries first."""
    conditions = Conditions.on("r", wanted.filters, "r.finished_us", wanted.since_us, wanted.until_us)
    return engine.rows(_DUPLICATES.format(conditions=conditions.sql), [*conditions.values, *conditions.values])


def _roles(wanted: Wanted) -> str:
    return "'user', 'notice'" if wanted.notices else "'user'"
