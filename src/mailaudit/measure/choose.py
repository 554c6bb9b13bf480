"""Which facts a question is about: the tables it reads, narrowed to range, filters and roles, made when first needed.

Tables of counts have columns that end in `_n`: 1 where the row counts, 0 where it does not, so questions only add up.
Received counts at acceptance, what became of it when that was decided, and what is still open at acceptance again.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING

from mailaudit.measure import calendar, dimensions
from mailaudit.measure.causes import causes
from mailaudit.measure.filters import Conditions, Filters
from mailaudit.measure.prepare import FATES
from mailaudit.measure.texts import filled, statements

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Set as AbstractSet

    from mailaudit.measure.engine import Engine


@dataclass(frozen=True, slots=True)
class Options:
    """What all tables of one answer have in common."""

    zone: dt.tzinfo = dt.UTC
    since_us: int | None = None
    """First moment of the range, µs of UTC."""
    until_us: int | None = None
    """First moment after the range."""
    filters: Filters = field(default_factory=Filters)
    notices: bool = False
    """Notices count as mail."""
    fold: tuple[str, ...] = ()
    """verp, srs, prvs, plus: ways of writing one sender that count as one."""
    limit: int | None = None
    """Rows that are wanted of each table; None: all."""
    short: int | None = None
    """Rows of a table that may be long, where no limit is set."""


LONGEST = ("chosen_relays", "chosen_messages", "chosen_refusals", "chosen_delays", "hours", "chosen_replies")
"""Tables that take longest to make: questions asked at the same time had better find them."""


class Choice:
    """The tables that questions read, for one set of options."""

    def __init__(self, engine: Engine, options: Options) -> None:
        self.engine = engine
        self.options = options
        self._made: set[str] = set()
        self._making: dict[str, Lock] = defaultdict(Lock)
        self._makers: dict[str, Callable[[], None]] = {
            "selected": self._selected,
            "chosen": self._chosen,
            "chosen_messages": self._script("chosen_messages.sql", "chosen"),
            "chosen_relays": self._script("chosen_relays.sql", "chosen"),
            "chosen_waits": self._script("chosen_waits.sql", "chosen"),
            "chosen_delays": self._script("chosen_delays.sql", "chosen_waits"),
            "chosen_replies": self._script("chosen_replies.sql", "chosen_lines"),
            "chosen_lines": self._lines,
            "chosen_refusals": self._refusals,
            "chosen_tls": self._tls,
            "life_roles": self._life_roles,
            "chosen_deferrals": self._deferrals,
            "hours": self._hours,
            "queued": self._queued,
            "queue_changes": self._script("queue_changes.sql"),
            "clock_hours": lambda: calendar.clock_hours(engine),
            "direction_words": lambda: dimensions.directions(engine),
            "refusal_meanings": lambda: dimensions.refusal_meanings(engine),
            "size_classes": lambda: dimensions.size_classes(engine),
            "organisations": lambda: dimensions.organisations(engine),
            "isps": self._isps,
            "moments": self._moments,
            "reactions": self._script("reactions.sql"),
            "sending_ips": self._script("sending_ips.sql"),
            "streams": self._script("streams.sql"),
            "causes": lambda: causes(engine),
            "message_tags": lambda: dimensions.tags(engine),
            "senders": lambda: dimensions.senders(engine, options.fold),
            "sender_messages": self._sender_messages,
        }

    def need(self, *names: str) -> None:
        """Makes the named tables unless they are there; questions asked at the same time wait for each other's."""
        for name in names:
            with self._making[name]:
                if name not in self._made:
                    self._makers[name]()
                    self._made.add(name)

    def longest(self, names: AbstractSet[str]) -> list[Callable[[], None]]:
        """What makes those of the named tables that take longest, to be done before the questions, or beside them."""
        return [partial(self.need, name) for name in LONGEST if name in names]

    def _script(self, file: str, *needs: str) -> Callable[[], None]:
        def make() -> None:
            self.need(*needs)
            self.engine.script(file)

        return make

    def _sender_messages(self) -> None:
        """The messages with their sender as it counts: folded, if that was asked for."""
        self.need("chosen_messages")
        counted_as, join = "l.sender", ""
        if self.options.fold:
            self.need("senders")
            counted_as, join = "f.folded", "left join senders f on f.address = l.sender"
        self.engine.run(
            f"create or replace view sender_messages as select m.*, {counted_as} as counted_as "
            f"from chosen_messages m join life l on l.key = m.root {join}"
        )

    def _isps(self) -> None:
        self.need("chosen_relays")
        dimensions.isps(self.engine)

    def _roles(self) -> str:
        return "('user', 'notice')" if self.options.notices else "('user')"

    def _range(self, column: str) -> str:
        """A condition on a time; the range is made of integers of ours, so it may stand in a view."""
        since, until = self.options.since_us, self.options.until_us
        parts = [f"{column} >= {since:d}"] if since is not None else []
        parts += [f"{column} < {until:d}"] if until is not None else []
        return " and ".join(parts) or "true"

    def _selected(self) -> None:
        """The recipients that pass the filters."""
        if self.options.filters == Filters():
            self.engine.run("create or replace view selected as select * from settled")
            return
        conditions = Conditions()
        conditions.filters(self.options.filters, "r")
        self.engine.run(
            "create or replace table picked as "
            f"select root, recipient_key, recipient_row from recipients r where {conditions.sql}",
            conditions.values,
        )
        self.engine.run(
            "create or replace view selected as select s.* from settled s join picked p "
            "on p.root = s.root and p.recipient_row is not distinct from s.recipient_row"
        )

    def _chosen(self) -> None:
        self.need("selected")
        self.engine.script(
            "chosen.sql",
            came=self._range("submitted_us"),
            went=self._range("finished_us"),
            state=self._state(),
            roles=self._roles(),
            **FATES,
        )

    def _state(self) -> str:
        """The fate as it stood at the end of the range, as an expression: what was settled later was open then."""
        until = self.options.until_us
        if until is None:
            return "fate"
        return filled(
            f"case when finished_us < {until:d} then fate "
            f"when finished_us is null and not (fate = {{deferred}} "
            f"and coalesce(first_deferred_us >= {until:d}, false)) then fate "
            f"when first_deferred_us < {until:d} then {{deferred}} else {{pending}} end",
            **FATES,
        )

    def _queued(self) -> None:
        """What the queue held at the end of the range, whenever it was accepted."""
        self.need("selected")
        until = self.options.until_us
        come = "true" if until is None else f"coalesce(submitted_us, first_deferred_us) < {until:d}"
        self.engine.script("queued.sql", come=come, state=self._state(), roles=self._roles(), **FATES)

    def _lines(self) -> None:
        self.need("selected")
        picked = "" if self.options.filters == Filters() else statements("picked_lines.sql")[0]
        remote = filled(statements("remote.sql")[0], role="r.role")
        self.engine.script("chosen_lines.sql", range=self._range("d.time_us"), picked=picked, remote=remote)

    def _refusals(self) -> None:
        conditions = Conditions()
        conditions.filters(self.options.filters, "r", variables=False)
        (sql,) = statements("chosen_refusals.sql")
        sql = filled(sql, range=self._range("r.time_us"), conditions=conditions.sql)
        self.engine.run(sql, conditions.values)

    def _tls(self) -> None:
        self.engine.run(f"create or replace view chosen_tls as select * from tls where {self._range('time_us')}")

    def _life_roles(self) -> None:
        """Queue ids by role, first seen in the range; filters do not touch them."""
        self.engine.run(
            "create or replace view life_roles as select role, cast(count(*) as bigint) as n from lives "
            f"where {self._range('first_us')} group by role"
        )

    def _deferrals(self) -> None:
        self.need("selected")
        self.engine.script("chosen_deferrals.sql", range=self._range("s.time_us"), roles=self._roles())

    def _hours(self) -> None:
        self.need("chosen", "chosen_messages", "chosen_deferrals")
        self.engine.script("quarters.sql")
        options = self.options
        calendar.local_hours(self.engine, options.zone, "quarters", options.since_us, options.until_us)
        self.engine.script("hours.sql")

    def _moments(self) -> None:
        """Makes moments: the local calendar of every quarter of an hour in which mail was accepted."""
        self.need("chosen")
        self.engine.run(
            "create or replace table accepted_quarters as "
            "select distinct submitted_us - submitted_us % 900000000 as quarter_us from chosen"
        )
        calendar.local_hours(self.engine, self.options.zone, "accepted_quarters")
        self.engine.script("moments.sql")
