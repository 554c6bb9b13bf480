"""`--explain`: under a line stands the command that lists what it counts."""

from __future__ import annotations

import shlex
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from .conftest import POSTFIX, ROOT, log_rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Result


@pytest.mark.parametrize("table", ["recipient_domain", "sender", "sender_domain", "sasl_user", "month"])
def test_explain_lists_what_a_line_counts(run: Callable[..., Result], table: str) -> None:
    """Running the command under a line gives as many recipients as the line says were received."""
    rows = run("stats", "--table", table, "--explain", "--format", "json", "--limit", "6", POSTFIX).rows(table)
    commands = [(row["explain"], row["recipients"]) for row in rows if row["explain"]]

    assert commands
    for command, recipients in commands:
        words = shlex.split(command)
        assert words[0] == "mailaudit"
        assert len(run(*words[1:], "--format", "json").rows("log")) == recipients


def test_explain_of_failures(run: Callable[..., Result]) -> None:
    """Running the command under a group of failures lists the addresses of its recipients, and no fewer."""
    rows = run("bounces", "--explain", "--format", "json", POSTFIX).rows("bounces")
    groups = [(row["explain"], row["recipients"], row["recipient"]) for row in rows if row["domain"]]

    assert groups
    for command, recipients, example in groups[:6]:
        listed = run(*shlex.split(command)[1:], "--format", "json").rows("addresses")
        assert example in {row["recipient"] for row in listed}
        assert sum(row["failures"] for row in listed) >= recipients


def test_explain_of_what_was_tried_again(run: Callable[..., Result]) -> None:
    """The command under a message that was tried again shows its story."""
    row = run("retries", "--table", "retries", "--explain", "--format", "json", POSTFIX).rows("retries")[0]

    command = shlex.split(row["explain"])

    assert command == ["mailaudit", "trace", row["queue_id"], str(POSTFIX)]
    assert run(*command[1:]).code == 0


def test_explain_of_any_keys(run: Callable[..., Result]) -> None:
    """The same for `--by`, within a range."""
    options = ("--by", "recipient_domain,outcome", "--since", "2024-11-01", "--explain")
    rows = run("stats", *options, "--format", "json", "--limit", "5", POSTFIX).rows("by_recipient_domain_outcome")

    for row in rows:
        words = shlex.split(row["explain"])
        assert len(run(*words[1:], "--format", "json").rows("log")) == row["recipients"]


EXIM = ROOT / "fixtures" / "exim" / "nine-days" / "input.log.gz"
MAILGUN = ROOT / "fixtures" / "mailgun" / "webhooks-v3" / "input.jsonl"


@pytest.mark.parametrize(
    ("log", "asked"),
    [
        (POSTFIX, "--table recipient_domain --domain gmail.com --domain gmx.de"),
        (POSTFIX, "--table sender --sender @meadow.example"),
        (POSTFIX, "--table sender_domain --sender meadow"),
        (POSTFIX, "--table sender --include-notices"),
        (POSTFIX, "--by outcome --status delivered,bounced"),
        (POSTFIX, "--by enhanced_status --code 5.x"),
        (POSTFIX, "--by smtp_code,enhanced_status"),
        (POSTFIX, "--by sender,sender_domain --sender news"),
        (POSTFIX, "--table reply --table enhanced --table own_rejects"),
        (POSTFIX, "--table reply --domain gmail.com"),
        (EXIM, "--table own_rejects"),
        (MAILGUN, "--table summary --limit 16"),
        (MAILGUN, "--by outcome"),
    ],
)
def test_explain_lists_just_what_a_line_counts(run: Callable[..., Result], log: Path, asked: str) -> None:
    """Filters given and the line's own keys hold together, notices and readers' reactions or not."""
    done = run("stats", "--limit", "3", *asked.split(), "--explain", "--format", "json", log)
    rows = [row for table in done.tables.values() for row in table if row.get("explain")]

    assert rows
    for row in rows:
        counted = next(row[name] for name in ("recipients", "lines", "refused", "count") if row.get(name) is not None)
        words = shlex.split(row["explain"])[1:]
        assert len(run(*words, "--format", "json").rows(words[0])) == counted, row["explain"]


@pytest.mark.parametrize("asked", ["--only hard", "--by type --only hard", "--by category", "--code 5.x"])
def test_explain_of_chosen_failures(run: Callable[..., Result], asked: str) -> None:
    """What chose the failures chooses the addresses, too."""
    rows = run("bounces", *asked.split(), "--explain", "--format", "json", "--limit", "3", POSTFIX).rows("bounces")

    assert any(row["explain"] for row in rows)
    for row in rows:
        if row["explain"]:
            listed = run(*shlex.split(row["explain"])[1:], "--format", "json").rows("addresses")
            assert sum(one["failures"] for one in listed) == row["recipients"], row["explain"]


@pytest.mark.parametrize(
    "asked",
    [
        "stats --table sender --fold plus",
        "stats --table sender_domain --sender =anna@meadow.example",
        "stats --table reply --code 5.x",
        "bounces --by category,isp",
    ],
)
def test_no_command_where_none_lists_it(run: Callable[..., Result], asked: str) -> None:
    """Folded senders, a domain of which some senders were chosen, a provider: a command would list others, too."""
    command, *words = asked.split()
    done = run(command, *words, "--explain", "--format", "json", POSTFIX)

    assert not any(row.get("explain") for table in done.tables.values() for row in table)


@pytest.mark.parametrize("asked", ["stats --by outcome", "bounces", "retries --table retries"])
def test_commands_stand_beside_chosen_columns(run: Callable[..., Result], asked: str) -> None:
    """--columns chooses among the table's columns; the commands were asked for with --explain."""
    done = run(*asked.split(), "--columns", "outcome", "--explain", "--format", "json", "--limit", "3", POSTFIX)

    (rows,) = done.tables.values()
    assert rows
    assert all(row["outcome"] and row["explain"].startswith("mailaudit ") for row in rows)


def test_stats_counts_the_rows_of_log(run: Callable[..., Result]) -> None:
    """Totals by outcome are those of the list."""
    listed = Counter(row["outcome"] for row in log_rows(POSTFIX))
    counted = {
        row["outcome"]: row["recipients"]
        for row in run("stats", "--by", "outcome", "--format", "json", POSTFIX).rows("by_outcome")
    }

    assert counted == dict(listed)


def test_all_tables_in_every_format(run: Callable[..., Result]) -> None:
    """The whole report can be written in each format."""
    for form in ("table", "csv", "json", "jsonl", "markdown"):
        assert run("stats", "--format", form, POSTFIX).code == 0
