"""qmail's logs: what the lines of `qmail_kinds` say of messages, deliveries and refusals.

The recipient stands on the line that starts a delivery, the result on another line with the same number:
`link.attempts` brings them together.  What qmail queues itself (a notice, a forwarded copy) is named by the number of
the process that queued it, `qp`, which the line `info msg` of the new message has, too.  No Message-ID is logged.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import polars as pl

from mailaudit.formats.qmail_door import door
from mailaudit.formats.qmail_kinds import DOOR, MESSAGES, NOTES, SMTPD
from mailaudit.formats.table import BASE, Facts, Format, Program
from mailaudit.model.acts import BEGIN, END, QUEUED, TOLD

if TYPE_CHECKING:
    from mailaudit.formats.table import Records

EVENT = {"success": "delivered", "failure": "bounced", "deferral": "deferred"}
TOO_LONG = "I'm_not_going_to_try_again;_this_message_has_been_in_the_queue_too_long."
"""What qmail-send puts behind the last failed attempt at mail that is older than `queuelifetime`."""
DOUBLE = "#@[]"
"""The sender of a notice about a notice."""
ROOT = "0"
"""The only user whose mail was surely handed in here: which one the SMTP server runs as, no line says."""
STARTED = "starting"
"""raw_event of the lines that start a delivery."""

_SAID = "Remote_host_said:_"
_IP = r"^(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*)$"
_ANSWERED = r"(?:accepted_message|does_not_like_recipient|failed_(?:on|after)_|but_)"
_RELAY = rf"(?:^|[/_])(?:Connected_to_)?([^_/ ]+)_{_ANSWERED}"
_DID = r"^(?:.*/)?did_([0-9]+)\+([0-9]+)\+([0-9]+)/(?:qp_([0-9]+)/)?"
_LINES = r"Remote_host_said:_|Giving_up_on_|qp_[0-9]|I'm_not_going_to_try_again;|it_isn't_in_my_"
_NEW_LINE = rf"/({_LINES}|<[^<>/]*@|[245][0-9][0-9][-_]|$)"
_IN_BRACKETS = re.compile(r"<[^<>]*@[^<>]*>")
_TOLD_BY = (
    r"^(?:new msg [0-9]|info msg [0-9]+: bytes |starting delivery [0-9.]+: msg |delivery [0-9.]+: (?:success|failure"
    r"|deferral): |end msg [0-9]|bounce msg [0-9]+ qp |triple bounce: discarding |status: (?:local [0-9]|exiting)"
    r"|(?:tcp|ssl)server: (?:status:|pid|ok|deny|end) |rblsmtpd: [0-9A-Fa-f:.]+ pid "
    r"|qmail-smtpd: pid [0-9]+ (?:(?:Accept|Reject)::|from )|CHKUSER (?:accepted|rejected|relaying) )"
)


def claims(tag: str | None) -> Program | None:
    """Its programs: qmail-send and the SMTP server may log under one name."""
    own = tag is not None and re.fullmatch(r"splogger|qmail(?:-(?:send|smtpd|todo))?|(?:tcp|ssl)server|rblsmtpd", tag)
    return Program("qmail", None, "qmail") if own else None


def facts(records: Records) -> Facts:
    """Turns one block's records into rows for linking and the store."""
    found = Facts()
    _messages(records, found)
    _starts(records, found)
    _results(records, found)
    _bounces(records, found)
    door(records, found)
    return found


def _own(act: int) -> list[pl.Expr]:
    return [pl.col("no"), pl.col("tag"), pl.col("msg").alias("queue_id"), pl.lit(act).alias("act")]


def _qp() -> pl.Expr:
    return "qp " + pl.col("qp")


def _number() -> pl.Expr:
    return (pl.col("number") + pl.col("queue").fill_null("")).alias("number")


