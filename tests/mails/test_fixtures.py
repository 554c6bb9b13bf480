"""What the notices of the fixtures report is what is known of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.program import rows

from mailaudit.classify import verdict

ROOT = Path(__file__).resolve().parents[2]
CASES = sorted(path.parent for path in (ROOT / "fixtures" / "mails").glob("*/truth.jsonl"))
MAILS = [
    (case, truth)
    for case in CASES
    for truth in map(json.loads, (case / "truth.jsonl").read_text(encoding="utf-8").splitlines())
]
OWN_CAUSE = {"complained": "complaint", "auto_reply": "auto_reply", "delivered": "delivered", "relayed": "delivered"}
"""Events that need no text to tell their cause."""


@pytest.fixture(scope="module")
def found() -> dict[tuple[str, int], list[dict[str, Any]]]:
    """The events of all cases by case and mail."""
    events: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for case in CASES:
        (mailbox,) = case.glob("input.*")
        for row in rows("events", mailbox):
            events.setdefault((case.name, row["line"]), []).append(row)
    return events


@pytest.mark.parametrize(("case", "truth"), MAILS, ids=[f"{case.name}/{truth['name']}" for case, truth in MAILS])
def test_each_recipient_is_reported(
    case: Path, truth: dict[str, Any], found: dict[tuple[str, int], list[dict[str, Any]]]
) -> None:
    """Every recipient with its action, codes and diagnostic, and no other."""
    events = {
        row.get("original_recipient") or row["recipient"]: row for row in found.get((case.name, truth["line"]), [])
    }

    assert sorted(events) == sorted(expected["address"] for expected in truth["recipients"])
    for expected in truth["recipients"]:
        row = events[expected["address"]]
        assert action(row) in {expected["action"], *late(expected)}
        if expected["status"] and not expected["status"].endswith(".0.0"):
            assert row.get("enhanced_status") == expected["status"]
        if "smtp" in expected:
            assert row.get("smtp_code") == (expected["smtp"] and int(expected["smtp"]))
        if expected.get("diagnostic"):
            assert expected["diagnostic"][:60] in row["reply"]
        if "category" in expected:
            assert cause(row) == expected["category"]


def action(row: dict[str, Any]) -> str:
    """An event's action in the words of the truth."""
    if row["event"] == "complained":
        return "complaint"
    reported = str(row["raw_event"])
    return reported if reported in {"failed", "delayed", "delivered", "relayed", "expanded"} else "other"


def late(expected: dict[str, Any]) -> set[str]:
    """OpenSMTPD's report of an expiry says that it is a delay."""
    return {"failed"} if (expected["action"], expected["status"]) == ("delayed", "4.4.7") else set()


def cause(row: dict[str, Any]) -> str:
    """The category of an event."""
    if row["event"] in OWN_CAUSE:
        return OWN_CAUSE[row["event"]]
    code, status, host = row.get("smtp_code"), row.get("enhanced_status"), row.get("relay_host")
    return verdict(row.get("reply") or "", smtp_code=code, enhanced_status=status, relay_host=host).category
