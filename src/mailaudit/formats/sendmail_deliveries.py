"""Sendmail's `to=` lines: one row per recipient, and what became of it."""

from __future__ import annotations

import polars as pl

from mailaudit.formats import amavis
from mailaudit.formats.sendmail_words import GAVE_UP, bare

NETWORK_MAILERS = ("esmtp", "smtp", "smtp8", "dsmtp", "relay", "lmtp")
"""Mailers that speak to a host; the others (local, prog, *file*, cyrus …) are themselves where the mail goes."""

WAITING = ("queued", "quarantined")
"""Words of stat= for what has not been tried."""

FAILED = (
    "Command line usage error",
    "Data format error",
    "Cannot open input",
    "User unknown",
    "Host unknown",
    "Service unavailable",
    "Internal error",
    "Operating system error",
    "System file missing",
    "Can't create output",
    "I/O error",
    "Remote protocol error",
    "Insufficient permission",
    "Local configuration error",
    "unknown mailer error",
)
"""Its words for the codes of sysexits.h that tell of a failure."""

_REPLY = r"^(?:ntries=[0-9]+, )?(?:stage=[^,]*, )?(?:reply=({}), )?(?:ntries=[0-9]+, )?(?:status=[^,]*, )?stat=({}.*)$"
_FIRST_DEFERRED = _REPLY.format(".*?", "(?:Deferred|queued|quarantined)")
_LAST = _REPLY.format(".*", "")
_QUOTED = r'"(?:[^"\\>]|\\.|>+(?:[^"\\>,]|\\.|,[^<"\\]))*>*"'
# Sendmail doubles the backslash before a quotation mark in a local part: quotes come not always in pairs, but no quoted
# text holds `>,<`.
_RECIPIENT = rf'(?:"(?:[^"\\]|\\.)*"|<(?:{_QUOTED}|[^>])*>|[^,])+'


def deliveries(rows: pl.DataFrame) -> pl.DataFrame:
    """One row per recipient of each `to=` line."""
    mailer, reason, remote = pl.col("mailer"), pl.col("reason"), pl.col("remote")
    host = pl.col("relay_host").str.strip_chars("[]").str.strip_suffix(".").str.replace(r"^(?i:ipv6):", "")
    agent = pl.when(~mailer.is_in(NETWORK_MAILERS)).then(mailer)
    sent = pl.col("raw_event") == "Sent"
    # Its word for any refusal of a recipient, also where the remote names another cause.
    unsaid = (reason == "User unknown") & ~pl.col("enhanced_status").str.contains(r"^(?:5\.1\.|$)")
    rows = _told(rows).with_columns(
        pl.when(host != "").then(host).otherwise(agent).alias("relay_host"),
        pl.coalesce(
            pl.col("relay_ip").str.strip_prefix("IPv6:").str.extract(r"^([0-9A-Fa-f.:]+)$"),
            # The address of `[ipv6:2001:db8::1]` is told once; that of `[192.0.2.1]` again, if it was asked.
            pl.col("relay_host").str.extract(r"^\[(?i:ipv6):([0-9A-Fa-f.:]+)\]$"),
        ),
        pl.col("enhanced_status").replace("", None),
        _seconds("delay"),
        _seconds("delay_d"),
        pl.when(sent)
        .then(
            pl.coalesce(
                reason.str.extract(r"(?:^|250 )(?:2\.0\.0 )?([0-9A-Za-z]{8,20}) Message accepted for delivery"),
                reason.str.extract(r"(?:queued as |id=)([0-9A-Za-z][0-9A-Za-z-]{5,22})(?:[^0-9A-Za-z-]|$)"),
            )
        )
        .alias("next_id"),
        # Sendmail cuts the code off an accepting reply.
        pl.when(~sent)
        .then(pl.coalesce(remote, reason).str.extract(r"^([245][0-9][0-9])(?:[ -]|$)"))
        .cast(pl.Int32)
        .alias("smtp_code"),
        pl.when(remote.is_null())
        .then(reason)
        .when(reason.is_null() | (reason == remote) | unsaid)
        .then(remote)
        .otherwise(pl.format("{} ({})", remote, reason))
        .alias("reply"),
    )
    # The controlling address of a program or a file is the alias that leads there.
    alias = bare(pl.col("ctladdr").str.replace(r" \([0-9]+/[0-9]+\)$", ""))
    rows = rows.with_columns(
        _event().alias("event"),
        _attempted().alias("attempted"),
        # So it is for a local name that was not called for: nobody has it.
        pl.when(mailer.is_in(["prog", "*file*"]) | ((mailer == "local") & pl.col("delay_d").is_null() & (remote != "")))
        .then(alias)
        .alias("original_recipient"),
    )
    return _explode(rows.drop("ctladdr", "mailer", "pri", "tail", "stat", "remote", "reason"))


