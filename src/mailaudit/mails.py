"""What mails report: batches of mails become rows that have their times and keys already.

A report says itself when something happened, and to which message; whether that message stands in a log that is read
with it is found out once all is read (`measure/notices.sql`).
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

import polars as pl

from mailaudit import identity
from mailaudit.formats.mails.mime import PART
from mailaudit.formats.mails.reading import SILENT, UNREAD
from mailaudit.formats.mails.recognise import read_mail
from mailaudit.model.times import utc
from mailaudit.parsing import MAILS, Parsed, domain_of
from mailaudit.read.mailboxes import mails

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mailaudit.formats.mails.reading import Reading, Recipient
    from mailaudit.read.mailboxes import Mail
    from mailaudit.read.sources import Source

FORMAT = MAILS
ORIGIN = "mail"
"""The origin of messages that only a mail told of."""
KEY = 3
"""Seed of the numbers by which mails are known: none of a provider's records has the same."""
_TELLING = 1 << 20
"""Bytes of a mail's body that tell it from others."""
BATCH = 4 << 20
MOST = 500
"""Bytes, and mails, that are read together."""
_REPORTED = re.compile(rb"(?im)^final-recipient:")

NOTICES = {
    "bounced": "failure",
    "expired": "failure",
    "deferred": "delay",
    "delivered": "success",
    "relayed": "success",
    "expanded": "success",
}
"""What kind of notice an event comes from."""

_ROWS: dict[str, pl.DataType] = {
    "line": pl.Int32(),
    "offset": pl.Int64(),
    "time_us": pl.Int64(),
    "event": pl.String(),
    "raw_event": pl.String(),
    "recipient": pl.String(),
    "original_recipient": pl.String(),
    "relay_host": pl.String(),
    "relay_ip": pl.String(),
    "smtp_code": pl.Int32(),
    "enhanced_status": pl.String(),
    "reply": pl.String(),
    "notice": pl.String(),
    "sender": pl.String(),
    "subject": pl.String(),
    "message_id": pl.String(),
    "host": pl.String(),
    "queue_id": pl.String(),
    "envelope_id": pl.String(),
    "arrival_us": pl.Int64(),
    "identity": pl.String(),
    "body": pl.String(),
}


def work(source: Source) -> Iterator[Callable[[], Parsed]]:
    """Yields what is to be done for each batch of a source, in any thread."""
    with source.open() as stream:
        batch: list[Mail] = []
        size = 0
        for mail in mails(stream):
            batch.append(mail)
            size += len(mail.data)
            if size >= BATCH or len(batch) >= MOST:
                yield partial(parse, source.number, batch)
                batch, size = [], 0
        if batch:
            yield partial(parse, source.number, batch)


def parse(source: int, batch: list[Mail]) -> Parsed:
    """Reads one batch."""
    counts: Counter[str] = Counter()
    unread: list[int] = []
    rows: list[dict[str, Any]] = []
    cut: list[tuple[int, str, str]] = []
    for mail in batch:
        reading = read_mail(mail.data)
        if reading.kind == UNREAD:
            unread.append(mail.number)
            continue
        counts[reading.kind] += 1
        rows += [_row(mail, reading, recipient) for recipient in reading.recipients]
        told, read = _reported(mail), len(reading.recipients)
        if told > read:
            cut.append((mail.number, "mail", f"mail {mail.number} reports {told} recipients; only {read} were read"))
    tables = placed(pl.DataFrame(rows, schema=_ROWS), source) if rows else {}
    times = tables["deliveries"].select("time_us") if tables else pl.DataFrame(schema={"time_us": pl.Int64})
    return Parsed(
        source=source,
        size=sum(len(mail.data) for mail in batch),
        lines=len(batch),
        counts={FORMAT: counts},
        noise={FORMAT: set(SILENT)},
        unparsed=pl.Series(unread, dtype=pl.UInt32),
        survey=None,
        notices=[*((at, "mail", f"mail {at} looks like a notice, but names no recipient") for at in unread[:1]), *cut],
        tables={FORMAT: tables} if tables else {},
        ends=pl.concat([times.min(), times.max()]) if tables else times,
        hosts=set(),
    )


def _reported(mail: Mail) -> int:
    """The recipients that a report names which is too long to be read whole; 0 for others."""
    return len(_REPORTED.findall(mail.data)) if len(mail.data) > PART else 0


def _row(mail: Mail, reading: Reading, recipient: Recipient) -> dict[str, Any]:
    body = _body(mail)
    return {
        "line": mail.number,
        "offset": mail.offset,
        "time_us": recipient.time_us,
        "event": recipient.event,
        "raw_event": recipient.action,
        "recipient": recipient.address or None,
        "original_recipient": recipient.original,
        "relay_host": recipient.remote_host,
        "relay_ip": recipient.remote_ip,
        "smtp_code": recipient.smtp_code,
        "enhanced_status": recipient.status,
        "reply": recipient.reply,
        "notice": NOTICES.get(recipient.event),
        "sender": reading.sender,
        "subject": reading.original_subject,
        "message_id": reading.message_id,
        "host": reading.reporting_mta,
        "queue_id": reading.queue_id,
        "envelope_id": (reading.envelope_id or "").strip("<> ") or None,
        "arrival_us": reading.arrival_us,
        "identity": _identity(reading, body),
        "body": body,
    }


