"""What other packages add is found, checked, loaded only when needed, and named when it is broken."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.cli.golden import ROOT, SENDMAIL_LOG

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

EXAMPLE = ROOT / "docs" / "plug-in"
GOOD = EXAMPLE / "pigeon.log"


def mailaudit(folder: Path, *arguments: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Runs mailaudit with the packages of a folder installed beside it."""
    environment = {**os.environ, "PYTHONPATH": str(folder), **more}
    command = [sys.executable, "-m", "mailaudit", *map(str, arguments)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example package of the documentation, built and installed into a folder of its own."""
    folder = tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps"]
    subprocess.run([*pip, "--no-build-isolation", "--target", str(folder), str(EXAMPLE)], check=True)
    return folder


@pytest.fixture
def package(tmp_path: Path) -> Callable[..., Path]:
    """Makes a package `thing 2.1` with one module and one entry point."""

    def make(group: str, entry: str, source: str, name: str = "thing") -> Path:
        about = tmp_path / f"{name}-2.1.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 2.1\n")
        (about / "entry_points.txt").write_text(f"[mailaudit.{group}]\n{entry}\n")
        (tmp_path / "thing.py").write_text(source)
        return tmp_path

    return make


def test_a_format_of_another_package_is_read(installed: Path) -> None:
    """Its lines are claimed, linked and counted, without being named."""
    done = mailaudit(
        installed, "log", "--format", "csv", "--columns", "queue_id,recipient,outcome,attempts,category", GOOD
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "queue_id,recipient,outcome,attempts,category",
        "P0001A,bob@loft.example,delivered,1,",
        "P0001B,eve@dovecote.example,delivered,2,",
        "P0001C,dan@loft.example,bounced,1,pigeon_hawk",
    ]


def test_rules_of_another_package_go_before_ours(installed: Path, tmp_path: Path) -> None:
    """Its categories and providers are there too; a user's own file goes before them."""
    own = tmp_path / "own.toml"
    own.write_text('[[rule]]\nid = "mine"\ncategory = "spam_content"\nwords = "seen by a hawk"\n')
    reply = "554 5.7.1 seen by a hawk"

    theirs = mailaudit(installed, "explain", "--format", "csv", "--columns", "category,rule", reply)
    mine = mailaudit(installed, "explain", "--format", "csv", "--columns", "category,rule", "--rules", own, reply)
    providers = mailaudit(installed, "stats", "--table", "isp", "--format", "csv", "--columns", "isp,recipients", GOOD)

    assert theirs.stdout.splitlines()[1:] == ["pigeon_hawk,pigeon-hawk"]
    assert mine.stdout.splitlines()[1:] == ["spam_content,mine"]
    assert providers.stdout.splitlines()[1:] == ["Loft Union,3"]


def test_a_writer_of_another_package_writes(installed: Path) -> None:
    """Its name is known to --format, and to the hint of a near miss."""
    done = mailaudit(installed, "log", "--format", "ltsv", "--columns", "queue_id,outcome", "--limit", "1", GOOD)
    missed = mailaudit(installed, "log", "--format", "ltvs", GOOD)

    assert (done.returncode, done.stdout) == (0, "queue_id:P0001A\toutcome:delivered\n")
    assert missed.returncode == 2
    assert "Did you mean 'ltsv'?" in missed.stderr


def test_config_lists_what_is_installed(installed: Path) -> None:
    """By group, with the package that brings it."""
    done = mailaudit(installed, "config", "--format", "jsonl")

    rows = [json.loads(line) for line in done.stdout.splitlines()]
    found = [(row["group"], row["name"], row["package"]) for row in rows if row["table"] == "plug_ins"]
    assert found == [
        ("formats", "pigeon", "mailaudit-pigeon 1.0"),
        ("rules", "pigeon", "mailaudit-pigeon 1.0"),
        ("writers", "ltsv", "mailaudit-pigeon 1.0"),
    ]


def test_plug_ins_can_be_switched_off(installed: Path) -> None:
    """Without them there is nothing in the log that is known."""
    done = mailaudit(installed, "inspect", GOOD, MAILAUDIT_PLUGINS="off")
    written = mailaudit(installed, "log", "--format", "ltsv", GOOD, MAILAUDIT_PLUGINS="off")

    assert "pigeon/delivery" not in done.stdout
    assert written.returncode == 2


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["log", "--help"], ["completion", "bash"]])
def test_plug_ins_are_not_even_looked_for_before_they_are_needed(
    package: Callable[..., Path], arguments: list[str]
) -> None:
    """A plug-in that ends the program on import is never imported."""
    folder = package("formats", "thing = thing:FORMAT", "raise SystemExit('imported')")

    done = mailaudit(folder, *arguments)

    assert (done.returncode, done.stderr) == (0, "")