def _told(rows: pl.DataFrame) -> pl.DataFrame:
    """Takes `tail` apart: the `remote`'s own words, `stat`, and of that its first words (`raw_event`) and `reason`."""
    tail, stat = pl.col("tail"), pl.col("stat")
    plain = rows["tail"].str.starts_with("stat=")
    told = rows.with_columns(pl.lit(None, dtype=pl.String).alias("remote"), tail.str.slice(5).alias("stat"))
    if not plain.all():
        told = pl.concat([told.filter(plain), _with_reply(rows.filter(~plain))])
    sent = (stat == "Sent") | stat.str.starts_with("Sent (")
    deferred = (stat == "Deferred") | stat.str.starts_with("Deferred: ")
    verb = (
        pl.when(sent).then(pl.lit("Sent")).when(deferred).then(pl.lit("Deferred")).when(stat.is_in(WAITING)).then(stat)
    )
    reason = (
        pl.when(stat.str.starts_with("Sent ("))
        .then(stat.str.slice(6).str.strip_suffix(")"))
        .when(stat.str.starts_with("Deferred: "))
        .then(stat.str.slice(10))
    )
    told = told.with_columns(verb.alias("raw_event"), reason.alias("reason"))
    if not (failed := told["raw_event"].is_null()).any():
        return told
    first_words = stat.str.extract(r"^([A-Za-z][A-Za-z'/ ]{0,38}?)(?: \(|:| for | [0-9<\x22]|\.|$)").fill_null("failed")
    others = told.filter(failed).with_columns(first_words.alias("raw_event"), stat.alias("reason"))
    return pl.concat([told.filter(~failed), others])


def _with_reply(rows: pl.DataFrame) -> pl.DataFrame:
    """Separates `reply=` from `stat=`.

    Sendmail logs a reply only if the delivery failed.  The remote's words may hold `, stat=` too.  `Deferred:` repeats
    them, so its first occurrence is sendmail's own; the words for a permanent failure do not, so the last one is.
    """
    tail = pl.col("tail")
    permanent = pl.col("enhanced_status").str.starts_with("5").fill_null(value=False)
    first = tail.str.extract_groups(_FIRST_DEFERRED)
    last = tail.str.extract_groups(_LAST)
    halting = ~permanent & first.struct.field("2").is_not_null()
    return rows.with_columns(
        pl.when(halting).then(first.struct.field(number)).otherwise(last.struct.field(number)).alias(name)
        for name, number in (("remote", "1"), ("stat", "2"))
    )


