"""One message in many systems: what tells that a message of one source is a message of another.

Each kind of join is a row of `KINDS`: what the earlier system says, what the later one says, how sure that is. The ids
that replies name are cut out a part of the rows at a time and looked up where the tables are, so memory stays flat.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from mailaudit.measure.overlays import rename

if TYPE_CHECKING:
    import polars as pl

    from mailaudit.measure.engine import Engine

Sure = Literal["certain", "likely"]


@dataclass(frozen=True, slots=True)
class Kind:
    """One way to know that two lives are one message."""

    number: int
    """As `edges.known_by` has it; of several that fit, the lowest counts."""
    name: str
    left: str
    """What is said where the message was handed on."""
    right: str
    """What is said where it went on."""
    sure: Sure
    also: str = ""
    """What must agree besides."""


KINDS = (
    Kind(
        0,
        "previous queue id",
        "queue id",
        "`orig_queue_id=`, `orig_id=` or `Requeue` names it",
        "certain",
        "same host; the earlier life begins first",
    ),
    Kind(
        1,
        "queue id",
        "the reply (`queued as X`, `X Message accepted for delivery`, `id=X`), or the line of a forward or notice, "
        "names X",
        "queue id X",
        "certain",
        "Message-ID, if both are known; within two minutes of the delivery",
    ),
    Kind(
        2,
        "filter",
        "handed to a program that names no id",
        "handed in by a program on the same host",
        "likely",
        "Message-ID; within a minute",
    ),
    Kind(
        3,
        "id in the reply",
        "the 2xx reply names X: `Ok: queued as X`, `Ok X`, `OK id=X`, `OK ids=X`, `InternalId=X`",
        "X is the provider's id of the message (SendGrid: up to the first dot; Exchange: internal-message-id), or the "
        "queue id on a host that does not log Message-IDs",
        "certain",
        "recipient; time; the Message-ID told there is no other message's",
    ),
    Kind(
        4,
        "Message-ID in the reply",
        "the 2xx reply names `<X>` (Exchange, Microsoft 365, Brevo)",
        "Message-ID X in a provider's events",
        "certain",
        "recipient; time; the Message-ID told there is no other message's",
    ),
    Kind(
        5,
        "Message-ID",
        "handed on to another host",
        "the same Message-ID in another system: a provider's events, or another host's log of mail that came by SMTP",
        "likely",
        "recipient; time; what came by SMTP came from that host, from the gateway it went to, or from the provider",
    ),
    Kind(
        6,
        "time",
        "a recipient was given up (OpenSMTPD)",
        "a notice of the same host to the sender, within ten seconds",
        "likely",
        "the nearest failure; one notice each",
    ),
)
"""The kinds of joins between lives. Notices (bounce mails) have a table of their own, `NOTICES`."""

NOTICES = (
    Kind(
        0, "queue id", "queue id at the reporting host", "queue id in the notice", "certain", "host or recipient; time"
    ),
    Kind(1, "Message-ID", "Message-ID", "Message-ID of the returned mail", "certain", "time"),
    Kind(
        2,
        "envelope id",
        "envelope id (ENVID; PowerMTA's `envId`), Message-ID or id of the message",
        "`Original-Envelope-Id`",
        "likely",
        "recipient; time",
    ),
)
"""How a notice finds its message."""

BY_NUMBER = {kind.number: kind for kind in KINDS}

PART = 200_000
"""Rows of deliveries whose replies are looked into at once."""
SHORTEST = 6
LONG = 16
"""Characters that an id has at least; and from how many on it need not have a digit."""
_WORD = r"[0-9A-Za-z_-][0-9A-Za-z._+/$@-]{5,}"
_QP = r"\bok [0-9]{9,10} (qp [0-9]+)"
"""What qmail answers: the process that queued the mail, which its log tells, too."""
_MESSAGE_ID = r"<([^<>\s]+@[^<>\s]+)>"

_REPLIES = """
select "row", reply
from deliveries
where "row" > ? and "row" <= ? and recipient_key is not null and event in ('delivered', 'relayed') and reply is not null
"""


_SEVERAL = "select 1 from deliveries where program = 'bloomreach' and recipient_key is not null limit 1"
"""Whether several mails may have one key."""


def join(engine: Engine, *, across: bool) -> None:
    """Adds edges between the lives of one message in several systems, where there are several.

    Makes joins (parent, child, kind) and joined_rows (rows of deliveries that handed the message on), empty where
    nothing is joined. Reads and adds to edges; replaces deliveries and life by views in which every fact stands where
    it belongs. Without `across` only what one provider tells of a message in two ways, or of two messages in one.
    """
    engine.script("joins_none.sql")
    ((systems,),) = engine.rows(
        "select count(*) from (select distinct case when origin = 'provider' then instance else host end from messages)"
    )
    if _told_apart(engine):
        engine.script("joins_apart.sql")
        if _move(engine):
            engine.script("joins_overruled.sql")
    if engine.rows(_SEVERAL):
        engine.script("joins_repeats.sql")
        _move(engine)
    if not across or systems < 2:  # noqa: PLR2004
        return
    engine.script("joins_ids.sql")
    ((ids,),) = engine.rows("select count(*) from join_ids")
    if ids:
        _look_up(engine)
    engine.script("joins.sql")
    if engine.rows("select 1 from joins limit 1"):
        _move(engine)


def counts(engine: Engine) -> list[tuple[str, int]]:
    """How many messages went on in another system, by the kind of join."""
    rows = engine.rows("select known_by, count(distinct parent_key) from joins group by known_by order by known_by")
    return [(BY_NUMBER[number].name, count) for number, count in rows]


def _told_apart(engine: Engine) -> bool:
    """Whether events of a provider lack the id of their message and name another one's Message-ID."""
    found = engine.rows(
        "select 1 from messages where origin = 'provider' and provider_message_id is null and message_id is not null "
        "and exists (select 1 from messages m where m.origin = 'provider' and m.provider_message_id is not null) "
        "limit 1"
    )
    return bool(found)


