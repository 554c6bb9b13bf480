"""What a block of lines says, as far as that can be told without its neighbours: this runs in the worker threads."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from mailaudit.formats import formats
from mailaudit.formats.reading import read as read_format
from mailaudit.formats.table import BASE, Facts, Format, Records
from mailaudit.link import instances
from mailaudit.link.mentions import Mentions, gather
from mailaudit.link.survey import Survey, survey
from mailaudit.link.verdicts import attach
from mailaudit.model.acts import TOLD, TRIED
from mailaudit.read.addresses import domains
from mailaudit.read.heads import heads

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from mailaudit.read.blocks import Block
    from mailaudit.read.kinds import Kind
    from mailaudit.read.sources import Source

MAILS = "mails"
"""The format of mails, in accounts and in `--input-format`."""
LOG = "log"
"""Stands for a format where lines are about the log itself, empty, or read before."""
MOST_REPEATS = 200_000
"""Repetitions in a block that are believed: whoever may write to the log can claim any number."""
OTHER = "other_program"
"""The noise kind of lines that no format claims: another program wrote them."""


@dataclass(slots=True)
class Parsed:
    """What the worker threads make of one block: the rows of each table, not yet timed and linked."""

    source: int
    size: int
    """Bytes that it was made from, which are no longer needed themselves."""
    lines: int
    counts: dict[str, Counter[str]]
    noise: dict[str, set[str]]
    unparsed: pl.Series
    survey: Survey | None
    """None where the rows have their times and keys already: they need no clock and no linking."""
    notices: list[tuple[int, str, str]]
    tables: dict[str, dict[str, pl.DataFrame]]
    ends: pl.DataFrame
    """Its earliest and latest stamp."""
    hosts: set[str]
    places: pl.DataFrame | None = None
    """Of each line with a head: `no`, `offset`, `time_us`, `floating`, `host`; rows of the tables have only `no`."""
    mentions: dict[str, Mentions] = field(default_factory=dict)
    """What is said of messages, by format."""
    owners: frozenset[str] = frozenset()
    """The Postfix instances whose own daemons have lines in it."""


def parse(
    block: Block, table: pl.DataFrame, forced: str | None, again: int = 0, owners: Collection[str] = frozenset()
) -> Parsed:
    """Reads one block as far as that goes without its neighbours (runs in a worker thread).

    `again` counts lines of the block that an earlier input had: they are not in the table. `owners`: the Postfix
    instances that other blocks know of (`mailaudit.link.instances`).
    """
    found = heads(table)
    tables: dict[str, dict[str, pl.DataFrame]] = {}
    mentions: dict[str, Mentions] = {}
    counts: dict[str, Counter[str]] = {}
    noise: dict[str, set[str]] = {}
    unparsed = [found.rest["no"]]
    own: set[str] = set()
    notices = list(found.notices.rows())
    for form, rows in claimed(found.frame, forced):
        if form is None:
            counts.setdefault(OTHER, Counter())[OTHER] += rows.height
            continue
        records = read_format(form, rows)
        counts[form.name] = Counter(records.counts)
        noise[form.name] = {kind.name for kind in form.kinds if kind.noise}
        unparsed.append(records.unparsed)
        facts: Facts = form.facts(records)
        tables[form.name], told = collect(facts, records, found.frame, owners)
        if None in records.programs:  # the log names no program: its format tells which it is
            tables[form.name] = {name: _named(table, form.name) for name, table in tables[form.name].items()}
        notices += facts.notices
        own |= instances.owners(records.programs.values())
        if told is not None:
            mentions[form.name] = told
    skipped = Counter(found.skipped["kind"].to_list())
    if again:
        skipped["duplicate"] = again
    if skipped:
        counts[LOG] = skipped
    return Parsed(
        source=block.source,
        size=len(block.data),
        lines=table.height + again,
        counts=counts,
        noise=noise,
        unparsed=pl.concat([numbers.cast(pl.UInt32) for numbers in unparsed]).sort(),
        survey=survey(found.frame, offsets=found.offsets, beside=found.beside),
        notices=notices,
        tables=tables,
        mentions=mentions,
        owners=frozenset(own),
        places=found.frame.select("no", "offset", "time_us", "floating", "host"),
        ends=ends(found.frame),
        hosts=set(found.frame["host"].unique().drop_nulls().to_list()),
    )


def _named(table: pl.DataFrame, program: str) -> pl.DataFrame:
    return table.with_columns(pl.col("tag").fill_null(program)) if "tag" in table.columns else table


def kind_of(source: Source, forced: str | None) -> Kind:
    """Tells what a source is read as: what its bytes look like, unless a format is forced."""
    if forced in formats():
        return "lines"
    if forced == MAILS:
        return "mails"
    return "records" if forced is not None and source.kind == "lines" else source.kind


def ends(frame: pl.DataFrame) -> pl.DataFrame:
    """Returns the lines with the earliest and the latest stamp of a block: no, time_us, floating."""
    stamped = frame.select("no", "time_us", "floating").filter(pl.col("time_us").is_not_null())
    if not stamped.height:
        return stamped
    low, high = stamped["time_us"].arg_min() or 0, stamped["time_us"].arg_max() or 0
    return pl.concat([stamped.head(1), stamped.slice(low, 1), stamped.slice(high, 1), stamped.tail(1)])


def claimed(frame: pl.DataFrame, forced: str | None) -> Iterator[tuple[Format | None, pl.DataFrame]]:
    """Parts the lines by the format that claims their tag, or whose lines it has; None stands for other programs'."""
    owners: dict[str | None, list[str | None]] = {}
    known = formats()
    asked = {forced: known[forced]} if forced else known
    for tag in frame["tag"].unique().to_list():
        names = [name for name, form in asked.items() if (forced or tag not in form.shared) and form.claims(tag)]
        if tag is None:
            names = [*_untagged(frame, asked), *names]
        owners.setdefault(names[0] if names else None, []).append(tag)
    for tag, form in _shaped(frame, owners.get(None, []), asked.values()).items():
        owners[None].remove(tag)
        owners.setdefault(form.name, []).append(tag)
    for name, tags in owners.items():
        if not tags:
            continue
        rows = frame if len(owners) == 1 else frame.filter(pl.col("tag").is_in(tags, nulls_equal=True))
        if name is None:
            yield None, rows
        elif not known[name].partly:
            yield known[name], rows
        else:
            own = rows["body"].str.contains(known[name].told_by or "").fill_null(value=False)
            yield from (
                (form, part)
                for form, part in ((None, rows.filter(~own)), (known[name], rows.filter(own)))
                if part.height
            )