def _event() -> pl.Expr:
    """What a `to=` line says became of its recipients.

    `Sent`, `Deferred` and `queued` are sendmail's own decision; `dsn=` may be left over from another try.  All other
    words name a failure, and `dsn=` tells whether it is final.
    """
    raw, ip, host = pl.col("raw_event"), pl.col("relay_ip"), pl.col("relay_host")
    own = (
        ip.str.starts_with("127.0.0.")
        | (ip == "127.0.1.1")  # Debian's address for the machine's own name
        | ip.is_in(["::1", "0:0:0:0:0:0:0:1"])
        | (ip.is_null() & host.is_in(["localhost", "127.0.0.1"]))
    )
    success = pl.col("enhanced_status").str.starts_with("2")
    # The recipients of a message that was refused at the end of DATA are logged without any mailer.
    refused = pl.col("mailer").is_null() & pl.col("pri").is_not_null()
    return (
        pl.when(raw == "queued")
        .then(pl.lit("pending"))
        .when(raw == "quarantined")
        .then(pl.lit("held"))
        .when(pl.col("stat").str.contains(GAVE_UP))
        .then(pl.lit("expired"))
        .when((raw == "Sent") & own & amavis.discarded(pl.col("reason")))
        .then(pl.lit("discarded"))
        .when((raw == "Sent") & own & amavis.bounced(pl.col("reason")))
        .then(pl.lit("bounced"))
        .when((raw == "Sent") & own & pl.col("next_id").is_not_null())
        .then(pl.lit("relayed"))
        .when(raw == "Sent")
        .then(pl.lit("delivered"))
        .when(raw == "Deferred")
        .then(pl.lit("deferred"))
        # A milter took it, told the client so, and threw it away.
        .when(refused & (pl.col("stat") == "discarded"))
        .then(pl.lit("discarded"))
        .when(refused)
        .then(pl.lit("rejected"))
        # A refused DATA, or a host that cannot keep to the sender's time limit, leaves the `dsn=` of what went well.
        .when(
            success
            & (pl.col("remote").str.contains("^5[0-9][0-9](?:[ -]|$)") | raw.is_in(FAILED)).fill_null(value=False)
        )
        .then(pl.lit("bounced"))
        .when(success)
        .then(pl.lit("delivered"))
        .when(pl.col("enhanced_status").str.starts_with("4"))
        .then(pl.lit("deferred"))
        .otherwise(pl.lit("bounced"))
    )


def _attempted() -> pl.Expr:
    """False for queueing, and for a host that sendmail remembers as down: a name without address, and no new reason."""
    remembered = (
        (pl.col("raw_event") == "Deferred")
        & pl.col("relay_host").is_not_null()
        & pl.col("relay_ip").is_null()
        & pl.col("remote").is_null()
        & pl.col("mailer").is_in(NETWORK_MAILERS)
        & (pl.col("reason").is_null() | pl.col("reason").str.starts_with("Connection "))
    ).fill_null(value=False)
    refused = pl.col("mailer").is_null() & pl.col("pri").is_not_null()
    return ~(remembered | refused | pl.col("raw_event").is_in(WAITING))


def _seconds(name: str) -> pl.Expr:
    """Seconds from `hh:mm:ss` or `d+hh:mm:ss`."""
    text = pl.col(name)
    front = text.str.head(-6).str.splitn("+", 2)
    first, second = (front.struct.field(f"field_{n}").cast(pl.Float64, strict=False) for n in (0, 1))
    hours = pl.when(second.is_null()).then(first).otherwise(first * 24 + second)
    minutes, seconds = (
        text.str.slice(-5, 2).cast(pl.Float64, strict=False),
        text.str.slice(-2).cast(pl.Float64, strict=False),
    )
    return (hours * 3600 + minutes * 60 + seconds).alias(name)


def _explode(rows: pl.DataFrame) -> pl.DataFrame:
    """Makes a row per recipient out of `to`."""
    rows = rows.rename({"to": "recipient"}).with_columns(pl.col("recipient").str.strip_suffix(","))
    many = rows["recipient"].str.contains(",", literal=True)
    if many.any():
        lists = rows.filter(many).with_columns(pl.col("recipient").str.extract_all(_RECIPIENT)).explode("recipient")
        rows = pl.concat([rows.filter(~many), lists])
    # In the order of the lines again: of lines of one second, the first is the example that is shown.
    rows = rows.sort("no", maintain_order=True)
    text = pl.col("recipient").str.strip_suffix("...")
    return rows.with_columns(
        # The name before an address stands there where the command line had it.
        pl.when(text.str.contains(r'^[^<"\\|/][^<"]* <[^<>]+@[^<>]+>$'))
        .then(text.str.extract(r"<([^<>]+)>$"))
        # `"|/usr/bin/prog"` is a pipe, `\joe` is joe without any further aliasing.
        .when(text.str.contains(r'^"[|/:]'))
        .then(text.str.strip_chars('"'))
        .otherwise(bare(text).str.strip_chars_start("\\"))
        .alias("recipient"),
    )
