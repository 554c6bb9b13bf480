"""Sendmail logs: what the lines of `sendmail_kinds` say of messages, deliveries and refusals.

One `from=` line accepts a message, and no line ends it: it is over when each recipient has a final status.  One `to=`
line speaks of all recipients that shared a mailer, a host and a result.  `dsn=` decides what became of them, the words
of `stat=` only where it is missing.  `xdelay=`, the time of the attempt itself, is kept as `delay_d`.
"""

from __future__ import annotations

import polars as pl

from mailaudit.formats import refusal
from mailaudit.formats.sendmail_kinds import KINDS
from mailaudit.formats.table import BASE, Facts, Format, Program, Records
from mailaudit.model.acts import END, TOLD, WHOLE

_PROGRAMS = frozenset(("sendmail", "MTA", "MSP", "newaliases"))

NETWORK_MAILERS = ("esmtp", "smtp", "smtp8", "dsmtp", "relay", "lmtp")
"""Mailers that speak to a host; the others (local, prog, *file*, cyrus …) are themselves where the mail goes."""

PHASE = {
    "check_relay": "CONNECT", "check_helo": "HELO", "check_mail": "MAIL", "check_rcpt": "RCPT", "check_compat": "RCPT",
    "check_data": "DATA", "check_eom": "END-OF-MESSAGE", "check_vrfy": "VRFY", "check_expn": "EXPN", "check_etrn": "ETRN",
    "tls_client": "STARTTLS", "trust_auth": "AUTH",
}
"""ruleset= → phase; rulesets of header lines and the others look at the message itself."""
OUTGOING = ("tls_server", "tls_rcpt", "try_tls")
"""Rulesets about a host that we speak to: the `to=` line tells what came of it, nobody was refused at the door."""
MILTER_PHASE = {"to": "RCPT", "from": "MAIL", "helo": "HELO", "data": "END-OF-MESSAGE", "connect": "CONNECT", "header": "END-OF-MESSAGE"}

HELD = {"quarantine": "held", "discard": "discarded"}
"""Verdicts that decide the fate of a whole accepted message."""
GAVE_UP = r"^(?:Cannot send message|Message could not be delivered|Message will be deleted)"
"""Words of a final failure after temporary ones; `Warning: could not send message` is only a delay."""

_REPLY = r"^(?:ntries=[0-9]+, )?(?:stage=[^,]*, )?(?:reply=(.*?), )?(?:ntries=[0-9]+, )?(?:status=.*?, )?stat=({}.*)$"
_WORDS = {
    "2": "Sent", "4": "(?:Deferred|queued|quarantined)",
    "5": "(?:[A-Z][a-z]+ unknown|Service unavailable|Local configuration error|Data format error|Remote protocol error|[5])",
}
"""Beginnings of stat= that go with each class of dsn=."""
_RECIPIENT = r'(?:"(?:[^"\\]|\\.)*"|<(?:"(?:[^"\\]|\\.)*"|[^">])*>|[^",])+'


def claims(tag: str | None) -> Program | None:
    """Tells sendmail's programs by tag; a line without one begins with a sendmail queue id, as its reader made sure."""
    if tag is None or tag in _PROGRAMS or tag.startswith(("sm-", "sendmail-")):
        return Program("sendmail", None, "sendmail")
    return None


def facts(records: Records) -> Facts:
    """Turns one block's records into rows for linking and the store."""
    found = Facts()
    _life(records, found)
    if (rows := records.get("delivery")) is not None:
        found.deliveries.append(_deliveries(rows))
    _notices(records, found)
    _door(records, found)
    if (tls := records.get("tls")) is not None:
        found.tls.append(tls.with_columns(
            pl.when(pl.col("side") == "client").then(pl.lit("out")).otherwise(pl.lit("in")).alias("direction"),
            *_client("relay", host="peer", ip="peer_ip"),
        ).drop("side", "relay"))
    return found


def _client(relay: str, *, host: str = "client_host", ip: str = "client_ip") -> tuple[pl.Expr, pl.Expr]:
    """Name and address from `name [ip]`, `[ip]`, `ident@name [ip] (may be forged)`; no name for an unknown client."""
    whole = pl.col(relay)
    name = whole.str.replace(r" ?\[.*$", "").str.replace(r"^.*@", "").str.strip_suffix(".")
    address = whole.str.extract(r"\[(?:IPv6:)?([0-9A-Fa-f.:]+)\]")
    return (
        pl.when(~name.is_in(["", "unknown"])).then(name).alias(host),
        address.alias(ip),
    )


