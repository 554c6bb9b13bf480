"""`mailaudit notify` on logs written by hand."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import json
import os
from typing import TYPE_CHECKING

import pytest
from tests.commands.maillog import BUSY, FULL, SENT, UNKNOWN, Mail, write

from mailaudit.advise import recommendations
from mailaudit.commands import notify as module

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.commands.conftest import Result

    Run = Callable[..., Result]

DAY = 86_400


def failed(at: float, who: str = "ann@b.example", word: tuple[str, str, str] = UNKNOWN) -> Mail:
    """A message that fails a second later."""
    return Mail(at, who, ((1, word),))


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the morning of Tuesday, 3 March 2026."""
    monkeypatch.setattr(module, "now", lambda: dt.datetime(2026, 3, 3, 7, 0, tzinfo=dt.UTC))


def test_each_failure_has_reason_meaning_and_action(run: Run, tmp_path: Path) -> None:
    """What is delivered or still tried is not told of."""
    log = write(
        tmp_path / "log", [failed(0), Mail(5), Mail(9, attempts=((1, BUSY),)), failed(60, "bob@b.example", FULL)]
    )
    rows = run("notify", "--format", "json", log).rows("notify")

    assert [(row["status"], row["recipient"], row["category"], row["outcome"]) for row in rows] == [
        ("Failed", "ann@b.example", "recipient_unknown", "bounced"),
        ("Failed", "bob@b.example", "mailbox_full", "bounced"),
    ]
    assert rows[0]["reason"] == UNKNOWN[2]
    assert rows[0]["action"] == recommendations.CHECK
    assert rows[0]["meaning"] == "There is no such mailbox."
    assert rows[0]["line"] == 4


def test_the_four_counts_of_yesterday(run: Run, tmp_path: Path) -> None:
    """Whatever the range and the filters; zero is 0."""
    log = write(tmp_path / "log", [failed(0), failed(3600), failed(20 * 3600)])  # the last on 3 March
    (row,) = run("notify", "--format", "json", "--since", "today", "--domain", "nobody.example", log).rows(
        "previous_day"
    )

    assert row == {"day": "2026-03-02", "failed": 2, "complained": 0, "rejected": 0, "unsubscribed": 0, "suppressed": 0}
    (other,) = run("notify", "--format", "json", "--day", "2026-03-03", log).rows("previous_day")
    assert other["failed"] == 1


def test_only_what_is_new_is_told(run: Run, tmp_path: Path) -> None:
    """Nothing twice, and what comes late from another file is told, too."""
    state = tmp_path / "state.json"

    def look(*mails: Mail) -> list[str]:
        found = run("notify", "--state", state, "--table", "notify", "--format", "json", write(tmp_path / "log", mails))
        assert found.code == 0
        return [row["recipient"] for row in found.rows("notify")]

    first, second, late = failed(0), failed(DAY, "bob@b.example"), failed(DAY / 2, "late@b.example")
    assert look(first) == ["ann@b.example"]
    assert look(first) == []
    assert look(first, second) == ["bob@b.example"]
    assert look(second) == []  # the log was rotated
    assert look(second, late) == ["late@b.example"]
    assert look(Mail(0)) == []
    assert look(first, second, late) == []
    assert look(failed(-30 * DAY, "ancient@b.example"), second) == []


def test_a_message_only_if_there_is_something_to_tell(run: Run, tmp_path: Path) -> None:
    """Complete, with reason and action of each, and the counts of the day."""
    log = write(tmp_path / "log", [failed(0), failed(9, "bob@b.example", FULL)])
    options = (
        "notify",
        "--format",
        "eml",
        "--to",
        "a@x.example",
        "--to",
        "b@x.example",
        "--state",
        tmp_path / "s",
        log,
    )
    message = email.message_from_string(run(*options).out, policy=email.policy.default)

    assert message["To"] == "a@x.example, b@x.example"
    assert message["Subject"] == "Mail: 2 failed"
    text = message.get_content()
    assert "FAILED: bob@b.example" in text
    assert "552 5.2.2 Mailbox full" in text
    assert recommendations.CHECK.split(".")[0] in " ".join(text.split())
    assert "Unsubscribed  0" in text
    assert run(*options).out == ""


