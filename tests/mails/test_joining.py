"""A notice about a message of a log is a fact of that message, and counted once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.mails.mails import report
from tests.program import rows

if TYPE_CHECKING:
    from pathlib import Path

LOG = """\
2025-06-02T09:14:01.000000+00:00 out1 postfix/smtpd[1]: 4XyZ3k0Qc1z2fD: client=app.shop.example[198.51.100.20]
2025-06-02T09:14:01.100000+00:00 out1 postfix/cleanup[2]: 4XyZ3k0Qc1z2fD: message-id=<m1@shop.example>
2025-06-02T09:14:01.200000+00:00 out1 postfix/qmgr[3]: 4XyZ3k0Qc1z2fD: from=<news@shop.example>, size=1000, nrcpt=1 (queue active)
2025-06-02T09:14:02.000000+00:00 out1 postfix/smtp[4]: 4XyZ3k0Qc1z2fD: to=<ann@recv.example>, {orig}relay=relay.example[192.0.2.9]:25, delay=1, delays=0/0/0/1, dsn={dsn}, status={status}
2025-06-02T09:14:02.500000+00:00 out1 postfix/qmgr[3]: 4XyZ3k0Qc1z2fD: removed
"""
SENT = {"dsn": "2.0.0", "status": "sent (250 2.0.0 Ok: queued as ABC)", "orig": ""}
BOUNCED = {"dsn": "5.1.1", "status": "bounced (host relay.example[192.0.2.9] said: 550 5.1.1 no such user)", "orig": ""}
SHOWN = "recipient,original_recipient,outcome,attempts,smtp_code,source,finished_at"


def dsn(
    recipient: str = "ann@recv.example",
    action: str = "failed",
    status: str = "5.1.1",
    text: str = "550 5.1.1 gone",
    **ids: str,
) -> bytes:
    """A notice, by Message-ID or by queue id, from the next host or from ours."""
    fields = (
        f"Final-Recipient: rfc822; {recipient}\nAction: {action}\nStatus: {status}\nDiagnostic-Code: smtp; {text}\n"
    )
    mail = report(fields).decode().replace("Date: Mon, 02 Jun 2025 09:14:09", "Date: Mon, 02 Jun 2025 11:00:00")
    host, queue_id = ids.get("host", "relay.example"), ids.get("queue_id")
    named = f"Reporting-MTA: dns; {host}\n" + (f"X-Postfix-Queue-ID: {queue_id}\n" if queue_id else "")
    mail = mail.replace("Reporting-MTA: dns; out1.shop.example\n", named)
    if "message_id" in ids:
        copy = f"--b1\nContent-Type: text/rfc822-headers\n\nMessage-ID: <{ids['message_id']}>\nSubject: June\n--b1--"
        mail = mail.replace("--b1--", copy)
    return mail.encode()


def told(tmp_path: Path, log: dict[str, str], *notices: bytes) -> list[dict[str, Any]]:
    """The log's rows with the notices in one mailbox."""
    (tmp_path / "mail.log").write_text(LOG.format(**log))
    box = b"".join(b"From MAILER-DAEMON Mon Jun  2 09:14:09 2025\n" + notice + b"\n" for notice in notices)
    (tmp_path / "bounces.mbox").write_bytes(box)
    return rows("log", "--columns", SHOWN, tmp_path / "bounces.mbox", tmp_path / "mail.log")


BY_ID = {"message_id": "m1@shop.example"}
BY_QUEUE = {"queue_id": "4XyZ3k0Qc1z2fD", "host": "out1.shop.example"}


@pytest.mark.parametrize("ids", [BY_ID, BY_QUEUE], ids=["by Message-ID", "by queue id"])
def test_what_both_tell_stands_as_the_log_tells_it(tmp_path: Path, ids: dict[str, str]) -> None:
    """A failure that the log has, too, is one failure, at the log's time."""
    (row,) = told(tmp_path, BOUNCED, dsn(**ids))

    assert (row["outcome"], row["attempts"], row["source"]) == ("bounced", 1, "postfix")
    assert row["finished_at"] == "2025-06-02T09:14:02Z"


