"""What the lines of a block say of messages: which line names which queue id, and each value that one of them tells.

Nearly every line of a mail log names a queue id, but few of them tell anything that is kept.  So a mention is a narrow
row, and what is told of senders, sizes and clients stands apart, each with the numbers of the rows that tell it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from mailaudit.link import instances
from mailaudit.model.acts import BEGIN, IDENT, WHOLE

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from mailaudit.formats.table import Program

LED = {
    # A column that leads a group: the first row of a life that has it gives the whole group.
    "client_ip": ("client_host", "client_ip"),
    "sasl_user": ("sasl_user",),
    "previous_id": ("previous_id",),
    "origin": ("origin", "service"),
    "message_id": ("message_id",),
    "sender": ("sender",),
    "size": ("size",),
    "nrcpt": ("nrcpt",),
    "handed_as": ("handed_as",),
}

MANY_TAGS = 50
"""Tags beyond which a chain of tests is the slower way."""

_ID_SEED = 3
"""Of the hashes of queue ids."""
_LASTING = "z"
"""What only Postfix's long queue ids have, which hold a time and never come back."""

BY_LINE = ("gid", "no", "row")
"""What marks are sorted by."""


@dataclass(slots=True)
class Mentions:
    """The mentions of one block, or of several blocks that are linked together."""

    rows: pl.DataFrame
    """In order of arrival: `no`, `tag`, `queue_id`; once they are placed `source`, `offset`, `time_us`, `host` too."""
    marks: pl.DataFrame
    """The same, in order of queue ids and lines: `row` (the place in `rows`), `no`, `gid`, `act`, `ident`."""
    values: dict[str, pl.DataFrame]
    """For each lead of LED: `row`, and the columns that it leads."""
    instances: dict[str | None, str | None] = field(default_factory=dict)
    """The Postfix instance by tag, or the MTA's name."""


def gather(
    frames: Sequence[pl.DataFrame],
    heads: pl.DataFrame,
    programs: Mapping[str | None, Program],
    owners: Collection[str],
) -> Mentions | None:
    """Brings together what a format says of messages (in a worker thread); None if it says nothing.

    `frames`: `no`, `tag`, `queue_id`, `act` and any columns of LED; `heads`: the lines of the block, for their hosts;
    `owners`: the instances with daemons of their own that other blocks have.
    """
    frames = [frame for frame in frames if frame.height]
    if not frames:
        return None
    named = instances.named(programs, owners)
    services = {tag: program.service for tag, program in programs.items()}
    rows = pl.concat([frame[["no", "tag", "queue_id"]] for frame in frames]).rechunk()
    acts = [frame["act"].cast(pl.Int8) for frame in frames]
    marks = rows.select(
        pl.int_range(pl.len(), dtype=pl.UInt32).alias("row"),
        "no",
        (pl.col("queue_id").hash(seed=_ID_SEED) ^ _host(rows, heads) ^ _instance(named, rows)).alias("gid"),
        pl.lit(pl.concat(acts)).alias("act"),
        pl.lit(pl.concat(map(_idents, frames))).alias("ident"),
    )
    return Mentions(rows, marks.sort(BY_LINE), _values(frames, services), named)


def rename(mentions: Mentions, names: pl.Series, changed: pl.Series, keep: pl.Series) -> None:
    """Gives the mentions of deliveries queue ids that other lines told; those not to be kept are taken out.

    `names`, `changed` and `keep` have a row for each delivery. Deliveries stand last, and had no name where `changed`.
    """
    begin = mentions.rows.height - len(names)
    nameless = pl.Series([None], dtype=pl.String).hash(seed=_ID_SEED)[0]
    rows = mentions.rows.slice(begin).with_columns(names.alias("queue_id"))
    marks = mentions.marks.filter(pl.col("row") >= begin).sort("row")
    # A `gid` is made of the hashes of its parts, so the part that was not known is taken out and the name put in.
    gid = pl.col("gid") ^ pl.lit(nameless, pl.UInt64) ^ pl.lit(names.hash(seed=_ID_SEED))
    marks = marks.with_columns(pl.when(pl.lit(changed)).then(gid).otherwise("gid").alias("gid")).filter(keep)
    marks = marks.with_columns(pl.int_range(begin, begin + pl.len(), dtype=pl.UInt32).alias("row"))
    mentions.rows = pl.concat([mentions.rows.head(begin), rows.filter(keep)])
    mentions.marks = pl.concat([mentions.marks.filter(pl.col("row") < begin), marks]).sort(BY_LINE)


def _host(rows: pl.DataFrame, heads: pl.DataFrame) -> pl.Expr:
    """A hash of each row's host; most logs have one."""
    hosts = heads["host"].unique()
    if len(hosts) == 1:
        return pl.lit(hosts.hash(seed=1)[0], dtype=pl.UInt64)
    return pl.lit(heads["host"][positions(heads["no"], rows["no"])].hash(seed=1))


