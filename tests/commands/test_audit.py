"""The audit view on providers' events: who had it sent, in whose words, all mail of an address, declared exports."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import pytest
from tests.commands.conftest import POSTFIX, REALSENDER, ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.commands.conftest import Result

SENDGRID = ROOT / "fixtures" / "sendgrid" / "event-webhook" / "input.json"
MAILGUN = ROOT / "fixtures" / "mailgun" / "webhooks-v3" / "input.jsonl"
KUMOMTA = ROOT / "fixtures" / "kumomta" / "log" / "input.jsonl"


def rows(result: Result) -> list[dict[str, str]]:
    """The rows of JSON Lines."""
    return [json.loads(line) for line in result.out.splitlines()]


def test_raised_by_looks_into_variables(run: Callable[..., Result]) -> None:
    """All but the one mail without the variable, and no mail of somebody else."""
    everything = rows(run("log", "--format", "jsonl", SENDGRID))

    assert len(rows(run("log", "--format", "jsonl", "--raised-by", "J.Smith", SENDGRID))) == len(everything) - 1
    assert rows(run("log", "--format", "jsonl", "--raised-by", "k.jones", SENDGRID)) == []


def test_raised_by_a_client(run: Callable[..., Result]) -> None:
    """A client has a name and an address: either finds its mail."""
    asked = ("log", POSTFIX, "--format", "jsonl", "--raised-by-key", "client", "--raised-by")
    by_name, by_address = rows(run(*asked, "crm.meadow")), rows(run(*asked, "=192.0.2.22"))

    assert by_name
    assert by_address == by_name


def test_what_was_not_sent_was_not_tried(run: Callable[..., Result]) -> None:
    """A provider numbers an attempt that it did not make because the address is on its list."""
    said = {row["recipient"]: row for row in rows(run("log", "--format", "jsonl", MAILGUN))}

    assert (said["old-bounce@example.net"]["outcome"], said["old-bounce@example.net"]["attempts"]) == ("suppressed", 0)
    assert said["full@example.org"]["attempts"] == 9


def test_a_trace_has_the_events_as_they_were_told(run: Callable[..., Result]) -> None:
    """Each once and in order, under what the provider tells of the message; its text is said not to be there."""
    result = run("trace", "ana@example.org", "--format", "json", MAILGUN)
    told = [(step["event"], step["time"][:19]) for step in result.rows("timeline")]
    shown = run("trace", "ana@example.org", MAILGUN).out

    assert told == [
        ("accepted", "2026-03-02T08:01:00"),
        ("delivered", "2026-03-02T08:01:02"),
        ("opened", "2026-03-02T09:00:00"),
        ("clicked", "2026-03-02T09:00:30"),
    ]
    assert result.rows("messages")[0]["subject"] == "Receipt 1001"
    assert "subject     Receipt 1001" in shown
    assert "The text of mail is not available" in shown


@pytest.mark.parametrize(("vocabulary", "word"), [("blocks", "Failed"), ("bloomreach", "preblocked")])
def test_a_trace_tells_the_status_as_log_does(run: Callable[..., Result], vocabulary: str, word: str) -> None:
    """In the words of the service, in the tables, the story and the list of all mail to the address."""
    asked = ("old-bounce@example.net", "--vocabulary", vocabulary, MAILGUN)
    listed = run("trace", *asked, "--pivot", "to", "--format", "jsonl")

    assert [row["status"] for row in run("trace", *asked, "--format", "json").rows("recipients")] == [word]
    assert [row["status"] for row in rows(listed)] == [word]
    assert f"{word} (suppressed)" in run("trace", *asked).out


def test_all_mail_to_the_address_of_a_message(run: Callable[..., Result]) -> None:
    """From one message to everything that its recipient got; a message of that name must be there."""
    there = rows(run("trace", "v4PAhZw1019212", REALSENDER, "--pivot", "to", "--format", "jsonl"))

    assert there == rows(run("log", REALSENDER, "--format", "jsonl"))
    assert run("trace", "nobody@example.org", REALSENDER, "--pivot", "to").code == 1
    assert run("trace", "v4PAhZw1019212", REALSENDER, "--pivot", "to", "--raw").code == 2


def test_raised_by_key_names_a_variable(run: Callable[..., Result]) -> None:
    """In whatever case; of a variable that there is not, nothing is found."""
    assert len(rows(run("log", "--format", "jsonl", "--raised-by", "acme", "--raised-by-key", "Tenant", KUMOMTA))) == 9
    assert rows(run("log", "--format", "jsonl", "--raised-by", "acme", "--raised-by-key", "owner", KUMOMTA)) == []


def test_raised_by_is_found_in_a_tag(run: Callable[..., Result], tmp_path: Path) -> None:
    """`raised_by:NAME` among the tags says it, too."""
    record = {**json.loads(SENDGRID.read_text())[0], "category": ["receipt", "raised_by:k.jones"]}
    del record["raised_by"]
    path = tmp_path / "events.jsonl"
    path.write_text(json.dumps(record))

    assert len(rows(run("log", "--format", "jsonl", "--raised-by", "=k.jones", path))) == 1


@pytest.mark.parametrize(
    ("vocabulary", "words"),
    [
        (
            "native",
            {"clicked", "bounced", "delivered", "suppressed", "rejected", "complained", "unsubscribed", "opened"},
        ),
        ("blocks", {"Clicked", "Failed", "Delivered", "Rejected", "Complained", "Unsubscribed", "Opened"}),
        (
            "bloomreach",
            {
                "clicked",
                "hard_bounced",
                "soft_bounced",
                "delivered",
                "preblocked",
                "enqueue_failed",
                "complained",
                "unsubscribed",
                "opened",
            },
        ),
    ],
)
def test_vocabulary_translates_the_status(run: Callable[..., Result], vocabulary: str, words: set[str]) -> None:
    """The status is told in the words of the service; the outcome stays ours."""
    found = rows(run("log", "--format", "jsonl", "--vocabulary", vocabulary, SENDGRID))

    assert {row["status"] for row in found} == words
    assert {row["outcome"] for row in found} == {"delivered", "bounced", "suppressed", "rejected"}


def test_the_audit_view_begins_with_today(run: Callable[..., Result], tmp_path: Path) -> None:
    """In the service's words; a range that is typed, from either end, goes first, and so does a vocabulary."""
    now = dt.datetime.now(dt.UTC)
    record = {"event": "bounce", "type": "bounce", "status": "5.1.1", "reason": "550 5.1.1 no such user"}
    events = [
        {**record, "email": f"{name}@dst.example", "timestamp": int(time.timestamp()), "sg_message_id": name}
        for name, time in (("new", now), ("old", now - dt.timedelta(days=3)))
    ]
    path = tmp_path / "events.jsonl"
    path.write_text("\n".join(json.dumps({**event, "sg_event_id": event["email"]}) for event in events))

    def found(*words: str) -> list[tuple[str, str]]:
        said = rows(run("log", "--format", "jsonl", "--tz", "UTC", *words, path))
        return [(row["recipient"], row["status"]) for row in said]

    yesterday = (now - dt.timedelta(days=1)).date().isoformat()
    assert found("--audit") == [("new@dst.example", "Failed")]
    assert found("--audit", "--status", "failed") == found("--status", "failed", "--audit") == found("--audit")
    assert found("--audit", "--days", "9") == [("old@dst.example", "Failed"), ("new@dst.example", "Failed")]
    assert found("--until", yesterday, "--audit") == [("old@dst.example", "Failed")]
    assert found("--vocabulary", "native", "--audit") == [("new@dst.example", "bounced")]
    assert run("log", "--audit", "--follow", path).code == 2


