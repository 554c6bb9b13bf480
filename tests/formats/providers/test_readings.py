"""What exports leave open, and how it is read: mail without `delivered`, several mails under one key."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest
from tests.formats.providers.test_disorder import answer, written
from tests.program import mailaudit, rows

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("kept_readings")


def mandrill(event: str, number: int, at: int) -> dict[str, Any]:
    """One event of an account that did not enable `delivered`."""
    return {
        "event": event,
        "_id": f"id{number}",
        "ts": 1772438400 + at,
        "msg": {"_id": f"id{number}", "email": f"user{number}@example.org", "sender": "a@b.example", "state": "sent"},
    }


def test_send_is_delivered_where_that_is_asked_for(tmp_path: Path) -> None:
    """Else it is only on its way, and the reader is told of the other reading; a bounce says more in both."""
    path = written(
        [mandrill("send", 1, 0), mandrill("send", 2, 1), mandrill("hard_bounce", 2, 5)], tmp_path / "e.jsonl"
    )
    usual = {row["recipient"]: row["outcome"] for row in answer("log", path)}
    asked = {row["recipient"]: row["outcome"] for row in rows("log", "--input-format", "mandrill-webhook-sent", path)}

    assert usual == {"user1@example.org": "pending", "user2@example.org": "bounced"}
    assert "mandrill-webhook-sent" in mailaudit("log", path).err
    assert asked == {"user1@example.org": "delivered", "user2@example.org": "bounced"}


def bloomreach(status: str, at: int, recipient: str = "ann@example.org") -> dict[str, Any]:
    """One event of a campaign's action."""
    inside = {"status": status, "campaign_id": "c1", "action_id": 7, "action_type": "email", "recipient": recipient}
    return {
        "type": "campaign",
        "timestamp": 1772438400.0 + at,
        "customer_ids": {"registered": "x"},
        "properties": inside,
    }


def test_two_mails_of_one_action_to_one_address(tmp_path: Path) -> None:
    """Each `enqueued` begins a mail; what comes after belongs to it, in whatever order it is told."""
    records = [
        bloomreach("enqueued", 0),
        bloomreach("delivered", 5),
        bloomreach("opened", 60),
        bloomreach("enqueued", 3600),
        bloomreach("soft_bounced", 3605),
        bloomreach("enqueued", 0, "bob@example.org"),
    ]
    expected = [
        ("ann@example.org", "2026-03-02T08:00:00Z", "delivered", "opened"),
        ("ann@example.org", "2026-03-02T09:00:00Z", "bounced", "bounced"),
        ("bob@example.org", "2026-03-02T08:00:00Z", "pending", "pending"),
    ]
    for seed in range(3):
        random.Random(seed).shuffle(records)  # noqa: S311 (a test)
        rows = answer("log", written(records, tmp_path / "e.jsonl"))
        found = sorted((row["recipient"], row["submitted_at"], row["outcome"], row["status"]) for row in rows)

        assert found == expected
