"""Mail addresses in running text, in report fields, and in variable envelope senders."""

from __future__ import annotations

import re
from email.utils import parseaddr
from functools import lru_cache

from mailaudit.formats.mails.decoding import words

LONGEST = 254
"""Characters of an address (RFC 5321)."""
_NESTED = 50
"""Brackets and colons of a header that is an address."""
_WIDE = "\u3001\u3002\u3008-\u3011\u3014-\u301b\uff01-\uff0f\uff1a-\uff1f\uff3b-\uff3d\u201c\u201d"
"""Punctuation of the Far East, which stands around an address without blanks."""
ADDRESS = (
    rf"(?:\"(?:[^\"\\\n]|\\.){{1,64}}\"|[^\s<>\[\]()\",:;@\x00-\x1f{_WIDE}]{{1,128}})@"
    rf"(?:[^\s<>\[\]()\",:;@'`=|\x00-\x1f/\\{_WIDE}]{{1,253}}|\[[0-9a-fA-F:.]{{3,60}}\])"
)
"""An address as it stands in a notice: SMTPUTF8 is allowed, a display name is not part of it."""

_FOUND = re.compile(ADDRESS)
_BRACKETED = re.compile(rf"<({ADDRESS})>")
_LETTERS = r"[\u3040-\u9fff\uac00-\ud7af]+"
_GLUED = re.compile(rf"(?i)^{_LETTERS}(?=[a-z0-9])|(?<=[a-z]){_LETTERS}$")
"""Words of the Far East before and behind an address of Latin letters."""
_XTEXT = re.compile(r"\+(2B|3D)")
_UTF8_XTEXT = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")
_ROUTE = re.compile(r"^@[^:]+:")
_VERP = re.compile(r"(?i)^([^=@]{1,128})=([a-z0-9-]+(?:\.[a-z0-9-]+)+)@")
_PREFIX = re.compile(
    r"(?i)^(?:[a-z]*bounces?|returns?|verp|errors?|owner|list|news\w*|msg|[a-z])[-_.](?:[\da-f]*\d[\da-f]*[-_.])*(?=.)"
)
_TOKENS = re.compile(r"(?i)^(?:\d+-|(?=[a-f.]*\d)[\da-f.]{6,}-)+(?=.)")
"""Numbers and hexadecimal ids of a message before the recipient."""
_CODED = re.compile(r"^[245]\d\d-['\"]")
"""A reply code before an address that begins a quoted reply: `550-'ann@example.com... No such user'`."""
_BEHIND_A_NUMBER = re.compile(r"^.*-\d+-(?=.)")
"""What ezmlm and others write before the recipient: `club-return-17-`."""
_DAEMON = re.compile(
    r"(?i)^(?:mailer-?_?daemon|mail-?daemon|mdaemon|post-?_?master|postmaster|mailerdaemon|mail-delivery|"
    r"mail\.delivery|posta-certificata|bounce[s]?|mmdf|uucp|maildelivery|delivery|smtp)(?:[-+.].*)?@|^microsoftexchange[0-9a-f]{20,}@"
)


def clean(value: str) -> str | None:
    """Returns the bare address of a text that is meant to be one; None if it has none."""
    value = value.strip().strip("'`")
    if found := _BRACKETED.search(value):
        return tidy(found[1])
    value = _ROUTE.sub("", value.strip("<> \t"))
    if found := _FOUND.search(value):
        return tidy(found[0])
    return None


def tidy(address: str) -> str:
    """Takes off what surrounds an address in a sentence."""
    address = _CODED.sub("", address.strip()).strip("'`").rstrip(".,;:!?*>").lstrip("*<")
    if address[:7].lower() in {"rfc822;", "mailto:"}:
        address = address[7:]
    if address[:5].lower() == "smtp=":
        address = address[5:]
    return address


def reported(value: str) -> str | None:
    """Returns the address of a report's field: `rfc822; ann@example.com`, with or without its type, or a local name."""
    kind, semicolon, address = value.partition(";")
    kind = kind.strip().lower()
    address = address.strip() if semicolon and "@" not in kind else value.strip()
    if kind == "utf-8":
        address = _UTF8_XTEXT.sub(lambda found: _character(found[1]), address)
    if address.startswith("=?") and address.endswith("?=") and "@" in (decoded := words(address)):
        address = decoded
    if kind == "x400" and "=" in address:
        return address[:LONGEST]
    if (bare := clean(address)) is not None:
        return _XTEXT.sub(lambda found: "+" if found[1] == "2B" else "=", bare) if kind == "rfc822" else bare
    address = address.strip("<>\"' \t")
    # A name without domain: a mailbox of the reporting host, or a program or file that mail is written to.
    return address if address and len(address) <= LONGEST and not re.search(r"\s", address) else None


def _character(code: str) -> str:
    return (int(code, 16) % 0x110000).to_bytes(4, "big").decode("utf-32-be", "replace")


def addresses(text: str) -> list[str]:
    """Returns the addresses in a text in order, each once."""
    found: dict[str, str] = {}
    for match in _FOUND.finditer(text):
        address = _GLUED.sub("", tidy(match[0]))
        local, _, domain = address.rpartition("@")
        if ".." in domain:  # `ann@example.com...User unknown`
            domain = domain.partition("..")[0]
            address = f"{local}@{domain}"
        if is_whole(address) and ("." in domain or domain.startswith("[")):
            found.setdefault(address.lower(), address)
    return list(found.values())


def is_whole(address: str) -> bool:
    """False of an address that a notice masks: `****@***.example.com`."""
    local, _, domain = address.rpartition("@")
    return bool(local.strip("*")) and "*" not in domain


@lru_cache(maxsize=512)
def of_header(value: str) -> str | None:
    """Returns the first address of a header such as From or To."""
    value = value[:2000]
    # The standard library reads comments within comments, and groups, by calling itself.
    address = parseaddr(value)[1] if value.count("(") + value.count(":") <= _NESTED else ""
    if "@" in address:
        return tidy(address)
    return clean(value)


def verp(address: str) -> str | None:
    """Returns the recipient that a variable envelope sender names: `bounce-7-ann=example.com@lists.example`."""
    found = _VERP.match(address)
    if found is None:
        return None
    left = found[1]
    if "+" in left:
        local = _TOKENS.sub("", left.partition("+")[2])
    else:
        local = _PREFIX.sub("", left)
        local = _BEHIND_A_NUMBER.sub("", local) if local == left else local
        local = local.rpartition("-")[2] if local == left else local
    return f"{local}@{found[2]}" if local else None


def is_daemon(address: str) -> bool:
    """True of addresses that mail systems write from."""
    return bool(_DAEMON.match(address))
