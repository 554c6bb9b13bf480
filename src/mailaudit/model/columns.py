"""The tables mailaudit keeps, declared once: name, type, unit and meaning of every column.

Bytes become records, records become rows of these tables; DuckDB schemas, polars dtypes, `--columns` and the
reference pages are all made from the declarations below.

All times are microseconds since 1970-01-01T00:00:00Z, sizes are bytes, delays are seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Type = Literal["text", "word", "int", "big", "real", "flag", "time"]
"""text: any string; word: a string with few distinct values; int: 32 bit; big: 64 bit; time: big, in µs of UTC."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what it is called, what it holds, and what that means."""

    name: str
    type: Type
    meaning: str


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the (temporary or kept) store."""

    name: str
    meaning: str
    columns: tuple[Column, ...]

    def names(self) -> list[str]:
        """The column names in order."""
        return [column.name for column in self.columns]


PLACE = (
    Column("source", "int", "number of the input, in reading order"),
    Column("line", "int", "line number in the input, from 1"),
    Column("offset", "big", "byte offset of the line in the decompressed input"),
)

MESSAGES = Table(
    "messages",
    "One life of one queue id. Rows of the same key may repeat (a life seen in several blocks): the first non-null value counts.",
    (
        Column("key", "big", "the life: a hash of host, instance, queue id and the number of the life"),
        *PLACE,
        Column("host", "word", "host that logged it"),
        Column("instance", "word", "Postfix instance (`postfix`, `postfix-out`), or the MTA's name"),
        Column("service", "word", "service of master.cf that accepted it, e.g. `submission`; null for plain smtpd"),
        Column("queue_id", "text", "queue id"),
        Column("first_us", "time", "first line of this life in these logs"),
        Column("last_us", "time", "last line of this life in these logs"),
        Column("accepted_us", "time", "accepted into the queue; null if that is not in these logs"),
        Column("ended_us", "time", "left the queue (removed, done); null if not seen"),
        Column("sender", "text", "envelope sender without brackets; empty for the null sender; null if unknown"),
        Column("sender_domain", "text", "its domain in lower case"),
        Column("size", "big", "bytes"),
        Column("nrcpt", "int", "recipients when it was accepted"),
        Column("message_id", "text", "Message-ID without brackets"),
        Column("client_host", "text", "name of the client that handed it in; null when unknown or local"),
        Column("client_ip", "text", "address of that client"),
        Column("sasl_user", "text", "authenticated user"),
        Column("origin", "word", "smtp, local (sendmail command), provider (told by an export) or null (a notice made here, or not seen)"),
        Column("previous_id", "text", "queue id it had before a filter or requeue, as logged here (orig_queue_id, orig_id)"),
        Column("subject", "text", "subject, as a provider tells it"),
        Column("provider_message_id", "text", "the provider's own id of the message"),
        Column("handed_as", "text", "id with which the provider answers when it takes the message, where that is another one"),
        Column("envelope_id", "text", "envelope id (ENVID) that the sender gave it"),
        Column("pool", "word", "pool of sending addresses, as a provider tells it"),
        Column("stream", "word", "stream of mail, or configuration set, as a provider tells it"),
        Column("raised_by", "text", "who had it sent, as the sender's own variables or tags say"),
        Column("campaign", "word", "the provider's campaign, else the first of the sender's tags or categories"),
    ),
)

DELIVERIES = Table(
    "deliveries",
    "What happened to a message, mostly to one recipient of it: attempts, and the queue's own decisions.",
    (
        Column("key", "big", "the message's life"),
        *PLACE,
        Column("time_us", "time", "when"),
        Column("program", "word", "program that logged it, e.g. postfix/smtp"),
        Column("event", "word", "one of the 27 event words"),
        Column("raw_event", "word", "the source's own word: sent, deferred, removed, held …"),
        Column("recipient", "text", "final recipient; null for a fact about the whole message"),
        Column("recipient_domain", "text", "its domain in lower case"),
        Column("original_recipient", "text", "recipient as first given, where it differs"),
        Column("relay_host", "text", "host that answered, or local, virtual, a transport's name; null for none"),
        Column("relay_ip", "text", "its address"),
        Column("relay_port", "int", "its port"),
        Column("mailbox", "text", "user here whose mailbox or program got it, where the recipient may be an alias (OpenSMTPD)"),
        Column("smtp_code", "int", "three-digit reply code; null if none was given"),
        Column("enhanced_status", "word", "RFC 3463 code as the log's own field gives it"),
        Column("reply", "text", "the reply or reason, whole"),
        Column("last_reply", "text", "what the server had last replied, where the reply is a provider's own"),
        Column("attempted", "flag", "false for a decision without an attempt (suspended destination)"),
        Column("delay", "real", "seconds since the message arrived"),
        Column("delay_a", "real", "seconds before the queue manager"),
        Column("delay_b", "real", "seconds in the active queue"),
        Column("delay_c", "real", "seconds for the connection"),
        Column("delay_d", "real", "seconds of transmission; of the whole attempt, where that is all the log tells (sendmail's xdelay)"),
        Column("tls", "word", "TLS summary on the line (Postfix 3.11)"),
        Column("next_id", "text", "queue id this fact names: next hop, forwarded copy, or notice; empty: given to a program that may hand the mail back"),
        Column("notice", "word", "for notified: failure, delay or success"),
        Column("event_id", "text", "the provider's id of the event, or the server's of message and recipient (OpenSMTPD's evpid)"),
        Column("provider_code", "int", "code that the provider made up for what no server said (498, 605 …)"),
        Column("bounce_class", "text", "the provider's own class of a failure, in its words"),
        Column("attempt", "int", "which attempt it was, from 1, as the provider counts"),
        Column("local_ip", "text", "address it was sent from"),
        Column("url", "text", "link that was followed"),
        Column("tags", "text", "tags, categories, campaign: a JSON list"),
        Column("vars", "text", "the sender's own variables: a JSON object"),
        Column("late", "flag", "true for a bounce that came after the delivery had been reported"),
        Column("machine", "flag", "true for an open or click by a machine, as the provider says"),
        Column("cumulative", "flag", "true for a soft bounce that counts towards a suppression"),
        Column("valid_until", "time", "end of a suppression"),
        Column("suppressed_by", "word", "app or provider: who decided not to send"),
        Column("format", "word", "format id of the record; null for lines of a log"),
        Column("matter", "big", "hash of what an event of an export says, its time aside: equal for the same event told twice"),
        Column("grain", "int", "seconds for which its time stands, if more than one; -1: a last state, with the time of sending"),
        Column("detail", "int", "of two formats that tell the same event, the lower one says more"),
        Column("sender", "text", "sender as the record of an export itself gives it; null for lines of a log"),
        Column("subject", "text", "subject, as that record gives it"),
        Column("message_id", "text", "Message-ID, as that record gives it"),
        Column("provider_message_id", "text", "the provider's id of the message, as that record gives it"),
    ),
)

REFUSALS = Table(
    "refusals",
    "What the server itself refused or flagged at the door: rejected commands, failed logins, warnings.",
    (
        *PLACE,
        Column("time_us", "time", "when"),
        Column("host", "word", "host that logged it"),
        Column("program", "word", "program that logged it"),
        Column("key", "big", "life of the queue id on the line; null for NOQUEUE"),
        Column("queue_id", "text", "queue id on the line; null for NOQUEUE"),
        Column("event", "word", "rejected, or other for a warning that refused nothing"),
        Column("raw_event", "word", "reject, reject_warning, milter-reject, auth, ruleset …"),
        Column("phase", "word", "CONNECT HELO AUTH MAIL RCPT DATA END-OF-MESSAGE …"),
        Column("cause", "word", "relay, unknown_user, blocklist, greylisting, helo, client, sender, auth, content, size, rate, syntax, policy, other"),
        Column("client_host", "text", "client's name; null when it has none"),
        Column("client_ip", "text", "client's address"),
        Column("sender", "text", "envelope sender"),
        Column("recipient", "text", "envelope recipient"),
        Column("recipient_domain", "text", "its domain in lower case"),
        Column("sasl_user", "text", "authenticated (or attempted) user"),
        Column("helo", "text", "name given in HELO"),
        Column("smtp_code", "int", "our reply code"),
        Column("enhanced_status", "word", "our enhanced status code"),
        Column("reply", "text", "our reply or reason"),
    ),
)

TLS = Table(
    "tls",
    "One TLS handshake.",
    (
        *PLACE,
        Column("time_us", "time", "when"),
        Column("direction", "word", "in (client to us) or out (we to a relay)"),
        Column("peer", "text", "peer's name"),
        Column("peer_ip", "text", "peer's address"),
        Column("level", "word", "Untrusted, Trusted, Anonymous, Verified, or sendmail's verify= word"),
        Column("version", "word", "TLSv1.3 …"),
        Column("cipher", "word", "cipher name"),
    ),
)

FILED = Table(
    "filed",
    "What became of a mail in the hands of its user, where the server had already delivered it.",
    (
        *PLACE,
        Column("time_us", "time", "when"),
        Column("event", "word", "delivered, discarded or bounced"),
        Column("agent", "word", "lmtp, lda or deliver: whom the server gave it to"),
        Column("session", "text", "the session in which it was given, as the agent's answer names it"),
        Column("recipient", "text", "the user: an address or its local part"),
        Column("message_id", "text", "Message-ID without brackets"),
        Column("reply", "text", "what the agent says"),
    ),
)

TABLES = (MESSAGES, DELIVERIES, REFUSALS, TLS, FILED)
