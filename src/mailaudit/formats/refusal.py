"""What a server refused at the door: from action, phase and reply to the columns of the refusals table."""

from __future__ import annotations

import re
from functools import cache

import polars as pl

REFUSING = (
    "reject",
    "milter-reject",
    "milter-header-reject",
    "proxy-reject",
    "hangup",
    "auth",
    "ruleset",
    "user_unknown",
    "milter",
    "limit",
    "abort",
    "fake-reject",
)
"""Actions that refuse; the others are warnings or instructions, kept as `other`."""

CAUSES = (
    ("greylisting", r"(?i)gr[ae]y-?list|postgrey|4\.3\.2 Service currently unavailable"),
    ("relay", r"(?i)relay(?:ing)? (?:access )?(?:denied|not permitted)|we do not relay"),
    ("blocklist", r"(?i)blocked using|listed (?:at|by|in)|dnsbl|\brbl\b|black ?list|block ?list"),
    ("auth", r"(?i)authentication|SASL|5\.7\.8"),
    ("size", r"(?i)size (?:\([0-9-]+\) )?exceeds|too (?:big|large)|5\.3\.4"),
    (
        "rate",
        r"(?i)too many (?:connections|recipients|errors|messages)|limit exceeded|rate limit|connection rate|concurren",
    ),
    (
        "unknown_user",
        r"(?i)user unknown|unknown user|undeliverable address|no such user|mailbox unavailable|unrouteable address",
    ),
    ("helo", r"(?i)helo command rejected|ehlo|\bhelo\b"),
    ("sender", r"(?i)sender address rejected|sender address|domain of sender|sender domain|sender verify"),
    ("client", r"(?i)client host rejected|cannot find your|hostname"),
    ("syntax", r"(?i)pipelining|syntax|improper|bad (?:recipient|sender) address|5\.5\.[0-9]"),
    ("content", r"(?i)spam|virus|content|header|banned|infected"),
)
"""Causes in order: the first whose pattern is found in the reply, what clients named left out."""
OTHERWISE = "policy"
FEW = 500
"""Different texts up to which each is looked at by itself: polars makes its patterns anew for every block."""
_NAMED = r"<[^<>]*>|\b[0-9]{1,3}(?:\.[0-9]{1,3}){3}\b"
"""Addresses and names that clients chose, and where they called from: `<greylist@spam.example>` tells no cause."""


def rows(found: pl.DataFrame) -> pl.DataFrame:
    """Adds event, cause, code and enhanced code; `found` has action and phase and any of the table's columns.

    Columns that are not in `found` stay away; nothing is invented: a line without a reply code keeps none.
    """
    have = set(found.columns)
    if "reply" not in have:
        found = found.with_columns(pl.lit(None, dtype=pl.String).alias("reply"))
    # `203.0.113.7 is listed` begins with no code.
    code = pl.col("reply").str.extract_groups(
        r"^(?:(?<smtp_code>[245][0-9][0-9])(?:[^0-9.]|$))?"
        r"(?:(?<enhanced_status>[245]\.[0-9]{1,3}\.[0-9]{1,3})(?:[^0-9.]|$))?"
    )
    return found.with_columns(
        pl.when(pl.col("action").is_in(list(REFUSING)))
        .then(pl.lit("rejected"))
        .otherwise(pl.lit("other"))
        .alias("event"),
        pl.col("action").alias("raw_event"),
        pl.when(pl.col("action") == "auth").then(pl.lit("auth")).otherwise(causes(found["reply"])).alias("cause"),
        code.struct.field("smtp_code").cast(pl.Int32).alias("smtp_code"),
        code.struct.field("enhanced_status"),
        *(
            pl.when(~pl.col(name).is_in(["unknown", ""])).then(pl.col(name)).alias(name)
            for name in ("client_host", "client_ip")
            if name in have
        ),
    ).drop("action", *(have & {"context", "text", "proto", "sasl_method", "mechanism"}))


def causes(replies: pl.Series) -> pl.Series:
    """The cause that each reply tells of; OTHERWISE where none does, or there is no reply."""
    said = replies.to_frame("said").select_seq(pl.col("said").fill_null("").str.replace_all(_NAMED, "<>")).to_series()
    distinct = said.unique()
    if len(distinct) <= FEW:
        cause = pl.Series([_cause(text) for text in distinct.to_list()], dtype=pl.String)
    else:
        text = pl.col(distinct.name)
        tells = [pl.when(text.str.contains(pattern)).then(pl.lit(word)) for word, pattern in CAUSES]
        cause = distinct.to_frame().select(pl.coalesce(*tells, pl.lit(OTHERWISE))).to_series()
    return said.replace_strict(distinct, cause, return_dtype=pl.String)


@cache
def _compiled() -> list[tuple[str, re.Pattern[str]]]:
    return [(word, re.compile(pattern)) for word, pattern in CAUSES]


def _cause(text: str) -> str:
    return next((word for word, pattern in _compiled() if pattern.search(text)), OTHERWISE)
