"""A value of a wrong type costs the field it stands in, not the event, unless it tells what happened to whom when."""

from __future__ import annotations

import copy
import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.formats.providers.test_samples import events, input_of, named

from mailaudit import flow
from mailaudit.formats import providers
from mailaudit.formats.providers import recognise
from mailaudit.formats.providers.fill import fill
from mailaudit.model.request import Request
from mailaudit.read import sources
from mailaudit.read.batches import Batch, batches

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[3]
CASES = sorted(path.parent for name in providers.NAMES for path in (ROOT / "fixtures" / name).glob("*/input.json*"))
WRONG: tuple[Any, ...] = (None, 5, -7.5, True, "", "text", ["x"], [{"k": [1]}], {"a": 1})
DECIDE = frozenset(
    """event eventType EventType EventId type Type Status status RecordType MessageEvents Events msys msg data mail
    Insights properties event_info message_info mail_event_type action_type event-data Message message_event gen_event
    track_event unsubscribe_event SuppressionReason SuppressSending complaintFeedbackType
    timestamp @timestamp timestamp_usec Timestamp ts ts_event ts_epoch event_time time date EventDate created_at
    Received ReceivedAt BouncedAt ChangedAt DeliveredAt
    recipient email rcpt rcpt_to To to Email Recipient Recipients RecipientAddress Destination emailAddress address
    original_rcpto_to""".split()  # noqa: SIM905 (names in rows)
)
"""The last names of members that say what happened to whom and when, or that hold the members which do."""


def members(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401 (whatever JSON holds)
    """Yields where each member stands, those in the first object of a list, too."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield (*path, name)
            yield from members(member, (*path, name))
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        yield from members(value[0], (*path, 0))


def with_member(record: Any, path: tuple[Any, ...], value: Any) -> Any:  # noqa: ANN401 (whatever JSON holds)
    """The record with another value there."""
    changed = copy.deepcopy(record)
    holder = changed
    for name in path[:-1]:
        holder = holder[name]
    holder[path[-1]] = value
    return changed


def told(records: list[Any]) -> set[int]:
    """The numbers, from 1, of records that tell an event."""
    found = recognise.sort(Batch(1, "json", records, 1))
    numbers: set[int] = set()
    for name, (places, given) in found.by_shape.items():
        numbers |= {*fill(providers.shapes()[name][1], places, given, dt.UTC).rows["no"]}
    return numbers


@pytest.mark.parametrize("case", CASES, ids=named)
def test_only_what_decides_loses_an_event(case: Path) -> None:
    """Every other member of every record may hold anything."""
    (source,) = sources.find([str(input_of(case))]).sources
    with source.open() as stream:
        given = [record for batch in batches(stream, source.warn) for record in batch.records]
    understood = [record for record in given if isinstance(record, dict) and told([record])]
    tried = [
        (path, value, with_member(record, path, value))
        for record in understood
        for path in members(record)
        if path[-1] not in DECIDE
        for value in WRONG
    ]
    lost = {*range(1, len(tried) + 1)} - told([record for _, _, record in tried])

    assert tried
    assert {(tried[number - 1][0], str(tried[number - 1][1])) for number in lost} == set()


BOUNCE = {
    "event": "failed",
    "severity": "permanent",
    "reason": ["bounce"],
    "id": "mg1",
    "timestamp": 1772438523.75,
    "log-level": "error",
    "recipient": "nouser@example.net",
    "message": {"headers": {"subject": {"text": "Receipt"}, "from": ["billing@mail.example.com"], "message-id": 1002}},
    "delivery-status": {"code": 550, "message": {"text": "5.1.1 User unknown"}, "attempt-no": "one"},
    "url": ["a", "b"],
}


def test_what_is_left_out_is_said(tmp_path: Path) -> None:
    """A number and a single text in a list are read; an object is left out, but for what the server said."""
    path = tmp_path / "export.jsonl"
    path.write_text(f"{json.dumps(BOUNCE)}\n{json.dumps({**BOUNCE, 'id': 'mg2', 'timestamp': 1772438524})}\n")
    with flow.read(Request(paths=(str(path),))) as run:
        said = [warning.text for warning in run.warnings if warning.kind == "left_out"]
        counted = run.inputs[0].parsed, run.inputs[0].unparsed
    row = events(path)[0]

    assert (row["event"], row["recipient"], row["smtp_code"]) == ("hard_bounced", "nouser@example.net", 550)
    assert (row["sender"], row["message_id"]) == ("billing@mail.example.com", "1002")
    assert "User unknown" in row["reply"]
    assert not {"subject", "url", "attempt"} & row.keys()
    assert counted == (2, 0)
    assert said == ["record 1: subject is not as documented and left out (and 1 more of the kind)"]


@pytest.mark.parametrize("recipient", [{"address": "a@dst.example"}, ["a@dst.example", "b@dst.example"]], ids=str)
def test_without_knowing_whom_nothing_happened(tmp_path: Path, recipient: object) -> None:
    """A recipient that is no text makes the record one that is not understood."""
    path = tmp_path / "export.json"
    path.write_text(json.dumps({**BOUNCE, "recipient": recipient}))
    with flow.read(Request(paths=(str(path),))) as run:
        assert (run.inputs[0].parsed, run.inputs[0].unparsed) == (0, 1)
        assert any("recipient is" in warning.text for warning in run.warnings)


def test_a_tracking_log_in_objects(tmp_path: Path) -> None:
    """The servers that rows name are counted for all rows at once: one that is no text stops nothing."""
    path = tmp_path / "tracking.jsonl"
    row = {"date-time": "2026-03-02T08:01:02.250Z", "event-id": "DELIVER"}
    rows = [{**row, "recipient-address": "a@dst.example", "server-hostname": ["x"]}, {**row, "recipient-address": "b"}]
    path.write_text("\n".join(map(json.dumps, rows)))

    assert [row["event"] for row in events("--input-format", "exchange", path)] == ["delivered", "delivered"]
