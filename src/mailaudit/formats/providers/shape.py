"""How a provider is declared: the shapes its records have, how each is recognised, and which of its fields is which.

`FIELDS` are the names that a shape may fill. Each is a key of the record, or a function of it; both may give None.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from email.utils import getaddresses
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from mailaudit.read.decode import decoded

if TYPE_CHECKING:
    from datetime import tzinfo

Record: TypeAlias = Mapping[str, Any]
Field: TypeAlias = str | Callable[[Any], object]
"""A key of the record, or a function of it."""
Fields: TypeAlias = Mapping[str, Field]
"""Ours → theirs."""

FIELDS = (
    "time",
    "raw_event",
    "event",
    "recipient",
    "original_recipient",
    "sender",
    "subject",
    "message_id",
    "provider_message_id",
    "key",
    "handed_as",
    "envelope_id",
    "pool",
    "stream",
    "campaign",
    "queue_id",
    "host",
    "event_id",
    "smtp_code",
    "invented",
    "enhanced_status",
    "reply",
    "last_reply",
    "bounce_class",
    "attempt",
    "relay_host",
    "relay_ip",
    "local_ip",
    "client_host",
    "client_ip",
    "sasl_user",
    "size",
    "delay",
    "url",
    "tags",
    "vars",
    "late",
    "machine",
    "cumulative",
    "valid_until",
    "suppressed_by",
)
"""time, valid_until: a number since 1970 (s, ms, µs or ns) or a text; event: one of ours, None for what says nothing
of a message; key: what makes a message one, where that is not its ids; handed_as: the id with which the provider's
server answers when it takes the message, where that is neither of these; envelope_id: the sender's (ENVID); pool:
of sending addresses; stream: of mail, kept apart from others; campaign: where it is not the first of
the tags; smtp_code: as it is given, in whatever type; invented: true where the provider made up the code;
last_reply: of the server, with its code, where `reply` is the provider's own; tags: a list; vars: an object."""

OTHER = "other"
"""Our word for an event that is not known."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One form of record."""

    name: str
    """The format id."""
    signature: Callable[[Any], bool]
    """True for records of this shape, and of no other."""
    fields: Mapping[str, Field]
    layout: Literal["json", "csv"] = "json"
    parts: Callable[[Any], list[Any]] | None = None
    """Of a record about several recipients or events: one record for each. None of them: it says nothing."""
    fills: Callable[[list[Any], dict[str, Any]], list[Any]] | None = None
    """Completes the records of a batch by what other records said; is given the memory of the whole run."""
    zone: tzinfo | str | None = None
    """Zone of times without one; None: UTC. --input-tz beats it."""
    assumed: str = ""
    """What had to be assumed, for people."""
    dates: Literal["month first", "day first"] = "month first"
    """How dates like 3/2/2026 are meant."""
    grain: int | None = None
    """Seconds for which a time stands, if that is more than one; SNAPSHOT for last states with the time of sending."""
    asked: bool = False
    """True of another reading of records that have a shape: only --input-format chooses it."""
    remainder: Callable[[Any], bool] | None = None
    """True for records that are of this shape, too, if nothing in them is of any: they say nothing of a message."""
    rank: int = 1
    """Of two shapes that tell the same event, the one of lower rank says more."""


