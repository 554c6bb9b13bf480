"""Options mean the same with every command that has them, and an error names the commands that have one."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from .conftest import POSTFIX, REALSENDER, ROOT, log_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Result

MAILGUN = ROOT / "fixtures" / "mailgun" / "webhooks-v3" / "input.jsonl"
REFUSED = "haas92@mail.meadow.example"
"""Whom the log names only where mail for them was refused."""


# -- --raw -------------------------------------------------------------------------------------------------------------


def lines_of(said: Result) -> list[str]:
    """Lines, which are all lines of the log in its order."""
    shown = said.out.splitlines()
    log = gzip.decompress(POSTFIX.read_bytes()).decode().splitlines()
    places = [log.index(line) for line in dict.fromkeys(shown)]

    assert said.code == 0
    assert places == sorted(places)
    return shown


def ids_of(lines: list[str]) -> set[str]:
    """The queue ids in front of the lines."""
    return {line.split("]: ", 1)[1].removeprefix("fatal: ").split(":", 1)[0] for line in lines}


def test_raw_lines_of_what_failed(run: Callable[..., Result]) -> None:
    """Each failed message from its beginning, and no others."""
    failed = [row for row in log_rows(POSTFIX) if row["outcome"] in {"bounced", "expired"}]
    shown = lines_of(run("bounces", "--raw", POSTFIX))

    assert ids_of(shown) == {one for row in failed for one in row["queue_ids"].split()}


def test_raw_lines_of_chosen_failures(run: Callable[..., Result]) -> None:
    """Filters, --only and --confidence choose among them."""
    every = lines_of(run("bounces", "--raw", POSTFIX))
    hard = lines_of(run("bounces", "--raw", "--only", "hard", "--domain", "gmail.com", POSTFIX))

    assert hard
    assert set(hard) < set(every)
    assert any("gmail.com" in line and "status=bounced" in line for line in hard)


def test_raw_lines_of_what_was_tried_again(run: Callable[..., Result]) -> None:
    """All attempts at it, the one that came through too."""
    again = run("retries", "--format", "json", "--table", "retries", POSTFIX).rows("retries")
    shown = lines_of(run("retries", "--raw", POSTFIX))

    assert {row["queue_id"] for row in again} <= ids_of(shown)
    assert any("status=sent" in line for line in shown)


def test_raw_lines_of_facts(run: Callable[..., Result]) -> None:
    """The very line that states each, and no other of its message."""
    facts = run("events", "--format", "jsonl", "--code", "4.7.x", POSTFIX).lines
    shown = lines_of(run("events", "--raw", "--code", "4.7.x", POSTFIX))
    log = gzip.decompress(POSTFIX.read_bytes()).decode().splitlines()

    assert shown == [log[number - 1] for number in sorted({fact["line"] for fact in facts})]


def test_raw_records_of_facts(run: Callable[..., Result]) -> None:
    """Of an export, its records."""
    shown = run("events", "--raw", "--code", "550", MAILGUN).lines

    assert len(shown) == 2
    assert {record["event-data"]["event"] for record in shown} == {"failed"}


@pytest.mark.parametrize(
    "words",
    [("log",), ("trace", "v4V4QL1K030027"), ("bounces",), ("retries",), ("events",)],
    ids=lambda words: words[0],
)
def test_raw_lines_have_no_columns(run: Callable[..., Result], words: tuple[str, ...]) -> None:
    """Nor is there a place for lines that nothing understood."""
    assert run(*words, "--raw", "--columns", "reply", REALSENDER).code == 2
    assert run(*words, "--raw", "--unparsed", REALSENDER).code == 2


def test_raw_lines_go_with_failures_alone(run: Callable[..., Result]) -> None:
    """Tables of other mail are refused before anything is read."""
    assert run("bounces", "--raw", "--table", "deferrals", "no-such-file").code == 2


# -- --no-collapse -----------------------------------------------------------------------------------------------------


def test_passes_through_a_filter_count_where_that_is_asked_for(run: Callable[..., Result]) -> None:
    """Whatever counts mail can count each pass."""

    def received(*words: str) -> int:
        rows = run("summary", "--format", "json", *words, POSTFIX).rows("day")
        return sum(row["messages"] for row in rows)

    assert received("--no-collapse") == received() + 37


@pytest.mark.parametrize(
    ("command", "table"), [("bounces", "bounces"), ("retries", "retries"), ("notify", "notify"), ("queue", "waiting")]
)
def test_a_pass_through_a_filter_has_its_own_id(run: Callable[..., Result], command: str, table: str) -> None:
    """What failed behind a filter is shown under the id that it had there."""

    def ids(*words: str) -> set[str]:
        return {row["queue_id"] for row in run(command, "--format", "json", *words, POSTFIX).rows(table)}

    behind = {queue_id for row in log_rows(POSTFIX) for queue_id in row["queue_ids"].split()[1:]}

    assert not ids() & behind
    assert ids("--no-collapse") & behind


def test_explained_commands_count_alike(run: Callable[..., Result]) -> None:
    """The command that lists what a line counts does not collapse, either."""
    (row, *_) = run("bounces", "--no-collapse", "--explain", "--format", "json", POSTFIX).rows("bounces")

    assert " --no-collapse " in row["explain"]


# -- --include-rejects -------------------------------------------------------------------------------------------------


def test_refusals_of_an_address_are_told_and_listed(run: Callable[..., Result]) -> None:
    """The story tells them in any case, the list if they are asked for."""
    told = run("trace", REFUSED, "--include-rejects", "--format", "json", POSTFIX)
    listed = run("trace", REFUSED, "--pivot", "to", "--include-rejects", "--format", "json", POSTFIX)
    without = run("trace", REFUSED, "--pivot", "to", POSTFIX)

    assert told.out == run("trace", REFUSED, "--format", "json", POSTFIX).out
    assert [row["status"] for row in listed.rows("log")] == ["rejected"] == ["rejected"] * len(told.rows("refused"))
    assert without.code == 1
    assert "--include-rejects" in without.err


def test_notices_to_an_address_are_listed_if_asked_for(run: Callable[..., Result]) -> None:
    """They went to it, but are no users' mail."""

    def senders(*words: str) -> set[str]:
        told = run("trace", "yann.klein@meadow.example", "--pivot", "to", "--format", "jsonl", *words, POSTFIX)
        return {row["sender"] for row in told.lines}

    assert "" not in senders()
    assert "" in senders("--include-notices")


