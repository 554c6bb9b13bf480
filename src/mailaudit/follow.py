"""What happens to mail as it happens: each delivery line of logs that grow, with what is known of its message.

The same reading, clock and linking as everywhere; instead of a store, the messages under way are kept in memory. A row
says how its recipient stands at that line; a later line may say otherwise.
"""

from __future__ import annotations

import io
import time
from collections import OrderedDict, deque
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from mailaudit.formats import formats
from mailaudit.link import instances
from mailaudit.link.clocks import Clocks
from mailaudit.linking import Linker
from mailaudit.measure.engine import Engine
from mailaudit.measure.passing import passing
from mailaudit.measure.prepare import TRIED
from mailaudit.model.vocabulary import OUTCOME_OF, SETTLING
from mailaudit.parsing import parse
from mailaudit.read import sources
from mailaudit.read.blocks import Block
from mailaudit.read.lines import lines
from mailaudit.read.tail import Tail
from mailaudit.store.temporary import TemporaryStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mailaudit.measure.filters import Filters
    from mailaudit.model.request import Request
    from mailaudit.read.sources import Source

Row = dict[str, Any]
BEFORE = 8 << 20
"""Bytes before the end of a file that are read first, to know the messages under way; nothing of them is shown."""
KEPT = 200_000
"""Messages that are remembered; the oldest are forgotten first."""
STDIN = "-"
POLL = 0.5
"""Seconds between two looks at a file."""
FAILURES = frozenset(("deferred", "bounced", "soft_bounced", "hard_bounced", "expired"))
HANDED_ON = frozenset(("relayed", "expanded"))
OF_MESSAGE = ("message_id", "sender", "host", "sasl_user", "client_host", "client_ip")
OF_DELIVERY = (
    "recipient", "recipient_domain", "original_recipient", "smtp_code", "enhanced_status", "reply", "relay_host",
    "relay_ip",
)  # fmt: skip