SNAPSHOT = -1
"""The grain of a record that says how a message stands, not when that came about."""


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider: its shapes, and what it can tell."""

    name: str
    title: str
    link: str
    """Where it documents its records."""
    shapes: tuple[Shape, ...]
    cannot: str = ""
    """What its exports do not tell, for the matrix."""
    answers_key: bool = False
    """True if its server answers with the key of the message when it takes it: `250 Ok: queued as KEY`."""


def has(*keys: str) -> Callable[[Any], bool]:
    """A signature: all of these keys."""
    wanted = frozenset(keys)
    return lambda record: wanted <= record.keys()


def at(*path: str) -> Callable[[Any], Any]:
    """A field: the value at a path of keys; None where one of them is missing or null."""

    def get(record: Any) -> Any:  # noqa: ANN401 (whatever stands there)
        value = record
        for key in path:
            if not isinstance(value, dict):
                return None
            value = value.get(key)
        return value

    return get


def first(*fields: Field) -> Callable[[Any], Any]:
    """A field: the first of these that has a value."""
    getters = [at(field) if isinstance(field, str) else field for field in fields]

    def get(record: Any) -> Any:  # noqa: ANN401 (whatever stands there)
        for getter in getters:
            value = getter(record)
            if value not in (None, "", [], {}):
                return value
        return None

    return get


def joined(*fields: Field) -> Callable[[Any], str | None]:
    """A field: the values that are there, with `/` between them."""
    getters = [at(field) if isinstance(field, str) else field for field in fields]

    def get(record: Any) -> str | None:  # noqa: ANN401 (any record)
        values = [getter(record) for getter in getters]
        return "/".join(str(value) for value in values if value not in (None, "")) or None

    return get


def listed(value: object) -> list[Any]:
    """A value as a list: of itself, if it is none; empty for nothing."""
    if isinstance(value, list):
        return [item for item in value if item not in (None, "")]
    return [] if value in (None, "") else [value]


def objects(value: object) -> list[dict[str, Any]]:
    """The objects in a list."""
    return [item for item in listed(value) if isinstance(item, dict)]


@lru_cache(maxsize=256)
def _fits(groups: tuple[str, ...], names: tuple[str, ...]) -> bool:
    known = names_of(names).keys()
    return not lacking(groups, known) and known.isdisjoint(plain(name) for name in _barred(groups))


def lacking(groups: Sequence[str], known: Collection[str]) -> list[str]:
    """The groups of which no name is among those that are known, in their plain spelling."""
    wanted = [group for group in groups if not group.startswith("!")]
    return [group for group in wanted if not any(plain(name) in known for name in group.split("|"))]


def _barred(groups: Sequence[str]) -> list[str]:
    return [name for group in groups if group.startswith("!") for name in group[1:].split("|")]


@dataclass(frozen=True, slots=True)
class Columns:
    """A signature of cells, which can say what it looks for."""

    groups: tuple[str, ...]

    def __call__(self, record: Any) -> bool:  # noqa: ANN401 (any record)
        """True if the record has them."""
        return _fits(self.groups, tuple(record))


def columns(*groups: str) -> Columns:
    """A signature of cells: of each group at least one name, in any spelling; `date|time` is a group of two.

    A group that begins with `!` names columns that may not be there.
    """
    return Columns(groups)


def cell(*names: str) -> Callable[[Any], Any]:
    """A field: the first cell with a value among columns of these names, in any spelling."""
    wanted = tuple(map(plain, names))

    @lru_cache(maxsize=64)
    def found(keys: tuple[str, ...]) -> tuple[str, ...]:
        known = names_of(keys)
        return tuple(known[name] for name in wanted if name in known)

    def get(record: Any) -> Any:  # noqa: ANN401 (any record)
        for key in found(tuple(record)):
            if record[key] not in (None, ""):
                return record[key]
        return None

    return get


@lru_cache(maxsize=256)
def names_of(keys: tuple[str, ...]) -> dict[str, str]:
    """The columns by their plain names; of two that are alike, the first."""
    known: dict[str, str] = {}
    for key in keys:
        known.setdefault(plain(key), key)
    return known


def plain(name: str) -> str:
    """A column's name without blanks, signs and capitals."""
    return "".join(sign for sign in name.lower() if sign.isalnum())


def word(value: object) -> str:
    """A value as a word: a text, or a number in digits; nothing for anything else."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def mapping(value: object) -> dict[str, Any]:
    """A value as an object: the one in a text, if it is JSON; an empty one for anything else."""
    if isinstance(value, str) and value[:1] == "{":
        value = decoded(value)
    return value if isinstance(value, dict) else {}


def addresses(text: object) -> list[str]:
    """The addresses of a header."""
    if isinstance(text, list):
        return [address for item in text for address in addresses(item)]
    if not isinstance(text, str):
        return []
    return [address for _, address in getaddresses([text]) if address] or [text]