def test_pivot_shows_all_mail_of_an_address(run: Callable[..., Result]) -> None:
    """What was clicked was one mail; its address got two."""
    assert len(rows(run("log", "--format", "jsonl", "--status", "clicked", SENDGRID))) == 1
    found = rows(run("log", "--format", "jsonl", "--status", "clicked", "--pivot", "to", SENDGRID))

    assert [row["recipient"] for row in found] == ["ana@example.org", "ana@example.org"]


def test_what_is_pending_for_long_is_said(run: Callable[..., Result], tmp_path: Path) -> None:
    """Mail that the provider took, of which nothing was heard for ten minutes."""
    records = json.loads(SENDGRID.read_text())
    path = tmp_path / "events.jsonl"
    path.write_text(
        "\n".join(json.dumps(record) for record in records if record["event"] not in ("delivered", "open", "click"))
    )

    assert "pending for more than 10 minutes" in run("log", path).out
    assert "pending for more than 10 minutes" not in run("log", SENDGRID).out
    assert "pending, over 10 min" in run("log", path).out
    assert "Accepted, over 10 min" in run("log", "--vocabulary", "blocks", path).out
    assert "over 10 min" not in run("log", "--format", "jsonl", path).out
    assert "pending for more than 10 minutes" in run("trace", "ana@example.org", path).out