def _move(engine: Engine) -> bool:
    """Lets deliveries and life show what was moved where it was moved to; tells whether anything was."""
    if not engine.rows("select 1 from moved limit 1"):
        return False
    ((turn,),) = engine.rows("select count(*) from information_schema.tables where table_name like 'unmoved_life%'")
    for name in ("deliveries", "life"):
        rename(engine, name, f"unmoved_{name}_{turn}")
    for name in ("moved", "moved_lives"):
        rename(engine, name, f"{name}_{turn}")
    engine.run(
        "create view deliveries as select d.* replace (coalesce(j.key, d.key) as key, "
        "coalesce(j.recipient_key, d.recipient_key) as recipient_key, coalesce(j.recipient, d.recipient) as recipient) "
        f'from unmoved_deliveries_{turn} d left join moved_{turn} j on j."row" = d."row"'
    )
    engine.run(
        f"create view life as select * from unmoved_life_{turn} "
        f"where key not in (select key from moved_lives_{turn} where into_key is null) "
        f"union all select l.* replace (m.into_key as key, coalesce(m.begun_us, l.first_us) as first_us, "
        f"case when m.begun_us is null then l.accepted_us else m.accepted_us end as accepted_us) "
        f"from unmoved_life_{turn} l join moved_lives_{turn} m on m.key = l.key where m.into_key is not null"
    )
    engine.script("joins_moved.sql")
    return True


def _look_up(engine: Engine) -> None:
    """Makes join_named: which row of deliveries names which id that is a message's in some system."""
    ((last,),) = engine.rows('select coalesce(max("row"), -1) from deliveries')
    for first in range(-1, last, PART):
        found = named(engine.frame(_REPLIES, [first, first + PART]))
        if found.height:
            engine.add("join_part", found, first=True)
            engine.run('insert into join_named select "row", id from join_part semi join join_ids using (id)')
            engine.run("drop table join_part")


def named(rows: pl.DataFrame) -> pl.DataFrame:
    """The ids that replies may name: columns `row` and `id`, for rows with `row` and `reply`."""
    import polars as pl  # noqa: PLC0415 (not before several systems are joined)

    reply = pl.col("reply")
    words = rows.select("row", reply.str.extract_all(_WORD).alias("id")).explode("id")
    words = words.with_columns(pl.col("id").str.strip_chars_end(".-/")).filter(
        (pl.col("id").str.len_chars() >= SHORTEST)
        & (pl.col("id").str.contains(r"[0-9]") | (pl.col("id").str.len_chars() >= LONG))
    )
    ids = rows.filter(reply.str.contains("@", literal=True)).select("row", reply.str.extract(_MESSAGE_ID).alias("id"))
    queued = rows.filter(reply.str.contains(" qp ", literal=True)).select("row", reply.str.extract(_QP).alias("id"))
    return pl.concat([words, ids.drop_nulls(), queued.drop_nulls()]).unique()
