"""The tables made from what was read, declared like those in `model.columns`.

`edges` comes from linking; `lives` and `recipients` are built from messages, deliveries and edges once reading is done.
All times are microseconds since 1970-01-01T00:00:00Z, sizes are bytes, delays are seconds.
"""

from __future__ import annotations

from mailaudit.model.columns import MESSAGES, PLACE, Column, Table

EDGES = Table(
    "edges",
    "Which life follows from which.",
    (
        Column("parent_key", "big", "the earlier life"),
        Column("child_key", "big", "the life that follows from it"),
        Column("kind", "word", "hop (same mail, next queue), forward (alias or list) or notice (report on the parent)"),
        Column("time_us", "time", "when the log says so"),
        Column("known_by", "int", "what tells it: number of the kind of join"),
    ),
)

LIVES = Table(
    "lives",
    "One row per life: its messages rows merged, and its place among the others.",
    (
        *MESSAGES.columns,
        Column("root", "big", "key of the first life of the collapsed message; its own key if nothing precedes it"),
        Column("depth", "int", "hops from the root; 0 for the root"),
        Column("role", "word", "user, hop (follows another life), notice or probe (made by a mail server), aborted"),
    ),
)

RECIPIENTS = Table(
    "recipients",
    "One row per collapsed message and final recipient: what became of it. Roles other than `user` are rows too; "
    "questions leave them out unless asked.",
    (
        Column("root", "big", "the message: key of its first life"),
        Column("key", "big", "the life (last hop) in which the recipient's story stands"),
        Column("role", "word", "role of the root: user or notice (and hop, when hops are not collapsed)"),
        *PLACE,
        Column("host", "word", "host that logged the first life"),
        Column("instance", "word", "Postfix instance, or the MTA's name"),
        Column("service", "word", "service of master.cf that accepted it"),
        Column("queue_id", "text", "queue id of the first life"),
        Column("queue_ids", "text", "all queue ids of the message in order of time, separated by blanks"),
        Column("message_id", "text", "Message-ID without brackets"),
        Column("provider_message_id", "text", "the provider's own id of the message"),
        Column("subject", "text", "subject, as a provider tells it"),
        Column("raised_by", "text", "who had it sent, as the sender's own variables or tags say"),
        Column("campaign", "word", "the provider's campaign, else the first of the sender's tags or categories"),
        Column("sender", "text", "envelope sender; empty for the null sender; null if unknown"),
        Column("sender_domain", "text", "its domain in lower case"),
        Column("size", "big", "bytes"),
        Column("nrcpt", "int", "recipients when it was accepted"),
        Column("client_host", "text", "name of the client that handed it in"),
        Column("client_ip", "text", "address of that client"),
        Column("sasl_user", "text", "authenticated user"),
        Column("origin", "word", "smtp, local or null"),
        Column("direction", "word", "in, out, internal, or undecided"),
        Column("submitted_us", "time", "accepted into the queue; first seen, if that is not in these logs"),
        Column("accepted_us", "time", "accepted into the queue; null if that is not in these logs"),
        Column("recipient", "text", "final recipient; null if none is known"),
        Column("recipient_domain", "text", "its domain in lower case"),
        Column("original_recipient", "text", "recipient as first given, where it differs"),
        Column("outcome", "word", "one of the outcomes of `model.vocabulary`"),
        Column("status", "word", "complained, unsubscribed, clicked or opened if that happened, else the outcome"),
        Column("implied", "flag", "delivered only because it was opened, clicked …"),
        Column("finished_us", "time", "when it was settled; null while open"),
        Column("last_us", "time", "latest fact about this recipient"),
        Column("attempts", "int", "attempts that were really made"),
        Column("deferrals", "int", "attempts that failed for now"),
        Column("first_deferred_us", "time", "first attempt that failed for now; null if none"),
        Column("event", "word", "the deciding event; null if there is none"),
        Column("raw_event", "word", "the source's word for it"),
        Column("program", "word", "program that logged it"),
        Column("smtp_code", "int", "reply code of the deciding event"),
        Column("enhanced_status", "word", "enhanced status code of the deciding event"),
        Column("reply", "text", "reply or reason of the deciding event, whole"),
        Column("relay_host", "text", "host that answered, or local, virtual, a transport's name"),
        Column("relay_ip", "text", "its address"),
        Column("relay_port", "int", "its port"),
        Column("delay", "real", "seconds from arrival to the deciding event, over all hops where known"),
        Column("delay_a", "real", "seconds before the queue manager (last hop)"),
        Column("delay_b", "real", "seconds in the active queue (last hop)"),
        Column("delay_c", "real", "seconds for the connection (last hop)"),
        Column("delay_d", "real", "seconds of transmission (last hop)"),
        Column("tls", "word", "TLS summary of the deciding event"),
        Column("type", "word", "hard, soft, block, config or info; null until causes are asked for"),
        Column("category", "word", "kind of cause of a failure; null until causes are asked for"),
    ),
)
