"""How pflogsumm 1.3.0 shortens what it lists: hosts, warnings, reasons; and what it sorts names by.

Held against pflogsumm 1.3.0 of Debian 14, asked with the lines of `tests/pflogsumm`.
"""

from __future__ import annotations

import re
from itertools import takewhile

from mailaudit.pflogsumm.reasons import cut, lower

_NAME = r"(?:unknown|localhost|(?:[a-z0-9-]+\.)+[a-z0-9-]+)"
_V4 = r"(?:\d{1,3}\.){3}\d{1,3}"
_V6 = r"(?=[^\]]*:)[\da-f:]+(?:::(?:[\da-f:]+)?)?"
_ADDRESS = rf"(?:{_V4}|{_V6}:{_V4}|{_V6})"
HOSTS = (
    re.compile(rf"(?i)(?<![a-z0-9._-])(?P<name>{_NAME})\.?\[(?P<address>{_ADDRESS})\]"),
    re.compile(rf"(?i)(?<![a-z0-9._-])(?P<name>{_NAME})\.?/\[?(?P<address>{_ADDRESS})\]?"),
    re.compile(rf"(?i)(?P<name>)(?<![\s\S])\[(?P<address>{_ADDRESS})\]"),
    re.compile(rf"(?i)(?P<name>)\[(?P<address>{_ADDRESS})\]"),
    re.compile(rf"(?i)(?P<name>)/(?P<address>{_ADDRESS})(?=$|\s|[\]),;:])"),
)
"""Where a host's name and address stand; the first that is found."""
NONE = re.compile(r"none(?::\d+)?$")
REVERSED = re.compile(r"\.(?:in-addr|ip6)\.arpa$")
SIX = frozenset(("com", "net", "org", "gov", "mil", "edu"))
"""Endings before which one label is kept; of other names, the first of more than three goes."""
KEPT_WHOLE = 3

_NAMELESS = "(: (?:hostname nor servname provided, or not known|No address associated with hostname))"
_NO_NAME = "Host or domain name not found. Name service error"
WARNINGS = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"^(Unable to look up (?:MX|NS) host) for .+(: Host not found(?:,try again)?)", r"\1\2"),
        (r"^(hostname ).+ (does not resolve to address) [0-9A-F:.]+$", r"\1\2"),
        (
            r"^(hostname ).+ (does not resolve to address) .+(: hostname nor servname provided, or not known)$",
            r"\1\2\3",
        ),
        (
            rf"^(Unable to look up (?:MX|NS) host ).+ (for (?:Sender address|Client host|Helo command)) .+{_NAMELESS}$",
            r"\1\2\3",
        ),
        (r"^(malformed domain name in resource data of MX record) for .*$", r"\1"),
        (r"^(numeric domain name in resource data of (?:MX|NS) record) for .*$", r"\1"),
        (r"^(numeric hostname): .*$", r"\1"),
        (r"^(valid_hostname: invalid character) .*$", r"\1"),
        (r"^[0-9A-F:.]+ (address not listed for hostname) .*$", r"\1"),
        (r"^[0-9A-F]+: (queue file size limit exceeded)$", r"\1"),
        (
            r"^[^:]+: (SASL (?:LOGIN|PLAIN|CRAM-MD5) authentication failed(?:: Invalid authentication mechanism)?).*$",
            r"\1",
        ),
        (r"^(Illegal address syntax )from .+ (in (?:MAIL|RCPT) command): .*$", r"\1\2"),
        (r"^(non-SMTP command) from .+?(: \S+) .*$", r"\1\2"),
        (r"^(Connection concurrency limit exceeded: \d+ )from \S+ (for service .+)$", r"\1\2"),
        (r"^[0-9A-F:.]+ (hostname ).+ (verification failed: No address associated with hostname)$", r"\1\2"),
        (rf"^[\w.-]+: (RBL lookup error: {_NO_NAME} )for name=[\w.-]+ (type=.+: Host not found, try again)$", r"\1\2"),
        (r"^.+((?:postfix-)?policyd-spf-perl: process )id \d+: (command time limit exceeded)$", r"\1\2"),
        (r"(process .+) pid \d+ (exit status \d+)", r"\1 \2"),
    )
)
"""Postfix's warnings without the names and numbers that differ from line to line."""

REFUSALS = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        # Between the brackets may stand anything, which must not be taken for the reason.
        (r"^(\d{3} (?:\d\.\d\.\d )?<).*?(>:)", r"\1\2"),
        (r"^\d{3} \d\.\d\.\d (Protocol error);.*$", r"\1"),
        (r"^.*?[:;] (?:\[[^\]]+\] )?([^;,]+)[;,].*$", r"\1"),
        (r"^((?:Sender|Recipient) address rejected: [^:]+):.*$", r"\1"),
        (r"(?:client|Client host|Sender address) .+? blocked", "blocked"),
        (r"^\d{3} \d\.\d\.\d (Server configuration (?:error|problem));.+$", r"\1"),
        (r"^Unverified (Client host rejected: Generic - Please relay via ISP).*$", r"\1"),
        (r"^(Sender address rejected: Domain) .+ (does not accept mail \(nullMX\)).*$", r"\1 \2"),
    )
)
"""What is done to the reason of a refusal of recipients, data and connections, one after the other."""
AT_RECIPIENT = frozenset(("RCPT", "DATA", "CONNECT", "BDAT"))

