"""Marks in a reply that name something: block lists, receivers' own tokens, and telling words inside URLs.

They are taken from the raw reply, because its template no longer has hosts and URLs, and stand behind the template in
braces when rules look at it: `554 5.7.1 blocked using <host> {zen.spamhaus.org}`.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from mailaudit.classify.tables import lists
from mailaudit.classify.templates import LONGEST

if TYPE_CHECKING:
    import polars as pl

TOKENS = (
    r"(?:ipts|tss?)\d\d|bl2[0-9]\b|(?:lpn|ofr|ouk|wdo)\d{0,3}_\d{3}|cxbl|cdrbl|cxdns|cxcnct|cxmxrt|cxsndr|cxthrt|cxdrop|"
    r"ipbl[01]{3,5}|urlbl\d+|ib\d{3}\b|(?:pol|rcp|int|dns|con|msg|tim|uop)-[pt]\d|s3[01]\d\d\b|(?:rp|sc|dy|ou)-00\d|"
    r"(?:bl|rl|dm|ro|rf)0000\d\d|aup#[a-z]*-?\d+|cs0\d\b|hm0\d\b|rly:[a-z0-9]+|hvu:[a-z0-9]+|dyn:t\d|rtr:[a-z]{2}\b|"
    r"attrbl|ivmsip|cm-csi-[a-z0-9]+"
)
"""Tokens by which receivers name their own lists and reasons (rules/*.toml say what each means)."""

URL_WORDS = (
    r"[?&]p=[a-z]{4,}|\bopenspf\.(?:org|net)|/(?:rbl|dnsbl|bl|blacklist|blocklist|denyip|delist|unblock|lookup)\b|"
    r"/docs/smtplf"
)
"""Words inside URLs that say more than the address does: `support.google.com/mail/?p=NoSuchUser`."""

CALLED = r"(?:blocked (?:using|by)|listed (?:at|by|in|on)|found in|rejected by(?: the)?|(?:see|using) rbl) '?"
"""Words before a host that is the list that has us, whoever runs it."""


@cache
def pattern() -> str:
    """Everything that is a mark, as one expression on a lower-case reply."""
    names = "|".join(found.words for found in lists())
    return (
        rf"refused to talk to me|{CALLED}(?:[a-z0-9-]+\.)+[a-z]{{2,8}}\b|(?:[a-z0-9-]+\.)*(?:{names})(?:\.[a-z0-9-]+)+|"
        rf"\b(?:{names})\b|\b(?:{TOKENS})|{URL_WORDS}"
    )


@cache
def _compiled() -> re.Pattern[str]:
    return re.compile(pattern())


def marks(reply: str) -> str:
    """The marks of a reply, each in braces, in order and once; empty without any."""
    return " ".join(f"{{{mark}}}" for mark in dict.fromkeys(_compiled().findall(reply[:LONGEST].lower())))


def all_marks(replies: pl.Series) -> pl.Series:
    """The same for all replies of a column at once."""
    import polars as pl  # noqa: PLC0415 (not needed for a single reply)

    text = pl.col(replies.name).str.slice(0, LONGEST).str.to_lowercase()
    found = text.str.extract_all(pattern()).list.unique(maintain_order=True)
    braced = pl.concat_str(pl.lit("{"), found.list.join("} {"), pl.lit("}"))
    return replies.to_frame().select(pl.when(found.list.len() > 0).then(braced).otherwise(pl.lit(""))).to_series()
