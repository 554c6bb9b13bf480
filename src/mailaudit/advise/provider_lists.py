"""A provider's own suppression list, as its API or its export gives it: JSON or CSV, recognised by its fields."""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from mailaudit.errors import UsageError
from mailaudit.model.times import micros

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

ListKind = Literal["bounce", "complaint", "unsubscribe", "manual", "unknown"]


@dataclass(frozen=True, slots=True)
class Listed:
    """An address that the provider does not send to."""

    address: str
    kind: ListKind
    reason: str | None
    since_us: int | None
    provider: str


@dataclass(frozen=True, slots=True)
class Shape:
    """How one provider writes an entry; names are folded: `EmailAddress` and `email_address` are one."""

    provider: str
    address: str
    kind: tuple[str, ...]
    """Fields that tell the kind of list, the first that is there."""
    reason: tuple[str, ...]
    since: tuple[str, ...]
    needs: tuple[str, ...]
    """Fields by which the shape is known, beside the address."""


SHAPES = (
    # https://documentation.mailgun.com/docs/mailgun/api-reference/openapi-final/tag/Suppressions/
    Shape("mailgun", "address", (), ("error",), ("createdat",), ("code", "error")),  # bounces
    Shape("mailgun", "address", (), ("tags",), ("createdat",), ("tags", "createdat")),  # unsubscribes
    Shape("mailgun", "address", (), (), ("createdat",), ("createdat",)),  # complaints
    # https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_ListSuppressedDestinations.html
    Shape("ses", "emailaddress", ("reason",), (), ("lastupdatetime",), ("reason", "lastupdatetime")),
    Shape("ses", "emailaddress", ("reason",), (), ("lastupdatedtime",), ("reason", "lastupdatedtime")),
    # https://postmarkapp.com/developer/api/suppressions-api
    Shape(
        "postmark",
        "emailaddress",
        ("suppressionreason",),
        ("suppressionreason",),
        ("createdat",),
        ("suppressionreason",),
    ),
    Shape(
        "postmark", "recipient", ("suppressionreason",), ("suppressionreason",), ("createdat",), ("suppressionreason",)
    ),
    # https://developers.sparkpost.com/api/suppression-list/
    Shape("sparkpost", "recipient", ("source",), ("description",), ("updated", "created"), ("type", "source")),
    Shape("sparkpost", "recipient", ("source",), ("description",), ("updated", "created"), ("type", "description")),
    Shape(
        "sparkpost",
        "recipient",
        ("source",),
        ("description",),
        ("updated", "created"),
        ("transactional", "nontransactional"),
    ),
    # https://www.twilio.com/docs/sendgrid/api-reference/bounces-api (and blocks, invalid emails, spam reports)
    Shape("sendgrid", "email", (), ("reason",), ("created",), ("status", "reason")),
    Shape("sendgrid", "email", (), ("reason",), ("created",), ("reason", "created")),
    Shape("sendgrid", "email", (), (), ("created",), ("ip", "created")),
    Shape("sendgrid", "email", (), (), ("created",), ("created",)),
)
"""The shapes, those with more fields before those with fewer."""
PROVIDERS = tuple(dict.fromkeys(shape.provider for shape in SHAPES))

KINDS: Mapping[str, ListKind] = {
    "bounce": "bounce", "hardbounce": "bounce", "bouncerule": "bounce", "complaint": "complaint",
    "spamcomplaint": "complaint", "manualsuppression": "manual", "manuallyadded": "manual",
    "unsubscribelink": "unsubscribe", "listunsubscribe": "unsubscribe", "unsubscribe": "unsubscribe",
}  # fmt: skip
"""The providers' words for why an address is listed, folded."""

NAMES: tuple[tuple[str, ListKind], ...] = (
    ("complain", "complaint"), ("spam", "complaint"), ("unsub", "unsubscribe"), ("bounce", "bounce"),
    ("invalid", "bounce"), ("block", "bounce"),
)  # fmt: skip
"""Where the entries do not tell the kind of list, the file's name may."""

WRAPPERS = ("items", "results", "suppresseddestinationsummaries", "suppressions", "result", "data")


def read(path: str, provider: str | None = None) -> list[Listed]:
    """The entries of a list; raises UsageError for a file that is none of a known provider's."""
    try:
        text = Path(path).read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise UsageError(f"suppression list {path}: {reason}") from error
    return parse(text, path, provider)