def _bare(address: pl.Expr) -> pl.Expr:
    """An address without its angle brackets."""
    return pl.when(address.str.starts_with("<")).then(address.str.strip_prefix("<").str.strip_suffix(">")).otherwise(address)


def _life(records: Records, found: Facts) -> None:
    if (accepted := records.get("accepted")) is not None:
        # A transaction that ended without a message is logged with no size or no recipients.
        empty = (pl.col("size") == "0") | (pl.col("nrcpt") == "0")
        local = pl.col("relay").str.contains(r"^(?:[^ ]+@)?localhost$")
        # `from=` lines of notices made here name no client (old versions: [RESPONSE]).
        made_here = pl.col("relay").is_null() | (pl.col("relay") == "[RESPONSE]")
        sender = _bare(pl.col("sender"))
        host, ip = _client("relay")
        found.messages.append(accepted.select(
            *BASE,
            pl.when(empty.fill_null(value=False)).then(pl.lit(TOLD)).otherwise(pl.lit(WHOLE)).alias("act"),
            pl.when(pl.col("sender") != "<NONE>").then(sender).alias("sender"),
            pl.col("size").cast(pl.Int64, strict=False),
            pl.col("nrcpt").cast(pl.Int32, strict=False),
            _bare(pl.col("message_id")).str.replace(r">.*$", "").alias("message_id"),
            pl.when(~local & ~made_here).then(host).alias("client_host"),
            pl.when(~local & ~made_here).then(ip).alias("client_ip"),
            pl.when(made_here).then(None).when(local).then(pl.lit("local")).otherwise(pl.lit("smtp")).alias("origin"),
        ))
    if (login := records.get("auth")) is not None and (login := login.filter(pl.col("queue_id").is_not_null())).height:
        found.messages.append(login.select(*BASE, "sasl_user", pl.lit(TOLD).alias("act")))
    if (done := records.get("done")) is not None:
        found.messages.append(done.select(*BASE, pl.lit(END).alias("act")))
        # Whoever is still deferred when sendmail is done with a message has been given up.
        found.deliveries.append(done.select(*BASE, **_whole("expired", "done")))


def _whole(event: str, raw: str) -> dict[str, pl.Expr]:
    """Columns of a fact about a whole message: no recipient, no attempt."""
    return {"event": pl.lit(event), "raw_event": pl.lit(raw), "attempted": pl.lit(value=False)}


def _deliveries(rows: pl.DataFrame) -> pl.DataFrame:
    """One row per recipient of each `to=` line."""
    mailer, reason, remote = pl.col("mailer"), pl.col("reason"), pl.col("remote")
    host = pl.col("relay_host").str.strip_chars("[]").str.strip_suffix(".")
    agent = pl.when(~mailer.is_in(NETWORK_MAILERS)).then(mailer)
    sent = pl.col("raw_event") == "Sent"
    rows = _told(rows).with_columns(
        pl.when(host != "").then(host).otherwise(agent).alias("relay_host"),
        pl.col("relay_ip").str.strip_prefix("IPv6:").str.extract(r"^([0-9A-Fa-f.:]+)$"),
        pl.col("enhanced_status").replace("", None),
        _seconds("delay"), _seconds("delay_d"),
        pl.when(sent).then(pl.coalesce(
            reason.str.extract(r"^(?:2\.0\.0 )?([0-9A-Za-z]{8,20}) Message accepted for delivery"),
            reason.str.extract(r"(?:queued as |id=)([0-9A-Za-z][0-9A-Za-z-]{5,22})(?:[^0-9A-Za-z-]|$)"),
        )).alias("next_id"),
        # Sendmail cuts the code off an accepting reply.
        pl.when(~sent).then(pl.coalesce(remote, reason).str.extract(r"^([245][0-9][0-9])(?:[ -]|$)")).cast(pl.Int32).alias("smtp_code"),
        pl.when(remote.is_null()).then(reason).when(reason.is_null() | (reason == remote)).then(remote)
        .otherwise(pl.format("{} ({})", remote, reason)).alias("reply"),
    )
    # The controlling address of a program or a file is the alias that leads there.
    alias = _bare(pl.col("ctladdr").str.replace(r" \([0-9]+/[0-9]+\)$", ""))
    rows = rows.with_columns(
        _event().alias("event"), _attempted().alias("attempted"),
        pl.when(mailer.is_in(["prog", "*file*"])).then(alias).alias("original_recipient"),
    )
    return _explode(rows.drop("ctladdr", "mailer", "pri", "tail", "stat", "remote", "reason"))