def _messages(records: Records, found: Facts) -> None:
    if (rows := records.get("new")) is not None:
        found.messages.append(rows.select(_own(BEGIN)))
    if (rows := records.get("info")) is not None:
        notice = pl.col("sender").is_in(["", DOUBLE])
        origin = pl.when(pl.col("uid") == ROOT).then(pl.lit("local")).otherwise(pl.lit("smtp"))
        found.messages.append(
            rows.select(
                *_own(QUEUED),
                "sender",
                pl.col("size").cast(pl.Int64, strict=False),
                _qp().alias("handed_as"),
                pl.when(~notice).then(origin).alias("origin"),
            )
        )
        found.attempts.append(
            rows.select(
                *BASE[:2], pl.col("msg").alias("queue_id"), "uid", pl.lit("info").alias("what"), senderless=notice
            )
        )
    if (rows := records.get("end")) is not None:
        found.messages.append(rows.select(_own(END)))
        found.attempts.append(rows.select(*BASE[:2], pl.col("msg").alias("queue_id"), pl.lit("end").alias("what")))


def _starts(records: Records, found: Facts) -> None:
    """Who is tried; local recipients may have the name of a virtual domain's user in front."""
    if (rows := records.get("starting")) is None:
        return
    recipient = pl.col("recipient")
    domain = recipient.str.extract(r"@([^@]*)$")
    prefix = domain.str.to_lowercase() + "-"
    prefixed = (pl.col("channel") == "local") & recipient.str.to_lowercase().str.starts_with(prefix)
    real = recipient.str.slice(prefix.str.len_chars())
    prefixed &= ~real.str.starts_with("@")
    rows = rows.with_columns(pl.col("msg").alias("queue_id"), _number(), prefixed=prefixed.fill_null(value=False))
    rows = rows.select(
        *BASE,
        "number",
        pl.when("prefixed").then(real).otherwise(recipient).alias("recipient"),
        pl.when("prefixed").then(recipient).alias("original_recipient"),
        pl.when(pl.col("channel") == "local").then(pl.lit("local")).alias("relay_host"),
    )
    found.attempts.append(rows.with_columns(pl.lit(STARTED).alias("what")))
    found.deliveries.append(
        rows.drop("number").with_columns(
            pl.lit("pending").alias("event"), pl.lit(STARTED).alias("raw_event"), pl.lit(value=False).alias("attempted")
        )
    )


