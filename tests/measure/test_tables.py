"""The tables of stats count what plain counters count, and their totals close."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.effort import examples
from tests.measure import plain
from tests.measure.test_recipients import delivery, message
from tests.measure.worlds import BEGIN, HOUR, blank, engine, worlds

from mailaudit.errors import UsageError
from mailaudit.formats import refusal
from mailaudit.measure import dimensions, tables, texts
from mailaudit.measure.by import DIMENSIONS
from mailaudit.measure.choose import Options
from mailaudit.measure.filters import Filters
from mailaudit.model.columns import REFUSALS, TLS
from mailaudit.model.vocabulary import OUTCOMES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.measure.plain import Row, World

    from mailaudit.measure.engine import Engine

ROME = ZoneInfo("Europe/Rome")
PERIODS = ("month", "day", "weekday", "hour")
BY_MESSAGE = ("host", "host_organisation", "sender", "sender_domain", "size")
BY_RECIPIENT = ("relay", "relay_organisation", "recipient_domain", "isp", "direction", "attempts")
ENDS = ("delivered", "bounced", "expired", "deferred", "other")
quick = settings(max_examples=examples(8), deadline=None, suppress_health_check=[HealthCheck.too_slow])


def answer(made: Engine, name: str, options: Options | None = None) -> list[Row]:
    """The rows of a table as dictionaries."""
    return tables.compute(made, [name], options)[0].records


def total(rows: list[Row], column: str) -> int:
    """The sum of a column."""
    return sum(row[column] or 0 for row in rows)


def summary(made: Engine, options: Options | None = None) -> dict[tuple[str, str], int | None]:
    """Counts by section and name."""
    return {(row["section"], row["name"]): row["count"] for row in answer(made, "summary", options)}


@quick
@given(worlds())
def test_states_add_up_to_the_recipients(world: World) -> None:
    """The summary counts each outcome as the plain reading does, and the outcomes add up."""
    users = [row for row in plain.recipients(world) if row["role"] == "user"]
    expected = Counter(row["outcome"] for row in users)

    with engine(world) as made:
        found = summary(made)

    assert found["recipients", "recipients"] == len(users)
    assert {word: found["recipients", word] for word in OUTCOMES} == {word: expected[word] for word in OUTCOMES}
    assert found["messages", "received"] == len({row["root"] for row in users})


@quick
@given(worlds())
def test_lines_are_counted_as_a_search_counts_them(world: World) -> None:
    """The summary's delivery lines are all lines, those of hops, notices and probes too."""
    with engine(world) as made:
        found = summary(made)

    lines = {name: count for (section, name), count in found.items() if section == "lines"}
    assert lines == dict(Counter(row["event"] for row in world.deliveries))


@quick
@given(worlds())
def test_the_totals_of_all_tables_agree(world: World) -> None:
    """However recipients are grouped, their number and what became of them add up to the same."""
    users = [row for row in plain.recipients(world) if row["role"] == "user"]
    ends = Counter(row["outcome"] if row["outcome"] in ENDS else "other" for row in users)

    with engine(world) as made:
        found = tables.compute(made, (*PERIODS, *BY_MESSAGE, *BY_RECIPIENT), Options(zone=ROME))

    for table in found:
        rows = table.records
        assert total(rows, "recipients") == len(users), table.name
        assert {end: total(rows, end) for end in ENDS} == {end: ends[end] for end in ENDS}, table.name
        if table.name not in BY_RECIPIENT:
            assert total(rows, "messages") == len({row["root"] for row in users}), table.name


@quick
@given(worlds(), st.sampled_from((ROME, dt.UTC, ZoneInfo("Asia/Kolkata"), dt.timezone(dt.timedelta(hours=-3.5)))))
def test_facts_stand_at_their_own_local_hour(world: World, zone: dt.tzinfo) -> None:
    """Received counts at acceptance, delivered at delivery, in the clock of the report's zone."""
    lives = {message["key"]: message for message in world.messages}
    users = [row for row in plain.recipients(world) if row["role"] == "user"]
    received: Counter[str] = Counter()
    for root in {row["root"] for row in users}:
        submitted = lives[root]["accepted_us"] or lives[root]["first_us"]
        received[local(submitted, zone)] += 1
    delivered = Counter(local(row["finished_us"], zone) for row in users if row["outcome"] == "delivered")

    with engine(world) as made:
        rows = answer(made, "day", Options(zone=zone))
        hours = answer(made, "hour", Options(zone=zone))

    days = [row["day"] for row in rows]
    assert {row["day"]: row["messages"] for row in rows if row["messages"]} == by_day(received)
    assert {row["day"]: row["delivered"] for row in rows if row["delivered"]} == by_day(delivered)
    assert [row["messages"] for row in hours] == [
        sum(count for hour, count in received.items() if int(hour[11:]) == number) for number in range(24)
    ]
    assert days == [(dt.date.fromisoformat(days[0]) + dt.timedelta(days=n)).isoformat() for n in range(len(days))]


