"""Events come in any order and several times: the answers are those of the events."""

from __future__ import annotations

import json
import random
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.effort import examples
from tests.formats.providers.test_samples import events
from tests.program import mailaudit

from mailaudit import exports
from mailaudit.model.request import Request
from mailaudit.read import cells, sources

pytestmark = pytest.mark.usefixtures("kept_readings")

ROOT = Path(__file__).resolve().parents[3]
EXPORTS = {
    "sendgrid": "sendgrid/event-webhook/input.json",
    "mailgun": "mailgun/webhooks-v3/input.jsonl",
    "ses": "ses/firehose-events/input.jsonl",
    "sparkpost": "sparkpost/webhook-batch/input.json",
    "postmark": "postmark/webhooks/input.jsonl",
    "brevo": "brevo/webhooks/input.jsonl",
    "kumomta": "kumomta/log/input.jsonl",
    "mailjet": "mailjet/events/input.json",
    "bloomreach": "bloomreach/campaign-events-jsonl/input.jsonl",
}


def records_of(name: str) -> list[Any]:
    """The records of a sample."""
    text = (ROOT / "fixtures" / EXPORTS[name]).read_text()
    return json.loads(text) if text.startswith("[") else [json.loads(line) for line in text.splitlines()]


def answer(command: str, *paths: Path) -> list[dict[str, Any]]:
    """The rows of a command, without where they stand."""
    rows = mailaudit(command, "--format", "jsonl", *paths).lines
    return [{name: value for name, value in row.items() if name not in ("source_file", "line")} for row in rows]


def written(records: list[Any], path: Path) -> Path:
    """The records as JSON Lines."""
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


@cache
def in_order(name: str, command: str) -> list[dict[str, Any]]:
    """The rows of a command for a sample as it is."""
    with TemporaryDirectory() as directory:
        return answer(command, written(records_of(name), Path(directory) / "one.jsonl"))


@pytest.mark.parametrize("name", EXPORTS)
@settings(max_examples=examples(2), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), again=st.integers(0, 30), files=st.integers(1, 3))
def test_order_and_repetition_change_nothing(name: str, seed: int, again: int, files: int) -> None:
    """`log`, `stats` and `suppressions` are the same for any permutation, duplication and division into files."""
    chance = random.Random(seed)  # noqa: S311 (a test)
    records = records_of(name)
    mixed = [*records, *chance.choices(records, k=again)]
    chance.shuffle(mixed)
    with TemporaryDirectory() as directory:
        place = Path(directory)
        several = [
            written(mixed[part::files], place / f"part{part}.jsonl") for part in range(files) if mixed[part::files]
        ]
        for command in ("log", "stats", "suppressions"):
            expected, found = in_order(name, command), answer(command, *several)
            key = json.dumps
            assert sorted(map(key, found)) == sorted(map(key, expected)), command


@pytest.mark.parametrize("seed", [1, 2])
def test_order_changes_no_example(tmp_path: Path, seed: int) -> None:
    """Where records of several providers have one time, what they say decides which of them is shown as the example."""
    records = [record for name in EXPORTS for record in records_of(name)]
    expected = answer("stats", written(records, tmp_path / "one.jsonl"))
    random.Random(seed).shuffle(records)  # noqa: S311 (a test)

    assert answer("stats", written(records, tmp_path / "other.jsonl")) == expected


def sendgrid(**more: object) -> dict[str, Any]:
    """One event of a message."""
    return {
        "email": "ana@example.org",
        "timestamp": 1772438460,
        "event": "processed",
        "sg_event_id": json.dumps(more),
        "sg_message_id": "abc.filter1-2.0",
        "smtp-id": "<abc@geopod>",
        **more,
    }


@pytest.mark.parametrize(
    ("told", "outcome", "status"),
    [
        (["processed"], "pending", "pending"),
        (["processed", "deferred"], "deferred", "deferred"),
        (["processed", "deferred", "delivered"], "delivered", "delivered"),
        (["delivered", "deferred"], "delivered", "delivered"),
        (["delivered", "open", "click"], "delivered", "clicked"),
        (["open", "delivered"], "delivered", "opened"),
        (["spamreport", "delivered"], "delivered", "complained"),
        (["delivered", "spamreport", "open"], "delivered", "complained"),
        (["open"], "delivered", "opened"),
        (["click", "unsubscribe"], "delivered", "unsubscribed"),
        (["processed", "bounce", "open"], "bounced", "opened"),
        (["processed", "open"], "pending", "opened"),
        (["late", "delivered"], "bounced", "bounced"),
        (["delivered", "late"], "bounced", "bounced"),
        (["dropped"], "suppressed", "suppressed"),
    ],
)
def test_the_final_state_follows_time_and_rank(tmp_path: Path, told: list[str], outcome: str, status: str) -> None:
    """Contract 3: the latest settling event wins, a late bounce beats delivered, engagement changes no outcome."""
    records = []
    for second, event in enumerate(told):
        more: dict[str, Any] = {"event": event, "timestamp": 1772438460 + second}
        if event == "bounce":
            more |= {"type": "bounce", "reason": "550 5.1.1 unknown"}
        if event == "late":
            more |= {"event": "bounce", "type": "bounce", "reason": "550 5.1.1 unknown", "sg_message_id": ""}
        if event == "dropped":
            more |= {"reason": "Bounced Address"}
        records.append(sendgrid(**more))
    (row,) = answer("log", written(records, tmp_path / "export.jsonl"))

    assert (row["outcome"], row["status"]) == (outcome, status)


