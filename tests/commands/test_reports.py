"""`stats --explain`, `bounces`, `retries`, `records`, `inspect`, `config`, `completion`."""

from __future__ import annotations

import csv
import gzip
import io
import json
import shlex
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from mailaudit import cli
from mailaudit.classify.templates import template
from mailaudit.errors import UsageError
from mailaudit.stories.policies import BULK, NORMAL, UNKNOWN, Policy, Seen, fitting, from_file, recognised

from .conftest import POSTFIX, REALSENDER, SENDMAIL, log_rows

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


def test_bounces_group_what_differs_by_names_only(run: Callable[..., Result]) -> None:
    """Recipients add up to the failures of the log; the example is the earliest; who was told is said."""
    groups = run("bounces", "--format", "json", POSTFIX).rows("bounces")
    failed = run("log", "--format", "json", "--status", "bounced,expired", POSTFIX).rows("log")

    assert sum(group["recipients"] for group in groups) == len(failed)
    assert all(group["first"] <= group["last"] for group in groups)
    assert all(group["category"] and group["type"] for group in groups)
    for group in groups:
        assert (group["told_whom"] is None) <= (group["told"] < group["recipients"])
        assert any(
            (row["queue_id"], row["recipient"], row["finished_at"])
            == (group["queue_id"], group["recipient"], group["first"])
            for row in failed
        )


def test_bounces_count_at_the_time_of_the_failure(run: Callable[..., Result]) -> None:
    """Not when the mail was accepted: the expired excerpt failed four hours after that."""
    options = ("--format", "json", "--since", "2017-05-25 13:00", "--until", "2017-05-25 14:00")
    groups = run("bounces", *options, REALSENDER).rows("bounces")

    assert [(group["outcome"], group["told_whom"]) for group in groups] == [("expired", "sender@yourcompany.com")]


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        (
            "host a.example[192.0.2.1] said: 550-5.1.1 No such user. 550 5.1.1 See https://x.example/ g9-2002 - gsmtp",
            "550 5.1.1 No such user. See <url> <id> - gsmtp",
        ),
        ("452 4.1.1 <a@b.example> 4.2.2 mailbox full", "452 4.1.1 <address> 4.2.2 mailbox full"),
        ("connect to mx.b.example[2001:db8::1]:25: Connection refused", "connect to <host>: Connection refused"),
        (
            "550 5.4.1 Recipient address rejected: Access denied. AS(201806281) [DB5.prod.protection.outlook.com]",
            "550 5.4.1 Recipient address rejected: Access denied. AS(<n>) [<host>]",
        ),
        ("User unknown", "User unknown"),
        ("450 4.2.0 try again in 300 seconds", "450 4.2.0 try again in <n> seconds"),
    ],
)
def test_a_reply_without_what_differs(reply: str, text: str) -> None:
    """Addresses, hosts, URLs, ids and numbers go; codes and words stay."""
    assert text == template(reply)


def test_retries_show_the_policy(run: Callable[..., Result]) -> None:
    """The excerpts follow the normal policy, with queue runs at minute 2 of every 10, and not the bulk one."""
    rows = {row["what"]: row for row in run("retries", "--format", "json", REALSENDER).rows("policy")}

    assert rows["retry every"]["seen"] == "10 m 20 s (10 m 1 s to 10 m 39 s)"
    assert (rows["retry every"]["fits_normal"], rows["retry every"]["fits_bulk"]) == ("yes", "no")
    assert (rows["gives up after"]["fits_normal"], rows["gives up after"]["fits_bulk"]) == ("yes", "no")
    assert rows["queue run"]["seen"] == "at minute 2 of every 10 (:02, :12 …), 4 of 5 retries"
    assert rows["retry every"]["compared_with"] == "10 m"