def _untagged(frame: pl.DataFrame, asked: Mapping[str, Format]) -> list[str]:
    """The formats whose lines are among those without a tag: a container leaves it away, whatever the program."""
    bodies = frame.filter(pl.col("tag").is_null())["body"]
    told = ((name, form.told_by) for name, form in asked.items())
    return [name for name, pattern in told if pattern is not None and bodies.str.contains(pattern).any()]


def _shaped(frame: pl.DataFrame, tags: list[str | None], asked: Iterable[Format]) -> dict[str | None, Format]:
    """The formats of tags that none of them claims, told by what lines with these tags say."""
    found: dict[str | None, Format] = {}
    if not tags:
        return found
    others = frame.filter(pl.col("tag").is_in(tags)).select("tag", "body")
    for form in asked:
        if form.told_by is not None and not form.partly:
            shaped = others.filter(pl.col("body").str.contains(form.told_by))
            found = {**dict.fromkeys(shaped["tag"].unique().to_list(), form), **found}
    return found


def repeats(frame: pl.DataFrame) -> pl.DataFrame | None:
    """Rows that stand for so many repetitions of a line: no and repeat; None if there are none."""
    if "repeat" not in frame.columns:
        return None
    return frame.filter(pl.col("repeat").is_not_null()).select("no", "repeat")


def collect(
    facts: Facts, records: Records, frame: pl.DataFrame, owners: Collection[str]
) -> tuple[dict[str, pl.DataFrame], Mentions | None]:
    """Brings what a format says into one frame per table, and what it says of messages; `frame` has the heads."""
    attach(facts, frame)
    repeated = repeats(frame)

    def joined(frames: list[pl.DataFrame]) -> pl.DataFrame | None:
        frames = [frame for frame in frames if frame.height]
        if not frames:
            return None
        return frames[0] if len(frames) == 1 else pl.concat(frames, how="diagonal")

    found: dict[str, pl.DataFrame] = {}
    deliveries, refusals = joined(facts.deliveries), joined(facts.refusals)
    if refusals is not None and repeated is not None:
        refusals, told = _counted(refusals.join(repeated, on="no", how="left", maintain_order="left"))
        facts.notices += told
    linked = [*facts.messages]
    if repeated is not None:
        # Lines with a queue id hardly ever repeat in truth: only what is refused at the door is counted again.
        linked = [frame.join(repeated, on="no", how="anti") for frame in linked]
        deliveries = None if deliveries is None else deliveries.join(repeated, on="no", how="anti")
    # Deliveries and refusals stand last among what is linked, in this order: so they find their keys again.
    if deliveries is not None and deliveries.height:
        found["deliveries"] = with_domain(deliveries)
        linked.append(deliveries.select(*BASE, pl.lit(TRIED, dtype=pl.Int8).alias("act")))
    if refusals is not None:
        found["refusals"] = with_domain(refusals)
        with_id = refusals.select(BASE).filter(pl.col("queue_id").is_not_null())
        linked.append(with_id.with_columns(pl.lit(TOLD, dtype=pl.Int8).alias("act")))
    for name, frames in (
        ("tls", facts.tls),
        ("filed", facts.filed),
        ("sessions", facts.sessions),
        ("attempts", facts.attempts),
    ):
        if (rows := joined(frames)) is not None:
            found[name] = rows
    if (logins := joined(facts.logins)) is not None:
        found["logins"] = logins.join(frame.select("no", "pid"), on="no", how="left", maintain_order="left")
    return found, gather(linked, frame, records.programs, owners)


def _counted(refusals: pl.DataFrame) -> tuple[pl.DataFrame, list[tuple[int, str, str]]]:
    """A row for each time that a line is said to stand for (`repeat`), and notices of those who claim too much."""
    again = refusals["repeat"].cast(pl.UInt64).fill_null(0)
    absurd = (again.cum_sum() > MOST_REPEATS) & (again > 1)
    told = [
        (no, "lost", f"a line is said to be repeated {count} times, which cannot be: it is counted once")
        for no, count in refusals.filter(absurd).select("no", "repeat").rows()
    ]
    times = refusals["repeat"].fill_null(1).set(absurd, 1)
    rows = refusals.select(pl.exclude("repeat").repeat_by(times))
    return rows.explode(rows.columns), told


def with_domain(frame: pl.DataFrame) -> pl.DataFrame:
    """Adds the domain of the recipient, which is null where no line has one."""
    if "recipient" not in frame.columns:
        frame = frame.with_columns(pl.lit(None, dtype=pl.String).alias("recipient"))
    return frame.with_columns(domains(frame["recipient"]).alias("recipient_domain"))


def domain_of(column: str) -> pl.Expr:
    """Returns the address's domain in lower case; null if it has none."""
    return pl.col(column).map_batches(domains, return_dtype=pl.String).alias(f"{column}_domain")
