"""From what was read to what can be asked: edges, lives and recipients."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailaudit.measure import joins, meant
from mailaudit.measure.dimensions import DIRECTIONS
from mailaudit.measure.overlays import overlay
from mailaudit.model.vocabulary import EVENTS, OUTCOME_OF, OUTCOMES, SETTLING, TRIES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailaudit.measure.engine import Engine, Row

FATES = {outcome: str(number) for number, outcome in enumerate(OUTCOMES)}
"""The outcomes by number, as the tables keep them."""

TRIED = frozenset((*TRIES, "expired", "discarded"))
"""Events that count as attempts, unless `attempted` says no: the last try, too, with which mail is given up."""

HANDS_ON = frozenset(("relayed", "expanded"))
"""Events that give a message to the next queue."""

HERE = frozenset(("local", "lmtp", "virtual", "pipe", "maildrop", "dovecot", "lda"))
AWAY = frozenset(("smtp", "sendmail", "sm-mta", "relay", "smtpd", "opensmtpd"))
"""Last components of the programs that put mail into mailboxes here, and that send it on."""


ROLES = ("user", "hop", "notice", "probe", "aborted")
"""What the lives of queue ids may be."""

WORDS = (*EVENTS, *ROLES, *DIRECTIONS)
"""Words that long tables hold in one byte."""

ENGAGEMENT = ("opened", "clicked", "unsubscribed", "complained")
"""What a recipient did: it implies the delivery where nothing else is known, and else changes nothing."""

ASIDE = ("auto_reply", "resubscribed", "other")
"""Known of the recipient, but it says nothing of how the message stands."""

LOGS = {
    "order": '"row"',
    "settles": "w.settles",
    "place": 'd.source desc, d."offset" desc, s."row" desc',
}
"""Pieces of the queries for logs, whose lines stand in order."""

EXPORTS = {
    "order": (
        "row(case when origin = 'provider' then first_us else \"row\" end, "
        "case when origin = 'provider' then \"offset\" else 0 end)"
    ),
    "settles": 'case when d."row" in (select "row" from overruled) then -1 else w.settles end',
    "place": 'case when d.matter is null then d.source else 0 end desc, d."offset" desc, s."row" desc',
}
"""The same where there are records of exports, which come in any order: what they say decides, not where they stand."""


def derive(
    engine: Engine, *, collapse: bool, edges: bool = False, exports: bool = False, postfix: bool = False
) -> None:
    """Builds edges (unless the store has them), lives and recipients.

    `exports`: there are records of exports; `postfix`: there is nothing but logs of Postfix, so that what only others
    write need not be looked for.
    """
    pieces = EXPORTS if exports else LOGS
    quoted = ", ".join(f"'{word}'" for word in WORDS)
    engine.run(f"create type word as enum ({quoted})")
    engine.run('create table echoes ("row" bigint)')
    exim, qmail = (not postfix and _has(engine, name) for name in ("exim", "qmail"))
    meant.as_meant(engine, exports=exports, exim=exim, qmail=qmail, postfix=postfix)
    engine.table(
        "event_words",
        ("event varchar", "settles tinyint", "rank integer", "fate tinyint", "tries tinyint"),
        event_words(collapse=collapse),
    )
    engine.table("outcome_words", ("outcome varchar", "fate integer"), ((word, int(at)) for word, at in FATES.items()))
    engine.run("create table repeated as select key from messages group by key having count(*) > 1")
    if _any(engine, "repeated"):
        engine.script("lives.sql", **pieces)
    else:
        engine.run("create view life as select * from messages")
    if not edges:
        _edges(engine)
        if not postfix:
            engine.script("notices_opensmtpd.sql")
        if qmail:
            engine.script("edges_qmail.sql")
    programs = [name for (name,) in engine.rows("select distinct program from deliveries where program is not null")]
    engine.table("programs", ("program varchar", "here integer"), [(name, here(name)) for name in programs])
    if not collapse:
        engine.run("delete from edges where kind in ('hop', 'forward')")
    joins.join(engine, across=collapse and not edges)
    engine.script("roles.sql")
    _hand_over(engine, exports=exports)
    _recipients(engine, pieces, exports=exports, postfix=postfix)
    if exim:
        engine.script("exim_gave_up.sql")
    if exports:
        engine.script("engagement.sql")


def _any(engine: Engine, rows: str) -> bool:
    """Tells whether there are such rows: `facts where event = 'expired'`."""
    return bool(engine.rows(f"select 1 from {rows} limit 1"))


def _has(engine: Engine, instance: str) -> bool:
    """Tells whether a mail server of this name wrote any of the logs."""
    return bool(engine.rows("select 1 from messages where instance = ? limit 1", [instance]))


def _edges(engine: Engine) -> None:
    """Finds which life follows from which; most small logs have none that could."""
    engine.script("kin.sql")
    if _any(engine, "kin"):
        engine.script("edges.sql")
    else:
        engine.run(
            "create table edges (parent_key bigint, child_key bigint, kind varchar, time_us bigint, known_by integer)"
        )


def _hand_over(engine: Engine, *, exports: bool) -> None:
    """Finds the lines that hand the mail to another life."""
    if not _any(engine, "parents"):
        engine.script("no_handovers.sql")
        return
    _tell_kept_back(engine)
    engine.script("handovers.sql")
    if exports:
        engine.script("joins_late.sql")


def _tell_kept_back(engine: Engine) -> None:
    """Lets those count as refused whom a filter kept a mail from that it handed on to others."""
    engine.script("kept_back.sql")
    if _any(engine, "kept_back"):
        overlay(
            engine,
            "deliveries",
            "handed_over_deliveries",
            "select d.* replace (coalesce(k.event, d.event) as event) "
            'from handed_over_deliveries d left join kept_back k on k."row" = d."row"',
        )


def _recipients(engine: Engine, pieces: dict[str, str], *, exports: bool, postfix: bool) -> None:
    """What each line says of a recipient, and what became of each."""
    engine.script("facts.sql")
    if not postfix:
        engine.script("facts_sendmail.sql")
    engine.script("story.sql", **pieces)
    if _any(engine, "facts where event = 'expired'"):
        engine.script("given_up.sql")
    if _any(engine, "requeued"):
        engine.script("strangers_requeued.sql")
    if not postfix:
        engine.script("strangers_sendmail.sql")
        engine.script("strangers_opensmtpd.sql")
        engine.script("strangers_exim.sql")
    if exports and _any(engine, "deliveries where event = 'expanded' or original_recipient is not null"):
        engine.script("strangers_groups.sql")
    engine.script("recipients.sql", **FATES, **pieces)
    if _any(engine, f"settled where fate = {FATES['expired']}"):
        engine.script("told_earlier.sql", **FATES)
    if not postfix:
        _leave_out_done(engine)


def _leave_out_done(engine: Engine) -> None:
    """Sendmail may say of all mail that it is done with it: only who still waited then is given up."""
    done = "coalesce(raw_event, '') = 'done' and recipient_key is null"
    if not engine.rows(f"select 1 from deliveries where {done} limit 1"):
        return
    decided = '"row" in (select fact_row from settled where fact_row is not null)'
    overlay(
        engine,
        "deliveries",
        "deliveries_and_ends",
        f"select * from deliveries_and_ends where not ({done}) or {decided}",
    )


def retold(engine: Engine) -> list[Row]:
    """Returns source, format, raw event and number of the records of which every row tells what another one tells."""
    return engine.rows(
        "select source, format, raw_event, count(distinct line) from all_deliveries d "
        'where exists (select 1 from retold r where r."row" = d."row") '
        "and not exists (select 1 from deliveries k where k.source = d.source and k.line = d.line) "
        "group by source, format, raw_event order by source, format, raw_event"
    )


def told_twice(engine: Engine) -> list[tuple[int, int, int]]:
    """Pairs of sources, and how many lines about recipients both have, to the second: one log, written in two ways."""
    return [(one, other, count) for one, other, count in engine.rows(_TOLD_TWICE)]


_TOLD_TWICE = """
select a.source, b.source, count(distinct b."row")
from deliveries a
join deliveries b on b.key = a.key and b.recipient_key = a.recipient_key and b.event = a.event
    and b.time_us // 1000000 = a.time_us // 1000000 and b.reply is not distinct from a.reply and b.source > a.source
