"""The frame of all commands: start, help, mistakes, exit codes, signals."""

from __future__ import annotations

import itertools
import os
import re
import shlex
import signal
import subprocess
import sys
import time
import warnings
from typing import TYPE_CHECKING

import click
import pytest

from mailaudit import cli
from mailaudit.commands import output, session
from mailaudit.errors import MailauditError
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


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["log", REALSENDER], 0),
        (["log", "--since", "2030", REALSENDER], 0),
        (["stats", "--compare", "previous", "--since", "2030", REALSENDER], 0),
        (["trace", "v4V4QL1K030027", REALSENDER], 0),
        (["trace", "nothing-like-it", REALSENDER], 1),
        (["trace"], 2),
        (["log", "--code", "6xx", REALSENDER], 2),
        (["log", "--code", "5..1", "/there/is/no/such/file"], 2),
        (["log", "--limit", "-1", "/there/is/no/such/file"], 2),
        (["log", "--limit", "many", "/there/is/no/such/file"], 2),
        (["log", "--since", "2026", "--until", "2025", REALSENDER], 2),
        (["log", "--today", "--days", "3", REALSENDER], 2),
        (["log", "/there/is/no/such/file"], 3),
        (["log", REALSENDER, "-o", "/there/is/no/such/directory/file"], 4),
        (["queue", "-o", "/there/is/no/such/directory/file", REALSENDER], 4),
    ],
)
def test_exit_codes(run: Callable[..., Result], arguments: list[object], code: int) -> None:
    """Those of the contract; what went wrong is one message on standard error."""
    result = run(*arguments)

    assert result.code == code
    assert "Traceback" not in result.err
    assert bool(code) == (not result.out)


def test_without_a_path_the_systems_log_is_read_and_named(
    run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The usual files of this machine, and which they are."""
    monkeypatch.setattr(system, "usual", lambda _directory: [str(REALSENDER)])

    result = run("log", "--format", "json")

    assert (result.code, len(result.rows("log"))) == (0, 6)
    assert f"No path given: reading {REALSENDER}" in result.err


def test_too_little_understood_is_said_and_still_answered(run: Callable[..., Result], tmp_path: Path) -> None:
    """Below 95 % the numbers stand, with a note and exit code 3."""
    log = tmp_path / "mail.log"
    odd = "May 31 06:26:23 mx postfix/smtp[7]: something new to=<x@y.z> status=odd\n"
    log.write_text(REALSENDER.read_text() + odd * 20)

    result = run("log", "--format", "json", log)

    assert result.code == 3
    assert len(result.rows("log")) == 6
    assert "of the mail lines were understood" in result.err
    doubt = next(item for item in result.document["warnings"] if item["kind"] == "not_understood")
    assert f"{log}: {doubt['text']}" in result.err
    assert doubt["source_file"] == str(log)


def test_a_closed_pipe_is_a_normal_end() -> None:
    """`mailaudit events … | head -1` ends with 0 and says nothing."""
    command = f"{sys.executable} -m mailaudit events --format jsonl {POSTFIX}"
    script = f"set -o pipefail; {command} | head -n 1"
    found = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)

    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout.count("\n") == 1


def test_a_workbook_into_a_closed_pipe_is_a_normal_end() -> None:
    """xlsxwriter makes an error of its own of what cannot be written; nobody sees it."""
    script = f"set -o pipefail; {sys.executable} -m mailaudit log --format xlsx {REALSENDER} | true"
    found = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)

    assert found.returncode == 0
    assert "Traceback" not in found.stderr


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


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_signals_end_it_and_leave_nothing(tmp_path: Path, number: int, code: int) -> None:
    """The exit code tells the signal; temporary files are gone."""
    fifo = tmp_path / "mail.log"
    os.mkfifo(fifo)
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    # nohup, if the tests run under it, has SIGHUP ignored by all that it starts.
    begin = "import signal; signal.signal(signal.SIGHUP, signal.SIG_DFL); from mailaudit.cli import main; main()"
    command = [sys.executable, "-c", begin, "log", str(fifo)]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    with fifo.open("w") as writer:
        writer.write(REALSENDER.read_text())
        writer.flush()
        time.sleep(1)
        process.send_signal(number)
        time.sleep(0.2)
    _, said = process.communicate(timeout=20)

    assert process.returncode == code
    assert "Traceback" not in said
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] in ([], ["config"])


@pytest.mark.parametrize(("caught", "code"), [(set(), 130), ({signal.SIGTERM}, 143)])
def test_a_signal_in_the_midst_of_a_question(
    run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch, caught: set[int], code: int
) -> None:
    """DuckDB makes an error of its own of it, in these words: no bug of ours, and no answer that lacks something."""

    def broken_off(*given: object, **more: object) -> None:
        del given, more
        raise RuntimeError("Query interrupted")

    monkeypatch.setattr(cli, "CAUGHT", caught)
    monkeypatch.setattr(cli.program, "main", broken_off)
    done = run("stats", REALSENDER)

    assert (done.code, done.err) == (code, "")


def test_an_old_processor_is_told_with_the_remedy() -> None:
    """polars' warning before its crash becomes one sentence and what to install."""
    with pytest.raises(MailauditError) as caught, session.cpu_checked():
        warnings.warn("Missing required CPU features.\n\nThe following …", RuntimeWarning, stacklevel=1)

    assert "AVX2" in caught.value.text
    assert "pip install 'polars[rtcompat]'" in (caught.value.hint or "")


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


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("log {log} >&-", 4),
        ("log --raw {log} >&-", 4),
        ("--help >&-", 4),
        ("--help > /dev/full", 4),
        ("stats --help > /dev/full", 4),
        ("explain 5.1.1 > /dev/full", 4),
        ("health --format nagios {log} > /dev/full", 3),
        ("log {log} > /dev/full", 4),
        ("log {log} 2>&- >/dev/null", 0),
        ("log {log} <&- >/dev/null", 0),
    ],
)
def test_closed_and_full_outputs_are_told(script: str, code: int) -> None:
    """Whoever closed a stream, or has no room, gets an exit code and a sentence, no traceback."""
    command = f"{sys.executable} -m mailaudit {script.format(log=REALSENDER)}"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    done = subprocess.run(["bash", "-c", command], env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    assert ("cannot write standard output" in done.stderr) == (code > 0)


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_who_may_read_a_log_is_told_by_its_reader(name: str) -> None:
    """click would only say that it is not readable; the reader names the group that may."""
    command = cli.program.get_command(click.Context(cli.program), name)
    assert command is not None
    paths = [param.type for param in command.params if param.name == "paths"]

    assert all(isinstance(path, click.Path) and not path.readable for path in paths)


def test_several_inputs_that_cannot_be_read_are_told_line_by_line(run: Callable[..., Result], tmp_path: Path) -> None:
    """Each with its own reason; a name of a file is never more than a line."""
    result = run("stats", tmp_path / "a", tmp_path / "b\nc")

    assert result.code == 3
    first, *more = result.err.splitlines()
    assert first == "mailaudit: none of the inputs can be read:"
    assert [line.startswith("  there is no") for line in more] == [True, True]
    assert r"b\nc" in more[1]
