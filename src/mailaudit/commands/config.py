"""`mailaudit config`: the defaults in effect, and where they come from."""

from __future__ import annotations

import click

from mailaudit import plugins
from mailaudit.commands import options, settings
from mailaudit.commands.output import write
from mailaudit.commands.sections import Command
from mailaudit.commands.session import version
from mailaudit.model.answers import Answer, Head
from mailaudit.model.columns import Column

COLUMNS = (
    Column("command", "word", "command"),
    Column("option", "word", "option"),
    Column("value", "text", "default in effect"),
    Column("from", "word", "file, or built in"),
)
PLUG_INS = (
    Column("group", "word", "what it adds: formats, rules or writers"),
    Column("name", "word", "its name"),
    Column("package", "text", "package that brings it, and its version"),
)


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  mailaudit config
  mailaudit config --format json

\b
The file is TOML, e.g.:
  tz = "Europe/Rome"
  [log]
  columns = ["submitted_at", "recipient", "status", "reply"]
""",
)
@options.writing
@click.pass_context
def config(ctx: click.Context, output: options.Output) -> int:
    """Show the defaults in effect, those of the config file and those built in, and the plug-ins that are installed."""
    found = settings.load()
    group = ctx.find_root().command
    rows = []
    if isinstance(group, click.Group):
        for name in group.list_commands(ctx):
            command = group.get_command(ctx, name)
            chosen = {**found.general, **found.single.get(name, {})}
            for key, option in settings.options_of(command).items():
                if key in chosen:
                    rows.append((name, key, _text(chosen[key]), "file"))
                elif _is_worth_showing(option):
                    rows.append((name, key, _text(option.default), "built in"))
    file = settings.path()
    there = "" if file.is_file() else " (there is none)"
    note = f"Config file: {file}{there}."
    answer = Answer("config", "Defaults", "options", "", COLUMNS, rows, notes=(note,))
    added = [(group, one.name, one.package) for group in plugins.GROUPS for one in plugins.found(group).values()]
    others = Answer("plug_ins", "Plug-ins", "plug-ins", "", PLUG_INS, added)
    write([answer, others] if added else [answer], Head("config", version()), output)
    return 0


def _is_worth_showing(option: click.Option) -> bool:
    return isinstance(option.default, str | int | tuple) and not isinstance(option.default, bool)


def _text(value: object) -> str:
    return ",".join(str(item) for item in value) if isinstance(value, list | tuple) else str(value)
