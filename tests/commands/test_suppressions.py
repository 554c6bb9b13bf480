"""`mailaudit suppressions` on logs written by hand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.commands.conftest import ROOT
from tests.commands.maillog import BUSY, FULL, FULL_NOW, SENT, UNKNOWN, Mail, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.commands.conftest import Result

    Run = Callable[..., Result]

DAY = 86_400


def mail(day: float, word: tuple[str, str, str] = FULL, **options: object) -> Mail:
    """A message of a day that ends so a second later."""
    return Mail(day * DAY, attempts=((1, word),), **options)  # type: ignore[arg-type]


def states(found: Result) -> dict[str, str]:
    """State by address."""
    return {row["address"]: row["state"] for row in found.rows("suppressions")}


def test_three_full_mailboxes_within_a_week(run: Run, tmp_path: Path) -> None:
    """Who, why, since, until, which events; with the moment asked for."""
    log = write(tmp_path / "log", [mail(0), mail(3), mail(6), mail(6.5, SENT, recipient="bob@b.example")])
    found = run("suppressions", "--format", "json", "--as-of", "2026-03-10", log)
    (row,) = found.rows("suppressions")

    wanted = {
        "address": "ann@b.example", "state": "temporary", "category": "mailbox_full", "bounces": 3,
        "since": "2026-03-08T08:00:01Z", "until": "2026-03-15T08:00:01Z", "first": "2026-03-02T08:00:01Z",
        "reason": "Temporarily suppressed due to repeated soft bounces for this email address",
    }  # fmt: skip
    assert {key: row[key] for key in wanted} == wanted
    assert len(row["queue_ids"].split()) == 3
    assert [(one["time"], one["smtp_code"], one["line"] > 0) for one in found.rows("evidence")] == [
        ("2026-03-02T08:00:01Z", 552, True), ("2026-03-05T08:00:01Z", 552, True), ("2026-03-08T08:00:01Z", 552, True),
    ]  # fmt: skip
    assert states(run("suppressions", "--format", "json", "--as-of", "2026-03-16", log)) == {}
    assert states(run("suppressions", "--format", "json", "--as-of", "2026-03-16", "--watched", log)) == {
        "ann@b.example": "watched"
    }


def test_a_date_is_looked_at_from_its_end(run: Run, tmp_path: Path) -> None:
    """The third bounce is of 8 o'clock on 8 March: as of that day it counts, as of its first minute it does not."""
    log = write(tmp_path / "log", [mail(0), mail(3), mail(6)])

    assert states(run("suppressions", "--format", "json", "--as-of", "2026-03-08", log)) == {
        "ann@b.example": "temporary"
    }
    assert states(run("suppressions", "--format", "json", "--as-of", "2026-03-08 00:00", log)) == {}


def test_permanent_at_the_next_attempt(run: Run, tmp_path: Path) -> None:
    """Day 10 is spared, day 14 fails, day 20 is suppressed for good: an invalid contact, found by mailaudit."""
    log = write(tmp_path / "log", [mail(0), mail(3), mail(6), mail(10), mail(14), mail(20, SENT)])
    before = run("suppressions", "--format", "json", "--as-of", "2026-03-18", log)
    assert states(before) == {"ann@b.example": "due"}
    assert before.rows("invalid_contact") == []

    found = run("suppressions", "--simulate", "--format", "json", "--as-of", "2026-03-22 08:00:00", log)
    assert states(found) == {"ann@b.example": "permanent"}
    assert [(one["time"], one["status"], one["state"], one["outcome"]) for one in found.rows("simulation")] == [
        ("2026-03-12T08:00:00Z", "suppressed", "temporary", "bounced"),
        ("2026-03-22T08:00:00Z", "suppressed", "permanent", "delivered"),
    ]
    assert found.rows("invalid_contact") == [
        {
            "time": "2026-03-22T08:00:00Z", "channel": "email", "contact": "ann@b.example", "source": "mailaudit",
            "reason": "Permanently suppressed due to repeated soft bounces for this email address",
        }
    ]  # fmt: skip