DEFERRALS = (
    re.compile(r"host (?P<host>\S+) (?:said|refused to talk to me): (?P<why>[^(]+)"),
    re.compile(r"(?:delivery temporarily suspended: )?connect to (?P<host>.+?(?::\d+)?): (?P<why>[^)]+)$"),
    re.compile(r"cannot (?:append to file|update mailbox) (?P<host>[^:.]+)[:.] (?P<why>.+)$"),
    re.compile(r".*(?P<why>Name service error )for (?:domain |name=)?(?P<host>[^: ]+):? (?P<more>.+)$"),
    re.compile(
        r"(?P<why>(?:conversation|lost connection) )with (?P<host>\S+) "
        r"(?P<more>(?:timed out )?while (?:receiving|sending) .+)$"
    ),
)
"""How Postfix says at which host mail waits, and why."""

_CODE = r"\d{3}(?:[ -]#?\d\.\d\.\d)?"
CODED = re.compile(rf"^{_CODE} ")
SAID = re.compile(rf"^.* said:(?: {_CODE})? ")
INTRODUCED = re.compile(r"(?:delivery error|Requested action not taken|Transaction failed|RCPT TO): *")
INTRODUCTION = re.compile(r"^.*?: *")

ACTIONS = tuple(
    re.compile(pattern.replace("{client}", r"\[(?P<client>.+)\]:(?P<port>\d+)"))
    for pattern in (
        "(?P<act>BARE NEWLINE) from {client} after .+",
        "(?P<act>(?:BDAT|DATA) without valid RCPT) from {client}",
        "(?P<act>COMMAND (?:COUNT|LENGTH|TIME) LIMIT) from {client} after .+",
        "(?P<act>COMMAND PIPELINING) from {client} after .+: .+",
        r"(?P<act>CONNECT) from {client} to \[.+\]:\d+",
        "(?P<act>DISCONNECT) {client}",
        r"(?P<act>DNSBL rank \d+) for {client}",
        "(?P<act>HANGUP) after .+ from {client} in ",
        "(?P<act>NON-SMTP COMMAND) from {client} after .+: .+",
        "(?P<act>PASS .+) {client}$",
        "(?P<act>PREGREET) .+ after .+ from {client}: .+",
        r"(?P<act>\b\w+LISTED) {client}",
        r"(?P<act>\b\w+LIST VETO) {client}",
    )
)
"""What postscreen does."""


def host(text: str, *, whole: bool = False) -> str:
    """A host by its domain, or by its whole name, or by its address if it has no name; `unknown` without either."""
    if NONE.match(text):
        return "none"
    found = next(filter(None, (pattern.search(text) for pattern in HOSTS)), None)
    if found is None:
        return "unknown"
    name = found["name"]
    if name in {"", "unknown"} or REVERSED.search(name):
        return found["address"].strip("[]")
    return name if whole else domain(name)


def domain(text: str) -> str:
    """The domain of an address or a name, folded."""
    found = re.match(r"\s*<?(?:[^@]+@)?([^\s>]+)>?\s*$", text)
    name = (lower(found[1]) if found else text).removesuffix(".")
    labels = name.split(".")
    if len(labels) > 1 and labels[-1] in SIX:
        return ".".join(labels[-2:])
    return ".".join(labels[1:] if len(labels) > KEPT_WHOLE else labels)


def warning(text: str) -> str:
    """A warning without what differs from line to line."""
    for pattern, words in WARNINGS:
        shorter, found = pattern.subn(words, text, count=1)
        if found:
            return shorter
    return text


def refusal(text: str) -> str:
    """The reason of a refusal of a recipient, of data or of a connection."""
    for pattern, words in REFUSALS:
        text = pattern.sub(words, text, count=1)
    return text


def deferral(text: str) -> tuple[str, str]:
    """The host at which mail waits, and why."""
    found = next(filter(None, (pattern.match(text) for pattern in DEFERRALS)), None)
    if found is None:
        return "unknown", said(text, 66)
    return host(found["host"], whole=True), said(found["why"] + found.groupdict().get("more", ""), 66)


def said(text: str, longest: int) -> str:
    """A reply without its code, and if it is long, without what stands before the receiver's own words."""
    text = CODED.sub("", text, count=1)
    while len(text.encode()) > longest:
        shorter = SAID.sub("", text, count=1)
        if shorter == text and INTRODUCED.search(text):
            shorter = INTRODUCTION.sub("", text, count=1)
        if shorter == text:
            return cut(text, longest)
        text = shorter
    return text


def sort_key(name: str) -> str:
    """What names are sorted by: names from the last label on, then IPv4 addresses, then those of IPv6."""
    first = re.split(r"\s", name, maxsplit=1)[0]
    octets = first.split(".")
    if len(octets) == 4 and all(re.fullmatch(r"[0-9]{1,3}", octet) for octet in octets):  # noqa: PLR2004 (IPv4)
        numbers = [int(octet) for octet in octets]
        return f"0_{first}" if max(numbers) > 255 else "2_" + "".join(f"{number:02x}" for number in numbers)  # noqa: PLR2004
    if re.match(r"[0-9A-Fa-f]+:", first):
        return "3_" + _spelt_out(lower(first))
    labels = re.split(r"[.@]", first)
    trailing = len(list(takewhile(lambda label: not label, reversed(labels))))
    return "0_" + "".join(lower(label) for label in reversed(labels[: len(labels) - trailing]))


def _spelt_out(address: str) -> str:
    blocks = address.rstrip(":").split(":")
    if "" in blocks:
        at = blocks.index("")
        blocks[at : at + 1] = ["0000"] * max(9 - len(blocks), 1)
    return "".join(block.zfill(4) for block in [*blocks, *["0000"] * (8 - len(blocks))])
