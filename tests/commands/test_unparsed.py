"""Every line is accounted for: `records`, and `--unparsed` beside every answer."""

from __future__ import annotations

import csv
import gzip
import io
import json
from typing import TYPE_CHECKING

import pytest

from .conftest import REALSENDER, SENDMAIL

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Result


def test_records_account_for_every_line(run: Callable[..., Result]) -> None:
    """One row per line, in order; lines = parsed + noise + unparsed."""
    result = run("records", "--format", "json", SENDMAIL)
    rows = result.rows("records")
    report = result.document["inputs"][0]
    lines = gzip.decompress(SENDMAIL.read_bytes()).splitlines()

    assert [row["line"] for row in rows] == list(range(1, len(lines) + 1))
    assert report["lines"] == report["parsed"] + report["noise"] + report["unparsed"] == len(lines)
    assert all(row["kind"] for row in rows)


def test_unparsed_lines_alone(run: Callable[..., Result]) -> None:
    """The prose between the excerpts is the one line that nothing understood."""
    rows = list(csv.DictReader(io.StringIO(run("records", "--unparsed", "--format", "csv", REALSENDER).out)))

    assert [(row["line"], row["kind"]) for row in rows] == [("29", "unparsed")]
    assert json.loads(rows[0]["fields"])["text"].startswith("[…] the system retries")


def test_what_was_not_counted_is_not_told(run: Callable[..., Result]) -> None:
    """Lines that were understood are passed over then: no figure says that there were none."""
    assert run("records", "--unparsed", "--format", "json", REALSENDER).document["inputs"] == []


@pytest.mark.parametrize(
    "words",
    [
        ("stats",), ("log",), ("trace", "v4VEHCk6017038"), ("events",), ("bounces",), ("retries",), ("inspect",),
        ("suppressions",), ("investigate",), ("health",), ("notify",), ("summary",), ("report",), ("queue",),
    ],
    ids=lambda words: words[0],
)  # fmt: skip
def test_unparsed_lines_beside_an_answer(run: Callable[..., Result], words: tuple[str, ...]) -> None:
    """Each command that reads logs shows the same lines after its own tables."""
    plain = run(*words, "--format", "json", REALSENDER).document["tables"]
    tables = run(*words, "--format", "json", "--unparsed", REALSENDER).document["tables"]
    left = tables.pop("unparsed")["rows"]

    assert [(row["source_file"], row["line"], row["text"][:22]) for row in left] == [
        (str(REALSENDER), 29, "[…] the system retries")
    ]
    assert tables == plain


@pytest.mark.parametrize("words", [("summary",), ("report", "--format", "html"), ("trace", "v4VEHCk6017038")])
def test_unparsed_lines_for_people(run: Callable[..., Result], words: tuple[str, ...]) -> None:
    """Pages and stories end with them, too."""
    assert "[…] the system retries" not in run(*words, REALSENDER).out
    assert "[…] the system retries" in run(*words, "--unparsed", REALSENDER).out


@pytest.mark.parametrize(
    "words",
    [
        ("log", "--raw"),
        ("log", "--follow"),
        ("trace", "v4VEHCk6017038", "--raw"),
        ("health", "--format", "nagios"),
        ("health", "--format", "prometheus"),
        ("notify", "--format", "eml", "--to", "ann@example.com"),
        ("stats", "--profile", "pflogsumm"),
    ],
)
def test_unparsed_lines_where_no_table_is(run: Callable[..., Result], words: tuple[str, ...]) -> None:
    """What has no place for them says so, and does not leave them out silently."""
    result = run(*words, "--unparsed", REALSENDER)

    assert result.code == (3 if words[0] == "health" else 2)
    assert "has no place for one" in result.err


def test_every_answer_tells_of_its_inputs(run: Callable[..., Result], tmp_path: Path) -> None:
    """An empty input is told of by every command."""
    empty = tmp_path / "empty.log"
    empty.touch()

    for words in (["stats"], ["summary"], ["report"], ["health"], ["notify"], ["trace", "x"], ["log", "--raw"]):
        assert f"{empty} is empty" in run(*words, empty).err, words


def test_nothing_is_said_of_the_understanding_of_nothing(run: Callable[..., Result], tmp_path: Path) -> None:
    """Of an empty input there is no share that was understood, and no stamp that carries a year."""
    empty = tmp_path / "empty.log"
    empty.touch()
    told = run("inspect", "--format", "json", empty).rows("inputs")[0]

    assert (told["coverage"], told["clock"]) == (None, "no stamps")


def test_a_log_of_one_moment_ends_with_its_range(run: Callable[..., Result], tmp_path: Path) -> None:
    """Without a range the summary is of all the logs hold: they cannot end before that."""
    log = tmp_path / "mail.log"
    stamp = "2026-05-04T10:00:00+02:00 mx"
    log.write_text(
        f"{stamp} postfix/qmgr[1]: A1B2C3D4E5: from=<a@example.com>, size=1000, nrcpt=1 (queue active)\n"
        f"{stamp} postfix/smtp[2]: A1B2C3D4E5: to=<b@example.org>, relay=mx[192.0.2.2]:25, delay=1, dsn=2.0.0, "
        "status=sent (250 ok)\n"
    )

    assert "before the end of the period" not in run("summary", log).out


@pytest.mark.parametrize(
    "words",
    [
        ("health", "--format", "nagios"),
        ("health", "--format", "prometheus"),
        ("notify", "--format", "eml", "--to", "ann@example.com"),
    ],
    ids=" ".join,
)
def test_what_cron_starts_often_says_only_what_is_wrong(
    run: Callable[..., Result], tmp_path: Path, words: tuple[str, ...]
) -> None:
    """A log that was just rotated is empty: no reason for a mail from cron every five minutes."""
    empty = tmp_path / "empty.log"
    empty.touch()

    assert run(*words, empty).err == ""


def test_unparsed_lines_of_standard_input(run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> None:
    """They are kept, because nobody can read them again."""
    given = io.TextIOWrapper(io.BytesIO(REALSENDER.read_bytes()))
    monkeypatch.setattr("sys.stdin", given)
    rows = run("stats", "--unparsed", "--table", "month", "--format", "json", "-").rows("unparsed")

    assert [row["line"] for row in rows] == [29]
