"""What two replies have in common: the text without what differs from mail to mail."""

from __future__ import annotations

import re
from functools import lru_cache

STEPS = (
    (re.compile(r"^(?:host|server) \S+ (?:said|refused to talk to me): ", re.IGNORECASE), ""),
    (re.compile(r"https?://[^\s<>()\"']+|\bwww\.[^\s<>()\"']+", re.IGNORECASE), "<url>"),
    (re.compile(r"<[^<>\s@]+@[^<>\s]*>|<[^<>\s@]*@[^<>\s]+>|[^\s<>()\[\]:;,\"'=]+@[\w.\[\]-]+\w"), "<address>"),
    (re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b"), "<ip>"),
    (re.compile(r"(?<![\w:])(?:[0-9a-f]{0,4}:){2,7}(?:[0-9a-f]{1,4}|:)(?![\w:])", re.IGNORECASE), "<ip>"),
    (
        re.compile(
            r"\b(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9])?\.)+[a-z][a-z-]*[a-z]\b\.?(?=[\s\[\]<>():;,'\"/]|$)", re.IGNORECASE
        ),
        "<host>",
    ),
    (re.compile(r"<host>(?:\[<ip>\]| \(<ip>\))(?::\d+)?"), "<host>"),
    (
        re.compile(r"\b(?!RFC)(?=[\w.-]*\d)(?=[\w.-]*[a-z])[a-z0-9][\w-]*[\w.-]{4,}[\w=](?![\w@>])", re.IGNORECASE),
        "<id>",
    ),
    (re.compile(r"\b\d{4,}\b"), "<n>"),
    (
        re.compile(r"(?<![\d.])\d+(?= (?:sec|min|hour|day|byte|kb|mb|message|connection|recipient))", re.IGNORECASE),
        "<n>",
    ),
    (re.compile(r"(?:<id>[ .-]?){2,}"), "<id> "),
)
"""What is taken out, in this order."""

REPEATED_CODE = re.compile(r"(?<=\s)([245]\d\d)[- ](?:([245]\.\d{1,3}\.\d{1,3})\s)?")


@lru_cache(maxsize=100_000)
def normalised(reply: str) -> str:
    """The reply with addresses, hosts, numbers and ids replaced by `<address>`, `<host>` … and blanks folded."""
    text = reply
    for pattern, word in STEPS:
        text = pattern.sub(word, text)
    return " ".join(_codes_once(text).split())


def _codes_once(text: str) -> str:
    """A reply of several lines repeats its codes at the start of each: only the first is kept."""
    first = re.match(r"\s*([245]\d\d)[- ](?:([245]\.\d{1,3}\.\d{1,3})\s)?", text)
    if not first:
        return text
    rest = REPEATED_CODE.sub(lambda found: "" if found[1] == first[1] else found[0], text[first.end() :])
    return text[: first.end()].replace("-", " ", 1) + rest