def _results(records: Records, found: Facts) -> None:
    """What came of deliveries, whose messages and recipients stand on the lines that started them."""
    if (rows := records.get("delivery", "mangled")) is None:
        return
    if "result" not in rows.columns:
        rows = rows.with_columns(pl.lit(None, pl.String).alias("result"))
    rows = rows.with_columns(pl.col("result").fill_null("deferral"))
    found.attempts.append(rows.select("no", "tag", _number(), pl.lit("result").alias("what")))
    raw, result = pl.col("reply"), pl.col("result")
    own = pl.coalesce(raw.str.extract(f"^(.*?){_SAID}"), raw)
    did = own.str.extract_groups(_DID).struct
    relay = own.str.extract(_RELAY)
    rows = rows.with_columns(
        pl.when(result == "success").then(did[0].cast(pl.Int64) + did[2].cast(pl.Int64)).alias("kept"),
        pl.when(result == "success").then(did[1].cast(pl.Int64)).alias("forwarded"),
        pl.when(result == "success").then("qp " + did[3]).alias("copy"),
        pl.when(relay.str.contains(_IP)).then(relay).alias("relay_ip"),
        pl.when(~relay.str.contains(_IP) & relay.str.contains(".", literal=True)).then(relay).alias("relay_name"),
        raw.str.extract(r"Remote_host_said:_([245][0-9][0-9])(?:[-_/]|$)").cast(pl.Int32).alias("smtp_code"),
        pl.coalesce(
            raw.str.extract(r"Remote_host_said:_[245][0-9][0-9][-_]([245]\.[0-9]{1,3}\.[0-9]{1,3})(?:[^0-9.]|$)"),
            raw.str.extract(r"\(#([245]\.[0-9]{1,3}\.[0-9]{1,3})\)"),
        ).alias("enhanced_status"),
    )
    event = (
        pl.when((result == "failure") & raw.str.contains(TOO_LONG, literal=True))
        .then(pl.lit("expired"))
        .when((pl.col("kept") == 0) & (pl.col("forwarded") > 0))
        .then(pl.lit("expanded"))
        .when((pl.col("kept") == 0) & (pl.col("forwarded") == 0))
        .then(pl.lit("discarded"))
        .otherwise(result.replace_strict(EVENT, return_dtype=pl.String))
    )
    rows = rows.with_columns(readable(rows["reply"]).alias("text"))
    told = rows.select(
        "no",
        "tag",
        pl.lit(None, pl.String).alias("queue_id"),
        event.alias("event"),
        result.alias("raw_event"),
        pl.lit(value=True).alias("attempted"),
        pl.col("relay_name").alias("relay_host"),
        "relay_ip",
        "smtp_code",
        "enhanced_status",
        pl.col("text").alias("reply"),
        pl.when(pl.col("forwarded") > 0).then("copy").alias("next_id"),
        (pl.col("kept") > 0).fill_null(value=False).alias("kept"),
    )
    # A mailbox got it, and so did others: the copy is a message of its own.
    both = told.filter(pl.col("kept") & pl.col("next_id").is_not_null()).drop("kept")
    found.deliveries.append(told.with_columns(pl.when(~pl.col("kept")).then("next_id").alias("next_id")).drop("kept"))
    if both.height:
        found.deliveries.append(
            both.with_columns(pl.lit("expanded").alias("event"), pl.lit(value=False).alias("attempted"))
        )


def readable(raw: pl.Series) -> pl.Series:
    """The text with its blanks and line ends; an address in angle brackets keeps its underscores."""
    text = raw.str.replace_all(_NEW_LINE, " $1").str.strip_chars_end()
    odd = text.str.contains(r"<[^<>]*_[^<>]*@[^<>]*>|<[^<>]*@[^<>]*_[^<>]*>")
    plain = text.str.replace_all("_", " ", literal=True).str.strip_chars()
    if not odd.any():
        return plain
    return plain.scatter(odd.arg_true(), [_spaced(one) for one in text.filter(odd)])


def _spaced(text: str) -> str:
    parts, at = [], 0
    for found in _IN_BRACKETS.finditer(text):
        parts += [text[at : found.start()].replace("_", " "), found[0]]
        at = found.end()
    return "".join([*parts, text[at:].replace("_", " ")]).strip()


def _bounces(records: Records, found: Facts) -> None:
    if (rows := records.get("bounce")) is not None:
        found.deliveries.append(
            rows.select(
                "no",
                "tag",
                pl.col("msg").alias("queue_id"),
                pl.lit("notified").alias("event"),
                pl.lit("bounce").alias("raw_event"),
                pl.lit("failure").alias("notice"),
                pl.lit(value=False).alias("attempted"),
                _qp().alias("next_id"),
            )
        )
    if (rows := records.get("no_bounce")) is not None:
        found.messages.append(rows.select(_own(TOLD)))
        found.deliveries.append(
            rows.select(
                "no",
                "tag",
                pl.col("msg").alias("queue_id"),
                pl.lit("other").alias("event"),
                pl.col("what").alias("raw_event"),
                (pl.col("what") + ": discarding").alias("reply"),
                pl.lit(value=False).alias("attempted"),
            )
        )


FORMAT = Format(
    name="qmail",
    claims=claims,
    told_by=_TOLD_BY,
    queue_id=r"^[0-9]+$",
    kinds=(*MESSAGES, *DOOR, *SMTPD, *NOTES),
    facts=facts,
    reusable_ids=True,
    mail_words=r"\b(?:to|from|status|stat)=|\breject",
)