def local(time_us: int, zone: dt.tzinfo) -> str:
    """The local hour, as `2025-10-26 02`."""
    return (
        (dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=time_us))
        .astimezone(zone)
        .isoformat(" ")[:13]
    )


def by_day(hours: Counter[str]) -> dict[str, int]:
    """Adds up hours of a day."""
    found: Counter[str] = Counter()
    for hour, count in hours.items():
        found[hour[:10]] += count
    return dict(found)


@quick
@given(worlds(), st.integers(0, 30), st.integers(1, 30))
def test_a_range_parts_the_facts(world: World, begin: int, length: int) -> None:
    """What came and what was settled before, in and after a range adds up to the whole; its states close too."""
    since = BEGIN + begin * HOUR
    until = since + length * HOUR
    ranges = (Options(until_us=since), Options(since_us=since, until_us=until), Options(since_us=until))

    with engine(world) as made:
        whole = answer(made, "sender_domain")
        parts = [answer(made, "sender_domain", options) for options in ranges]
        states = summary(made, ranges[1])

    for column in ("messages", "recipients", "bytes", "delivered", "bounced", "expired"):
        assert sum(total(rows, column) for rows in parts) == total(whole, column), column
    assert sum(states["recipients", word] or 0 for word in OUTCOMES) == states["recipients", "recipients"]


