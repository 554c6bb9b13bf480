"""The frame of all commands: start, help, options and mistakes."""

from __future__ import annotations

import itertools
import re
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

import click
import pytest

from mailaudit import cli
from mailaudit.commands import output
from mailaudit.read import system

from .conftest import POSTFIX, REALSENDER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from .conftest import Result

HEAVY = ("polars", "duckdb", "pandas", "numpy", "rich", "dateutil", "mailaudit.classify.verdicts")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["completion", "bash"],
        *([name, "--help"] for name in cli.COMMANDS),
        ["lgo"],
        ["log", "--fromat", "csv", "x"],
        ["stats", "--table", "mnoth", "x"],
        ["log", "--since", "yestreday", "x"],
    ],
)
def test_nothing_heavy_is_imported_before_there_is_work(arguments: list[str]) -> None:
    """Help, version, completion and mistakes answer at once."""
    code = (
        f"import sys; from mailaudit import cli; cli.run({arguments!r}); "
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    allowed = {"dateutil"} if "--since" in arguments else set()

    assert set(eval(found.stdout.splitlines()[-1])) <= allowed  # noqa: S307 (printed by the line above)


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_has_help_with_examples(run: Callable[..., Result], name: str) -> None:
    """`--help` of each command ends with what one would type."""
    result = run(name, "--help")

    assert result.code == 0
    assert f"mailaudit {name}" in result.out.split("Examples:")[1]


def examples() -> Iterator[list[str]]:
    """The words of every command in the examples of help, without those of other programs."""
    for name in cli.COMMANDS:
        command = cli.program.get_command(click.Context(cli.program), name)
        assert command is not None
        told = str(command.epilog).split("Examples:")[1].split("\b")[0].replace("\\\n", " ")
        for line in told.strip().splitlines():
            shell = shlex.shlex(line, posix=True, punctuation_chars="|>")
            shell.whitespace_split, shell.commenters = True, ""
            for piped, group in itertools.groupby(shell, lambda word: word == "|"):
                words = list(itertools.takewhile(lambda word: word != ">", group))
                if not piped and words[:1] == ["mailaudit"]:
                    yield words[1:]


@pytest.mark.parametrize("words", list(examples()), ids=" ".join)
def test_examples_have_options_that_there_are(words: list[str]) -> None:
    """Every example of help can be typed: its options and their values are known."""
    command = cli.program.get_command(click.Context(cli.program), words[0])
    assert command is not None

    assert command.make_context(words[0], words[1:], parent=click.Context(cli.program)).params


def test_help_shows_options_in_sections(run: Callable[..., Result]) -> None:
    """A command's own options come first, and those that many commands have stand under what they are about."""
    help_ = run("stats", "--help").out
    found = re.findall(r"^([A-Z][a-z]+):$|^  (?:-[a-z], )?(--[a-z-]+)", help_, re.MULTILINE)
    places = {
        option: max(at for at, (title, _) in enumerate(found[:number]) if title)
        for number, (_, option) in enumerate(found)
        if option
    }
    section = {option: found[at][0] for option, at in places.items()}

    assert [title for title, _ in found if title] == ["Options", "Filters", "Period", "Output", "Input"]
    assert section["--by"] == section["--help"] == "Options"
    assert section["--domain"] == section["--raised-by-key"] == "Filters"
    assert (section["--since"], section["--format"], section["--verbose"]) == ("Period", "Output", "Input")


@pytest.mark.parametrize(
    ("command", "title", "option"),
    [
        ("health", "Judgement", "--threshold"),
        ("health", "Watching", "--state"),
        ("suppressions", "Rule", "--within"),
        ("suppressions", "Comparison", "--against"),
        ("investigate", "Warm-up", "--plan"),
        ("suppressions", "Output", "--tz"),
        ("notify", "Options", "--state"),
    ],
)
def test_help_groups_what_belongs_together(run: Callable[..., Result], command: str, title: str, option: str) -> None:
    """Where a command has many options of its own, they have titles of their own, before those that all have."""
    help_ = run(command, "--help").out
    part = help_.split(f"\n{title}:\n")[1].split("\n\n")[0]

    assert f"  {option} " in part
    assert help_.index(f"\n{title}:\n") <= help_.index("\nOutput:\n")


OWN_MEANING = {"--table", "--by", "--vocabulary"}
"""Options of which each command has its own kind."""


def test_an_option_means_the_same_everywhere() -> None:
    """An option that two commands have is declared once: it has the same help text in both."""
    texts: dict[str, set[str]] = {}
    for name in cli.COMMANDS:
        command = cli.program.get_command(click.Context(cli.program), name)
        assert command is not None
        for option in command.params:
            if isinstance(option, click.Option):
                texts.setdefault(option.opts[0], set()).add(str(option.help))

    assert {name for name, told in texts.items() if len(told) > 1} == OWN_MEANING


@pytest.mark.parametrize(
    ("arguments", "suggestion"),
    [
        (["staats"], "stats"),
        (["log", "--colums", "x", "y"], "--columns"),
        (["log", "--format", "jsno", "y"], "json"),
        (["log", "--status", "bonced", "y"], "bounced"),
        (["log", "--tz", "Europe/Room", "y"], "Europe/Rome"),
        (["log", "--tz", "rome!", "y"], "Europe/Rome"),
        (["log", "--columns", "reciepient", "y"], "recipient"),
        (["log", "--input-format", "posftix", "y"], "postfix"),
        (["stats", "--table", "recipient_domian", "y"], "recipient_domain"),
        (["stats", "--by", "dya", "y"], "day"),
        (["queue", "--table", "waitng", "y"], "waiting"),
        (["retries", "--policy", "bluk", "y"], "bulk"),
        (["completion", "zhs"], "zsh"),
    ],
)
def test_a_near_miss_is_answered_with_what_was_meant(
    run: Callable[..., Result], arguments: list[str], suggestion: str
) -> None:
    """Commands, options, words, zones, columns, tables: exit code 2 and the nearest known one."""
    result = run(*arguments)

    assert result.code == 2
    assert suggestion in result.err


def test_without_a_path_the_systems_log_is_read_and_named(
    run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The usual files of this machine, and which they are."""
    monkeypatch.setattr(system, "usual", lambda _directory: [str(REALSENDER)])

    result = run("log", "--format", "json")

    assert (result.code, len(result.rows("log"))) == (0, 6)
    assert f"No path given: reading {REALSENDER}" in result.err


def test_without_arguments_the_help_is_shown(run: Callable[..., Result]) -> None:
    """On standard error, with the code of a usage error: nothing was asked."""
    result = run()

    assert (result.code, result.out) == (2, "")
    assert result.err == run("--help").out


@pytest.mark.parametrize(
    "arguments",
    [
        ("stats", "--by", "direction", "--by", "day"),
        ("bounces", "--by", "category", "--by", "isp"),
        ("bounces", "--only", "hard", "--only", "soft"),
        ("log", "--columns", "status", "--columns", "recipient"),
        ("stats", "--table", "sender", "--fold", "verp", "--fold", "plus"),
    ],
    ids=" ".join,
)
def test_a_list_may_be_given_in_pieces(run: Callable[..., Result], arguments: tuple[str, ...]) -> None:
    """An option given twice asks for both, as one with a comma does."""
    option, first, _, second = arguments[-4:]
    together = (*arguments[:-4], option, f"{first},{second}")

    assert run(*arguments, "--format", "csv", POSTFIX) == run(*together, "--format", "csv", POSTFIX)


@pytest.mark.parametrize(
    ("arguments", "left"),
    [
        (("stats", "--columns", "bytes,weekday"), "weekday"),
        (("retries", "--columns", "waits"), "retries"),
        (("queue", "--columns", "queue_id,recipient"), "waiting"),
        (("suppressions", "--columns", "state"), "suppressions"),
    ],
    ids=" ".join,
)
def test_tables_without_the_columns_asked_for_are_left_out(
    run: Callable[..., Result], arguments: tuple[str, ...], left: str
) -> None:
    """Every row has one of them; those that nothing understood are shown all the same."""
    wanted = set(arguments[-1].split(","))
    tables = run(*arguments, "--unparsed", "--format", "json", REALSENDER).document["tables"]
    lines = tables.pop("unparsed")["rows"]

    assert left in tables
    assert all(wanted & row.keys() for table in tables.values() for row in table["rows"])
    assert len(lines) == 1


@pytest.mark.parametrize(
    ("no_color", "force", "terminal", "colored"),
    [
        (None, None, True, True),
        (None, None, False, False),
        ("1", None, True, False),
        (None, "1", False, True),
        ("1", "1", True, False),
    ],
)
def test_colour_follows_the_environment(
    monkeypatch: pytest.MonkeyPatch, no_color: str | None, force: str | None, *, terminal: bool, colored: bool
) -> None:
    """NO_COLOR and FORCE_COLOR have the last word, the first before the second."""
    monkeypatch.setenv("TERM", "xterm")
    for name, value in (("NO_COLOR", no_color), ("FORCE_COLOR", force)):
        if value:
            monkeypatch.setenv(name, value)

    assert output.colored(terminal=terminal) == colored


def test_a_log_in_place_of_a_command(run: Callable[..., Result], tmp_path: Path) -> None:
    """Who names only a log, or asks for `help`, is told what to type."""
    log = tmp_path / "my mail.log"
    log.touch()

    assert run(log).err.splitlines()[-1] == f"  hint: mailaudit stats '{log}'"
    assert run("help").err.splitlines()[-1] == "  hint: mailaudit --help, or mailaudit COMMAND --help"
    assert (run(log).code, run("help").code) == (2, 2)


def test_commands_that_do_not_exist_are_not_offered(run: Callable[..., Result]) -> None:
    """No stubs."""
    offered = run("--help").out

    for word in (
        "ingest",
        "store",
        "sql",
    ):
        assert f"  {word} " not in offered
        assert run(word).code == 2


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_who_may_read_a_log_is_told_by_its_reader(name: str) -> None:
    """click would only say that it is not readable; the reader names the group that may."""
    command = cli.program.get_command(click.Context(cli.program), name)
    assert command is not None
    paths = [param.type for param in command.params if param.name == "paths"]

    assert all(isinstance(path, click.Path) and not path.readable for path in paths)
