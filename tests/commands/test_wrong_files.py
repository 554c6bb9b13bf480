"""Files that people write for mailaudit, with values of the wrong kind: each is told with file and key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .conftest import REALSENDER

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Result

RULE = '[[rule]]\nid = "a"\ncategory = "spam_content"\n'
CATEGORY = (
    '[category.x]\ntype="block"\nparty="recipient_system"\nsuppress="never"\nretry="after_fix"\nmeans="m"\naction="a"\n'
)
TIME = '[fields]\ntime = "t"\n'
DEEP = "a = " + "[" * 3000 + "]" * 3000


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (RULE + "words = 5", "words = 5"),
        (RULE + 'words = ["a", 5]', "words = 5"),
        (RULE + 'words = "x"\nsmtp = [550]', "smtp = 550"),
        (RULE + 'words = "x"\nsmtp = 5', "smtp = 5"),
        (RULE + 'words = "x"\nstatus = ["5.7.*", 5]', "status = 5"),
        (RULE + 'words = "x"\nstatus = "5.7"', "status = '5.7'"),
        (RULE + 'words = "x"\nunless = 5', "unless = 5"),
        (RULE + 'words = "x"\nhost = ["a"]', "host = ['a']"),
        (RULE + 'words = "x"\naction = 5', "action = 5"),
        (RULE + 'words = "(?=x)"', "words is no regular expression"),
        (RULE + 'words = "(a{1,1000}){1,1000}"', "words is no regular expression"),
        ('[[rule]]\nid = 5\ncategory = "spam_content"\nwords = "x"', "id = 5"),
        (CATEGORY.replace('"m"', "5"), "means = 5"),
        (DEEP, "recursion"),
    ],
)
def test_rules_of_the_wrong_kind(run: Callable[..., Result], tmp_path: Path, text: str, told: str) -> None:
    """A rule that cannot be asked is a mistake, not a failure."""
    path = tmp_path / "own.toml"
    path.write_text(text)

    done = run("bounces", "--rules", path, REALSENDER)

    assert done.code == 2, done.err
    assert f"rules file {path}" in done.err
    assert told in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    "words", ['"x"', '["x", "y"]', '"x"\nsmtp = "5xx"\nstatus = ["5.7.*", "*.1.1", "5.7.606-649"]']
)
def test_rules_of_the_right_kind_are_taken(run: Callable[..., Result], tmp_path: Path, words: str) -> None:
    """Texts, and lists of texts where a key may have several."""
    path = tmp_path / "own.toml"
    path.write_text(f"{RULE}words = {words}")

    done = run("bounces", "--rules", path, REALSENDER)

    assert done.code == 0, done.err


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("fields = 5", "time"),
        ("[fields]\ntime = 5", "time = 5"),
        ('[fields]\ntime = ["a", 5]', "time = "),
        ("[fields]\ntime = {a = 1}", "time = "),
        ("events = 5\n" + TIME, "events"),
        ('events = ["x"]\n' + TIME, "events"),
        (TIME + "[events]\nx = 5", "events"),
        (TIME + '[events]\nx = "arrived"', "arrived"),
        ('event = "arrived"\n' + TIME, "arrived"),
        ("event = 5\n" + TIME, "event = 5"),
        ("zone = 5\n" + TIME, "zone"),
        ("dates = 5\n" + TIME, "dates"),
        (DEEP, "recursion"),
    ],
)
def test_mappings_of_the_wrong_kind(run: Callable[..., Result], tmp_path: Path, text: str, told: str) -> None:
    """A declared export that names no columns is a mistake."""
    path, export = tmp_path / "own.toml", tmp_path / "export.csv"
    path.write_text(text)
    export.write_text("t,event,recipient\n2026-01-05T10:00:00Z,delivered,a@b.example\n")

    done = run("events", "--input-format", path, export)

    assert done.code == 2, done.err
    assert str(path) in done.err
    assert told in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[log]\nlimit = "x"', "--limit"),
        ("[log]\nlimit = -1", "--limit"),
        ("[log]\nlimit = 99999999999999999999999999", "--limit"),
        ('[log]\ntz = "Mars"', "--tz"),
        ("tz = 5", "--tz"),
        ("[log]\nsender = {a = 1}", "sender is a table"),
        ("[log]\nyear = 9999", "--year"),
        (DEEP, "recursion"),
    ],
)
def test_a_config_file_of_the_wrong_kind(
    run: Callable[..., Result], configured: Callable[[str], Path], text: str, told: str
) -> None:
    """The mistake names the file: nobody typed it."""
    path = configured(text)

    done = run("log", REALSENDER)

    assert done.code == 2, done.err
    assert f"config file {path}" in done.err
    assert told in done.err


def test_what_is_typed_is_not_said_to_stand_in_the_config_file(
    run: Callable[..., Result], configured: Callable[[str], Path]
) -> None:
    """Only values of the file are."""
    configured("limit = 5")

    done = run("log", "--limit", "x", REALSENDER)

    assert done.code == 2
    assert "config file" not in done.err


def test_a_policy_nested_too_deeply(run: Callable[..., Result], tmp_path: Path) -> None:
    """It is a mistake, too."""
    path = tmp_path / "policy.toml"
    path.write_text(DEEP)

    done = run("retries", "--policy", path, REALSENDER)

    assert done.code == 2, done.err
    assert f"policy {path}" in done.err


@pytest.mark.parametrize("command", [("stats",), ("records",), ("trace", "v4PAhZw1019212")])
def test_a_format_that_the_lines_do_not_have(run: Callable[..., Result], command: tuple[str, ...]) -> None:
    """Sendmail's lines are none of Postfix, whoever says so: told, and no crash."""
    done = run(*command, "--input-format", "postfix", REALSENDER)

    assert done.code == (1 if "trace" in command else 3)
    assert "Traceback" not in done.err