@quick
@given(worlds())
def test_quantiles_are_by_rank(world: World) -> None:
    """The median delay is the first that at least half of the deliveries did not exceed."""
    with engine(world) as made:
        known = (
            delay
            if (key == root and (delay is not None or not accepted)) or time_us < submitted_us
            else (time_us - submitted_us) // 1000 / 1000
            for key, root, accepted, delay, time_us, submitted_us in made.rows(
                "select s.key, s.root, s.accepted, d.delay, d.time_us, s.submitted_us "
                'from settled s join deliveries d on d."row" = s.recipient_row '
                "where s.fate = 0 and s.role = 'user'",
            )
        )
        delays = sorted(delay for delay in known if delay is not None)
        rows = answer(made, "delay")

    if not delays:
        assert rows == []
        return
    (row,) = [row for row in rows if row["part"] == "total"]
    assert row["p50"] == delays[-(-len(delays) * 50 // 100) - 1]
    assert row["p95"] == delays[-(-len(delays) * 95 // 100) - 1]
    assert row["max"] == delays[-1]
    assert row["within_1m"] + row["within_5m"] + row["within_1h"] + row["later"] == row["recipients"] == len(delays)


@quick
@given(worlds(), st.lists(st.sampled_from(sorted(DIMENSIONS)), min_size=1, max_size=3, unique=True))
def test_any_combination_of_dimensions_closes(world: World, keys: list[str]) -> None:
    """--by counts each recipient once, whatever the combination."""
    users = [row for row in plain.recipients(world) if row["role"] == "user"]

    with engine(world) as made:
        found = tables.compute_by(made, keys, Options(zone=ROME))

    names = [column.name for column in found.columns]
    assert names[: len(keys)] == keys
    assert sum(row[names.index("recipients")] for row in found.rows) == len(users)


def test_an_unknown_dimension_is_a_usage_error() -> None:
    """A misspelt dimension is named, with the nearest one."""
    with engine(plain.World([message(1)], [])) as made, pytest.raises(UsageError) as error:
        tables.compute_by(made, ["sendr"])

    assert error.value.hint == "did you mean 'sender'?"


@quick
@given(worlds(), st.sampled_from(("a.example", "b.example", "nowhere.example")))
def test_filters_keep_the_totals_closed(world: World, domain: str) -> None:
    """With a filter every table counts exactly the recipients that the filter keeps."""
    users = [row for row in plain.recipients(world) if row["role"] == "user"]
    kept = [row for row in users if (row["recipient"] or "").endswith(f"@{domain}")]

    with engine(world) as made:
        options = Options(filters=Filters(domain=(domain,)))
        for name in ("day", "sender_domain", "relay", "attempts"):
            assert total(answer(made, name, options), "recipients") == len(kept), name
        assert summary(made, options)["recipients", "recipients"] == len(kept)


def test_summer_time_ends_inside_the_log() -> None:
    """The hour that local clocks show twice holds the mail of both, and the day has 25 hours' worth."""
    night = (dt.datetime(2025, 10, 26, 0, 0, tzinfo=dt.UTC) - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(
        microseconds=1
    )
    times = [night + HOUR // 2, night + HOUR + HOUR // 2, night + 2 * HOUR]
    lives = [message(number, accepted_us=at, first_us=at, last_us=at) for number, at in enumerate(times, start=1)]

    with engine(plain.World(lives, [])) as made:
        hours = {row["hour"]: row["messages"] for row in answer(made, "hour", Options(zone=ROME)) if row["messages"]}

    assert hours == {2: 2, 3: 1}


def test_days_without_mail_are_there() -> None:
    """Between two days with mail the quiet ones are listed with zeros, and count for the mean."""
    lives = [
        message(1),
        message(2, accepted_us=BEGIN + 72 * HOUR, first_us=BEGIN + 72 * HOUR, last_us=BEGIN + 72 * HOUR),
    ]

    with engine(plain.World(lives, [])) as made:
        days = [(row["day"], row["messages"], row["rate"]) for row in answer(made, "day")]
        (noon, *_) = [row for row in answer(made, "hour") if row["messages"]]

    assert days == [("2025-10-25", 1, None), ("2025-10-26", 0, None), ("2025-10-27", 0, None), ("2025-10-28", 1, None)]
    assert (noon["messages"], noon["days"], noon["mean_messages"]) == (2, 4, 0.5)


def test_the_mean_size_is_of_messages_whose_size_is_known() -> None:
    """What began before the logs has no size: it makes the mean no smaller, and none alone is no mean of 0."""
    lives = [message(1, size=300), message(2, size=None), message(3, size=600, accepted_us=BEGIN + 24 * HOUR)]
    lives.append(message(4, size=None, accepted_us=BEGIN + 48 * HOUR))
    world = plain.World(lives, [delivery(10, number, "delivered") for number in range(1, 5)])

    with engine(world) as made:
        months = [(row["messages"], row["bytes"], row["mean_size"]) for row in answer(made, "month")]
        days = [row["mean_size"] for row in answer(made, "day")]
        senders = [row["mean_size"] for row in answer(made, "sender_domain")]
        whole = summary(made)["messages", "mean size"]

    assert months == [(4, 900, 450)]
    assert days == [300, 600, None]
    assert senders == [450]
    assert whole == 450


def test_the_state_of_a_range_is_that_of_its_end() -> None:
    """Mail delivered after the range was deferred at its end."""
    world = plain.World([message(1)], [delivery(10, 1, "deferred"), delivery(90, 1, "delivered")])

    with engine(world) as made:
        at_end = summary(made, Options(since_us=BEGIN, until_us=BEGIN + HOUR))
        at_first = summary(made, Options(since_us=BEGIN, until_us=BEGIN + HOUR // 60))

    assert (at_end["recipients", "deferred"], at_end["recipients", "delivered"]) == (1, 0)
    assert (at_first["recipients", "pending"], at_first["recipients", "deferred"]) == (1, 0)


def test_our_refusals_and_their_replies_are_two_tables() -> None:
    """own_rejects counts what we refused, with the busiest source; reply what other servers said."""
    refused = [
        blank(REFUSALS, time_us=BEGIN, event="rejected", cause="relay", smtp_code=554, client_ip=ip, client_host=host)
        for ip, host in (("192.0.2.7", "a.example"), ("192.0.2.9", None), ("192.0.2.9", "b.example"))
    ]  # fmt: skip
    world = plain.World(
        [message(1)],
        [
            delivery(1, 1, "bounced", smtp_code=550, enhanced_status="5.1.1", reply="550 no such user"),
            delivery(2, 1, "bounced", "bob@b.example", smtp_code=550, enhanced_status="5.1.1", reply="550 nobody"),
        ],
    )

    with engine(world, refusals=refused) as made:
        (ours,) = answer(made, "own_rejects")
        (theirs,) = answer(made, "reply")

    assert (ours["cause"], ours["refused"], ours["sources"]) == ("relay", 3, 2)
    assert (ours["top_source"], ours["top_refused"], ours["top_host"]) == ("192.0.2.9", 2, "b.example")
    assert ours["meaning"] == "mail to others from who may not send through here"
    assert (theirs["smtp_code"], theirs["lines"], theirs["example"]) == (550, 2, "550 no such user")


def test_every_cause_of_a_refusal_has_a_meaning() -> None:
    """All that formats give out, and no other."""
    assert dimensions.MEANINGS.keys() == {*(cause for cause, _ in refusal.CAUSES), refusal.OTHERWISE}


def test_what_no_server_answered_is_no_reply() -> None:
    """What was put off untried repeats an earlier answer, and what our own rules hold or discard has none."""
    told = {"smtp_code": 451, "enhanced_status": "4.7.1", "reply": "451 4.7.1 later"}
    again = {**told, "reply": "delivery temporarily suspended: 451 4.7.1 later"}
    world = plain.World(
        [message(1), message(2), message(3)],
        [
            delivery(1, 1, "deferred", **told),
            delivery(2, 1, "deferred", attempted=False, **again),
            delivery(3, 2, "held", attempted=False, reply="triggers HOLD action"),
            delivery(4, 3, "discarded", attempted=False, reply="triggers DISCARD action"),
        ],
    )

    with engine(world) as made:
        replies, codes = answer(made, "reply"), answer(made, "enhanced")

    assert [(row["smtp_code"], row["lines"], row["example"]) for row in replies] == [(451, 1, "451 4.7.1 later")]
    assert [(row["enhanced_status"], row["lines"]) for row in codes] == [("4.7.1", 1)]


def test_senders_are_folded_on_request() -> None:
    """plus, SRS and PRVS addresses of one sender count as one; without --fold each stands alone."""
    senders = ("a+1@c.example", "a+2@c.example", "SRS0=x=y=c.example=a@f.example", "prvs=123abc=a@c.example")
    lives = [message(number, sender=sender) for number, sender in enumerate(senders, start=1)]

    with engine(plain.World(lives, [])) as made:
        apart = answer(made, "sender")
        together = answer(made, "sender", Options(fold=("plus", "srs", "prvs")))

    assert len(apart) == 4
    assert [(row["sender"], row["messages"]) for row in together] == [("a@c.example", 4)]


def test_the_queue_grows_and_shrinks() -> None:
    """waiting is what had come but not gone at the end of each hour."""
    lives = [message(1, ended_us=BEGIN + 2 * HOUR, last_us=BEGIN + 2 * HOUR), message(2, last_us=BEGIN + 3 * HOUR)]

    with engine(plain.World(lives, [])) as made:
        rows = [(row["arrived"], row["departed"], row["waiting"]) for row in answer(made, "queue")]

    assert rows == [(2, 0, 2), (0, 0, 2), (0, 1, 1), (0, 0, 1)]


def test_tls_is_shared_out_by_direction() -> None:
    """Shares are of one direction's handshakes."""
    shakes = [
        blank(TLS, time_us=BEGIN, direction=way, version=version, level="Anonymous", cipher="X", peer_ip=ip)
        for way, version, ip in (
            ("in", "TLSv1.3", "1"), ("in", "TLSv1.3", "2"), ("in", "TLSv1.2", "1"), ("out", "TLSv1.2", "3"),
        )
    ]  # fmt: skip

    with engine(plain.World([message(1)], []), tls=shakes) as made:
        rows = [(row["direction"], row["version"], row["handshakes"], row["peers"]) for row in answer(made, "tls")]

    assert rows == [("in", "TLSv1.3", 2, 2), ("in", "TLSv1.2", 1, 1), ("out", "TLSv1.2", 1, 1)]


@pytest.fixture(scope="module")
def without_mail() -> Iterator[Engine]:
    """An engine whose store is empty."""
    with engine(plain.World([], [])) as made:
        yield made


@pytest.mark.parametrize("name", texts.questions())
def test_a_table_without_mail_is_answered(without_mail: Engine, name: str) -> None:
    """An empty store is no error, and every declared column exists."""
    (found,) = tables.compute(without_mail, [name], Options(limit=3))

    assert len(found.rows) <= found.total or name == "summary"


def test_a_limit_tells_how_many_there_are() -> None:
    """Rows are cut to the limit, the total is that of all."""
    lives = [message(number, sender=f"{number}@c.example") for number in range(1, 6)]

    with engine(plain.World(lives, [])) as made:
        (found,) = tables.compute(made, ["sender"], Options(limit=2))

    assert (len(found.rows), found.total) == (2, 5)


def test_all_tables_are_listed() -> None:
    """Every .sql file is either part of a whole report or a table one can ask for."""
    assert set(tables.TABLES) | set(tables.MORE) == set(texts.questions())