def test_a_message_counts_once_and_only_when_it_failed(run: Run, tmp_path: Path) -> None:
    """Attempts are not counted: three deferrals and an expiry are one soft bounce; what waits is none yet."""
    expired = Mail(0, attempts=((1, FULL_NOW), (600, FULL_NOW), (1200, FULL_NOW)), expires=5 * DAY)
    waiting = Mail(DAY, "bob@b.example", ((1, FULL_NOW), (600, FULL_NOW), (1200, FULL_NOW)))
    log = write(tmp_path / "log", [expired, waiting])
    found = run("suppressions", "--watched", "--format", "json", log).rows("suppressions")

    assert [(row["address"], row["state"], row["bounces"], row["first"]) for row in found] == [
        ("ann@b.example", "watched", 1, "2026-03-07T08:00:00Z")
    ]


def test_what_counts_is_what_only_repetition_tells(run: Run, tmp_path: Path) -> None:
    """A receiver's temporary trouble says nothing of the address, unless every soft bounce is to count."""
    busy = ("bounced", "4.3.2", BUSY[2])
    log = write(tmp_path / "log", [mail(0, busy), mail(1, busy), mail(2, busy)])

    assert states(run("suppressions", "--watched", "--format", "json", log)) == {}
    assert states(run("suppressions", "--count", "all-soft", "--format", "json", log)) == {"ann@b.example": "temporary"}


def test_a_delivery_in_between_begins_anew(run: Run, tmp_path: Path) -> None:
    """Days 0, 3, delivered on 4, 6: no suppression."""
    log = write(tmp_path / "log", [mail(0), mail(3), mail(4, SENT), mail(6)])

    assert states(run("suppressions", "--format", "json", log)) == {}


def test_a_dead_address_is_invalid_at_once(run: Run, tmp_path: Path) -> None:
    """With the receiver's words, and the log as the source; later mail would be preblocked."""
    log = write(tmp_path / "log", [mail(0, UNKNOWN), mail(1, UNKNOWN, recipient="Bob@B.example"), mail(2, UNKNOWN)])
    found = run("suppressions", "--simulate", "--format", "json", log)

    assert states(found) == {"ann@b.example": "invalid", "bob@b.example": "invalid"}
    assert {row["source"] for row in found.rows("invalid_contact")} == {"postfix"}
    assert "User unknown" in found.rows("invalid_contact")[0]["reason"]
    assert [(row["status"], row["address"]) for row in found.rows("simulation")] == [("preblocked", "ann@b.example")]


def test_a_vague_refusal_is_no_proof_of_a_dead_address(run: Run, tmp_path: Path) -> None:
    """What only a vague code says counts like a soft bounce: three times in a week suppress for a time."""
    vague = (
        "bounced",
        "5.0.0",
        "host mx.b.example[192.0.2.2] said: 550 Recipient address rejected (in reply to RCPT TO command)",
    )
    log = write(tmp_path / "log", [mail(0, vague), mail(1, vague), mail(2, vague)])

    assert states(run("suppressions", "--format", "json", "--as-of", "2026-03-03 10:00", log)) == {}
    assert states(run("suppressions", "--format", "json", log)) == {"ann@b.example": "temporary"}


def test_transactional_mail_is_never_spared(run: Run, tmp_path: Path) -> None:
    """By a pattern of the sender."""
    log = write(tmp_path / "log", [mail(0, UNKNOWN), mail(1, sender="receipts@a.example"), mail(2)])
    options = ("suppressions", "--simulate", "--format", "json", "--transactional", "Receipts@*")

    assert [row["sender"] for row in run(*options, log).rows("simulation")] == ["shop@a.example"]