@pytest.mark.parametrize("recipient", ["ann@recv.example", "Ann@Recv.Example"])
def test_a_late_bounce_beats_the_delivery(tmp_path: Path, recipient: str) -> None:
    """The next host took it and gave it back: the recipient has not got it."""
    (row,) = told(tmp_path, SENT, dsn(recipient, **BY_ID))
    (event,) = [each for each in rows("events", *sorted(tmp_path.iterdir())) if each["event"] == "bounced"]

    assert (row["recipient"], row["outcome"], row["attempts"], row["smtp_code"]) == (
        "ann@recv.example",
        "bounced",
        1,
        550,
    )
    assert event["late"] is True


def test_a_forwarded_address(tmp_path: Path) -> None:
    """A notice about an address that the log does not name is about the only one that it names."""
    (row,) = told(tmp_path, SENT, dsn("ann@home.example", **BY_ID))

    assert (row["recipient"], row["original_recipient"]) == ("ann@home.example", "ann@recv.example")
    assert row["outcome"] == "bounced"


@pytest.mark.parametrize(
    ("action", "status", "text"),
    [("delayed", "4.4.1", "timed out"), ("relayed", "2.0.0", "250 Ok"), ("delivered", "2.0.0", "250 Ok")],
)
def test_what_is_no_failure_changes_nothing(tmp_path: Path, action: str, status: str, text: str) -> None:
    """A warning or receipt, early or late, leaves the log's delivery as it stands; none of them is missed either."""
    (row,) = told(tmp_path, SENT, dsn("ann@recv.example", action, status, text, **BY_ID))

    assert (row["outcome"], row["source"], row["finished_at"]) == ("delivered", "postfix", "2025-06-02T09:14:02Z")


def test_a_missing_receipt_is_no_failure(tmp_path: Path) -> None:
    """A receipt for one message says nothing of another, and one that was handed on stays open without it."""
    other = dsn("bob@recv.example", "relayed", "2.0.0", "250 Ok", message_id="m2@shop.example")
    outcomes = {row["recipient"]: row["outcome"] for row in told(tmp_path, SENT, other)}

    assert outcomes == {"ann@recv.example": "delivered", "bob@recv.example": "pending"}


def test_lines_are_counted_once(tmp_path: Path) -> None:
    """The summary of a log is the same with and without the notices that it caused."""
    told(tmp_path, BOUNCED, dsn(**BY_QUEUE))
    alone, both = rows("stats", tmp_path / "mail.log"), rows("stats", tmp_path / "mail.log", tmp_path / "bounces.mbox")

    assert both == alone


def test_the_same_notice_twice_is_one(tmp_path: Path) -> None:
    """A mail in two mailboxes is one mail."""
    mail = dsn(**BY_ID)
    for name in ("a.eml", "b.eml"):
        (tmp_path / name).write_bytes(f"Received: by {name}\n".encode() + mail)

    assert len(rows("events", tmp_path / "a.eml", tmp_path / "b.eml")) == 1


def test_two_notices_of_one_message(tmp_path: Path) -> None:
    """First delayed, then returned: one message, which failed."""
    warning = dsn("ann@recv.example", "delayed", "4.4.1", "timed out", **BY_ID)
    (tmp_path / "bounces.mbox").write_bytes(
        b"".join(b"From - Mon Jun  2 09:14:09 2025\n" + mail + b"\n" for mail in (dsn(**BY_ID), warning))
    )

    assert [row["outcome"] for row in rows("log", tmp_path / "bounces.mbox")] == ["bounced"]


def test_another_message_with_the_same_queue_id(tmp_path: Path) -> None:
    """A queue id of another host, or of another year, names another message."""
    for ids in ({"queue_id": "4XyZ3k0Qc1z2fD", "host": "mx.other.example"}, {"queue_id": "4AAAAAAAAAz2fD"}):
        outcomes = {row["recipient"]: row["outcome"] for row in told(tmp_path, SENT, dsn("bob@recv.example", **ids))}

        assert outcomes == {"ann@recv.example": "delivered", "bob@recv.example": "bounced"}