@pytest.mark.parametrize(("form", "first", "last"), [("table", 29, 10), ("eml", 29, 0), ("csv", 0, 29)])
def test_people_see_the_newest_first(run: Run, tmp_path: Path, form: str, first: int, last: int) -> None:
    """A table shows twenty of many: those of today, and its head says so; programs get all of them by time."""
    log = write(tmp_path / "log", [failed(60 * number, f"who{number}@b.example") for number in range(30)])
    shown = run("notify", "--table", "notify", "--format", form, log).out
    told = [number for number in range(30) if f"who{number}@" in shown]

    assert (told[-1], told[0]) == (29, min(first, last))
    assert shown.index(f"who{first}@") < shown.index(f"who{last}@")
    assert ("the newest first" in shown) == (form != "csv")


@pytest.mark.parametrize("width", ["80", "140"])
def test_a_terminal_shows_the_newest_first(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, width: str
) -> None:
    """However wide it is."""
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr("shutil.get_terminal_size", lambda: os.terminal_size((int(width), 24)))
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    log = write(tmp_path / "log", [failed(60 * number, f"who{number}@b.example") for number in range(30)])
    shown = run("notify", "--table", "notify", log).out

    assert shown.startswith("To be told, the newest first, 20 of 30 rows")
    assert "who29@" in shown
    assert "who9@" not in shown


@pytest.mark.parametrize(
    ("said", "action"),
    [  # the phrases of Blocks Online's page (requirements C1.26 to C1.32)
        ("550 5.1.1 The email account that you tried to reach does not exist", recommendations.CHECK),
        ("550 Invalid recipient", recommendations.CHECK),
        ("550 5.1.1 Recipient not found", recommendations.CHECK),
        ("550 Mailbox unknown", recommendations.CHECK),
        ("No MX for b.example", recommendations.CHECK),
        ("Unable to connect to MX servers", None),
        ("Not delivering to previously bounced address", recommendations.CHECK),
        ("550 5.4.1 Recipient address rejected: Access denied. [prod.protection.outlook.com]", recommendations.BOTH),
        ("Rule imposed mailbox access for ann@b.example refused", recommendations.ALLOW),
        ("Not delivering to a user who marked your messages as spam", recommendations.ALLOW),
    ],
)
def test_blocks_online_s_recommendations(run: Run, tmp_path: Path, said: str, action: str | None) -> None:
    """Each phrase has the action of their page."""
    log = write(tmp_path / "log", [failed(0, word=("bounced", "5.0.0", f"host mx[192.0.2.2] said: {said}"))])
    (row,) = run("notify", "--format", "json", log).rows("notify")

    assert row["action"] == (action or recommendations.CHECK)


def test_complaints_and_withdrawals_of_a_provider(run: Run, tmp_path: Path) -> None:
    """Phone and ask; a block of the provider is a failure that was not tried."""
    told = (
        ("spam@b.example", {"event": "spamreport"}),
        ("un@b.example", {"event": "unsubscribe"}),
        ("drop@b.example", {"event": "dropped", "reason": "Bounced Address"}),
        ("ok@b.example", {"event": "delivered"}),
    )
    events = [
        {"email": who, "timestamp": 1772442000 + at, "sg_event_id": f"e{at}", "sg_message_id": f"m{at}.x", **said}
        for at, (who, said) in enumerate(told)
    ]
    (tmp_path / "events.json").write_text(json.dumps(events))
    found = run("notify", "--format", "json", tmp_path / "events.json")

    assert [(row["status"], row["recipient"], row["action"]) for row in found.rows("notify")] == [
        ("Complained", "spam@b.example", recommendations.ASK),
        ("Unsubscribed", "un@b.example", recommendations.ASK),
        ("Failed", "drop@b.example", recommendations.CHECK),
    ]
    assert found.rows("previous_day") == [
        {"day": "2026-03-02", "failed": 1, "complained": 1, "rejected": 0, "unsubscribed": 1, "suppressed": 1}
    ]
    only = run("notify", "--kind", "complained", "--format", "csv", tmp_path / "events.json").out.splitlines()
    assert [line.split(",")[0] for line in only] == ["status", "Complained"]


def test_wrong_options_are_told(run: Run, tmp_path: Path) -> None:
    """Before anything is read."""
    log = write(tmp_path / "log", [Mail(0, attempts=((1, SENT),))])
    (tmp_path / "s").write_text('{"schema": 1, "command": "health"}')

    assert "Did you mean 'failed'" in run("notify", "--kind", "fail", log).err
    assert run("notify", "--to", "a@b.example", log).code == 2
    assert "not written by mailaudit notify" in run("notify", "--state", tmp_path / "s", log).err
    assert run("notify", "--state", "/nowhere/s", log).code == 4
