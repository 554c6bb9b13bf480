"""Rows of which other rows tell what is meant are put right before anything is asked: whose they are, what counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailaudit.measure import filed
from mailaudit.measure.overlays import overlay, rename
from mailaudit.model.vocabulary import SETTLING

if TYPE_CHECKING:
    from mailaudit.measure.engine import Engine


def as_meant(engine: Engine, *, exports: bool, exim: bool, qmail: bool, postfix: bool) -> None:
    """Puts the rows right of which other rows tell what is meant."""
    if exports:
        engine.script("exports.sql")
        _place_states(engine)
        _leave_out_retold(engine)
        _join_notices(engine)
    _tell_instances_apart(engine)
    if exim:
        _as_exim_means(engine)
    if qmail:
        _name_queued(engine)
    if not postfix:
        _tell_mailboxes_apart(engine)
    filed.undo(engine)


def _place_states(engine: Engine) -> None:
    """Gives last states without an id to the messages that are meant; what events tell, too, counts as told again."""
    if not engine.rows(
        "select 1 from deliveries where grain < 0 and provider_message_id is null and message_id is null limit 1"
    ):
        return
    engine.script("exports_states.sql", settling=", ".join(f"'{word}'" for word in SETTLING))
    if not engine.rows("select 1 from stated limit 1"):
        return
    engine.run('insert into retold select "row" from stated where said = 1')
    overlay(
        engine,
        "deliveries",
        "unplaced_deliveries",
        "select d.* replace (coalesce(s.key, d.key) as key, "
        "coalesce(s.recipient_key, d.recipient_key) as recipient_key) "
        'from unplaced_deliveries d left join stated s on s."row" = d."row"',
    )
    overlay(
        engine,
        "messages",
        "unplaced_messages",
        "select * from unplaced_messages where key not in "
        '(select d.key from unplaced_deliveries d join stated s on s."row" = d."row")',
    )


def _leave_out_retold(engine: Engine) -> None:
    """Takes rows that tell again what others tell out of deliveries; `all_deliveries` still has them."""
    others = 'select * from all_deliveries d where not exists (select 1 from retold r where r."row" = d."row")'
    overlay(engine, "deliveries", "all_deliveries", others)


def _join_notices(engine: Engine) -> None:
    """Gives what mails report to the messages of the logs that are read with them; `own_deliveries` has it as told."""
    if not engine.rows("select 1 from messages where origin = 'mail' limit 1"):
        return
    engine.script("notices.sql")
    overlay(
        engine,
        "deliveries",
        "own_deliveries",
        "select d.* replace (coalesce(j.key, d.key) as key, "
        "coalesce(j.recipient_key, d.recipient_key) as recipient_key, coalesce(j.late, d.late) as late, "
        "coalesce(j.same_recipient, d.recipient) as recipient, "
        "coalesce(d.original_recipient, j.first_given) as original_recipient) "
        'from own_deliveries d left join joined j on j."row" = d."row"',
    )
    joined = "select * from own_messages where key not in (select key from joined_messages)"
    overlay(engine, "messages", "own_messages", joined)


def _tell_instances_apart(engine: Engine) -> None:
    """Gives the lines of services whose tag names another Postfix instance to the mail that they are about."""
    if len(engine.rows("select distinct instance from messages where instance is not null limit 2")) < 2:  # noqa: PLR2004
        return
    engine.script("instances.sql")
    if not engine.rows("select 1 from halves limit 1"):
        return
    overlay(
        engine,
        "deliveries",
        "misnamed_deliveries",
        "select d.* replace (coalesce(v.meant, h.meant, d.key) as key) "
        'from misnamed_deliveries d left join misnamed v on v."row" = d."row" left join halves h on h.key = d.key',
    )
    overlay(
        engine,
        "refusals",
        "misnamed_refusals",
        "select r.* replace (coalesce(h.meant, r.key) as key) "
        "from misnamed_refusals r left join halves h on h.key = r.key",
    )
    overlay(
        engine,
        "messages",
        "misnamed_messages",
        "select m.* replace (coalesce(h.meant, m.key) as key, "
        "coalesce(h.instance, m.instance) as instance) from misnamed_messages m left join halves h on h.key = m.key",
    )


def _as_exim_means(engine: Engine) -> None:
    """Gives Exim's lines their delays, and leaves out those that say again that a message is frozen."""
    rename(engine, "deliveries", "told_deliveries")
    engine.script("exim.sql")


def _name_queued(engine: Engine) -> None:
    """Gives qmail's notices and forwarded copies their queue ids, and leaves out attempts of which more is known."""
    engine.script("qmail.sql")
    overlay(
        engine,
        "deliveries",
        "attempted_deliveries",
        "select d.* replace (coalesce(q.queue_id, d.next_id) as next_id) "
        'from attempted_deliveries d left join queued_deliveries q on q."row" = d."row" '
        'where d."row" not in (select "row" from begun_deliveries)',
    )


def _tell_mailboxes_apart(engine: Engine) -> None:
    """Gives the mailboxes that one address leads to rows of their own, where several have lines under its name."""
    if not engine.rows("select 1 from deliveries where mailbox is not null limit 1"):
        return
    engine.script("mailboxes.sql")
    if not engine.rows("select 1 from mailboxes limit 1"):
        return
    overlay(
        engine,
        "deliveries",
        "addressed_deliveries",
        "select d.* replace (coalesce(m.mailbox_key, d.recipient_key) as recipient_key, "
        "coalesce(m.mailbox, d.recipient) as recipient, "
        "case when m.mailbox is null then d.original_recipient else coalesce(d.original_recipient, d.recipient) end "
        "as original_recipient) "
        "from addressed_deliveries d left join mailboxes m "
        "on m.key = d.key and m.recipient_key = d.recipient_key and m.event_id = d.event_id",
    )