FORMAT = """
import polars as pl
from mailaudit.formats.table import *
def facts(records): return {facts}
FORMAT = Format(name="{name}", claims=lambda tag: Program("thing", None, "thing") if tag == "thing" else None,
    queue_id="^T[0-9]+$", sample_id={sample!r}, facts=facts,
    kinds=(Kind("done", ("{daemon}",), ("{start}",), "{example}", {pattern!r}, queue_id=True),))
"""
RIGHT = {
    "facts": "Facts()",
    "name": "thing",
    "sample": "T1",
    "daemon": "thing",
    "start": "done",
    "example": "done",
    "pattern": "^(?<done>done)$",
}
OTHER_FORMATS = {
    "raises": ("1/0", "ZeroDivisionError: division by zero"),
    "ends the program": ("import sys; sys.exit(1)", "SystemExit: 1"),
    "needs what is not there": ("import no_such_thing", "ModuleNotFoundError: No module named 'no_such_thing'"),
    "has no such name": ("", "AttributeError: module 'thing' has no attribute 'FORMAT'"),
    "is something else": ("FORMAT = 7", "thing:FORMAT is no Format and no Provider but int"),
    "is no Python": ("def", "SyntaxError: invalid syntax"),
}
BAD_FORMATS = {
    "its name": ({"name": "other"}, "its Format calls itself 'other'"),
    "a pattern that is none": ({"pattern": "^(?<done>(?!x)done)$"}, "ComputeError"),
    "an example of something else": ({"example": "gone"}, "kind done: its example is not a line of it: gone"),
    "no queue id to try": ({"sample": "none"}, "sample_id='none' is no queue id of the format"),
    "a daemon that it does not claim": ({"daemon": "smtpd"}, "kind done: the format does not claim lines of smtpd"),
    "facts of another kind": ({"facts": "[]"}, "facts() gives list instead of Facts"),
    "facts without what is needed": (
        {"facts": "Facts(deliveries=[records.get('done')])"},
        "facts(): deliveries without the column event",
    ),
    "facts of a wrong type": (
        {
            "facts": "Facts(deliveries=[records.get('done').with_columns("
            "pl.lit('delivered').alias('event'), attempted=True, smtp_code=pl.lit('250'))])"
        },
        "facts(): deliveries: column smtp_code is String, not int",
    ),
    "an event that is none": (
        {
            "facts": "Facts(deliveries=[records.get('done').with_columns("
            "pl.lit('gone').alias('event'), attempted=True)])"
        },
        "facts(): deliveries: 'gone' is no event word",
    ),
}


def named(done: subprocess.CompletedProcess[str], group: str) -> str:
    """What is said of the broken plug-in: one sentence with its name and package, and what to do."""
    assert "Traceback" not in done.stderr
    sentence, hint = done.stderr.splitlines()
    start = f"mailaudit: plug-in thing ({group}, of thing 2.1) is broken: "
    assert sentence.startswith(start)
    assert hint.startswith("  hint: tell its makers, remove it (pip uninstall thing), or set MAILAUDIT_PLUGINS=off")
    return sentence.removeprefix(start)


