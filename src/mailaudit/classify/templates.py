"""What two replies have in common: the text without what differs from mail to mail.

Rules see a reply in this form, and reports group by it: addresses, hosts, URLs, numbers and ids become `<address>`,
`<host>` …, and what is one sentence over several lines stands in one line. The patterns use no look-around, so that
Python's `re` (one reply) and the engine of polars (all replies of a log at once) read them alike.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

LONGEST = 1500
"""Characters of a reply that are looked at; receivers say what they mean in the first lines."""

_V6 = "[0-9a-fA-F]{1,4}"
_SAID = r"(?:[Hh]ost|[Ss]erver) \S+ (?:said|refused to talk to me): "

STEPS = (
    (r"[\s\x00-\x1f\x7f]{2,}|[^\S ]|[\x00-\x1f\x7f]", " "),  # a single blank stays as it is
    (r"(?i)^ ?(?:smtp|lmtp|x-postfix) ?; ?", ""),  # the type of a Diagnostic-Code
    ("[\u2018\u2019\u00b4`]", "'"),
    ("[\u201c\u201d]", '"'),
    (rf"^ ?(?:<\S+>: ?)?(?:delivery temporarily suspended: )?{_SAID}", ""),
    # IronPort: "5.1.0 - Unknown address error" is what RCPT was answered, "5.3.0 - Other mail system problem" DATA.
    (r"^#? ?5\.3\.0 - [A-Za-z ]+ ([245]\d\d)[- ]'(.*)", "${1} ${2} (in reply to DATA)"),
    (r"^#? ?[45]\.\w\.\d - [A-Za-z ]+ ([245]\d\d)[- ]'", "${1} "),
    (r"(^| )([245]\d\d)-", "${1}${2} "),
    (r"([a-z]{3})\.([A-Z][a-z])", "${1}. ${2}"),  # two sentences, not a host: `Delivery error.Mailbox is full`
    (r"(?i)\b((?:RESOLVER|STOREDRV|SMTPSEND|ROUTING|SUBMISSION|TRANSPORT)\.\w+)\.", "${1}\u2024"),
    (r"(?i)\b(RESOLVER|QUEUE|STOREDRV|SMTPSEND|ROUTING|SUBMISSION|APPROVAL|TRANSPORT|MCSpamSignature)\.", "${1}\u2024"),
    (r"(?i)\b(m)(2mcvt)\.", "${1}\u00b7${2}\u2024"),  # no id
    (r"(?i)\b(err)\.([a-z]+)([\s):;,]|$)", "${1} ${2}${3}"),  # ZMailer's names of errors: `err.nosuchuser`
    (r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?|\b\d\d:\d\d:\d\d\b", "<time>"),
    (r"(?i)(?:https?:// ?|\bwww\.)[^\s<>()\"']+", "<url>"),
    (
        r"<[^<>\s@]+@[^<>\s]*>|<[^<>\s@]*@[^<>\s]+>|[^\s<>()\[\]:;,\"'=]+@[A-Za-z0-9_\[\]-]+(?:\.[A-Za-z0-9_\[\]-]+)*",
        "<address>",
    ),
    (r"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b(?::\d+)?", "<ip>"),
    (rf"\b(?:{_V6}:){{7}}{_V6}\b", "<ip>"),
    (rf"\b{_V6}(?::{_V6}){{0,6}}::(?:{_V6}(?::{_V6}){{0,6}}\b)?", "<ip>"),
    (r"(?i)\b(rfc[ -]?)(\d)(\d+)", "${1}${2}\u00b7${3}"),
    (r"\b(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9])?\.)+(?:[A-Za-z]{2,7}|[a-z]{8,14}|xn--[a-z0-9-]+)\b\.?", "<host>"),
    (r"<host>(?:\[<ip>\]| \(<ip>\))(?::\d+)?", "<host>"),
    (r"\S+ - gsmtp\b", "<id> - gsmtp"),
    (
        r"(?i)\b(?:[a-z]{1,12}\d|\d{1,12}[a-z]{1,8}\d)[a-z0-9]{4,}(?:[._/+-][a-z0-9]+)*\b=*",
        "<id>",
    ),
    (r"<time> [0-9A-Z]{8,20}\]", "<time> <id>]"),  # Exchange Online's id of the session, whatever letters it has
    (r"\b\d{4,}\b", "<n>"),
    (
        r"(?i)([ (=])\d+( (?:sec|min|hour|day|byte|kb|mb|message|connection|recipient))",
        "${1}<n>${2}",
    ),
    (r"(?:<id>[ .-]?){2,}", "<id> "),
    ("\u00b7", ""),
    ("\u2024", "."),
    (r" {2,}", " "),
    (r"^ | $", ""),
)
"""What is taken out, in this order; `${1}` is what the first bracket took."""


@cache
def _steps() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern), re.sub(r"\$\{(\d)\}", r"\\\1", word)) for pattern, word in STEPS)


@lru_cache(maxsize=100_000)
def template(reply: str) -> str:
    """The reply with addresses, hosts, numbers and ids replaced by `<address>`, `<host>` … and blanks folded."""
    text = reply[:LONGEST]
    for pattern, word in _steps():
        text = pattern.sub(word, text)
    return codes_once(text)


SHORTER = ("<address>", "<id>")
"""Words that take the place of so much that differs that far fewer texts are left: each goes on but once."""


def templates(replies: pl.Series) -> pl.Series:
    """The same for all replies of a column at once."""
    return _replaced(replies.str.slice(0, LONGEST), STEPS)


def _replaced(texts: pl.Series, steps: Sequence[tuple[str, str]]) -> pl.Series:
    import polars as pl  # noqa: PLC0415 (not needed for a single reply)

    last = next((at for at, (_, word) in enumerate(steps, 1) if word in SHORTER), len(steps))
    replaced = pl.col(texts.name)
    for pattern, word in steps[:last]:
        replaced = replaced.str.replace_all(pattern, word)
    plain = texts.to_frame().select(replaced).to_series()
    distinct = plain.unique()
    if steps[last:]:
        whole = _replaced(distinct, steps[last:])
    else:
        whole = distinct.map_elements(codes_once, return_dtype=pl.String())
    return plain.replace_strict(distinct, whole, return_dtype=pl.String())


_FIRST = re.compile(r"([245]\d\d)[- ](?:([245]\.\d{1,3}\.\d{1,3})\s)?")
_REPEATED = re.compile(r"(?<=\s)([245]\d\d)[- ](?:([245]\.\d{1,3}\.\d{1,3})\s)?")


def codes_once(text: str) -> str:
    """A reply of several lines repeats its codes at the start of each: only the first is kept."""
    first = _FIRST.match(text)
    if not first:
        return text
    rest = _REPEATED.sub(lambda found: "" if found[1] == first[1] else found[0], text[first.end() :])
    return text[: first.end()].replace("-", " ", 1) + rest
