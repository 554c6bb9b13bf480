"""The outline of a block, as far as the clock must know it."""

from __future__ import annotations

import polars as pl

from mailaudit.link.survey import survey


def test_lines_without_any_stamp_have_an_outline_too() -> None:
    """A record of the journal may lack its time: its block has no last stamp."""
    frame = pl.DataFrame(
        {"no": [1], "time_us": [None], "floating": [0], "host": ["mx"], "tag": ["postfix/smtp"], "body": ["x"]},
        schema_overrides={"no": pl.UInt32, "time_us": pl.Int64, "floating": pl.Int8},
    )

    assert survey(frame).last_complete_us is None
