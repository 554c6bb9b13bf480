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