def test_csv_has_one_table_to_import(run: Run, tmp_path: Path) -> None:
    """Addresses first; other tables when named."""
    log = write(tmp_path / "log", [mail(0, UNKNOWN)])
    lines = run("suppressions", "--format", "csv", "--columns", "address,state,since", log).out.splitlines()

    assert lines == ["address,state,since", "ann@b.example,invalid,2026-03-02T08:00:01Z"]
    other = run("suppressions", "--format", "csv", "--table", "invalid_contact", log).out.splitlines()
    assert other[0] == "time,channel,contact,reason,source"


NINE, SECONDS, RFC = "2026-03-02T09:00:00+00:00", 1772442000, "Mon, 02 Mar 2026 09:00:00 UTC"
"""9 o'clock on day 0, in the ways of the providers."""
WHO = ("Ann@b.example", "eve@b.example", "ok@b.example")


def entries(**fields: object) -> list[dict[str, object]]:
    """One entry for each; the field that is None is the address."""
    return [{key: who if value is None else value for key, value in fields.items()} for who in WHO]


def table(head: str, line: str) -> str:
    """The same as CSV."""
    return "\n".join([head, *(line.format(who) for who in WHO)]) + "\n"


LISTS = {
    "mailgun.json": json.dumps({"items": entries(address=None, code="550", error="550 no", created_at=RFC)}),
    "mailgun-bounces.csv": table("address,code,error,created_at", f'{{}},550,no,"{RFC}"'),
    "sendgrid.json": json.dumps(entries(created=SECONDS, email=None, reason="550 no", status="5.1.1")),
    "sendgrid-bounces.csv": table("status,reason,email,created", f"5.1.1,no,{{}},{SECONDS}"),
    "ses.json": json.dumps(
        {"SuppressedDestinationSummaries": entries(EmailAddress=None, Reason="BOUNCE", LastUpdateTime=NINE)}
    ),
    "postmark.json": json.dumps(
        {
            "Suppressions": entries(
                EmailAddress=None,
                SuppressionReason="HardBounce",
                Origin="Recipient",
                CreatedAt="2026-03-02T04:00:00-05:00",
            )
        }
    ),
    "sparkpost.json": json.dumps(
        {
            "results": entries(
                recipient=None,
                type="non_transactional",
                source="Bounce Rule",
                description="550",
                created=NINE,
                updated=NINE,
            ),
            "links": [],
            "total_count": 3,
        }
    ),
    "sparkpost.csv": table("recipient,type,description,source,updated", f"{{}},transactional,,Bounce Rule,{NINE}"),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_provider_s_list_is_compared(run: Run, tmp_path: Path, name: str) -> None:
    """Listed without evidence, evidence without listing, listed but delivered since; for each provider's shapes."""
    log = write(
        tmp_path / "log",
        [
            mail(0, UNKNOWN),
            mail(0, UNKNOWN, recipient="new@b.example"),
            mail(0, FULL, recipient="ok@b.example"),
            mail(5, SENT, recipient="ok@b.example"),
        ],
    )
    (tmp_path / name).write_text(LISTS[name])
    found = run("suppressions", "--against", tmp_path / name, "--format", "json", log).rows("comparison")

    assert [(row["finding"], row["address"]) for row in found] == [
        ("listed_without_evidence", "eve@b.example"),
        ("evidence_without_listing", "new@b.example"),
        ("delivered_since", "ok@b.example"),
    ]
    assert found[0]["provider"] == name.replace("-", ".").partition(".")[0]
    assert found[0]["listed_as"] == "bounce"
    assert found[0]["listed_since"].startswith("2026-03-02T09:00:00")
    assert found[2]["alive"] == "2026-03-07T08:00:01Z"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1,2\n", "no provider known"),
        ("{broken", "suppression list"),
        ('[{"email": "x", "created": 1}]', "no address"),
        ('[{"email": "x@y.example", "created": "soon"}]', "no date"),
        ("\xff\xfe", "no provider known"),
    ],
)
def test_a_list_that_is_none_is_an_error(run: Run, tmp_path: Path, text: str, said: str) -> None:
    """A clear one, before anything is read."""
    (tmp_path / "list").write_text(text)
    found = run("suppressions", "--against", tmp_path / "list", write(tmp_path / "log", [mail(0)]))

    assert (found.code, said in found.err) == (2, True)