def _told(rows: pl.DataFrame) -> pl.DataFrame:
    """Takes `tail` apart: `stat`, the `remote`'s own words, stat's first words (`raw_event`), its `reason` after them."""
    tail, stat = pl.col("tail"), pl.col("stat")
    plain = rows["tail"].str.starts_with("stat=")
    told = rows.with_columns(pl.lit(None, dtype=pl.String).alias("remote"), tail.str.slice(5).alias("stat"))
    if not plain.all():
        told = pl.concat([told.filter(plain), _with_reply(rows.filter(~plain))])
    verb = stat.str.extract(r"^(Sent|Deferred|queued|quarantined)(?:[ :]|$)")
    return told.with_columns(
        pl.coalesce(verb, stat.str.extract(r"^([A-Za-z][A-Za-z'/ ]{0,38}?)(?: \(|:| [0-9<\x22]|\.|$)"), pl.lit("failed")).alias("raw_event"),
        pl.when(verb.is_null()).then(stat)
        .when(verb == "Sent").then(stat.str.extract(r"^Sent \((.*?)\)?$"))
        .otherwise(stat.str.extract(r"^[A-Za-z]+: (.*)$")).alias("reason"),
    )


def _with_reply(rows: pl.DataFrame) -> pl.DataFrame:
    """Separates `reply=` from `stat=`.

    The remote's words may hold `, stat=` too: the real one is taken to be the first that goes with `dsn=`, so that no
    reply can turn a failure into a success.
    """
    tail = pl.col("tail")
    remote, stat = tail.str.extract(_REPLY.format(""), 1), tail.str.extract(_REPLY.format(""), 2)
    for digit, words in _WORDS.items():
        mine = pl.col("enhanced_status").str.starts_with(digit) & tail.str.contains(", stat=" + words)
        remote = pl.when(mine).then(tail.str.extract(_REPLY.format(words), 1)).otherwise(remote)
        stat = pl.when(mine).then(tail.str.extract(_REPLY.format(words), 2)).otherwise(stat)
    return rows.with_columns(remote.alias("remote"), stat.alias("stat"))


def _event() -> pl.Expr:
    """What a `to=` line says became of its recipients: by `dsn=`, else by the words of `stat=`."""
    raw, ip, host = pl.col("raw_event"), pl.col("relay_ip"), pl.col("relay_host")
    own = ip.str.starts_with("127.") | ip.is_in(["::1", "0:0:0:0:0:0:0:1"]) | (ip.is_null() & host.is_in(["localhost", "127.0.0.1"]))
    digit = pl.coalesce(
        pl.col("enhanced_status").str.extract(r"^([245])"),
        pl.when(raw == "Sent").then(pl.lit("2")).when(raw == "Deferred").then(pl.lit("4")).otherwise(pl.lit("5")),
    )
    # The recipients of a message that was refused at the end of DATA are logged without any mailer.
    refused = pl.col("mailer").is_null() & pl.col("pri").is_not_null()
    return (
        pl.when(raw == "queued").then(pl.lit("pending"))
        .when(raw == "quarantined").then(pl.lit("held"))
        .when(pl.col("stat").str.contains(GAVE_UP)).then(pl.lit("expired"))
        .when((digit == "2") & own & pl.col("next_id").is_not_null()).then(pl.lit("relayed"))
        .when(digit == "2").then(pl.lit("delivered"))
        .when(refused).then(pl.lit("rejected"))
        .when(digit == "4").then(pl.lit("deferred"))
        .otherwise(pl.lit("bounced"))
    )


