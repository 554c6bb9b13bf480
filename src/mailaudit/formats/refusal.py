"""What a server refused at the door: from action, phase and reply to the columns of the refusals table."""

from __future__ import annotations

import polars as pl

REFUSING = (
    "reject",
    "milter-reject",
    "proxy-reject",
    "hangup",
    "auth",
    "ruleset",
    "user_unknown",
    "milter",
    "limit",
    "abort",
)
"""Actions that refuse; the others are warnings or instructions, kept as `other`."""

CAUSES = (
    ("greylisting", r"(?i)gr[ae]y-?list|postgrey|4\.3\.2 Service currently unavailable"),
    ("relay", r"(?i)relay(?:ing)? (?:access )?(?:denied|not permitted)|we do not relay"),
    ("blocklist", r"(?i)blocked using|listed (?:at|by|in)|dnsbl|\brbl\b|blacklist|blocklist"),
    ("auth", r"(?i)authentication|SASL|5\.7\.8"),
    ("size", r"(?i)size (?:\([0-9-]+\) )?exceeds|too (?:big|large)|5\.3\.4"),
    (
        "rate",
        r"(?i)too many (?:connections|recipients|errors|messages)|limit exceeded|rate limit|connection rate|concurren",
    ),
    ("unknown_user", r"(?i)user unknown|unknown user|undeliverable address|no such user|mailbox unavailable"),
    ("helo", r"(?i)helo command rejected|ehlo|\bhelo\b"),
    ("sender", r"(?i)sender address rejected|sender address|domain of sender|sender domain"),
    ("client", r"(?i)client host rejected|cannot find your|hostname"),
    ("syntax", r"(?i)pipelining|syntax|improper|bad (?:recipient|sender) address|5\.5\.[0-9]"),
    ("content", r"(?i)spam|virus|content|header|banned|infected"),
)
"""Causes in order: the first whose pattern is found in the reply."""


def rows(found: pl.DataFrame) -> pl.DataFrame:
    """Adds event, cause, code and enhanced code; `found` has action and phase and any of the table's columns.

    Columns that are not in `found` stay away; nothing is invented: a line without a reply code keeps none.
    """
    have = set(found.columns)
    if "reply" not in have:
        found = found.with_columns(pl.lit(None, dtype=pl.String).alias("reply"))
    reply = pl.col("reply")
    cause = pl.coalesce(
        pl.when(pl.col("action") == "auth").then(pl.lit("auth")),
        *(pl.when(reply.str.contains(pattern)).then(pl.lit(word)) for word, pattern in CAUSES),
        pl.lit("policy"),
    )
    code = reply.str.extract_groups(
        r"^(?<smtp_code>[245][0-9][0-9])?[ -]?(?<enhanced_status>[245]\.[0-9]{1,3}\.[0-9]{1,3})?"
    )
    return found.with_columns(
        pl.when(pl.col("action").is_in(list(REFUSING)))
        .then(pl.lit("rejected"))
        .otherwise(pl.lit("other"))
        .alias("event"),
        pl.col("action").alias("raw_event"),
        cause.alias("cause"),
        code.struct.field("smtp_code").cast(pl.Int32).alias("smtp_code"),
        code.struct.field("enhanced_status"),
        *(
            [pl.when(~pl.col("client_host").is_in(["unknown", ""])).then(pl.col("client_host")).alias("client_host")]
            if "client_host" in have
            else []
        ),
    ).drop("action", *(have & {"context", "text", "proto", "sasl_method", "mechanism"}))
