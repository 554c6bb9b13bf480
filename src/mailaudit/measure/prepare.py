"""From what was read to what can be asked: edges, lives and recipients."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailaudit.model.vocabulary import OUTCOME_OF, OUTCOMES, SETTLING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailaudit.measure.engine import Engine, Row

FATES = {outcome: str(number) for number, outcome in enumerate(OUTCOMES)}
"""The outcomes by number, as the tables keep them."""

TRIES = frozenset(("delivered", "deferred", "soft_bounced", "hard_bounced", "bounced", "expired", "discarded"))
"""Events that are delivery attempts, unless `attempted` says no."""

HANDS_ON = frozenset(("relayed", "expanded"))
"""Events that give a message to the next queue."""

HERE = frozenset(("local", "lmtp", "virtual", "pipe", "maildrop", "dovecot", "lda"))
AWAY = frozenset(("smtp", "sendmail", "sm-mta", "relay"))
"""Last components of the programs that put mail into mailboxes here, and that send it on."""


def derive(engine: Engine, *, collapse: bool, edges: bool = False) -> None:
    """Builds edges (unless the store has them), lives and recipients."""
    engine.table(
        "event_words",
        ("event varchar", "settles integer", "rank integer", "fate integer", "tries integer"),
        event_words(collapse=collapse),
    )
    engine.table("outcome_words", ("outcome varchar", "fate integer"), ((word, int(at)) for word, at in FATES.items()))
    engine.run("create table repeated as select key from messages group by key having count(*) > 1")
    if engine.rows("select 1 from repeated limit 1"):
        engine.script("lives.sql")
    else:
        engine.run("create view life as select * from messages")
    if not edges:
        engine.script("edges.sql")
    if not collapse:
        engine.run("delete from edges where kind in ('hop', 'forward')")
    engine.script("roles.sql")
    programs = [name for (name,) in engine.rows("select distinct program from deliveries where program is not null")]
    engine.table("programs", ("program varchar", "here integer"), [(name, here(name)) for name in programs])
    if engine.rows("select 1 from parents limit 1"):
        engine.script("handovers.sql")
    else:
        engine.script("no_handovers.sql")
    engine.script("recipients.sql", **FATES)


def event_words(*, collapse: bool) -> Iterator[Row]:
    """Yields event, whether it settles (1), its rank, the number of its outcome, and whether it is an attempt.

    Where passes through a filter are not collapsed, a hop's handing on is its delivery.
    """
    for event, outcome in OUTCOME_OF.items():
        settles = event in SETTLING
        if event in HANDS_ON and not collapse:
            yield event, 1, 0, int(FATES["delivered"]), 1
        else:
            yield event, int(settles), SETTLING.index(event) if settles else 0, int(FATES[outcome]), int(event in TRIES)
    # Known of the recipient, but not what it means: any other word says more.
    yield "other", -1, 0, int(FATES["pending"]), 0


def here(program: str) -> int | None:
    """Returns 1 for a program that puts mail into mailboxes here, 0 for one that sends it on, None for others."""
    name = program.rpartition("/")[2]
    return 1 if name in HERE else 0 if name in AWAY else None