def test_wrong_options_are_told(run: Run, tmp_path: Path) -> None:
    """Each with what would be right."""
    log = write(tmp_path / "log", [mail(0)])

    assert "--against FILE" in run("suppressions", "--table", "comparison", log).err
    assert "Did you mean 'all-soft'" in run("suppressions", "--count", "all_soft", log).err
    assert run("suppressions", "--pause", "a week", log).code == 2
    assert run("suppressions", "--columns", "adress", log).code == 2


def test_an_empty_log_has_nobody(run: Run, tmp_path: Path) -> None:
    """And says so in every format."""
    log = write(tmp_path / "log", [mail(0, SENT)])

    for name in ("table", "csv", "json", "jsonl", "markdown"):
        assert run("suppressions", "--simulate", "--format", name, log).code == 0


def test_provider_events_say_it_themselves(run: Run, tmp_path: Path) -> None:
    """SendGrid: a complaint and a withdrawal are consent to revoke; a drop of the provider is an invalid address."""
    told = (
        ("spam@b.example", {"event": "spamreport"}),
        ("un@b.example", {"event": "unsubscribe"}),
        ("drop@b.example", {"event": "dropped", "reason": "Bounced Address"}),
        (
            "dead@b.example",
            {"event": "bounce", "type": "bounce", "reason": "550 5.1.1 no such user", "status": "5.1.1"},
        ),
    )
    events = [
        {"email": who, "timestamp": SECONDS + at, "sg_event_id": f"e{at}", "sg_message_id": f"m{at}.x", **said}
        for at, (who, said) in enumerate(told)
    ]
    path = tmp_path / "events.json"
    path.write_text(json.dumps(events))
    found = run("suppressions", "--format", "json", path)

    assert states(found) == {
        "drop@b.example": "invalid",
        "dead@b.example": "invalid",
        "spam@b.example": "complained",
        "un@b.example": "unsubscribed",
    }
    assert [(row["address"], row["event"]) for row in found.rows("consent")] == [
        ("spam@b.example", "complained"),
        ("un@b.example", "unsubscribed"),
    ]
    assert {row["contact"]: row["source"] for row in found.rows("invalid_contact")}["dead@b.example"].startswith(
        "sendgrid"
    )


def test_records_that_name_no_mail_are_told_apart(run: Run, tmp_path: Path) -> None:
    """One address and no ids of messages: every soft bounce is a mail of its own, and its send another attempt."""
    said = {"event": "bounce", "type": "blocked", "reason": "452 4.2.2 mailbox full", "status": "4.2.2"}
    events = [
        {"email": "full@b.example", "timestamp": SECONDS + day * DAY, "sg_event_id": f"e{day}", **said}
        for day in (0, 3, 6, 14, 20)
    ]
    path = tmp_path / "events.json"
    path.write_text(json.dumps(events))

    found = run("suppressions", "--as-of", "2026-03-09", "--format", "json", path).rows("suppressions")
    assert [(row["state"], row["bounces"], row["until"]) for row in found] == [("temporary", 3, "2026-03-15T09:00:00Z")]
    assert states(run("suppressions", "--as-of", "2026-03-17", "--format", "json", path)) == {"full@b.example": "due"}
    assert states(run("suppressions", "--format", "json", path)) == {"full@b.example": "permanent"}


def test_the_shipped_logs_give_lists(run: Run) -> None:
    """Real traffic: dead addresses are found, and nobody who got mail since is among the temporary ones."""
    found = run(
        "suppressions", "--simulate", "--format", "json", ROOT / "fixtures/postfix/summer-time-ends/input.log.gz"
    )

    assert found.code == 0
    assert "invalid" in states(found).values()
    assert all(row["alive"] is None for row in found.rows("suppressions") if row["state"] == "temporary")