class Follower:
    """Follows one or several logs."""

    def __init__(self, request: Request, filters: Filters, *, collapse: bool = True) -> None:
        files = tuple(path for path in request.paths if path != STDIN)
        plain = [source for source in sources.find(files).sources if not source.compression] if files else []
        if STDIN in request.paths:
            plain.append(_standard_input(len(plain)))
        self.sources: list[Source] = plain
        self._request = request
        self._filters = filters
        self._collapse = collapse
        self._clocks = Clocks(plain, request, {}, look=False)
        self._linker = Linker()
        self._owners = instances.sampled(plain)
        self._messages: OrderedDict[int, Row] = OrderedDict()
        self._begun: OrderedDict[str, tuple[str, int | None]] = OrderedDict()
        self._attempts: OrderedDict[tuple[int, str], int] = OrderedDict()
        self._places = {source.number: [0, 1, 0] for source in plain}  # block, line, offset
        self._engine: Engine | None = None

    def rows(self, wait: Callable[[float], object] = time.sleep, *, earlier: int = 0) -> Iterator[Row]:
        """Yields a row for each delivery line that is written from now on, for ever; or until standard input ends.

        So many of the latest that stand there already come first.
        """
        tails = [(source, Tail(source.path, before=BEFORE)) for source in self.sources]
        before: deque[Row] = deque(maxlen=earlier)
        try:
            while tails:
                quiet = True
                for source, tail in list(tails):
                    shown = tail.behind == 0
                    data = tail.read()
                    if data:
                        quiet = False
                        happened = self.passing(list(self.block(source.number, data)))
                        if shown:
                            yield from happened
                        else:
                            before += happened
                    elif tail.ended:
                        tails.remove((source, tail))
                if before and not any(tail.behind for _, tail in tails):
                    yield from sorted(before, key=lambda row: row["time_us"])
                    before.clear()
                if quiet and tails:
                    wait(POLL)
        finally:
            for _, tail in tails:
                tail.close()
            if self._engine is not None:
                self._engine.close()

    def block(self, source: int, data: bytes) -> Iterator[Row]:
        """Yields the rows of some more lines of a source."""
        place = self._places[source]
        block = Block(source, place[0], data, place[1], place[2])
        self._places[source] = [place[0] + 1, place[1] + data.count(b"\n"), place[2] + len(data)]
        parsed = parse(block, lines(block), self._request.input_format, owners=self._owners)
        self._owners |= parsed.owners
        if parsed.survey is None:
            return
        segments = self._clocks.at_once(source, parsed.survey)
        deliveries: list[Row] = []
        for table, frame in self._linker.rows(parsed, source, segments):
            if table == "messages":
                for row in frame.iter_rows(named=True):
                    self._learn(row)
            elif table == "deliveries":
                deliveries += frame.iter_rows(named=True)
        for row in sorted(deliveries, key=lambda row: row["line"]):
            found = self._row(row)
            if found is not None:
                yield found

    def _learn(self, row: Row) -> None:
        """What a block says of a message is added to what is known; the first that is known counts."""
        known = self._messages.setdefault(row["key"], {})
        for name, value in row.items():
            if value is not None and known.get(name) is None:
                known[name] = value
        self._messages.move_to_end(row["key"])
        _shortened(self._messages)

    def _row(self, delivery: Row) -> Row | None:
        """The row of a delivery line; None for lines that say nothing of how a recipient stands."""
        event, recipient = delivery["event"], delivery["recipient"]
        message = self._messages.get(delivery["key"], {})
        queue_id: str = message.get("queue_id") or ""
        first, accepted_us = self._begun.get(queue_id, (queue_id, message.get("accepted_us")))
        if self._collapse and event in HANDED_ON and delivery.get("next_id") and queue_id:
            self._begun[delivery["next_id"]] = first, accepted_us
            _shortened(self._begun)
            return None
        if event not in OUTCOME_OF or recipient is None or (self._collapse and event in HANDED_ON):
            return None
        pair = (delivery["key"], recipient)
        tried = event in TRIED and delivery.get("attempted") is not False
        if tried:
            self._attempts[pair] = self._attempts.get(pair, 0) + 1
            self._attempts.move_to_end(pair)
            _shortened(self._attempts)
        outcome = "delivered" if event in HANDED_ON else OUTCOME_OF[event]
        category, type_ = _cause(delivery) if event in FAILURES else (None, None)
        return {
            **{name: message.get(name) for name in OF_MESSAGE},
            **{name: delivery.get(name) for name in OF_DELIVERY},
            "delay": _delay(delivery, accepted_us, hop=first != queue_id),
            "queue_id": first or None,
            "queue_ids": first if first == queue_id else f"{first} {queue_id}",
            "submitted_us": accepted_us or message.get("first_us"),
            "time_us": delivery["time_us"],
            "finished_us": delivery["time_us"] if event in SETTLING or event in HANDED_ON else None,
            "outcome": outcome,
            "status": outcome,
            "attempts": self._attempts.get(pair, 0),
            "tried": tried,
            "category": category,
            "type": type_,
            "source": _format_of(delivery.get("program")),
        }

    def passing(self, rows: list[Row]) -> list[Row]:
        """The rows that pass the filters."""
        if not rows or self._filters == type(self._filters)():
            return rows
        if self._engine is None:
            self._engine = Engine(TemporaryStore(None))
            self._engine.finish()
        return [rows[place] for place in passing(self._engine, self._filters, rows)]


def _standard_input(number: int) -> Source:
    """Standard input, of which nothing is read before its time."""
    return sources.Source(
        number, STDIN, None, None, None, "", raw=lambda: io.BytesIO(b""), warn=lambda _kind, _text: None
    )


def _shortened(table: OrderedDict[Any, Any]) -> None:
    while len(table) > KEPT:
        table.popitem(last=False)


def _delay(delivery: Row, accepted_us: int | None, *, hop: bool) -> float | None:
    """Seconds since the message was accepted: a later hop's line tells of that hop alone, some lines tell of none."""
    told: float | None = delivery.get("delay")
    if accepted_us is None or delivery["time_us"] < accepted_us or (told is not None and not hop):
        return told
    took_us: int = delivery["time_us"] - accepted_us
    return took_us // 1000 / 1000


def _cause(delivery: Row) -> tuple[str | None, str | None]:
    from mailaudit.classify import verdict  # noqa: PLC0415 (only when something fails)

    found = verdict(
        delivery.get("reply"),
        smtp_code=delivery.get("smtp_code"),
        enhanced_status=delivery.get("enhanced_status"),
        relay_host=delivery.get("relay_host"),
    )
    return found.category, found.type


@lru_cache(maxsize=1000)
def _format_of(program: str | None) -> str | None:
    return next((name for name, form in formats().items() if form.claims(program) is not None), None)