def test_only_what_is_shown_is_said_to_be_pending(run: Callable[..., Result], tmp_path: Path) -> None:
    """The note counts the rows that pass the filters, those beyond the limit, too."""
    events = ({"email": f"r{number}@dst.example", "timestamp": 1772438460 + number} for number in range(3))
    last = {"email": "late@dst.example", "timestamp": 1772448460}
    path = tmp_path / "events.jsonl"
    path.write_text(
        "".join(
            json.dumps({**one, "event": "processed", "sg_event_id": one["email"], "sg_message_id": one["email"]}) + "\n"
            for one in (*events, last)
        )
    )

    assert "\n3 pending for more than 10 minutes" in run("log", "--limit", "1", path).out
    assert "\n1 pending for more than 10 minutes" in run("log", "--recipient", "r1@", path).out
    assert "\n1 pending for more than 10 minutes" in run("log", "--recipient", "r1@", "--pivot", "to", path).out
    assert "pending for" not in run("log", "--recipient", "late@", path).out


def test_engagement_counts_people_and_events(run: Callable[..., Result]) -> None:
    """A recipient counts once; machines apart; the share is of those who got mail."""
    found = rows(run("stats", "--table", "engagement", "--format", "jsonl", SENDGRID))
    counts = {row["name"]: (row["recipients"], row["events"], row["share"]) for row in found}

    assert counts["opened by a machine"] == (1, 1, 0.2)
    assert counts["unsubscribed"] == (1, 2, 0.2)
    assert counts["complained"] == (1, 1, 0.2)


def test_by_campaign(run: Callable[..., Result]) -> None:
    """The provider's campaign, else the first tag of each message; counts add up to all recipients."""
    found = rows(run("stats", "--by", "campaign", "--format", "jsonl", SENDGRID))
    counts = {row["campaign"]: row["recipients"] for row in found}

    assert counts == {"receipt": 5, "reminder": 5, "Spring newsletter": 1}


def test_trace_finds_a_provider_id(run: Callable[..., Result]) -> None:
    """By the provider's id of the message or of an event; what was clicked is shown."""
    found = run("trace", "Kd8sLq2nQ01aVx3mPz7R.filterdrecv-7f9c-1-67C4-1F.0", SENDGRID)

    assert found.code == 0
    assert "https://www.example.com/pay?id=1001" in found.out
    assert run("trace", "ZGVmZXJyZWQtMC0zMDI4MTc0NS1LZDhzTHEyblEwMy0w", SENDGRID).code == 0
    assert run("trace", "nobody@example.invalid", SENDGRID).code == 1


def test_raw_shows_the_records(run: Callable[..., Result]) -> None:
    """One record a line, secrets left out."""
    found = rows(run("log", "--raw", "--recipient", "nouser", ROOT / "fixtures/mailgun/webhooks-v3/input.jsonl"))

    assert [record["event-data"]["event"] for record in found] == ["accepted", "failed"]  # type: ignore[index]
    assert not any("signature" in record for record in found)


DECLARED = """
name = "halon"
zone = "Europe/Rome"
[fields]
time = "ts"
recipient = "rcpt.to"
raw_event = "result"
reply = ["error", "reply"]
[events]
OK = "delivered"
FAIL = "hard_bounced"
PING = ""
"""
OWN = [
    {"ts": "2026-03-02 09:01:00", "rcpt": {"to": "a@b.example"}, "result": "OK", "reply": "250 2.0.0 ok"},
    {"ts": "2026-03-02 09:02:00", "rcpt": {"to": "c@b.example"}, "result": "FAIL", "error": "550 5.1.1 no"},
    {"ts": "2026-03-02 09:02:00", "result": "PING"},
]


def test_an_export_can_be_declared(run: Callable[..., Result], tmp_path: Path) -> None:
    """A TOML file says which column is which; what it calls nothing is skipped."""
    (tmp_path / "halon.toml").write_text(DECLARED)
    path = tmp_path / "export.jsonl"
    path.write_text("\n".join(map(json.dumps, OWN)))
    found = rows(run("events", "--format", "jsonl", "--input-format", tmp_path / "halon.toml", path))

    assert [(row["time"], row["event"], row["recipient"], row["smtp_code"]) for row in found] == [
        ("2026-03-02T08:01:00Z", "delivered", "a@b.example", 250),
        ("2026-03-02T08:02:00Z", "hard_bounced", "c@b.example", 550),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[fields]\nrecipient = 'to'\n", "where the time is"),
        ("[fields]\ntime = 'ts'\nrecipeint = 'to'\n", "recipient"),
        ("[fields]\ntime = 'ts'\n[events]\nx = 'arrived'\n", "no event"),
        ("zone = 'Mars/Base'\n[fields]\ntime = 'ts'\n", "time zone"),
        ("[fields\n", "no TOML"),
    ],
)
def test_a_wrong_declaration_is_explained(run: Callable[..., Result], tmp_path: Path, text: str, words: str) -> None:
    """Exit code 2, and what is wrong in which file."""
    (tmp_path / "own.toml").write_text(text)
    found = run("log", "--input-format", tmp_path / "own.toml", SENDGRID)

    assert found.code == 2
    assert words in found.err


