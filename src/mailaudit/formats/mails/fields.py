"""Report fields (RFC 3464, 5965, 8098): blocks of `Name: value`, parted by empty lines."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from mailaudit.formats.mails.mime import fields

Block = dict[str, str]
"""Field values by lower-case name; the first of several counts."""

_NEW_RECIPIENT = ("final-recipient", "action", "status")
RECIPIENT = ("final-recipient", "original-recipient", "x-actual-recipient")
_GENERAL = re.compile(r"[245]\.0\.0")
"""A status that says no more than success or failure."""
_NOTES = re.compile(r"(?im)^diagnostic-code:[ \t]*x-notes;.*(?:\n[ \t].*)+")
"""Domino breaks this field at a certain width, in the middle of a word: the line's end and one blank are its own."""
_ZONES = {"jst": "+0900", "bst": "+0100", "cest": "+0200", "cet": "+0100", "msk": "+0300", "ist": "+0530"}


def blocks(text: str) -> list[Block]:
    """Returns the blocks of fields of a report, in order.

    A field that comes again begins a new block: some systems leave out the empty line between recipients.
    """
    found: list[Block] = []
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for piece in re.split(r"\n[ \t]*\n", _NOTES.sub(lambda field: re.sub(r"\n[ \t]", "", field[0]), text)):
        block: Block = {}
        parts = [block]
        for line in re.split(r"\n(?![ \t])", piece.strip("\n")):
            for name, values in fields(line).items():
                if name in block and name in _NEW_RECIPIENT:
                    block = {}
                    parts.append(block)
                block.setdefault(name, values[0])
        for part in filter(None, parts):
            if found and part is not parts[0] and _goes_on(found[-1], part):
                general = _GENERAL.search(found[-1].get("status", ""))
                found[-1] = {
                    **part,
                    **found[-1],
                    **({"status": part["status"]} if general and "status" in part else {}),
                }
            else:
                found.append(part)
    return found


def _goes_on(block: Block, part: Block) -> bool:
    """True of fields that came again and name no other recipient: they are the same one's."""
    return any(name in block for name in RECIPIENT) and not any(name in part for name in RECIPIENT)


def time_of(value: str) -> int | None:
    """Returns a date in µs of UTC; None if it is none, or lies outside of what mail can have."""
    value = re.sub(r"\([^()]*\)", " ", value[:120]).strip()
    value = re.sub(r"\b([A-Za-z]{3,4})$", lambda found: _ZONES.get(found[1].lower(), found[1]), value)
    try:
        moment = parsedate_to_datetime(value)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        micros = round(moment.timestamp() * 1_000_000)
    except (ValueError, TypeError, IndexError, OverflowError, AttributeError):
        return None
    return micros if _EARLIEST <= micros < _LATEST else None


_EARLIEST = round(datetime(1980, 1, 1, tzinfo=UTC).timestamp() * 1_000_000)
_LATEST = round(datetime(2200, 1, 1, tzinfo=UTC).timestamp() * 1_000_000)


def host_of(value: str) -> tuple[str | None, str | None]:
    """Returns name and IP address of an MTA field: `dns; mx.example.com [192.0.2.1]`."""
    _, semicolon, rest = value.partition(";")
    text = (rest if semicolon else value).strip()
    ip = re.search(r"(?<![\w.])((?:\d{1,3}\.){3}\d{1,3}|[0-9a-fA-F]{0,4}:[0-9a-fA-F:.]{3,45})(?![\w.])", text)
    name = re.match(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?", text)
    host = name[0] if name and not (ip and name[0] == ip[1]) else None
    return host, ip[1] if ip else None