def _body(mail: Mail) -> str:
    """What tells a mail from others, the headers that it gets on its way aside.

    Of a long one its beginning: which part of the rest is left out hangs on where it stood among others.
    """
    head = mail.data.find(b"\n\n") if b"\r\n\r\n" not in mail.data[:65536] else mail.data.find(b"\r\n\r\n")
    return hashlib.blake2b(mail.data[head + 1 : head + 1 + _TELLING], digest_size=16).hexdigest()


def _identity(reading: Reading, body: str) -> str:
    """What tells the message of a mail from others: two notices of one message are about the same."""
    if reading.message_id:
        return f"id\0{reading.message_id}"
    if reading.queue_id:
        return f"queue\0{reading.reporting_mta}\0{reading.queue_id}\0{reading.arrival_us}"
    if reading.envelope_id:
        return f"envelope\0{reading.envelope_id}\0{reading.sender}"
    if reading.own_message_id:
        return f"notice\0{reading.own_message_id}"
    return f"mail\0{body}"


_SAID = ("host", "queue_id", "envelope_id", "sender", "message_id", "subject")
"""What a mail says of the message that it is about."""


def placed(rows: pl.DataFrame, source: int) -> dict[str, pl.DataFrame]:
    """Returns the rows as the tables have them."""
    deliveries = (
        rows.lazy()
        .with_columns(
            identity.number(identity.said("identity"), KEY).alias("key"),
            pl.lit(source, dtype=pl.Int32).alias("source"),
            pl.lit(FORMAT).alias("program"),
            pl.lit(FORMAT).alias("format"),
            pl.lit(value=False).alias("attempted"),
            pl.lit(0, dtype=pl.Int32).alias("detail"),
            domain_of("recipient"),
        )
        .with_columns(identity.number(identity.said("key", "recipient", "event", "body"), KEY).alias("matter"))
        .collect(engine="in-memory")
    )
    messages = (
        deliveries.lazy()
        .group_by("key", maintain_order=True)
        .agg(
            pl.col("source", "line", "offset").first(),
            pl.min_horizontal("time_us", "arrival_us").min().alias("first_us"),
            pl.col("time_us").max().alias("last_us"),
            *(pl.col(name).drop_nulls().first() for name in _SAID),
        )
        .with_columns(pl.lit(FORMAT).alias("instance"), pl.lit(ORIGIN).alias("origin"), domain_of("sender"))
        .collect(engine="in-memory")
    )
    return {"deliveries": deliveries, "messages": messages}


def records(source: Source, *, unparsed: bool = False) -> Iterator[dict[str, Any]]:
    """Yields a row for each mail: line, format, kind, time_us, and what it reports.

    With `unparsed`, only notices in which no recipient was found.
    """
    with source.open() as stream:
        for mail in mails(stream):
            reading = read_mail(mail.data)
            if unparsed and reading.kind != UNREAD:
                continue
            row: dict[str, Any] = {"line": mail.number, "format": FORMAT, "kind": reading.kind}
            if reading.kind in SILENT:
                row["noise"] = True
            if reading.kind == UNREAD:
                row["text"] = reading.subject or ""
            yield row | _shown(reading)


def _shown(reading: Reading) -> dict[str, Any]:
    """What a reading has to tell, times in words but for the mail's own."""
    told = {
        "time_us": reading.time_us,
        "queue_id": reading.queue_id,
        "subject": reading.subject,
        "recogniser": reading.system,
        "reporting_mta": reading.reporting_mta,
        "envelope_id": reading.envelope_id,
        "message_id": reading.message_id,
        "sender": reading.sender,
        "arrival": _moment(reading.arrival_us),
        "original_subject": reading.original_subject,
        "notice_message_id": reading.own_message_id,
        "recipients": [_told(each) for each in reading.recipients],
    }
    return {name: value for name, value in told.items() if value not in (None, [])}


def _told(recipient: Recipient) -> dict[str, Any]:
    told = {
        "recipient": recipient.address or None,
        "original_recipient": recipient.original,
        "event": recipient.event,
        "action": recipient.action,
        "time": _moment(recipient.time_us),
        "smtp_code": recipient.smtp_code,
        "enhanced_status": recipient.status,
        "reply": recipient.reply,
        "relay_host": recipient.remote_host,
        "relay_ip": recipient.remote_ip,
        "retried_until": _moment(recipient.retry_until_us),
    }
    return {name: value for name, value in told.items() if value is not None}


def _moment(time_us: int | None) -> str | None:
    return None if time_us is None else utc(time_us)