def _attempted() -> pl.Expr:
    """False for queueing, and for a host that sendmail remembers as down: a name without address, and no new reason."""
    remembered = (
        (pl.col("raw_event") == "Deferred") & pl.col("relay_host").is_not_null() & pl.col("relay_ip").is_null()
        & pl.col("remote").is_null() & pl.col("mailer").is_in(NETWORK_MAILERS)
        & (pl.col("reason").is_null() | pl.col("reason").str.starts_with("Connection "))
    ).fill_null(value=False)
    refused = pl.col("mailer").is_null() & pl.col("pri").is_not_null()
    return ~(remembered | refused | pl.col("raw_event").is_in(["queued", "quarantined"]))


def _seconds(name: str) -> pl.Expr:
    """Seconds from `hh:mm:ss` or `d+hh:mm:ss`."""
    text = pl.col(name)
    front = text.str.head(-6).str.splitn("+", 2)
    first, second = (front.struct.field(f"field_{n}").cast(pl.Float64, strict=False) for n in (0, 1))
    hours = pl.when(second.is_null()).then(first).otherwise(first * 24 + second)
    minutes, seconds = text.str.slice(-5, 2).cast(pl.Float64, strict=False), text.str.slice(-2).cast(pl.Float64, strict=False)
    return (hours * 3600 + minutes * 60 + seconds).alias(name)


def _explode(rows: pl.DataFrame) -> pl.DataFrame:
    """Makes a row per recipient out of `to`."""
    many = rows["to"].str.contains(",", literal=True)
    single = rows.rename({"to": "recipient"})
    if many.any():
        lists = rows.filter(many).with_columns(pl.col("to").str.extract_all(_RECIPIENT)).explode("to").rename({"to": "recipient"})
        single = pl.concat([single.filter(~many), lists])
    text = pl.col("recipient").str.strip_suffix("...")
    return single.with_columns(
        # `"|/usr/bin/prog"` is a pipe, `\joe` is joe without any further aliasing.
        pl.when(text.str.contains(r'^"[|/:]')).then(text.str.strip_chars('"')).otherwise(_bare(text).str.strip_prefix("\\")).alias("recipient"),
    )


def _notices(records: Records, found: Facts) -> None:
    """Bounces, warnings and receipts, and what they say of the message they are about."""
    if (rows := records.get("notice")) is not None:
        rows = rows.with_columns(pl.col("reply").str.strip_suffix("*"))
        text = pl.col("reply")
        kind = (
            pl.when(text.str.starts_with("Return receipt")).then(pl.lit("success"))
            .when(text.str.starts_with("Warning:")).then(pl.lit("delay")).otherwise(pl.lit("failure"))
        )
        found.deliveries.append(rows.select(*BASE, "next_id", "reply", **_whole("notified", ""), notice=kind).with_columns(rows["what"].alias("raw_event")))
        if (gone := rows.filter(text.str.contains(GAVE_UP))).height:
            found.deliveries.append(gone.select(*BASE, "reply", **_whole("expired", "gave up")))
        # A notice has no `from=` line of its own: it is made by this one.
        found.messages.append(rows.select(*_renamed_id(), pl.lit("").alias("sender"), pl.lit(WHOLE).alias("act")))
    if (clones := records.get("clone")) is not None:
        found.deliveries.append(clones.select(*BASE, "next_id", **_whole("expanded", "clone")))
        found.messages.append(clones.select(*_renamed_id(), _bare(pl.col("owner")).alias("sender"), pl.lit(WHOLE).alias("act")))


def _renamed_id() -> tuple[pl.Expr, ...]:
    """The base columns of a row about the message `next_id`."""
    return tuple(pl.col("next_id").alias("queue_id") if name == "queue_id" else pl.col(name) for name in BASE)


def _door(records: Records, found: Facts) -> None:
    """What the server refused, and what it accepted only to hold or discard it."""
    verdicts = [_ruleset(records.get("ruleset")), _milter(records.get("milter"))]
    if (held := records.get("milter_quarantine")) is not None:
        verdicts.append(held.drop("milter").with_columns(pl.lit("quarantine").alias("action"), pl.lit("END-OF-MESSAGE").alias("phase")))
    for rows in verdicts:
        if rows is None:
            continue
        fate = pl.col("action").is_in(list(HELD)) & pl.col("queue_id").is_not_null()
        if (fates := rows.filter(fate)).height:
            found.deliveries.append(fates.select(
                *BASE, "reply", pl.col("action").replace_strict(HELD, return_dtype=pl.String).alias("event"),
                pl.col("action").alias("raw_event"), pl.lit(value=False).alias("attempted"),
            ))
        found.refusals.append(refusal.rows(rows.filter(~fate)))
    for rows in (_user_error(records), _auth_failed(records), _unruly(records)):
        if rows is not None:
            found.refusals.append(rows)


