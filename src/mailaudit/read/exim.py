r"""What Exim does to its entries on their way into a log: it stamps them again, splits them, and writes some twice.

Exim's own files need nothing of this but that the headers behind an entry of rejectlog are known for what they are.
Through syslog, Exim sends each entry with its own stamp in front; cuts it into pieces where it is long (`[1/3] `)
or has several lines (`[1\3] `); and sends what belongs into rejectlog or paniclog, too, once more.
<https://www.exim.org/exim-html-current/doc/html/spec_html/ch-log_files.html>
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import polars as pl

from mailaudit.model.times import SECOND

if TYPE_CHECKING:
    from collections.abc import Iterable

_TAG = re.compile(r"exim[0-9]*(?:[-_/].*)?")
_STAMP = r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)? (?:[+-]\d{4} )?"
_PID = r"^\[\d+\] "
_PIECE = r"^\[(?<number>\d{1,4})(?<end>[/\\])(?<all>\d{1,4})\] ?(?<text>.*)$"
_HEADER = (
    r"^(?:[A-Z* ] [!-9;-~]+[ \t]*:|[ \t]|Envelope-(?:from|to): <|    (?:<|\.\.\.)|\*\*\* truncated \*\*\*$|-{20,}$)"
)
"""Header lines have a letter and a blank in front; the lines that continue them, blanks."""
_REFUSED = r"\breject"
_MORE = r"^ (?:Suggested action: |  ?[a-z\"])"
"""The second line of what Exim says of its configuration."""
_BEGUN = r"^(?:Warning: |Exim configuration error)"


def ours(tag: str | None) -> bool:
    """Tells whether Exim writes under this tag."""
    return tag is not None and _TAG.fullmatch(tag) is not None


def unfold(frame: pl.DataFrame, tags: Iterable[str | None]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The heads with each of Exim's entries whole and once, and the lines that are spent: columns no and kind."""
    spent = pl.DataFrame(schema={"no": pl.UInt32, "kind": pl.String})
    mine = [tag for tag in tags if ours(tag)]
    if not mine:
        return frame, spent
    own = frame["tag"].is_in(mine)
    body = frame["body"]
    if (own & body.str.contains(_PIECE)).any():
        frame, joined = _joined(frame, own)
        spent = _spent(joined, "joined")
        own, body = frame["tag"].is_in(mine), frame["body"]
    if (stamped := own & body.str.contains(_STAMP)).any():
        plain = pl.col("body").str.replace(_STAMP, "").str.replace(_PID, "")
        frame = frame.with_columns(body=pl.when(stamped).then(plain).otherwise("body"))
    again = _again(frame, own)
    if again.any():
        spent = pl.concat([spent, _spent(frame["no"].filter(again), "again")])
        frame = frame.filter(~again)
    return frame, spent


def _spent(numbers: pl.Series, kind: str) -> pl.DataFrame:
    return pl.DataFrame({"no": numbers}, schema={"no": pl.UInt32}).with_columns(kind=pl.lit(kind))


def _joined(frame: pl.DataFrame, own: pl.Series) -> tuple[pl.DataFrame, pl.Series]:
    """Puts the pieces of an entry into its first line; of several lines, the first is the entry, the others headers."""
    writer = ("host", "tag", "pid")
    pieces = (
        frame.filter(own)
        .select("no", *writer, found=pl.col("body").str.extract_groups(_PIECE))
        .unnest("found")
        .filter(pl.col("text").is_not_null())
        .with_columns(pl.col("number", "all").cast(pl.Int32, strict=False))
        # A number that does not follow the one before begins another entry, whose beginning may be missing.
        .with_columns(follows=(pl.col("number") == pl.col("number").shift() + 1).over(writer, order_by="no"))
        .with_columns(entry=(~pl.col("follows").fill_null(value=False)).cum_sum().over(writer, order_by="no"))
        # The mark at the end of a piece tells whether a line of the entry ends there.
        .with_columns(
            line=(pl.col("end") == "\\").shift(1, fill_value=False).cum_sum().over(*writer, "entry", order_by="no")
        )
    )
    whole = (
        pieces.filter(pl.col("line") == 0)
        .group_by(*writer, "entry", maintain_order=True)
        .agg(pl.col("no").first(), pl.col("text").str.join("").alias("whole"))
        .select("no", "whole")
    )
    joined = pieces.join(whole, on="no", how="anti")["no"]
    frame = frame.join(whole, on="no", how="left", maintain_order="left")
    frame = frame.with_columns(body=pl.coalesce("whole", "body")).drop("whole")
    return frame.filter(~frame["no"].is_in(joined.implode())), joined


def _again(frame: pl.DataFrame, own: pl.Series) -> pl.Series:
    """Tells which lines repeat what the same process sent to syslog just before, for rejectlog or paniclog."""
    writer = [pl.col(name) for name in ("host", "tag", "pid")]
    # Files of Exim's own, which name no host, have each entry once.
    same = (
        (pl.col("body") == pl.col("body").shift())
        & (pl.col("time_us") - pl.col("time_us").shift() <= SECOND)
        & pl.col("host").is_not_null()
        & pl.col("pid").is_not_null()
    )
    rows = (
        frame.lazy()
        .select("no", *writer, own=pl.lit(own), same=same.over(*writer).fill_null(value=False))
        .with_columns(run=(~pl.col("same")).cum_sum().over(*writer))
        # What a client was refused twice is sent four times.
        .with_columns(nth=pl.int_range(pl.len()).over(*writer, "run"))
        .collect(engine="in-memory")
    )
    return rows["own"] & (rows["nth"] % 2 == 1)


def headers(rest: pl.DataFrame, frame: pl.DataFrame, known: pl.Series) -> pl.DataFrame:
    """The lines of messages that Exim refused, which follow in rejectlog on what it says of them: columns no and kind.

    `known`: the numbers of the block's lines. Those that an earlier input had are not among them: mainlog has the
    entries, but not the headers.
    """
    none = _spent(rest["no"].clear(), "header")
    if rest.is_empty() or (frame.height and not (frame["tag"] == "exim").any()):
        return none
    found = rest.filter(pl.col("line").str.contains(_HEADER))
    likely = found["no"]
    numbers = pl.concat([pl.Series([0], dtype=pl.UInt32), frame["no"].cast(pl.UInt32)])
    body, own = pl.col("body"), pl.col("tag") == "exim"
    says = frame.select(refused=own & body.str.contains(_REFUSED), begun=own & body.str.contains(_BEGUN)).fill_null(
        value=False
    )
    # The entry may stand in the block before.
    says = pl.concat([pl.DataFrame({"refused": [frame.height > 0], "begun": [False]}), says])
    at = numbers.search_sorted(likely) - 1
    entry = numbers[at]
    between = known.search_sorted(likely).cast(pl.Int64) - known.search_sorted(entry, side="right").cast(pl.Int64)
    first = int(known[0]) - 1 if frame.height else 0
    begin = pl.select(pl.max_horizontal(pl.lit(entry).cast(pl.Int64), first)).to_series()
    missing = (likely.cast(pl.Int64) - begin - 1) > between
    more = says["begun"][at] & found["line"].str.contains(_MORE) & (likely == entry + 1)
    return _spent(likely.filter(says["refused"][at] | missing | more), "header")
