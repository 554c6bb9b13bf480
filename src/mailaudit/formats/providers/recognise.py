"""Which shape a record has: decided for each record by its signature, envelopes around it taken off first."""

from __future__ import annotations

from base64 import b64decode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mailaudit.errors import InputError
from mailaudit.formats.providers import chosen
from mailaudit.read.cells import HEADER
from mailaudit.read.decode import back_to_back, decoded
from mailaudit.read.secrets import hidden

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mailaudit.formats.providers.shape import Provider, Shape
    from mailaudit.read.batches import Batch, Layout

ENVELOPES = (
    "Message",
    "message",
    "Body",
    "body",
    "detail",
    "Sns",
    "kinesis",
    "Records",
    "payload",
    "event_body",
    "d",
    "data",
    "event",
    "msys",
    "logEvents",
    "hits",
    "_source",
    "result",
    "_raw",
    "line",
    "request",
    "json",
)
"""Members in which queues, functions, captures, and stores of logs put a record."""
BASE64 = ("eyJ", "ew0K", "ewog", "W3s", "Ww0K", "Wwog")
"""How base64 of a JSON object, or of a list of them, begins."""
DEPTH = 6

Found = tuple["Provider", "Shape"]


@dataclass(slots=True)
class Sorted:
    """The records of a batch by shape."""

    by_shape: dict[str, tuple[list[int], list[Any]]]
    """By format id: record numbers and records; an envelope with several records has its number several times."""
    headers: list[int]
    """Numbers of records that repeat a header."""
    strange: dict[int, str]
    """By number: records of no known shape, as text; JSON that is broken, too."""


def sort(batch: Batch, forced: str | None = None) -> Sorted:
    """Sorts the records of a batch.

    Raises `InputError` where a record could be of several shapes.
    """
    found = Sorted({}, [], {})
    candidates = _candidates(batch.layout, forced)
    last: Shape | None = None
    for number, record in enumerate(batch.records, batch.first):
        if type(record) is dict:
            if last is not None and fits(last.signature, record):
                numbers, records = found.by_shape[last.name]
                numbers.append(number)
                records.append(record)
                continue
            if HEADER in record:
                found.headers.append(number)
                continue
            any_shape = False
            for shape, inner in _opened(record, candidates, number, 0):
                numbers, records = found.by_shape.setdefault(shape.name, ([], []))
                numbers.append(number)
                records.append(inner)
                last, any_shape = shape, True
            if any_shape:
                continue
        broken = batch.broken.get(number - batch.first)
        found.strange[number] = hidden(broken) if broken else _text(record)
    return found


def _candidates(layout: Layout, forced: str | None) -> list[Shape]:
    """The shapes that may be meant; of what is forced, in whatever layout it comes."""
    found = [shape for _, shape in chosen(forced)]
    return found if forced else [shape for shape in found if shape.layout == layout]


def _opened(record: Any, candidates: list[Shape], number: int, depth: int) -> Iterator[tuple[Shape, Any]]:  # noqa: ANN401
    """Yields shape and record for a record, or for those in the envelope that it is."""
    if type(record) is list:
        for member in record:
            yield from _opened(member, candidates, number, depth + 1)
        return
    if type(record) is not dict or depth > DEPTH:
        return
    fitting = [shape for shape in candidates if fits(shape.signature, record)]
    if len(fitting) > 1:
        names = " and ".join(shape.name for shape in fitting)
        raise InputError(f"record {number} could be of the formats {names}", hint="say which with --input-format NAME")
    if fitting:
        yield fitting[0], record
        return
    yield from next(filter(None, _inside(record, candidates, number, depth)), ())


def _inside(
    record: dict[str, Any], candidates: list[Shape], number: int, depth: int
) -> Iterator[list[tuple[Shape, Any]]]:
    """Yields what is in each member that may hold records; at last the record itself, if a shape takes what is left."""
    for name in ENVELOPES:
        inside = record.get(name)
        if type(inside) is str:
            inside = _decoded(inside)
        if type(inside) in (dict, list):
            yield list(_opened(inside, candidates, number, depth + 1))
    yield [(shape, record) for shape in candidates if shape.remainder and fits(shape.remainder, record)][:1]


def _decoded(text: str) -> Any:  # noqa: ANN401 (whatever JSON holds)
    """The value in a text; streams (Kinesis, Firehose) have it in base64, several back to back."""
    if text.startswith(BASE64):
        try:
            return back_to_back(b64decode(text).decode("utf-8", "replace"))[0]
        except ValueError:
            return text
    return decoded(text) if text[:1] in ("{", "[") else text


def fits(test: Callable[[Any], bool], record: Any) -> bool:  # noqa: ANN401 (any record)
    """True for a record of that signature."""
    try:
        return test(record)
    except (AttributeError, TypeError, ValueError, LookupError, ArithmeticError):
        return False  # hostile: a list where a name belongs


def _text(record: Any) -> str:  # noqa: ANN401 (any record)
    import json  # noqa: PLC0415 (rare)

    from mailaudit.formats.providers.redact import redacted  # noqa: PLC0415

    return json.dumps(redacted(record), ensure_ascii=False, default=str)[:4096]
