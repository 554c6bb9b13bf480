"""What accounts sent, day by day or, of a short log, hour by hour."""

from __future__ import annotations

import datetime as dt
import ipaddress
from typing import TYPE_CHECKING

from mailaudit.advise.outliers import FEWEST, Period
from mailaudit.measure import calendar
from mailaudit.measure.prepare import FATES
from mailaudit.measure.texts import filled, statements
from mailaudit.model.times import HOUR, micros, moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailaudit.measure.engine import Engine, Row

V4, V6 = 24, 48
"""Bits of an address that name a network: what one provider gives to one customer's neighbourhood."""


def periods(engine: Engine, zone: dt.tzinfo, since_us: int | None, until_us: int | None) -> list[Period]:
    """What every account sent in every local day in which it sent anything; in hours if the days are too few."""
    span = calendar.span(engine, since_us, until_us)
    if span is None:
        return []
    days = list(local_days(zone, *span))
    hours = [(at, at + HOUR) for at in range(span[0] - span[0] % HOUR, span[1] + 1, HOUR)]
    engine.table("periods", ("begin_us bigint", "end_us bigint"), days if len(days) > FEWEST else hours)
    addresses = engine.rows("select distinct client_ip from life where client_ip is not null")
    engine.table("networks", ("client_ip varchar", "network varchar"), [(ip, network(ip)) for (ip,) in addresses])
    (sql,) = statements("accounts_sent.sql")
    engine.run(filled(sql, **FATES))
    rows = engine.rows(
        "select account, kind, begin_us, end_us, cast(count(*) as bigint), cast(sum(recipients) as bigint), "
        "cast(sum(failed) as bigint), cast(sum(ended) as bigint), cast(count(distinct network) as bigint) "
        "from sent_by group by account, kind, begin_us, end_us order by kind, account, begin_us"
    )
    return [Period(*row) for row in rows]


def sent(engine: Engine, period: Period) -> list[Row]:
    """The messages of a period: time, queue id, sender, recipients, failures, client, earliest first."""
    return engine.rows(
        "select coalesce(l.accepted_us, l.first_us), l.queue_id, l.sender, s.recipients, cast(s.failed as bigint), "
        "l.client_host, l.client_ip "
        "from sent_by s join life l on l.key = s.root where s.kind = ? and s.account = ? and s.begin_us = ? "
        'order by 1, l.source, l."offset"',
        [period.kind, period.account, period.begin_us],
    )


def local_days(zone: dt.tzinfo, first_us: int, last_us: int) -> Iterator[tuple[int, int]]:
    """Yields the beginning and end of every local day from the first moment to the last, in µs."""
    day = moment(first_us, zone).date()
    begin = _midnight(day, zone)
    while begin <= last_us:
        day += dt.timedelta(days=1)
        end = _midnight(day, zone)
        yield begin, end
        begin = end


def _midnight(day: dt.date, zone: dt.tzinfo) -> int:
    return micros(dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC))


def network(address: str) -> str:
    """The network of a client's address; what is no address stands for itself."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((found, V4 if found.version == V4_VERSION else V6), strict=False))


V4_VERSION = 4