# -- --since and --until -----------------------------------------------------------------------------------------------


def test_records_of_a_range(run: Callable[..., Result]) -> None:
    """By the lines' own times, in the zone of the log; what has none goes with the line before."""
    range_ = ("--since", "2017-05-25 12:00", "--until", "2017-05-25 13:25:48")
    rows = run("records", "--format", "jsonl", *range_, REALSENDER).lines

    assert [row["line"] for row in rows] == [22, 23, 24, 25, 26, 30]
    assert rows[0]["time"] == "2017-05-25T10:43:37Z"


def test_records_that_nothing_understood_of_a_range(run: Callable[..., Result]) -> None:
    """One of them in the morning, none in the afternoon."""

    def found(*words: str) -> list[int]:
        return [row["line"] for row in run("records", "--unparsed", "--format", "jsonl", *words, REALSENDER).lines]

    assert found() == found("--until", "2017-05-25 10:00") == [29]
    assert found("--since", "2017-05-25 10:00") == []


def test_records_of_an_export_in_a_range(run: Callable[..., Result]) -> None:
    """By the time of each record."""
    every = run("records", "--format", "jsonl", MAILGUN).lines
    middle = sorted(row["time"] for row in every)[8]
    rows = run("records", "--format", "jsonl", "--since", middle, MAILGUN).lines

    assert [row["line"] for row in rows] == [row["line"] for row in every if row["time"] >= middle]


# -- what a command does not have --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "others"),
    [
        (("suppressions", "--no-collapse"), ("log", "bounces", "summary")),
        (("stats", "--raw"), ("log", "trace", "bounces", "retries", "events")),
        (("records", "--sender=x"), ("log", "events")),
    ],
)
def test_an_error_names_the_commands_that_have_the_option(
    run: Callable[..., Result], words: tuple[str, ...], others: tuple[str, ...]
) -> None:
    """So that nobody has to look through the help of twenty commands."""
    said = run(*words, REALSENDER)
    hint = said.err.splitlines()[-1]

    assert said.code == 2
    assert all(name in hint for name in others)
    assert words[0] not in hint.partition(";")[0]


def test_an_option_that_no_command_has(run: Callable[..., Result]) -> None:
    """It goes with nothing."""
    assert "goes with" not in run("stats", "--colour", REALSENDER).err
