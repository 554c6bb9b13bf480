"""pflogsumm's report, as its readers' scripts expect it: titles, columns, units and order.

Where pflogsumm leaves the order of equal rows to chance, they stand in the order of their names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mailaudit.pflogsumm import newer_reasons, reasons
from mailaudit.pflogsumm.lines import MONTHS
from mailaudit.pflogsumm.options import ALL

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Mapping

    from mailaudit.pflogsumm.options import Options
    from mailaudit.pflogsumm.summary import Connections, Summary

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
KILO_FROM, MEGA_FROM = 512 << 10, 512 << 20
MINUTE, HOUR = 60, 3600
TRAFFIC = "    {:13} received  delivered   deferred    bounced     rejected"
LINE = "    " + "-" * 68
TOTALS = (
    "received", "delivered", "forwarded", "deferred", "bounced", "rejected", "reject warnings", "held", "discarded",
)  # fmt: skip
SIZES = (
    "bytes received", "bytes delivered", "senders", "sending hosts/domains", "recipients", "recipient hosts/domains",
)  # fmt: skip


def report(found: Summary, options: Options, now: dt.datetime) -> Iterator[str]:
    """The lines of the report."""
    if options.newer:
        yield "Postfix Log Summaries" + _span(found)
    elif options.day:
        yield f"Postfix log summaries for {_named_day(options, now)}"
    yield from _totals(found, options)
    if options.problems_first:
        yield from _problems(found, options)
    yield from _traffic(found, options)
    if options.users:
        yield from _people(found, options)
    sizeless = "Messages with no size data"
    if options.newer:
        sizeless += f" ({len(found.without_size)})"
    yield from _title(sizeless, found.without_size, quiet=True)
    for queue_id in sorted(found.without_size):
        yield f" {queue_id}  {found.without_size[queue_id]}"
    if not options.problems_first:
        yield from _problems(found, options)


def _traffic(found: Summary, options: Options) -> Iterator[str]:
    """The sections by time and by domain."""
    if "per-hour" not in options.suppress:
        if found.day_count > 1:
            yield from _days(found, options)
        yield from _hours(found, options)
    yield from _domains(found, options)
    if options.smtpd_stats:
        yield from _sessions(found, options)
    if options.ssl_tls_stats:
        yield from _nested("SMTP TLS Levels (by relay)", found.tls, options.hosts, options)


def _span(found: Summary) -> str:
    """The days of a log, in words."""
    if not found.first_day:
        return ""
    first, last = _long_day(found.first_day), _long_day(found.last_day)
    return f" for {first}" + (f" through {last}" if first != last else "")


def _long_day(day: str) -> str:
    import datetime as dt  # noqa: PLC0415

    date = dt.date.fromisoformat(day)
    return f"{WEEKDAYS[date.weekday()]}, {MONTHS[date.month - 1]} {date.day} {date.year}"


def _of(title: str, limit: int, rows: int, options: Options) -> str:
    """A title with how many rows there are, and how many of them are shown."""
    if options.newer:
        return f"{title} ({f'top {limit} of ' if 0 < limit < rows else ''}{rows})"
    return f"{title} {f'(top {limit})' if limit > 0 else ''}"


def _people(found: Summary, options: Options) -> Iterator[str]:
    """Senders and recipients."""
    for title, rows, at in (
        ("Senders by message count", found.senders, 0),
        ("Recipients by message count", found.recipients, 0),
        ("Senders by message size", found.senders, 1),
        ("Recipients by message size", found.recipients, 1),
    ):
        table = {name: row[at] for name, row in rows.items()}
        if not options.newer:
            top = f"top {options.users} " if options.users > 0 else ""
            yield from _list(top + title, table, options, options.users)
        elif at and "size-detail" in options.suppress:
            continue
        elif table:
            yield from _heading(_of(title, options.users, len(table), options))
            yield from _counts(table, options.users, " ", options)
        elif not options.quiet:
            yield from ("", f"{title} (0)")


def _named_day(options: Options, now: dt.datetime) -> str:
    import datetime as dt  # noqa: PLC0415

    day = now.date() - dt.timedelta(days=options.day == "yesterday")
    return f"{MONTHS[day.month - 1]} {day.day:2d}"


def _units(value: float) -> str:
    """A number as pflogsumm has it: six characters and `k` or `m` for what is large; cut off, not rounded."""
    if value > MEGA_FROM:
        return f"{int(value / (1 << 20)):6d}m"
    if value > KILO_FROM:
        return f"{int(value / (1 << 10)):6d}k"
    return f"{int(value):6d} "


def _seconds(value: float) -> str:
    if value > HOUR:
        return f"{value / HOUR:5.1f} h"
    return f"{value / MINUTE:5.1f} m" if value > MINUTE else f"{value:5.1f} s"


def _clock(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // HOUR:2d}:{whole % HOUR // MINUTE:02d}:{whole % MINUTE:02d}"


def _heading(title: str) -> Iterator[str]:
    yield from ("", title, "-" * len(title))


def _totals(found: Summary, options: Options) -> Iterator[str]:
    totals = found.totals
    whole = totals["delivered"] + totals["rejected"] + totals["discarded"]
    yield from _heading("Grand Totals")
    yield from ("messages", "")
    for name in TOTALS:
        line = f" {_units(totals[name])}  {name}"
        if name == "deferred" and totals["deferrals"]:
            line += f"  ({_units(totals['deferrals']).lstrip()} deferrals)"
        if name in {"rejected", "discarded"}:
            line += f" ({int(totals[name] / whole * 100) if whole else 0}%)"
        yield line
        if name == "bounced" and options.newer:
            yield from (f" {_units(totals[more])}  {more}" for more in ("removed (canceled)", "expired"))
    yield ""
    yield from (f" {_units(totals[name])}  {name}" for name in SIZES)
    if options.smtpd_stats:
        sessions = found.sessions
        yield from ("", "smtpd", "")
        yield f"  {_units(sessions.count)}  connections"
        yield f"  {_units(len(found.sessions_by_client))}  hosts/domains"
        yield f"  {_mean(sessions):6d}   avg. connect time (seconds)"
        yield f" {_clock(sessions.seconds)}  total connect time"
    if options.pscrn_stats:
        screened = found.screened
        yield from ("", "postscreen", "")
        yield f"  {_units(screened.count)}  connections"
        yield f"  {_units(len(found.screened_clients))}  IP addresses"
        yield f"  {_mean(screened):6d}   avg. connect time (seconds)"
        yield f" {_clock(screened.seconds)}  total connect time"
    yield ""


def _mean(sessions: Connections) -> int:
    return int(sessions.seconds / sessions.count + 0.5) if sessions.count else 0


def _day(day: str, options: Options) -> str:
    year, month, number = day.split("-")
    return f"    {day} " if options.iso_date_time else f"    {MONTHS[int(month) - 1]} {int(number):2d} {year}"


def _hour(hour: int, options: Options) -> str:
    return f"    {hour:02d}:00-{hour + 1:02d}:00" if options.iso_date_time else f"    {hour:02d}00-{hour + 1:02d}00  "


def _days(found: Summary, options: Options) -> Iterator[str]:
    yield from _heading("Per-Day Traffic Summary")
    yield from (TRAFFIC.format("date"), LINE)
    for day in sorted(found.days):
        # A day's row ends with the last column in which something was counted.
        row = found.days[day]
        last = max((at for at, value in enumerate(row) if value), default=4 if options.zero_fill else -1)
        row = row if options.zero_fill else row[: last + 1]
        yield _day(day, options) + "".join(f"    {_units(value)}" for value in row)


def _hours(found: Summary, options: Options) -> Iterator[str]:
    days = found.day_count
    yield from _heading("Per-Hour Traffic " + ("Daily Average" if days > 1 else "Summary"))
    yield from (TRAFFIC.format("time"), LINE)
    for hour, row in enumerate(found.hours):
        values = (value / days + 0.5 if days else value for value in row)
        yield _hour(hour, options) + "".join(f"    {_units(value)}" for value in values)


def _domains(found: Summary, options: Options) -> Iterator[str]:
    if not options.hosts or "host/domain" in options.suppress:
        return
    yield from _heading(_of("Host/Domain Summary: Message Delivery", options.hosts, len(found.delivery), options))
    name = " msg cnt   bytes" if options.newer else " sent cnt  bytes"
    yield f"{name}   defers   avg dly max dly host/domain"
    yield " -------- -------  -------  ------- ------- -----------"
    delivery = sorted(found.delivery.items(), key=lambda item: (-item[1].count, -item[1].bytes, item[0]))
    for name, domain in _first(delivery, options.hosts):
        mean = domain.delay / domain.count if domain.count else 0.0
        yield (
            f" {_units(domain.count)}  {_units(domain.bytes)}  {_units(domain.deferrals)}  {_seconds(mean)}  "
            f"{_seconds(domain.longest)}  {name}"
        )
    yield from _heading(_of("Host/Domain Summary: Messages Received", options.hosts, len(found.received), options))
    yield " msg cnt   bytes   host/domain"
    yield " -------- -------  -----------"
    received = sorted(found.received.items(), key=lambda item: (-item[1][0], -item[1][1], item[0]))
    for name, (count, size) in _first(received, options.hosts):
        yield f" {_units(count)}  {_units(size)}  {name}"


def _sessions(found: Summary, options: Options) -> Iterator[str]:
    if "per-hour" not in options.suppress:
        yield from _sessions_by_time(found, options)
    if options.hosts and "host/domain" not in options.suppress:
        yield from _sessions_by_client(found, options)


def _sessions_by_time(found: Summary, options: Options) -> Iterator[str]:
    several = found.day_count > 1
    if several:
        yield from _heading("Per-Day SMTPD Connection Summary")
        yield from ("    date        connections    time conn.    avg./conn.   max. time", LINE)
        for day in sorted(found.sessions_by_day):
            sessions = found.sessions_by_day[day]
            yield (
                f"{_day(day, options)}   {_units(sessions.count)}       {_clock(sessions.seconds)}"
                f"      {_mean(sessions):6d}s      {sessions.longest:6d}s"
            )
        yield from _heading("Per-Hour SMTPD Connection Daily Average")
        yield from ("    hour        connections    time conn.", "    " + "-" * 37)
    else:
        yield from _heading("Per-Hour SMTPD Connection Summary")
        yield from ("    hour        connections    time conn.    avg./conn.   max. time", LINE)
    for hour in sorted(found.sessions_by_hour):
        sessions = found.sessions_by_hour[hour]
        if several:
            count, seconds = (value / found.day_count + 0.5 for value in (sessions.count, sessions.seconds))
            yield f"{_hour(hour, options)}   {_units(count)}       {_clock(seconds)}"
        else:
            yield (
                f"{_hour(hour, options)}   {_units(sessions.count)}       {_clock(sessions.seconds)}"
                f"      {_mean(sessions):6d}s      {sessions.longest:6d}s"
            )


def _sessions_by_client(found: Summary, options: Options) -> Iterator[str]:
    rows = len(found.sessions_by_client)
    yield from _heading(_of("Host/Domain Summary: SMTPD Connections", options.hosts, rows, options))
    yield " connections  time conn.  avg./conn.  max. time  host/domain"
    yield " -----------  ----------  ----------  ---------  -----------"
    clients = sorted(found.sessions_by_client.items(), key=lambda item: (-item[1].count, -item[1].seconds, item[0]))
    for name, sessions in _first(clients, options.hosts):
        yield (
            f"  {_units(sessions.count)}      {_clock(sessions.seconds)}     {_mean(sessions):6d}s"
            f"    {sessions.longest:6d}s   {name}"
        )


def _problems(found: Summary, options: Options) -> Iterator[str]:
    """The sections of what went wrong."""
    yield from _nested("message deferral detail", found.deferred, options.deferral_detail, options)
    yield from _nested("message bounce detail (by relay)", found.bounced, options.bounce_detail, options)
    if options.newer:
        yield from _nested("message expired detail (by relay)", found.expired, options.expired_detail, options)
    for title, table in (
        ("message reject detail", found.rejects),
        ("message reject warning detail", found.warns),
        ("message hold detail", found.holds),
        ("message discard detail", found.discards),
    ):
        yield from _nested(title, table, options.reject_detail, options)
    if options.newer:
        if options.ssl_tls_stats:
            yield from _nested("Inbound (smtpd) SSL Errors", found.tls_troubles, options.hosts, options, whole=True)
        yield from _nested("SMTP Exceptions", found.unreached, ALL, options)
        yield from _nested("Warnings", found.warnings, options.warning_detail, options)
        yield from _nested("postscreen actions", found.postscreen, options.pscrn_detail, options)
    else:
        yield from _nested("smtp delivery failures", found.unreached, options.smtp_detail, options)
        yield from _nested("Warnings", found.warnings, options.smtpd_warning_detail, options)
    yield from _nested("Fatal Errors", found.fatals, ALL, options)
    yield from _nested("Panics", found.panics, ALL, options)
    yield from _list("Master daemon messages", found.master, options, ALL)


def _nested(
    title: str, table: Mapping[str, Any], limit: int, options: Options, *, whole: bool = False
) -> Iterator[str]:
    """A section with groups; `whole`: a limit of 0 is none."""
    if limit or whole:
        yield from _title(title, table, quiet=options.quiet)
        yield from _walked(table, limit or ALL, 2, options)


def _walked(table: Mapping[str, Any], limit: int, indent: int, options: Options) -> Iterator[str]:
    """Names in alphabetical order down to those with counts; these by count."""
    if not all(hasattr(value, "items") for value in table.values()):
        yield from _counts(table, limit, " " * indent, options)
        return
    for name in sorted(table):
        inner = table[name]
        counted = not all(hasattr(value, "items") for value in inner.values())
        yield " " * indent + name + (_sum(inner, limit, options) if counted else "")
        yield from _walked(inner, limit, indent + 2, options)


def _sum(table: Mapping[str, int], limit: int, options: Options) -> str:
    total = sum(table.values())
    if options.newer:
        return f" ({f'top {limit} of ' if 0 < limit < len(table) else ''}{total})"
    return (f" (top {limit})" if limit > 0 else "") + f" (total: {total})"


def _title(title: str, table: Mapping[str, object], *, quiet: bool) -> Iterator[str]:
    if table:
        yield from _heading(title)
    elif not quiet:
        yield from ("", f"{title}: none")


def _list(title: str, table: Mapping[str, int], options: Options, limit: int) -> Iterator[str]:
    yield from _title(title, table, quiet=options.quiet)
    yield from _counts(table, limit, " ", options)


def _counts(table: Mapping[str, int], limit: int, indent: str, options: Options) -> Iterator[str]:
    key = newer_reasons.sort_key if options.newer else reasons.sort_key
    ordered = sorted(table.items(), key=lambda item: (-item[1], key(item[0]), item[0]))
    yield from (f"{indent}{_units(count)}  {name}" for name, count in _first(ordered, limit))


def _first(rows: list[tuple[str, Any]], limit: int) -> Iterable[tuple[str, Any]]:
    return rows if limit < 0 else rows[:limit]
