"""The options of a command in sections, for `--help` and manuals: first its own, then those of each family."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mailaudit.commands.families import TITLES

if TYPE_CHECKING:
    from collections.abc import Iterator

OWN = "Options"
SHARED = ("Filters", "Period", "Output", "Mail", "Input")
"""Titles that many commands have, in their order; those of one command alone come before them."""


def sections(command: click.Command, ctx: click.Context) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """The title of each section that is not empty, with its options as they are written and what they mean."""
    found: dict[str, list[tuple[str, str]]] = {OWN: []}
    for option in command.get_params(ctx):
        record = option.get_help_record(ctx)
        if isinstance(option, click.Option) and record is not None:
            found.setdefault(TITLES.get(option, OWN), []).append(record)
    titles = [*(title for title in found if title not in SHARED), *(title for title in SHARED if title in found)]
    yield from ((title, found[title]) for title in titles if found[title])


class Command(click.Command):
    """A command that shows its options in sections."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the options; those of one section stand under its title."""
        for title, records in sections(self, ctx):
            with formatter.section(title):
                formatter.write_dl(records)
