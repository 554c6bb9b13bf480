"""Whatever the zone, the time of year and the gaps between lines: ids bring every line back to its instant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests.effort import examples
from tests.link.logs import EPOCH, facts, frame, read, us

if TYPE_CHECKING:
    import polars as pl

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Australia/Adelaide",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Pacific/Auckland",
    "Pacific/Honolulu",
    "America/Sao_Paulo",
)
_BASE60 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwx"
_BASE52 = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz"

turns = st.sampled_from(
    [
        datetime(2024, 12, 31, 12, tzinfo=UTC),
        datetime(2025, 3, 30, 1, tzinfo=UTC),
        datetime(2025, 10, 26, 1, tzinfo=UTC),
        datetime(2025, 3, 9, 7, tzinfo=UTC),
        datetime(2025, 11, 2, 6, tzinfo=UTC),
        datetime(2024, 2, 29, 12, tzinfo=UTC),
        datetime(2025, 4, 5, 15, tzinfo=UTC),
    ]
)
logs = st.tuples(
    st.sampled_from(ZONES),
    turns,
    st.integers(0, 40),
    st.lists(st.sampled_from([0, 1, 2, 30, 400, 1700, 3500, 4000, 9000, 40_000]), min_size=60, max_size=150),
)


def sendmail_id(moment: datetime, number: int) -> str:
    """The queue id that Sendmail makes at a moment."""
    parts = (
        (moment.year - 1900) % 60,
        moment.month - 1,
        moment.day,
        moment.hour,
        moment.minute,
        moment.second,
        number // 60 % 60,
        number % 60,
    )
    return "".join(_BASE60[part] for part in parts) + f"{number:06}"


def postfix_id(moment: datetime, number: int) -> str:
    """The long queue id that Postfix makes at a moment."""
    return _digits(int(moment.timestamp()), 6) + _digits(moment.microsecond, 4) + "z" + f"{number:05}"


def _digits(number: int, width: int) -> str:
    digits = ""
    while number or len(digits) < width:
        number, digit = divmod(number, 52)
        digits = _BASE52[digit] + digits
    return digits


def line(moment: datetime, zone: ZoneInfo, number: int, *, postfix: bool) -> str:
    """The line that is written when a message comes in."""
    local = moment.astimezone(zone)
    stamp = f"{local:%b} {local.day:2} {local:%H:%M:%S}"
    if postfix:
        return f"{stamp} mx postfix/smtpd[9]: {postfix_id(moment, number)}: client=a.example[192.0.2.1]"
    return f"{stamp} mx sm-mta[9]: {sendmail_id(moment, number)}: from=<a@b.example>, size=1, nrcpts=1"


def cut(lines: list[str], size: int) -> list[pl.DataFrame]:
    """The lines in blocks."""
    return [frame(lines[start : start + size], start + 1) for start in range(0, len(lines), size)]


def moments(turn: datetime, before: int, gaps: list[int]) -> list[datetime]:
    """Instants around a turn, the first gaps before it."""
    start = turn - timedelta(seconds=sum(gaps[:before]))
    found = [start]
    for gap in gaps:
        found.append(found[-1] + timedelta(seconds=gap))
    return found


@settings(max_examples=examples(100), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(log=logs, postfix=st.booleans(), size=st.sampled_from([1000, 40]))
def test_ids_bring_every_line_back(log: tuple[str, datetime, int, list[int]], size: int, *, postfix: bool) -> None:
    """Across New Year, leap day, and both ends of summer time; in one block or several."""
    name, turn, before, gaps = log
    true = moments(turn, before, gaps)
    lines = [line(moment, ZoneInfo(name), number, postfix=postfix) for number, moment in enumerate(true)]

    times, decision = read(cut(lines, size), facts())

    wrong = [
        (text[:15], f"{moment:%F %T}", f"{EPOCH + timedelta(microseconds=time):%F %T}")
        for text, moment, time in zip(lines, true, times, strict=True)
        if us(moment) != time
    ]

    assert wrong == []
    assert decision.confidence == "high"


dense = st.tuples(
    st.sampled_from(ZONES),
    turns,
    st.integers(0, 150),
    st.lists(st.sampled_from([0, 1, 2, 5, 30, 100, 240]), min_size=100, max_size=200),
    st.lists(st.integers(0, 4), min_size=1, max_size=20),
)


def disordered(true: list[datetime], jitter: list[int]) -> list[datetime]:
    """The instants as a syslog daemon writes them: late by some seconds, each by its own."""
    late = {number: moment + timedelta(seconds=jitter[number % len(jitter)]) for number, moment in enumerate(true)}
    return [true[number] for number in sorted(late, key=lambda number: (late[number], number))]


@settings(max_examples=examples(80), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(log=dense, size=st.sampled_from([1000, 60]), every=st.sampled_from([1, 3, 9]))
def test_few_ids_are_enough(log: tuple[str, datetime, int, list[int], list[int]], size: int, every: int) -> None:
    """Some lines have an id of their own, others speak of an old message or of none, and are not quite in order."""
    name, turn, before, gaps, jitter = log
    zone = ZoneInfo(name)
    true = disordered(moments(turn, before, gaps), jitter)
    assume(true[0] < turn)  # where the first line is of after the turn, nothing tells that there was one
    old = postfix_id(true[0] - timedelta(days=2, minutes=7), 1)
    lines = []
    for number, moment in enumerate(true):
        stamp = line(moment, zone, number, postfix=True)
        body = [
            f"postfix/qmgr[2]: {old}: from=<a@b.example>, size=1 (queue active)",
            "postfix/smtpd[9]: connect from a",
        ]
        lines.append(stamp if number % every == 0 else f"{stamp[:19]}{body[number % 2]}")

    times, _ = read(cut(lines, size), facts())

    wrong = [
        (text[:15], f"{moment:%F %T}", f"{EPOCH + timedelta(microseconds=time):%F %T}")
        for text, moment, time in zip(lines, true, times, strict=True)
        if us(moment.replace(microsecond=0)) != time
    ]
    assert wrong == []


@settings(max_examples=examples(80), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(log=dense, size=st.sampled_from([1000, 60]), local=st.booleans())
def test_a_zone_is_enough(log: tuple[str, datetime, int, list[int], list[int]], size: int, *, local: bool) -> None:
    """With a zone, told or this machine's, and the file's time, lines without any id come back."""
    name, turn, before, gaps, jitter = log
    zone = ZoneInfo(name)
    quiet = [240] * 45  # a log that begins in the hour that occurs twice cannot tell in which of the two
    true = disordered(moments(turn, before + len(quiet), [*quiet, *gaps]), jitter)
    lines = [f"{line(moment, zone, 0, postfix=True)[:19]}postfix/smtpd[9]: connect from a" for moment in true]
    told = facts(mtime_us=us(max(true)), **{"local" if local else "zone": zone})

    times, decision = read(cut(lines, size), told)

    wrong = [
        (text[:15], f"{moment:%F %T}", f"{EPOCH + timedelta(microseconds=time):%F %T}")
        for text, moment, time in zip(lines, true, times, strict=True)
        if us(moment) != time
    ]
    assert wrong == []
    assert (name, "low") == (decision.zone, decision.confidence)
