"""A real server's log beside events that a provider would have sent for the mail that went through it."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from tests import program

LOG = Path(__file__).parents[2] / "fixtures" / "postfix" / "summer-time-ends" / "input.log.gz"
"""Postfix as it ran: its own filter loops, forwards, retries and notices."""


def rows(*paths: object) -> list[dict[str, Any]]:
    """All rows of `log`."""
    return program.rows("log", "--limit", "100000", *paths)


def event(row: dict[str, Any], kind: str, **more: object) -> dict[str, Any]:
    """What Mailgun says of a recipient whose mail the server handed to it: a minute later."""
    at = datetime.fromisoformat(row["finished_at"]).timestamp() + 60
    message = {"headers": {"message-id": row["message_id"], "from": row["sender"]}}
    return {
        "id": f"{kind}{row['queue_id']}{row['recipient']}", "event": kind, "timestamp": at, "log-level": "info",
        "recipient": row["recipient"], "message": message, **more,
    }  # fmt: skip


@pytest.fixture(scope="module")
def handed() -> list[dict[str, Any]]:
    """The recipients whose mail went out to another server, each of another message."""
    alone: dict[str, dict[str, Any]] = {}
    for row in rows(LOG):
        if row["outcome"] == "delivered" and (row["relay_host"] or "").endswith("outlook.com") and row["message_id"]:
            alone.setdefault(row["message_id"], row)
    return list(alone.values())


def test_the_whole_way_is_one_message(handed: list[dict[str, Any]], tmp_path: Path) -> None:
    """No row is added; who bounced at the provider has bounced, who was delivered there was delivered there."""
    assert len(handed) > 10
    bounced, delivered = handed[::3], handed[1::3]
    said = {"delivery-status": {"code": 550, "message": "5.1.1 no such user", "enhanced-code": "5.1.1"}}
    events = [event(row, "failed", severity="permanent", **said) for row in bounced]
    events += [event(row, "delivered", **{"delivery-status": {"code": 250, "message": "OK"}}) for row in delivered]
    path = tmp_path / "mailgun.jsonl"
    path.write_text("".join(f"{json.dumps(one)}\n" for one in events))
    key = ("queue_id", "recipient")

    before = {tuple(row[name] for name in key): row for row in rows(LOG)}
    for order in ((LOG, path), (path, LOG)):
        after = {tuple(row[name] for name in key): row for row in rows(*order)}

        assert after.keys() == before.keys()
        for chosen, outcome in ((bounced, "bounced"), (delivered, "delivered")):
            for row in chosen:
                found = after[row["queue_id"], row["recipient"]]
                assert (found["outcome"], found["source"], found["submitted_at"]) == (
                    outcome,
                    "mailgun-events-api",
                    row["submitted_at"],
                )
        touched = {(row["queue_id"], row["recipient"]) for row in (*bounced, *delivered)}
        assert all(after[place] == before[place] for place in before.keys() - touched)


def test_a_filter_before_the_provider_makes_no_circle(tmp_path: Path) -> None:
    """The provider tells of the mail a minute later than it was handed in, as if it could have sent it to us."""
    filtered = next(row for row in rows(LOG) if " " in row["queue_ids"] and row["outcome"] == "delivered")
    path = tmp_path / "mailgun.jsonl"
    path.write_text(json.dumps(event(filtered, "delivered")) + "\n")

    before, after = rows(LOG), rows(LOG, path)

    assert len(after) == len(before)
    assert [row["source"] for row in after].count("mailgun-events-api") == 1


def test_a_trace_shows_both_accounts(handed: list[dict[str, Any]], tmp_path: Path) -> None:
    """The server's own attempt, the join and what tells it, and the end that the provider knows."""
    row = handed[0]
    path = tmp_path / "mailgun.jsonl"
    path.write_text(json.dumps(event(row, "failed", severity="permanent")) + "\n")

    text = program.mailaudit("trace", row["queue_id"], LOG, path).out

    assert row["relay_host"].partition(".")[2] in text or row["reply"][:20] in text
    assert "Message-ID" in text
    assert "bounced" in text
