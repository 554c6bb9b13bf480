"""How pflogsumm shortens what it lists: reasons of deferrals, bounces and refusals, and names of clients.

Lengths are bytes and lower case is that of ASCII, as in the Perl program.
"""

from __future__ import annotations

import re
import string
from itertools import takewhile

LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
FOLDED = re.compile(r"(?:.*)\.([^.]+\.(?:[^.]{3}|[^.]{2,3}\.[^.]{2}))")
NAMED = re.compile(r"(?P<name>[^\[(/]*)[\[(/](?P<address>[^\])]+)")
COLON = re.compile(r"[:;] ")
BLOCKED = re.compile(r"(?:client|Client host|Sender address) .+? blocked")
BRACKET = re.compile(r"\[[^\]]+\] ")
CODE = re.compile(r"\d{3} ")


def lower(text: str) -> str:
    """ASCII letters in lower case."""
    return text.translate(LOWER)


def lower_domain(address: str, *, whole: bool = False) -> str:
    """The address with everything from its first `@` on in lower case, or the whole of it."""
    local, at, domain = address.partition("@")
    if whole:
        return lower(address)
    return local + at + lower(domain) if domain else address


def client(text: str) -> str:
    """A client by its domain, or by its address if it has no name.

    Of a name are kept two labels before a last one of three letters, three before `xx.xx`, all of others.
    """
    found = NAMED.match(text)
    if not found:
        return ""
    name = found["name"]
    if name in {"", "unknown"}:
        return found["address"]
    labels = FOLDED.fullmatch(name)
    return lower(labels[1]) if labels else name


def sort_key(name: str) -> str:
    """What names are sorted by: addresses by number, others from the last label on."""
    first = re.split(r"\s", name, maxsplit=1)[0]
    numbers = first.split(".")
    if len(numbers) == 4 and all(re.fullmatch(r"[0-9]{1,3}", number) for number in numbers):  # noqa: PLR2004 (IPv4)
        return "".join(chr(int(number)) for number in numbers)
    labels = re.split(r"[.@]", first)
    trailing = len(list(takewhile(lambda label: not label, reversed(labels))))
    return "".join(lower(label) for label in reversed(labels[: len(labels) - trailing]))


def cut(text: str, longest: int, *, whole: bool = False) -> str:
    """The text, or so many bytes of it, of which the last three are dots."""
    raw = text.encode()
    if whole or len(raw) <= longest:
        return text
    return raw[: longest - 3].decode(errors="ignore") + "..."


def said(text: str, longest: int) -> str:
    """A reply without what stands before `said:`, then without one part before a colon after another, until it fits."""
    while len(text.encode()) > longest:
        _, found, after = text.rpartition(" said: ")
        if found:
            text = after
            continue
        _, found, after = text.partition(":")
        if not found:
            return cut(text, longest)
        text = after.lstrip(" ")
    return text


def uncoded(text: str) -> str:
    """The text without a reply code in front."""
    found = CODE.match(text)
    return text[found.end() :] if found else text


def refusal(phase: str, text: str) -> str:
    """The reason of a refusal, without codes, addresses and what follows it."""
    if phase in {"RCPT", "DATA", "CONNECT"}:
        return _at_recipient(text)
    if phase == "MAIL":
        return _at_sender(text)
    # The part after the last colon (or semicolon) and blank that is not followed by a comma at once; up to a comma.
    ends = [found.end() for found in COLON.finditer(text)]
    for start in [*reversed(ends), 0]:
        reason = text[start:].partition(",")[0]
        if reason:
            return reason
    return text


def _at_recipient(text: str) -> str:
    """Refusals of RCPT, DATA and connections."""
    if re.match(r"\d{3} <", text) and ">:" in text[5:]:
        # Between the brackets may stand anything, which must not be taken for the reason.
        text = text[:5] + text[text.index(">:", 5) :]
    if protocol := re.match(r"\d{3} \d\.\d\.\d Protocol error;", text):
        text = protocol[0][10:-1]
    text = _between_colon_and_comma(text)
    for who in ("Sender", "Recipient"):
        begin = f"{who} address rejected: "
        if text.startswith(begin) and not text[len(begin) :].startswith(":"):
            text = begin + text[len(begin) :].partition(":")[0]
    return BLOCKED.sub("blocked", text, count=1)


def _between_colon_and_comma(text: str) -> str:
    for colon in COLON.finditer(text):
        rest = text[colon.end() :]
        bracket = BRACKET.match(rest)
        for reason in ([rest[bracket.end() :]] if bracket else []) + [rest]:
            end = re.search(r"[;,]", reason)
            if end and end.start():
                return reason[: end.start()]
    return text


def _at_sender(text: str) -> str:
    """Refusals of MAIL: up to the next colon or semicolon after code and address."""
    found = CODE.match(text)
    if not found:
        return text
    rest = text[found.end() :]
    bracket = re.match(r"<.+>: (?=[^;:])", rest)
    if bracket:
        rest = rest[bracket.end() :]
    return re.split(r"[;:]", rest, maxsplit=1)[0] or text
