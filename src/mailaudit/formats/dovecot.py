"""Dovecot's delivery agents, LMTP and LDA: what became of a mail in its user's hands.

The mail server has handed such mail over and says that it was delivered.  A Sieve script of the user may have thrown it
away or sent it back all the same, which only Dovecot tells; the sessions of its other services say nothing of mail.
Sources: Pigeonhole's sieve actions (discard, reject, fileinto, redirect) as versions 0.4 to 2.4 log them; real logs of
2.4.1 and Postfix.

    dovecot: lmtp(ann@dst.example)<207><5tEIEa/cCWvPAAAAZU03Dg>: sieve: msgid=<1@src.example>: discard action: Marked
        message to be discarded if not explicitly delivered (discard action)
    postfix/lmtp[9]: 4F1A2B3C01: to=<ann@dst.example>, …, status=sent (250 2.0.0 <ann@dst.example>
        5tEIEa/cCWvPAAAAZU03Dg Saved)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from mailaudit.formats.table import Facts, Format, Kind, Program

if TYPE_CHECKING:
    from mailaudit.formats.table import Records

_WHO = (
    r"^(?<agent>lmtp|lda|deliver)\((?:[0-9]+, )?(?<user>[^)]*)\)(?:<[0-9]+>)?(?:<(?<session>[^>]*)>)?: "
    r"(?:[A-Z][a-z]+: )?(?:(?<session_then>[0-9A-Za-z+/:]{16,}): )?(?:sieve: )?msgid="
)
"""Who the line is about; version 2.2 names the session behind the colon."""


_ACTION = ": [a-z]+ action$"
"""Version 2.4 names the action before it says what it did."""


def _kind(what: str, example: str, words: str) -> Kind:
    """A kind of lines; whoever writes a Message-ID may write these words, so the last ones of a line are meant."""
    return Kind(
        what,
        ("dovecot",),
        ("lmtp(", "lda(", "deliver("),
        example,
        _WHO + rf"(?<message_id>.*): (?<text>{words})$",
        queue_id=False,
    )


KINDS = (
    _kind(
        "kept",
        "lmtp(ann)<203><BnSZCq/cCWvLAAAAZU03Dg>: sieve: msgid=<1@src.example>: stored mail into mailbox 'INBOX'",
        "stored mail into mailbox '.*'|saved mail to .*|forwarded to <.*>",
    ),
    _kind(
        "discarded",
        "lmtp(ann)<207><5tEIEa/cCWvPAAAAZU03Dg>: sieve: msgid=<1@src.example>: discard action: Marked message "
        "to be discarded if not explicitly delivered (discard action)",
        r"[Mm]arked message to be discarded if not explicitly delivered \(discard action\)",
    ),
    _kind(  # to nobody: mail without a sender
        "discarded",
        "lmtp(ann)<203><BnSZCq/cCWvLAAAAZU03Dg>: sieve: msgid=<1@src.example>: reject action: not sending reject "
        "message to <>",
        "not sending reject message to <>",
    ),
    _kind(  # it was forwarded there before
        "discarded",
        "lmtp(ann)<203><BnSZCq/cCWvLAAAAZU03Dg>: sieve: msgid=<1@src.example>: discarded duplicate forward to "
        "<ann@home.example>",
        "[Dd]iscarded duplicate forward to <.*>",
    ),
    _kind(
        "refused",
        "lmtp(ann)<203><BnSZCq/cCWvLAAAAZU03Dg>: sieve: msgid=<1@src.example>: reject action: rejected message "
        "from <bob@src.example> (reject)",
        r"rejected message from <.*> \(.*\)",
    ),
    Kind(
        "other",
        ("dovecot",),
        ("lmtp(", "lda(", "deliver("),
        "lmtp(ann)<203><BnSZCq/cCWvLAAAAZU03Dg>: msgid=<1@src.example>: save failed to INBOX: Quota exceeded",
        _WHO + "(?<text>.*)$",
        queue_id=False,
    ),
)
"""What an agent says of a mail; `other` is what changes nothing, and what the mail server tells itself."""

EVENT = {"kept": "delivered", "discarded": "discarded", "refused": "bounced"}


def claims(tag: str | None) -> Program | None:
    """All of Dovecot logs under one name."""
    return Program("dovecot", None, "dovecot") if tag == "dovecot" else None


def facts(records: Records) -> Facts:
    """Turns one block's records into rows of the table `filed`."""
    found = Facts()
    for kind, event in EVENT.items():
        if (rows := records.get(kind)) is not None:
            found.filed.append(
                rows.select(
                    "no",
                    "tag",
                    pl.lit(event).alias("event"),
                    pl.col("agent"),
                    pl.coalesce("session", "session_then").alias("session"),
                    pl.col("user").alias("recipient"),
                    pl.col("message_id").str.replace(_ACTION, "").str.strip_chars("<>"),
                    pl.col("text").alias("reply"),
                )
            )
    return found


FORMAT = Format(
    name="dovecot",
    claims=claims,
    queue_id=r"^[^\s\S]",  # none
    kinds=KINDS,
    facts=facts,
    told_by=r"^(?:lmtp|lda|deliver)\([^)]*\).{0,120}: msgid=",
    partly=True,
)