def _instance(named: Mapping[str | None, str | None], rows: pl.DataFrame) -> pl.Expr:
    """A hash of each row's instance; none where the queue id itself is one of a kind, whoever gave it out."""
    names = set(named.values())
    if len(names) == 1:
        usual = pl.lit(pl.Series([*names], dtype=pl.String).hash(seed=2)[0], dtype=pl.UInt64)
    else:
        usual = by_tag(named).hash(seed=2)
    lasting = rows["queue_id"].str.contains(_LASTING, literal=True)
    if not lasting.any():
        return usual
    return pl.when(pl.lit(lasting)).then(pl.lit(0, dtype=pl.UInt64)).otherwise(usual)


def _idents(frame: pl.DataFrame) -> pl.Series:
    """A hash of the Message-ID where a row tells that; null for all others."""
    idents = frame["act"] == IDENT
    if not idents.any():
        return pl.Series("ident", [None], dtype=pl.UInt64).new_from_index(0, frame.height)
    ident = pl.col("message_id").fill_null("").hash(seed=4)
    return frame.select(pl.when(idents).then(ident).alias("ident")).to_series()


def _values(frames: Sequence[pl.DataFrame], services: Mapping[str | None, str | None]) -> dict[str, pl.DataFrame]:
    """What the rows tell, by lead."""
    found: dict[str, list[pl.DataFrame]] = {}
    begin = 0
    for frame in frames:
        row = pl.int_range(begin, begin + frame.height, dtype=pl.UInt32).alias("row")
        for lead, columns in LED.items():
            if lead not in frame.columns or frame[lead].null_count() == frame.height:
                continue
            own = [name for name in columns if name in frame.columns]
            if lead == "origin":
                accepting = pl.col("act").is_in([BEGIN, WHOLE])
                told = frame.select(row, *own, pl.when(accepting).then(by_tag(services)).alias("service"))
            else:
                told = frame.select(row, *own)
            if frame[lead].null_count():
                told = told.filter(pl.col(lead).is_not_null())
            found.setdefault(lead, []).append(told)
        begin += frame.height
    return {lead: pl.concat(parts, how="diagonal") for lead, parts in found.items()}


def positions(known: pl.Series, numbers: pl.Series) -> pl.Series:
    """Where each line number stands among the ascending numbers that are known."""
    if len(known) and int(known[-1]) - int(known[0]) + 1 == len(known):
        return numbers - int(known[0])  # none is missing, so there is no need to look
    return known.search_sorted(numbers)


def together(parts: Sequence[Mentions]) -> Mentions:
    """The mentions of several pieces as those of one, in order of time, but never against a file's own order."""
    rows = pl.concat([part.rows for part in parts], how="diagonal").with_row_index("row")
    clock = pl.col("time_us").cum_max().over("source")
    lines = rows.select("row", "source", "no", "time_us").sort("source", "no", "row").with_columns(clock=clock)
    sorted_rows = lines.sort("clock", "source", "no", "row")["row"]
    order = pl.zeros(rows.height, dtype=pl.UInt32, eager=True)
    order = order.scatter(sorted_rows, pl.int_range(rows.height, dtype=pl.UInt32, eager=True))
    marks: list[pl.DataFrame] = []
    values: dict[str, list[pl.DataFrame]] = {}
    begin = 0
    for part in parts:
        marks.append(part.marks.with_columns(pl.col("row") + begin))
        for lead, told in part.values.items():
            values.setdefault(lead, []).append(told.with_columns(pl.col("row") + begin))
        begin += part.rows.height
    return Mentions(
        rows.drop("row"),
        pl.concat(marks).with_columns(order[pl.concat(marks)["row"]].alias("no")).sort(BY_LINE),
        {lead: pl.concat(told, how="diagonal") for lead, told in values.items()},
        {tag: name for part in parts for tag, name in part.instances.items()},
    )


def by_tag(values: Mapping[str | None, str | None]) -> pl.Expr:
    """Maps tags to values; a chain of tests, since a block has few tags and most of them share one value."""
    usual = Counter(values.values()).most_common(1)[0][0] if values else None
    others = {tag: value for tag, value in values.items() if value != usual}
    if len(others) > MANY_TAGS:
        # Nobody has so many programs, but whoever may write to the log can invent them.
        tags, told = list(others), list(others.values())
        return pl.col("tag").replace_strict(tags, told, default=pl.lit(usual, dtype=pl.String), return_dtype=pl.String)
    chain = pl.lit(usual, dtype=pl.String)
    for tag, value in others.items():
        chain = (
            pl.when(pl.col("tag").eq_missing(pl.lit(tag, dtype=pl.String)))
            .then(pl.lit(value, dtype=pl.String))
            .otherwise(chain)
        )
    return chain