def test_greylisting_has_a_cost(run: Callable[..., Result]) -> None:
    """One recipient was greylisted and got the mail 11 m 40 s after the first refusal."""
    rows = run("retries", "--format", "json", REALSENDER).rows("greylisting")

    assert rows == [{"outcome": "delivered", "recipients": 1, "median_wait": 700.0, "total_wait": 700.0}]


def test_waits_of_each_retried_recipient(run: Callable[..., Result]) -> None:
    """First wait, later ones, elapsed time, and where the policy was not kept."""
    rows = {row["queue_id"]: row for row in run("retries", "--format", "json", REALSENDER).rows("retries")}
    bulk = {
        row["queue_id"]: row
        for row in run("retries", "--format", "json", "--policy", "bulk", REALSENDER).rows("retries")
    }

    assert rows["v4V6w3jN001390"]["waits"] == "1 s, 3 m 58 s, 10 m 39 s"
    assert (rows["v4V6w3jN001390"]["first_wait"], rows["v4V6w3jN001390"]["median_wait"]) == (238.0, 639.0)
    assert (
        rows["v4P7Hc6P011481"]["deviations"]
        == "no delay warning in these logs, though the policy normal warns after 30 min"
    )
    assert bulk["v4P7Hc6P011481"]["deviations"] is None


@pytest.mark.parametrize(
    ("seen", "policy"),
    [
        (Seen([], [600, 610, 590], [], []), NORMAL),
        (Seen([], [1800, 1790], [], []), BULK),
        (Seen([], [], [], [14887]), NORMAL),
        (Seen([], [1800, 1790], [1900], []), UNKNOWN),
        (Seen([], [4000, 4100, 4200], [], [432000]), UNKNOWN),
        (Seen([], [600], [], []), UNKNOWN),
        (Seen([], [], [], []), UNKNOWN),
    ],
)
def test_a_policy_is_recognised_by_what_it_does(seen: Seen, policy: Policy) -> None:
    """Enough retries at its interval, an end at its time, and nothing that it never does."""
    assert policy == recognised(seen)


def test_a_policy_from_a_file(tmp_path: Path) -> None:
    """Lengths of time in words; what is left out is never done."""
    path = tmp_path / "ours.toml"
    path.write_text('retry = "5 m"\ngive_up = "5 d"\n')

    assert from_file(str(path)) == Policy("ours", 300, None, 432_000)


@pytest.mark.parametrize("text", ["retry = ", "retry = 'soon'", "retries = '5 m'", "retry = 0"])
def test_a_wrong_policy_file_is_told(tmp_path: Path, text: str) -> None:
    """What is no TOML, no length of time, or an unknown key is an error that names the file."""
    path = tmp_path / "ours.toml"
    path.write_text(text)

    with pytest.raises(UsageError, match=r"ours\.toml"):
        from_file(str(path))


@pytest.mark.parametrize(
    ("wait", "retry", "count"), [(14885, 600, 24), (1200, 600, 1), (1201, 600, 2), (600, 600, 0), (10, 600, 0)]
)
def test_attempts_that_would_fit(wait: float, retry: int, count: int) -> None:
    """Strictly between the two that are in the log."""
    assert count == fitting(wait, retry)


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


def test_inspect_tells_what_there_is(run: Callable[..., Result]) -> None:
    """Format, hosts, year, offset, coverage, kinds that add up, gaps, questions."""
    result = run("inspect", "--format", "json", REALSENDER)
    report = result.rows("inputs")[0]

    assert (report["format"], report["hosts"], report["year"], report["offset"]) == (
        "sendmail",
        "rs336",
        2017,
        "+02:00",
    )
    assert "queue ids" in report["clock"]
    assert sum(row["lines"] for row in result.rows("kinds")) == report["lines"] == 31
    assert result.rows("gaps")[0]["elapsed"] > 5 * 86400
    for row in result.rows("questions"):
        assert run(*shlex.split(row["command"])[1:]).code == 0


def test_verbose_shows_how_the_clock_was_set(run: Callable[..., Result]) -> None:
    """`-v`: year and offset, and from what."""
    assert "year 2017 (from 9 queue ids)" in run("log", "-v", REALSENDER).err