def test_the_audit_view_may_begin_with_today(run: Callable[..., Result], configured: Callable[[str], Path]) -> None:
    """A config file says so; a range that is typed goes before it, and two that are typed exclude each other."""
    configured("[log]\ntoday = true\n")

    assert rows(run("log", "--format", "jsonl", SENDGRID)) == []
    assert len(rows(run("log", "--format", "jsonl", "--since", "2026-03-02", SENDGRID))) > 0
    assert run("log", "--today", "--days", "3", SENDGRID).code == 2


def test_the_audit_view_tells_who_had_it_sent_and_its_subject(run: Callable[..., Result]) -> None:
    """The one-line summary of an audit; the list itself keeps its columns unless they are asked for."""
    asked = ("log", "--since", "2026-03-02", "--until", "2026-03-04", "--format", "jsonl", MAILGUN)
    of_ana = {"raised_by": "j.smith", "subject": "Receipt 1001", "status": "Clicked"}

    (audited,) = rows(run(*asked, "--audit", "--recipient", "ana@"))
    assert audited.items() >= of_ana.items()
    (pivoted,) = rows(run(*asked, "--audit", "--pivot", "to", "--recipient", "ana@"))
    assert pivoted == audited
    (plain,) = rows(run(*asked, "--recipient", "ana@"))
    assert audited.keys() - plain.keys() == {"raised_by", "subject"}
    assert rows(run(*asked, "--columns", "subject", "--recipient", "ana@")) == [{"subject": "Receipt 1001"}]


@pytest.mark.parametrize(("key", "who"), [("any", "an"), ("sender", "alerts@"), ("client", "crm.meadow")])
def test_who_had_it_sent_is_what_the_filter_looks_at(run: Callable[..., Result], key: str, who: str) -> None:
    """Of a server's log: the user who logged in, the sender, or the client."""
    asked = ("log", "--columns", "raised_by", "--format", "jsonl", "--raised-by-key", key, POSTFIX)
    told = {row.get("raised_by") for row in rows(run(*asked))}
    found = {row.get("raised_by") for row in rows(run(*asked, "--raised-by", who))}

    assert found == {name for name in told if name and who in name.lower()} != set()


def campaign(*told: tuple[str, float]) -> str:
    """Events of one action to one address: each with its day."""
    properties = {"campaign_id": "c", "action_id": "7", "action_type": "email", "recipient": "r@b.example"}
    events = [
        {"type": "campaign", "timestamp": 1772438400 + day * 86400, "properties": {**properties, "status": status}}
        for status, day in told
    ]
    return "".join(f"{json.dumps(event)}\n" for event in events)


@pytest.mark.parametrize(
    ("told", "outcomes"),
    [
        ((("soft_bounced", 0), ("soft_bounced", 3), ("suppressed", 4)), ["bounced", "bounced", "suppressed"]),
        ((("suppressed", 0), ("suppressed", 0.5)), ["suppressed", "suppressed"]),
        ((("delivered", 0), ("opened", 2), ("delivered", 7)), ["delivered", "delivered"]),
        ((("soft_bounced", 0), ("enqueued", 1), ("delivered", 1.1)), ["bounced", "delivered"]),
        ((("enqueued", 0), ("delivered", 3)), ["delivered"]),
        ((("soft_bounced", 0), ("soft_bounced", 0.3)), ["bounced"]),
        ((("opened", 0), ("clicked", 3)), ["delivered"]),
    ],
)
def test_mails_of_one_action_to_one_address_are_told_apart(
    run: Callable[..., Result], tmp_path: Path, told: tuple[tuple[str, float], ...], outcomes: list[str]
) -> None:
    """Each `enqueued` begins one, each decision not to send is one; else what ends again after a day is another."""
    export = tmp_path / "campaign.jsonl"
    export.write_text(campaign(*told))
    found = rows(run("log", "--format", "jsonl", export))
    (total,) = (run("stats", "--table", "delay", "--format", "json", export).rows("delay") or [{"recipients": 0}])[:1]

    assert [row["outcome"] for row in found] == outcomes
    # Only of what was enqueued is it known how long it took.
    enqueued = sum(word == "enqueued" for word, _ in told)
    assert total["recipients"] == min(enqueued, outcomes.count("delivered"))