def test_a_format_among_other_programs(run: Callable[..., Result], tmp_path: Path) -> None:
    """With a format named, lines of other programs are passed over as ever."""
    log = tmp_path / "mail.log"
    log.write_text(
        "Oct 30 03:00:00 mail dovecot: imap-login: Login: user=<ann>\n"
        "Oct 30 03:00:01 mail postfix/qmgr[7]: 4AB12CD34: from=<ann@example.com>, size=9, nrcpt=1 (queue active)\n"
    )
    done = run("log", "--input-format", "postfix", "--format", "jsonl", log)
    known = run("records", "--input-format", "postfix", "--format", "json", log).rows("records")

    assert done.code == 0, done.err
    assert [row["kind"] for row in known] == ["other_program", "active"]


def test_a_log_in_the_place_of_the_token(run: Callable[..., Result]) -> None:
    """Whoever forgets the token is told so, and not that the machine has no log."""
    done = run("trace", REALSENDER)

    assert done.code == 2
    assert "token before the logs" in done.err


@pytest.mark.parametrize("token", ["4AB12CD34", "17"])
def test_trace_in_what_is_no_mail_log(run: Callable[..., Result], tmp_path: Path, token: str) -> None:
    """That a token is not in lines that nobody understands says nothing: 3, not 1, whether it stands there or not."""
    path = tmp_path / "numbers.txt"
    path.write_text("\n".join(map(str, range(200))))

    done = run("trace", token, path)

    assert done.code == 3
    assert "not understood" in done.err


@pytest.mark.parametrize(
    "options",
    [("bounces", "--rules"), ("retries", "--policy"), ("investigate", "--plan")],
    ids=lambda options: options[1],
)
def test_a_file_without_end_is_not_read_for_ever(run: Callable[..., Result], options: tuple[str, str]) -> None:
    """What is written by hand is small; /dev/zero is not."""
    done = run(*options, "/dev/zero", REALSENDER)

    assert done.code == 2, done.err
    assert "/dev/zero" in done.err
    assert "too large" in done.err


def test_nor_is_a_config_file(run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> None:
    """The same for the file that nobody typed."""
    monkeypatch.setenv("MAILAUDIT_CONFIG", "/dev/zero")
    done = run("log", REALSENDER)

    assert done.code == 2, done.err
    assert "config file /dev/zero" in done.err