def test_settings_are_defaults(run: Callable[..., Result], tmp_path: Path) -> None:
    """General ones, those of a command, and the command line over both; `config` shows them."""
    folder = tmp_path / "config" / "mailaudit"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(
        'format = "csv"\ntz = "UTC"\n[log]\ncolumns = ["queue_id", "status"]\nsender = ["sender@"]\n'
    )

    assert run("log", REALSENDER).out.splitlines()[0] == "queue_id,status"
    assert run("log", "--columns", "status", REALSENDER).out.splitlines()[0] == "status"
    shown = run("config", "--format", "json").rows("config")
    assert {"command": "log", "option": "columns", "value": "queue_id,status", "from": "file"} in shown
    assert {"command": "log", "option": "tz", "value": "UTC", "from": "file"} in shown


@pytest.mark.parametrize(
    ("text", "hint"), [("limt = 3", "limit"), ("[lgo]\nlimit = 3", "log"), ("[log]\nlst = 3", "last"), ("x = ", "")]
)
def test_wrong_settings_are_told(run: Callable[..., Result], tmp_path: Path, text: str, hint: str) -> None:
    """An unknown key, section, or no TOML: exit code 2, the file, the nearest known word."""
    folder = tmp_path / "config" / "mailaudit"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(text)
    result = run("log", REALSENDER)

    assert result.code == 2
    assert "config.toml" in result.err
    assert hint in result.err


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(run: Callable[..., Result], shell: str) -> None:
    """Each shell gets a script that calls mailaudit back."""
    assert "_MAILAUDIT_COMPLETE" in run("completion", shell).out


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("mailaudit lo", "log"),
        ("mailaudit stats --table recipient", "recipient_domain"),
        ("mailaudit log --tz Europe/Ro", "Europe/Rome"),
    ],
)
def test_completion_knows_commands_tables_and_zones(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: str, expected: str
) -> None:
    """What a shell asks for when Tab is pressed."""
    monkeypatch.setenv("_MAILAUDIT_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(len(words.split()) - 1))
    with pytest.raises(SystemExit):
        cli.run([])

    assert expected in capsys.readouterr().out


@pytest.mark.parametrize(
    ("stamps", "zone", "day"),
    [
        (("2026-01-05T23:30:00+05:30", "2026-01-05T23:30:01+05:30"), "+05:30", "2026-01-05"),
        (("2026-01-05T23:30:00-0800", "2026-01-05T23:30:01-0800"), "-08:00", "2026-01-05"),
        (("2026-01-05T23:30:00Z", "2026-01-05T23:30:01Z"), "UTC", "2026-01-05"),
        (("2026-01-05T23:30:00+01:00", "2026-01-06T00:30:01+02:00"), "Asia/Tokyo", "2026-01-06"),
    ],
)
def test_the_report_is_in_the_zone_that_the_stamps_name(
    run: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stamps: list[str], zone: str, day: str
) -> None:
    """A log whose stamps all have one offset is reported in it, whatever this machine's zone is; else in that."""
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    mail = ("client=c.example[192.0.2.7]", "from=<a@src.example>, size=100, nrcpt=1 (queue active)")
    path = tmp_path / "mail.log"
    lines = zip(stamps, mail, strict=True)
    path.write_text("".join(f"{stamp} mx postfix/qmgr[9]: 4F1A2B3C01: {text}\n" for stamp, text in lines))

    found = run("stats", "--table", "day", "--format", "json", path)

    assert found.document["range"]["tz"] == zone
    assert [row["day"] for row in found.rows("day")] == [day]
    (read,) = found.document["inputs"]
    assert read["offset"] == {"UTC": "+00:00", "Asia/Tokyo": None}.get(zone, zone)
    assert zone in run("trace", "4F1A2B3C01", path).out.splitlines()[0]
