"""An export of last states that names no message gives way to the events of the messages it means."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from tests.measure.systems import STAMP, count, shown, told, write

pytestmark = pytest.mark.usefixtures("kept_readings")

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures/mandrill"
HEADER = "Date,Email Address,Sender,Subject,Status,Tags,Opens,Clicks,Bounce Detail"
DAY = 86400


def event(word: str, at: int, number: int = 1) -> dict[str, Any]:
    """What Mandrill's webhook says of a daily report."""
    message = {"_id": f"{number:032x}", "email": "ana@example.org", "sender": "it@shop.example", "subject": "Report"}
    return {"event": word, "_id": message["_id"], "ts": STAMP + at, "msg": message}


def test_activity_and_webhooks_of_one_time() -> None:
    """Each message counts once, with what the webhooks say of it, in whatever order the files are named."""
    activity, hooks = FIXTURES / "activity/input.csv", FIXTURES / "mandrill-events/input.json"
    fields = ("recipient", "outcome", "status", "attempts", "source")
    answers = [told("log", *paths) for paths in itertools.permutations((activity, hooks))]

    assert shown(answers[0], *fields) == shown(told("log", hooks), *fields)
    assert sorted(map(json.dumps, answers[0])) == sorted(map(json.dumps, answers[1]))
    assert count("recipients", activity, hooks) == count("recipients", hooks) == 7


@pytest.mark.parametrize(
    ("rows", "events", "messages", "outcomes"),
    [
        # the state says what no event says yet
        (["2026-03-02 08:00:00,bounced"], [event("send", 1)], 1, ["bounced"]),
        # a bounce that came hours later, and nothing before
        (["2026-03-02 08:00:00,bounced"], [event("hard_bounce", 7200)], 1, ["bounced"]),
        # yesterday's report is not today's, though it looks the same
        (["2026-03-01 08:00:00,sent"], [event("send", 1), event("delivered", 2)], 2, ["delivered", "delivered"]),
        # two reports, of which the webhooks know one
        (
            ["2026-03-02 08:00:00,sent", "2026-03-02 08:03:00,bounced"],
            [event("send", 1), event("delivered", 2)],
            2,
            ["bounced", "delivered"],
        ),
        # two reports, both known
        (
            ["2026-03-02 08:00:00,sent", "2026-03-03 08:00:00,sent"],
            [event("delivered", 2), event("delivered", DAY + 2, number=2)],
            2,
            ["delivered", "delivered"],
        ),
    ],
)
def test_which_message_a_state_means(
    tmp_path: Path, rows: list[str], events: list[dict[str, Any]], messages: int, outcomes: list[str]
) -> None:
    """The one of the same provider, recipient, sender and subject that began when the state says it was sent."""
    states = [
        f"{date},ana@example.org,it@shop.example,Report,{state},,0,0," for date, state in (r.split(",") for r in rows)
    ]
    paths = write(tmp_path, activity=[HEADER, *states], hooks=events)

    assert sorted(row["outcome"] for row in told("log", *paths)) == outcomes
    assert count("recipients", *paths) == messages