def _ruleset(rows: pl.DataFrame | None) -> pl.DataFrame | None:
    if rows is None:
        return None
    phase = pl.col("ruleset").replace_strict(PHASE, default="END-OF-MESSAGE", return_dtype=pl.String)
    argument = _bare(pl.col("argument"))
    return rows.filter(~pl.col("ruleset").is_in(OUTGOING)).with_columns(phase.alias("phase"), *_client("relay")).with_columns(
        pl.col("action").replace("reject", "ruleset"),
        pl.when(pl.col("phase") == "RCPT").then(argument).alias("recipient"),
        pl.when(pl.col("phase") == "MAIL").then(argument).alias("sender"),
    ).drop("ruleset", "argument", "relay")


def _milter(rows: pl.DataFrame | None) -> pl.DataFrame | None:
    if rows is None:
        return None
    subject = pl.col("subject")
    said = subject.str.extract(r"^[a-z]+=(.*)$")
    phase = subject.str.extract(r"^([a-z]+)").replace_strict(MILTER_PHASE, default="CONNECT", return_dtype=pl.String)
    return rows.with_columns(phase.alias("phase")).with_columns(
        pl.col("action").replace("reject", "milter"),
        pl.when(pl.col("phase") == "RCPT").then(_bare(said)).alias("recipient"),
        pl.when(pl.col("phase") == "MAIL").then(_bare(said)).alias("sender"),
        pl.when(pl.col("phase") == "HELO").then(said).alias("helo"),
    ).drop("subject")


def _user_error(records: Records) -> pl.DataFrame | None:
    """`<a>... User unknown`: what the SMTP server told a client, without the code it told."""
    if (rows := records.get("user_error")) is None:
        return None
    unknown = pl.col("reply").str.contains(r"(?i)user unknown|no such user|unknown user")
    return refusal.rows(rows.with_columns(
        _bare(pl.col("recipient")), pl.lit("RCPT").alias("phase"),
        pl.when(unknown).then(pl.lit("user_unknown")).otherwise(pl.lit("reject")).alias("action"),
    ))


def _auth_failed(records: Records) -> pl.DataFrame | None:
    if (rows := records.get("auth_failed")) is None:
        return None
    return refusal.rows(rows.with_columns(pl.lit("auth").alias("action"), pl.lit("AUTH").alias("phase"), *_client("relay")).drop("relay"))


def _unruly(records: Records) -> pl.DataFrame | None:
    """Clients that broke the protocol: talked too early, sent bare line feeds, or probed for users."""
    found = []
    if (early := records.get("early_talker")) is not None:
        found.append(early.with_columns(pl.col("phase").replace("commands", "CONNECT"), pl.lit("syntax").alias("why")))
    if (malformed := records.get("malformed")) is not None:
        found.append(malformed.with_columns(_bare(pl.col("sender")), pl.lit("DATA").alias("phase"), pl.lit("syntax").alias("why")).drop("where", "status"))
    if (probes := records.get("probe")) is not None:
        found.append(probes.with_columns(pl.lit("policy").alias("why")))
    if not found:
        return None
    rows = pl.concat(found, how="diagonal").with_columns(pl.lit("reject").alias("action"), *_client("relay")).drop("relay")
    return refusal.rows(rows).with_columns(pl.col("why").alias("cause")).drop("why")


FORMAT = Format(
    name="sendmail",
    claims=claims,
    # 8.12 and later: year, month, day, hour, minute, second and sequence in base 60, then a pid; older ones are shorter.
    queue_id=r"^(?:[0-9A-Za-z]{6,8}[0-9]{5,10}|[A-X][A-Z]{2}[0-9]{5})$",
    kinds=KINDS,
    facts=facts,
)
