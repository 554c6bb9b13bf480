"""`--explain`: under a line stands the command that lists what it counts."""

from __future__ import annotations

import shlex
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from .conftest import POSTFIX, log_rows

if TYPE_CHECKING:
    from collections.abc import Callable

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
