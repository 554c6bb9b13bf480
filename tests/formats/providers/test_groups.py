"""Groups and their members, as Exchange and Microsoft 365 tell of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.formats.providers.test_samples import events
from tests.program import rows as log_rows


def test_members_know_their_group(tmp_path: Path) -> None:
    """Expanding a group is no step of a message, but who gets it from there on was meant by the group's address."""
    path = tmp_path / "MSGTRK.LOG"
    path.write_text(
        "#Fields: date-time,event-id,source,recipient-address,related-recipient-address,network-message-id\r\n"
        "2026-03-02T08:01:00.000Z,RECEIVE,SMTP,team@src.example,,1\r\n"
        "2026-03-02T08:01:01.000Z,EXPAND,ROUTING,Ann@src.example;bob@src.example,team@src.example,1\r\n"
        "2026-03-02T08:01:02.000Z,DELIVER,STOREDRIVER,bob@src.example;ann@src.example,,1\r\n"
        "2026-03-02T08:01:03.000Z,REDIRECT,ROUTING,kim@src.example,old@src.example,2\r\n"
        "2026-03-02T08:01:04.000Z,DELIVER,STOREDRIVER,kim@src.example,,2\r\n"
        "2026-03-02T08:01:05.000Z,DELIVER,STOREDRIVER,ann@src.example,,3\r\n"
    )
    rows = [(row["event"], row["recipient"], row.get("original_recipient")) for row in events(path)]

    assert rows == [
        ("accepted", "team@src.example", None),
        ("delivered", "bob@src.example", "team@src.example"),
        ("delivered", "ann@src.example", "team@src.example"),
        ("delivered", "kim@src.example", "old@src.example"),
        ("delivered", "ann@src.example", None),
    ]
    assert sorted((row["recipient"], row["outcome"]) for row in log_rows("log", path)) == [
        ("ann@src.example", "delivered"),
        ("ann@src.example", "delivered"),
        ("bob@src.example", "delivered"),
        ("kim@src.example", "delivered"),
    ]


def test_a_group_whose_members_are_named_is_no_recipient(tmp_path: Path) -> None:
    """Microsoft 365 tells that it was expanded and who else got the message; alone, it is all that is known."""
    source = Path(__file__).resolve().parents[3] / "fixtures/microsoft365/message-trace/input.json"
    told = json.loads(source.read_text())["value"]
    group = next(record for record in told if record["Status"] == "Expanded")
    member = group | {"RecipientAddress": "ann@mail.example.com", "Status": "Delivered", "Index": 90}
    path = tmp_path / "trace.json"

    def outcomes(*records: dict[str, Any]) -> list[tuple[str, str]]:
        path.write_text(json.dumps({"value": records}))
        return [(row["recipient"], row["outcome"]) for row in log_rows("log", path)]

    assert outcomes(group) == [(group["RecipientAddress"], "pending")]
    assert outcomes(group, member) == [("ann@mail.example.com", "delivered")]