group by a.source, b.source
order by a.source, b.source
"""


_NEVER_DELIVERED = """
select count(*)
from deliveries d
where d.program = 'mandrill' and d.event = 'processed'
    and not exists (select 1 from deliveries o where o.program = 'mandrill' and o.event = 'delivered')
"""


def hints(engine: Engine) -> Iterator[str]:
    """What a reader of exports may want to know to read them otherwise."""
    ((sent,),) = engine.rows(_NEVER_DELIVERED)
    if sent:
        yield (
            "Mandrill tells of no delivery here, as for accounts that did not enable these events: "
            "--input-format mandrill-webhook-sent reads `send` as delivered"
        )


def event_words(*, collapse: bool) -> Iterator[Row]:
    """Yields event, whether it settles (1), its rank, the number of its outcome, and whether it is an attempt.

    Where passes through a filter are not collapsed, a hop's handing on is its delivery.
    """
    for event, outcome in OUTCOME_OF.items():
        settles = event in SETTLING
        if event in HANDS_ON and not collapse:
            yield event, 1, 0, int(FATES["delivered"]), 1
        else:
            yield event, int(settles), SETTLING.index(event) if settles else 0, int(FATES[outcome]), int(event in TRIED)
    # Any other word says more than these.
    for event in ENGAGEMENT:
        yield event, -1, 0, int(FATES["delivered"]), 0
    for event in ASIDE:
        yield event, -2, 0, int(FATES["pending"]), 0


def here(program: str) -> int | None:
    """Returns 1 for a program that puts mail into mailboxes here, 0 for one that sends it on, None for others.

    2: it does both, and names the relay's address where it sends on.
    """
    name = program.rpartition("/")[2]
    if name.startswith("exim") or "qmail" in name:
        return 2
    return 1 if name in HERE else 0 if name in AWAY else None
