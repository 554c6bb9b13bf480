"""Bodies of log lines, read by a format as if a block had held them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from mailaudit.formats import formats
from mailaudit.formats.reading import read

if TYPE_CHECKING:
    from mailaudit.formats.table import Facts, Format, Records


def heads(bodies: tuple[str, ...], tag: str | None) -> pl.DataFrame:
    """A frame of heads: one second between lines, all written by one program."""
    return pl.DataFrame(
        {
            "no": range(1, len(bodies) + 1),
            "time_us": [second * 1_000_000 for second in range(len(bodies))],
            "floating": [0] * len(bodies),
            "host": ["mx"] * len(bodies),
            "tag": [tag] * len(bodies),
            "body": list(bodies),
        },
        schema={
            "no": pl.UInt32,
            "time_us": pl.Int64,
            "floating": pl.Int8,
            "host": pl.String,
            "tag": pl.String,
            "body": pl.String,
        },
    )


def records(form: Format, *bodies: str, tag: str | None) -> Records:
    """The records of a few bodies."""
    return read(form, heads(bodies, tag))


class Told:
    """What a few lines of one program say, as lists of dictionaries without the empty fields."""

    def __init__(self, name: str, *bodies: str, tag: str | None) -> None:
        form = formats()[name]
        self.records = records(form, *bodies, tag=tag)
        self.facts: Facts = form.facts(self.records)

    @property
    def counts(self) -> dict[str, int]:
        """Lines by kind."""
        return self.records.counts

    @property
    def notices(self) -> list[tuple[int, str, str]]:
        """What is to be said to a reader of the numbers: number of the line, kind, text."""
        return self.facts.notices

    @property
    def unparsed(self) -> list[int]:
        """Numbers of the lines that no kind took."""
        return sorted(self.records.unparsed.to_list())

    @property
    def messages(self) -> list[dict[str, Any]]:
        """Rows about whole messages."""
        return dictionaries(self.facts.messages)

    @property
    def deliveries(self) -> list[dict[str, Any]]:
        """Rows about recipients."""
        return dictionaries(self.facts.deliveries)

    @property
    def refusals(self) -> list[dict[str, Any]]:
        """Rows about what was refused at the door."""
        return dictionaries(self.facts.refusals)

    @property
    def tls(self) -> list[dict[str, Any]]:
        """Rows about handshakes."""
        return dictionaries(self.facts.tls)


def dictionaries(frames: list[pl.DataFrame]) -> list[dict[str, Any]]:
    """All rows in order of lines, without null fields."""
    rows = [row for frame in frames for row in frame.iter_rows(named=True)]
    rows.sort(key=lambda row: row["no"])
    return [{name: value for name, value in row.items() if value is not None} for row in rows]