def test_a_webhook_and_an_export_of_the_same_time_are_counted_once() -> None:
    """The same events by webhook, a post a line, and as CSV of the activity feed: no row twice."""
    paths = [
        ROOT / "fixtures/sendgrid" / name
        for name in ("event-webhook/input.json", "webhook-posts/input.jsonl", "email-activity/input.csv")
    ]
    alone = events(paths[0])
    together = events(*paths)
    said = {(row["time"], row["event"], row["recipient"]) for row in alone}

    assert [row for row in together if (row["time"], row["event"], row["recipient"]) not in said] == []
    assert len(together) == len(alone)
    assert {row["source"] for row in together} == {"sendgrid-event-webhook"}


def test_overlapping_pages_are_counted_once() -> None:
    """A record that two pages of an API have is one."""
    pages = [ROOT / "fixtures/mailgun" / f"events-api-page{number}" / "input.json" for number in (1, 2)]
    rows = [len(events(page)) for page in pages]

    assert len(events(*pages)) == sum(rows) - 1


def test_ids_that_change_on_a_retry_do_not_count_twice(tmp_path: Path) -> None:
    """SendGrid posts the same event again under another id."""
    again = [sendgrid(event="delivered", sg_event_id="one"), sendgrid(event="delivered", sg_event_id="two")]

    assert len(events(written(again, tmp_path / "export.jsonl"))) == 1


def test_a_reader_may_do_a_thing_twice_in_a_second(tmp_path: Path) -> None:
    """Two opens under two ids are two, as are two that lie less than a second apart; the same id is one."""
    opens = [sendgrid(event="open", sg_event_id=event_id) for event_id in ("one", "two", "two")]
    apart = [
        {
            "type": "email.opened",
            "created_at": f"2026-03-02T08:00:00.{tenth}Z",
            "data": {"email_id": "e", "to": ["a@b.example"]},
        }
        for tenth in (1, 1, 7)
    ]

    assert len(events(written(opens, tmp_path / "opens.jsonl"))) == 2
    assert len(events(written(apart, tmp_path / "apart.jsonl"))) == 2


def test_a_snapshot_gives_way_to_the_events() -> None:
    """A last state with the time of sending is no second delivery, and no attempt."""
    insights = ROOT / "fixtures/ses/get-message-insights/input.json"
    vdm = ROOT / "fixtures/ses/vdm-message-export/input.csv"
    delivered = [row for row in events(insights, vdm) if row["event"] == "delivered"]

    assert len([row for row in delivered if row["recipient"] == "ana@example.org"]) == 1
    assert {row["attempts"] for row in answer("log", vdm)} == {0}


def test_what_earlier_records_said_is_known_to_later_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Momentum names the addresses when a message comes in: a later batch knows them, whichever thread is faster."""
    monkeypatch.setattr(cells, "ROWS", 2)
    path = tmp_path / "mainlog"
    path.write_text(
        "1772438461@3A/7F-1-6C@@@R@ann@dst.example@b@src.example@192.0.2.5@9@ESMTP@grp@bind\n"
        "1772438461@3A/7F-2-6C@@@R@bob@dst.example@b@src.example@192.0.2.5@9@ESMTP@grp@bind\n"
        "1772438462@3A/7F-1-6C@@@D@dst.example@9@grp@bind@1@9.0@192.0.2.9\n"
        "1772438462@3A/7F-2-6C@@@D@dst.example@9@grp@bind@1@9.0@192.0.2.9\n"
    )
    (source,) = sources.find([str(path)]).sources
    pieces = list(exports.work(source, Request(paths=(str(path),)), {}))
    last, first = pieces[1](), pieces[0]()

    for parsed in (first, last):
        rows = parsed.tables["momentum-mainlog"]["deliveries"]
        assert rows["recipient"].to_list() == ["ann@dst.example", "bob@dst.example"]
