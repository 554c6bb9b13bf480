"""Formats of other packages: held against the rules of ours before a line is read with them."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING

import polars as pl

from mailaudit.formats.providers.shape import FIELDS, Provider
from mailaudit.formats.reading import read
from mailaudit.formats.table import ANY, BASE, Facts, Format
from mailaudit.model.columns import DELIVERIES, MESSAGES, REFUSALS, TLS
from mailaudit.model.vocabulary import EVENTS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mailaudit.formats.table import Kind, Records
    from mailaudit.model.columns import Table
    from mailaudit.plugins import PlugIn

_NO_LOG = {"no": pl.UInt32, "time_us": pl.Int64, "floating": pl.Int8, "host": pl.String, "tag": pl.String}
_TABLES: dict[str, tuple[Table, tuple[str, ...]]] = {
    "messages": (MESSAGES, ("act",)),
    "deliveries": (DELIVERIES, ("event", "attempted")),
    "refusals": (REFUSALS, ("event",)),
    "tls": (TLS, ("direction",)),
}
"""Lists of `Facts`, each with its table and the columns without which a row says nothing."""
_DTYPES: dict[str, tuple[type[pl.DataType], ...]] = {
    "int": (pl.Int8, pl.Int16, pl.Int32, pl.UInt8, pl.UInt16, pl.UInt32, pl.Int64, pl.Null),
    "big": (pl.Int64, pl.Int32, pl.UInt32, pl.Null),
    "time": (pl.Int64, pl.Null),
    "real": (pl.Float64, pl.Float32, pl.Null),
    "flag": (pl.Boolean, pl.Null),
}
_TEXT = (pl.String, pl.Categorical, pl.Enum, pl.Null)


def taken(plug_in: PlugIn) -> Format | Provider:
    """The format or provider that a plug-in adds, checked; its functions tell of their failures by its name."""
    given = plug_in.load()
    if isinstance(given, Provider):
        return _provider(plug_in, given)
    if not isinstance(given, Format):
        raise plug_in.broken(f"{plug_in.entry.value} is no Format and no Provider but {type(given).__name__}")
    if given.name != plug_in.name:
        raise plug_in.broken(f"its Format calls itself {given.name!r}")
    form = dataclasses.replace(given, claims=plug_in.guarded(given.claims), facts=_checked(plug_in, given))
    plug_in.guarded(_hold)(plug_in, form)
    return form


def _provider(plug_in: PlugIn, given: Provider) -> Provider:
    if given.name != plug_in.name:
        raise plug_in.broken(f"its Provider calls itself {given.name!r}")
    shapes = []
    for shape in given.shapes:
        if strange := [name for name in shape.fields if name not in FIELDS]:
            raise plug_in.broken(f"shape {shape.name} fills {strange[0]!r}, which is no field")
        fields = {name: plug_in.guarded(get) if callable(get) else get for name, get in shape.fields.items()}
        shapes.append(dataclasses.replace(shape, fields=fields))
    return dataclasses.replace(given, shapes=tuple(shapes))


def _hold(plug_in: PlugIn, form: Format) -> None:
    """Each example must be taken by its own row of the table, as in the tests of our formats."""
    numbered = tuple(dataclasses.replace(kind, name=str(number)) for number, kind in enumerate(form.kinds))
    apart = dataclasses.replace(form, kinds=numbered)
    for number, kind in enumerate(form.kinds):
        if kind.noise and re.search(form.mail_words, kind.example):
            raise plug_in.broken(f"kind {kind.name}: a line that speaks of mail cannot be noise")
        records = read(apart, _heads(_tag(form, kind, plug_in), _bodies(form, kind)))
        if set(records.counts) != {str(number)}:
            raise plug_in.broken(f"kind {kind.name}: its example is not a line of it: {kind.example}")
        (frame,) = records.frames.values() or (None,)
        form.facts(dataclasses.replace(records, frames={} if frame is None else {kind.name: frame}))


def _tag(form: Format, kind: Kind, plug_in: PlugIn) -> str:
    """A tag with which a line of this kind is written."""
    wanted = form.name if kind.daemons[0] == ANY else kind.daemons[0]
    for tag in (wanted, f"{form.name}/{wanted}"):
        program = form.claims(tag)
        if program is not None and (kind.daemons[0] == ANY or program.daemon == wanted):
            return tag
    raise plug_in.broken(f"kind {kind.name}: the format does not claim lines of {wanted}")


def _bodies(form: Format, kind: Kind) -> list[str]:
    """The example as it stands in a log: behind a queue id, or without one."""
    if kind.queue_id is False:
        return [kind.example]
    if form.sample_id is None or not re.search(form.queue_id, form.sample_id):
        raise ValueError(f"sample_id={form.sample_id!r} is no queue id of the format")
    return [f"{form.sample_id}: {kind.example}"]


def _heads(tag: str, bodies: list[str]) -> pl.DataFrame:
    numbers = range(1, len(bodies) + 1)
    rows = [(number, 1_700_000_000_000_000, 0, "host", tag, body) for number, body in zip(numbers, bodies, strict=True)]
    return pl.DataFrame(rows, schema={**_NO_LOG, "body": pl.String}, orient="row")


def _checked(plug_in: PlugIn, form: Format) -> Callable[[Records], Facts]:
    """The format's `facts`, whose answer is what linking and the store can take."""

    def facts(records: Records) -> Facts:
        found = form.facts(records)
        if not isinstance(found, Facts):
            raise plug_in.broken(f"facts() gives {type(found).__name__} instead of Facts")
        for name, (table, needed) in _TABLES.items():
            _check_frames(plug_in, name, getattr(found, name), table, needed)
        return found

    return plug_in.guarded(facts)


def _check_frames(
    plug_in: PlugIn, name: str, frames: Sequence[pl.DataFrame], table: Table, needed: tuple[str, ...]
) -> None:
    kinds = {column.name: column.type for column in table.columns}
    for frame in frames:
        if missing := [column for column in (*BASE, *needed) if column not in frame.columns]:
            raise plug_in.broken(f"facts(): {name} without the column {missing[0]}")
        for column, dtype in frame.schema.items():
            if column in kinds and dtype.base_type() not in _DTYPES.get(kinds[column], _TEXT):
                raise plug_in.broken(f"facts(): {name}: column {column} is {dtype}, not {kinds[column]}")
        if "event" in needed and (words := set(frame["event"].unique().to_list()) - set(EVENTS)):
            raise plug_in.broken(f"facts(): {name}: {min(map(str, words))!r} is no event word")