@pytest.mark.parametrize("what", OTHER_FORMATS)
def test_a_format_that_cannot_be_loaded_is_named(package: Callable[..., Path], what: str) -> None:
    """And no answer is given without it: its lines would be missing."""
    source, why = OTHER_FORMATS[what]

    done = mailaudit(package("formats", "thing = thing:FORMAT", source), "stats", SENDMAIL_LOG)

    assert (done.returncode, done.stdout) == (3, "")
    assert named(done, "formats").startswith(why)


@pytest.mark.parametrize("what", BAD_FORMATS)
def test_a_format_that_is_wrong_is_refused(package: Callable[..., Path], what: str) -> None:
    """Its table and what it makes of its own examples are looked at before the log is."""
    wrong, why = BAD_FORMATS[what]
    source = FORMAT.format(**{**RIGHT, **wrong})

    done = mailaudit(package("formats", "thing = thing:FORMAT", source), "stats", SENDMAIL_LOG)

    assert (done.returncode, done.stdout) == (3, "")
    assert why in named(done, "formats")


def test_a_right_format_is_not_refused(package: Callable[..., Path]) -> None:
    """The one that the wrong ones differ from."""
    folder = package("formats", "thing = thing:FORMAT", FORMAT.format(**RIGHT))

    done = mailaudit(folder, "stats", SENDMAIL_LOG)

    assert done.returncode == 0
    assert "plug-in" not in done.stderr


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("RULES = 7", "thing:RULES is no TOML file but int"),
        ("import pathlib; RULES = pathlib.Path('/none/rules.toml')", "FileNotFoundError"),
        ("import pathlib; RULES = pathlib.Path(__file__)", "thing.py: "),
        ("1/0", "ZeroDivisionError"),
    ],
)
def test_rules_that_are_wrong_are_refused(package: Callable[..., Path], source: str, why: str) -> None:
    """What they would have changed is not answered without them."""
    done = mailaudit(package("rules", "thing = thing:RULES", source), "bounces", SENDMAIL_LOG)

    assert (done.returncode, done.stdout) == (3, "")
    assert named(done, "rules").startswith(why)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("write = 7", "thing:write is no function but int"),
        ("def write(*given): return [][1]", "IndexError: list index out of range"),
        ("def write(answers): pass", "TypeError: write() takes 1 positional argument but 4 were given"),
    ],
)
def test_a_writer_that_is_wrong_is_named(package: Callable[..., Path], source: str, why: str) -> None:
    """With what is wrong with it."""
    folder = package("writers", "thing = thing:write", source)

    done = mailaudit(folder, "stats", "--format", "thing", SENDMAIL_LOG)

    assert (done.returncode, done.stdout) == (3, "")
    assert named(done, "writers").startswith(why)


def test_other_formats_are_written_beside_a_writer_that_is_wrong(package: Callable[..., Path]) -> None:
    """It is not even looked at."""
    done = mailaudit(package("writers", "thing = thing:write", "write = 7"), "stats", "--format", "csv", SENDMAIL_LOG)

    assert done.returncode == 0
    assert "plug-in" not in done.stderr


def test_names_are_given_once(package: Callable[..., Path]) -> None:
    """Not one of ours, and not by two packages."""
    folder = package("formats", "postfix = thing:FORMAT", FORMAT.format(**RIGHT))
    ours = mailaudit(folder, "stats", SENDMAIL_LOG)
    package("writers", "twice = thing:write", "", name="one")
    package("writers", "twice = thing:write", "", name="two")
    twice = mailaudit(folder, "stats", "--format", "twice", SENDMAIL_LOG)

    assert (ours.returncode, twice.returncode) == (3, 3)
    assert "plug-in postfix (formats, of thing 2.1) is broken: mailaudit has postfix itself" in ours.stderr
    assert "2.1 has one of the same name" in twice.stderr


def test_health_with_a_broken_plug_in_is_unknown(package: Callable[..., Path]) -> None:
    """Monitoring is told, in its own form."""
    folder = package("formats", "thing = thing:FORMAT", "1/0")

    done = mailaudit(folder, "health", "--format", "nagios", SENDMAIL_LOG)

    assert done.returncode == 3
    assert done.stdout.startswith("MAILFLOW UNKNOWN - plug-in thing (formats, of thing 2.1) is broken")