def parse(text: str, name: str, provider: str | None = None) -> list[Listed]:
    """The entries in a text; `name` is the file's, `provider` settles what fields alone leave open."""
    try:
        rows = list(_json(text)) if text.lstrip()[:1] in {"[", "{"} else list(_csv(text))
    except (json.JSONDecodeError, RecursionError, csv.Error) as error:
        raise UsageError(f"suppression list {name}: {error}") from error
    if not rows and text.lstrip()[:1] in {"[", "{"}:
        return []  # an answer without entries
    if not rows:
        raise UsageError(f"suppression list {name} is empty")
    shape = _shape(rows[0], provider)
    if shape is None:
        raise UsageError(
            f"suppression list {name}: the fields {', '.join(sorted(rows[0]))} are those of no provider known here",
            hint=f"known: {', '.join(PROVIDERS)}; an export or API answer as it is, CSV or JSON",
        )
    usual = next((kind for part, kind in NAMES if part in Path(name).name.lower()), None)
    found = []
    for number, row in enumerate((row for row in rows if any(row.values())), 1):
        address = row.get(shape.address, "")
        if "@" not in address:
            raise UsageError(f"suppression list {name}: entry {number} has no address")
        kind = _kind(row, shape) or usual or "unknown"
        since = next((row[key] for key in shape.since if row.get(key)), None)
        reason = next((row[key] for key in shape.reason if row.get(key)), None)
        moment = None if since is None else _moment(since, name, number)
        found.append(Listed(address.lower(), kind, reason, moment, shape.provider))
    return found


def _kind(row: Mapping[str, str], shape: Shape) -> ListKind | None:
    """What the entry, or the fields that it has, tell of the list; None if only the file's name may."""
    for key in shape.kind:
        if row.get(key):
            return KINDS.get(_folded(row[key]), "unknown")
    if "tags" in shape.needs:
        return "unsubscribe"
    return "bounce" if "error" in shape.needs or "status" in shape.needs else None


def _shape(row: Mapping[str, str], provider: str | None) -> Shape | None:
    for shape in SHAPES:
        if shape.address in row and all(key in row for key in shape.needs) and provider in {None, shape.provider}:
            return shape
    return None


def _json(text: str) -> Iterator[dict[str, str]]:
    decoder, place = json.JSONDecoder(), 0
    while place < len(text):
        if text[place].isspace() or text[place] == ",":
            place += 1
            continue
        value, place = decoder.raw_decode(text, place)
        yield from _entries(value)


def _entries(value: object) -> Iterator[dict[str, str]]:
    """The entries in an answer, its wrapper taken off."""
    if isinstance(value, list):
        for item in value:
            yield from _entries(item)
    elif isinstance(value, dict):
        row = {_folded(str(key)): item for key, item in value.items()}
        for wrapper in WRAPPERS:
            if isinstance(row.get(wrapper), (list, dict)):
                yield from _entries(row[wrapper])
                return
        yield {key: _text(item) for key, item in row.items()}


def _csv(text: str) -> Iterator[dict[str, str]]:
    lines = text.splitlines()
    sample = next((line for line in lines if line.strip()), "")
    delimiter = max(",;\t", key=sample.count)
    table: Iterable[list[str]] = csv.reader(lines, delimiter=delimiter, strict=True)
    heads: list[str] | None = None
    for cells in table:
        if not any(cell.strip() for cell in cells):
            continue
        if heads is None:
            heads = [_folded(cell) for cell in cells]
            yield dict.fromkeys(heads, "")  # a header alone is an export without entries, and tells whose it is
        else:
            yield dict(zip(heads, (cell.strip() for cell in cells), strict=False))


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return " ".join(_text(item) for item in value)
    return value if isinstance(value, str) else json.dumps(value)


def _folded(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _moment(text: str, name: str, number: int) -> int:
    """The moment in µs: seconds since 1970, ISO 8601, or as mails have it (`Fri, 21 Oct 2011 11:02:55 UTC`)."""
    try:
        if re.fullmatch(r"\d{9,10}(\.\d+)?", text):
            when = dt.datetime.fromtimestamp(float(text), dt.UTC)
        elif re.match(r"[A-Za-z]{3},", text):
            when = parsedate_to_datetime(text)
        else:
            when = dt.datetime.fromisoformat(re.sub(r" (?:UTC|GMT)$", "+00:00", text))
    except (ValueError, OverflowError, OSError) as error:
        raise UsageError(f"suppression list {name}: entry {number}: {text!r} is no date") from error
    when = when if when.tzinfo else when.replace(tzinfo=dt.UTC)
    return micros(when)
