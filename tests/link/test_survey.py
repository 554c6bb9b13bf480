"""The outline of a block, as far as the clock must know it."""

from __future__ import annotations

import polars as pl
import pytest

from mailaudit.link.survey import survey


@pytest.mark.parametrize("floating", [([0, 0]), ([2, 0, 2, 0]), ([0, 2])])
def test_lines_without_any_stamp_say_nothing(floating: list[int]) -> None:
    """A record of the journal may lack its time, beside lines with complete and with incomplete stamps."""
    times = [None if kind == 0 else 1_000_000 for kind in floating]
    frame = pl.DataFrame(
        {
            "no": range(1, len(floating) + 1),
            "time_us": times,
            "floating": floating,
            "host": ["mx"] * len(floating),
            "tag": ["postfix/smtp"] * len(floating),
            "body": ["x"] * len(floating),
        },
        schema_overrides={"no": pl.UInt32, "time_us": pl.Int64, "floating": pl.Int8},
    )

    assert survey(frame).last_complete_us is None


def log(*lines: tuple[int, str]) -> pl.DataFrame:
    """Heads of Postfix's lines: seconds since the epoch by the wall clock, and text."""
    return pl.DataFrame(
        {
            "no": range(1, len(lines) + 1),
            "time_us": [second * 1_000_000 for second, _ in lines],
            "floating": [2] * len(lines),
            "host": ["mx"] * len(lines),
            "tag": ["postfix/qmgr"] * len(lines),
            "body": [body for _, body in lines],
        },
        schema_overrides={"no": pl.UInt32, "time_us": pl.Int64, "floating": pl.Int8},
    )


ACTIVE = "4fjtln455zzJbGh: from=<a@x.example>, size=381, nrcpt=1 (queue active)"
CLIENT = "4fjtln455zzJbGh: client=c.example[192.0.2.1]"
TRIED = "4fjtln455zzJbGh: to=<b@y.example>, relay=none, delay=941, delays=1/1/1/1, dsn=4.0.0, status=deferred (later)"


@pytest.mark.parametrize(
    ("lines", "fresh"),
    [
        ([(0, CLIENT), (941, ACTIVE)], [True, False]),
        ([(941, ACTIVE), (941, TRIED)], [False, False]),
        ([(0, ACTIVE)], [True]),
    ],
)
def test_a_retry_is_no_birth(lines: list[tuple[int, str]], fresh: list[bool]) -> None:
    """A message that is tried again after a quarter of an hour says nothing of the zone."""
    found = survey(log(*lines), now=1_800_000_000).samples

    assert [sample.hint.fresh for sample in found] == fresh


def test_the_few_dates_of_a_long_log_are_found() -> None:
    """Of short queue ids only the server's own Message-IDs tell the time; one in thousands of lines is enough."""
    told = "4F1A2B3C01: message-id=<20251128032005.4F1A2B3C01@mx.example>"
    bodies = [f"4F1A2B3C{number % 90 + 10}: removed" for number in range(9_000)]
    bodies[4_567] = told
    frame = pl.DataFrame(
        {
            "no": range(1, 9_001),
            "time_us": [number * 100_000 for number in range(9_000)],
            "floating": [2] * 9_000,
            "host": ["mx"] * 9_000,
            "tag": ["postfix/cleanup"] * 9_000,
            "body": bodies,
        },
        schema_overrides={"no": pl.UInt32, "time_us": pl.Int64, "floating": pl.Int8},
    )

    found = survey(frame, now=1_800_000_000).samples

    assert [(sample.line, sample.hint.kind) for sample in found] == [(4_568, "message-id")]
