"""The options of a command in sections, for `--help` and manuals: first its own, then those of each family."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import click

from mailaudit.commands.options import Input, Mail, Output, Period
from mailaudit.commands.periods import Named
from mailaudit.measure.filters import Filters

if TYPE_CHECKING:
    from collections.abc import Iterator

OWN = "Options"
FAMILIES: dict[str, tuple[type, ...]] = {
    "Filters": (Filters,),
    "Period": (Named, Period),
    "Output": (Output,),
    "Mail": (Mail,),
    "Input": (Input,),
}
"""Sections in their order, and the families whose options stand there."""
_SECTION = {
    field.name: title for title, kinds in FAMILIES.items() for kind in kinds for field in dataclasses.fields(kind)
}


def sections(command: click.Command, ctx: click.Context) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """The title of each section that is not empty, with its options as they are written and what they mean."""
    found: dict[str, list[tuple[str, str]]] = {title: [] for title in (OWN, *FAMILIES)}
    for option in command.get_params(ctx):
        record = option.get_help_record(ctx)
        if isinstance(option, click.Option) and record is not None:
            found[_SECTION.get(option.name or "", OWN)].append(record)
    yield from ((title, records) for title, records in found.items() if records)


class Command(click.Command):
    """A command that shows its options in sections."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the options; those of one section stand under its title."""
        for title, records in sections(self, ctx):
            with formatter.section(title):
                formatter.write_dl(records)
