"""Mail of which lines tell two ways to one address, or which began before the logs or goes on after them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.program import rows

if TYPE_CHECKING:
    from pathlib import Path

DAY = "2026-03-07"
FILTERED = "relay=127.0.0.1[127.0.0.1]:10025, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 from MTA: 250 \
2.0.0 Ok: queued as 2B2B2B2B2B)"
SENT = "relay=mx.dst.example[198.51.100.7]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 ok)"
WAITS = "relay=none, delay=1, delays=0/0/0/1, dsn=4.4.1, status=deferred (connect to mx.dst.example: timed out)"


def told(folder: Path, text: str) -> list[dict[str, Any]]:
    """The rows of `log`, of lines `HH:MM:SS daemon: text`, by recipient."""
    log = folder / "mail.log"
    lines = [line.split(" ", 1) for line in text.splitlines() if line]
    log.write_text("".join(f"{DAY}T{at}+00:00 mail postfix/{rest}\n" for at, rest in lines))
    return sorted(rows("log", log), key=lambda row: str(row["recipient"]))


def test_an_address_reached_directly_and_through_a_forward(tmp_path: Path) -> None:
    """What settled last decides, and every try counts: the copy arrived, what was sent directly is given up."""
    (row,) = told(
        tmp_path,
        f"""
08:00:00 smtpd[1]: 1A1A1A1A1A: client=app.src.example[192.0.2.21]
08:00:00 cleanup[2]: 1A1A1A1A1A: message-id=<m1@src.example>
08:00:01 qmgr[3]: 1A1A1A1A1A: from=<app@src.example>, size=320, nrcpt=2 (queue active)
08:00:02 smtp[4]: 1A1A1A1A1A: to=<ann@dst.example>, {WAITS}
08:00:03 cleanup[2]: 2B2B2B2B2B: message-id=<m1@src.example>
08:00:03 local[5]: 1A1A1A1A1A: to=<team@here.example>, relay=local, delay=1, delays=0/0/0/1, dsn=2.0.0, \
status=sent (forwarded as 2B2B2B2B2B)
08:00:04 qmgr[3]: 2B2B2B2B2B: from=<app@src.example>, size=450, nrcpt=1 (queue active)
08:00:05 smtp[4]: 2B2B2B2B2B: to=<ann@dst.example>, orig_to=<team@here.example>, {SENT}
08:00:05 qmgr[3]: 2B2B2B2B2B: removed
12:00:01 qmgr[3]: 1A1A1A1A1A: from=<app@src.example>, size=320, nrcpt=1 (queue active)
12:00:02 smtp[4]: 1A1A1A1A1A: to=<ann@dst.example>, {WAITS}
12:00:03 qmgr[3]: 1A1A1A1A1A: from=<app@src.example>, status=expired, returned to sender
12:00:04 qmgr[3]: 1A1A1A1A1A: removed
""",
    )

    assert (row["recipient"], row["outcome"], row["attempts"]) == ("ann@dst.example", "expired", 3)
    assert row["finished_at"] == f"{DAY}T12:00:03Z"
    assert row["original_recipient"] is None


def test_a_hop_that_began_before_the_logs(tmp_path: Path) -> None:
    """It is joined by the id that the hand-over names, not with a later mail of that id; a cut list tells no alias."""
    found = told(
        tmp_path,
        f"""
08:00:00 smtp[4]: 1A1A1A1A1A: to=<team@here.example>, {FILTERED}
08:00:00 qmgr[3]: 1A1A1A1A1A: removed
08:00:01 qmgr[3]: 2B2B2B2B2B: from=<app@src.example>, size=450, nrcpt=2 (queue active)
08:00:02 smtp[4]: 2B2B2B2B2B: to=<ann@dst.example>, {SENT}
08:00:03 smtp[4]: 2B2B2B2B2B: to=<ben@dst.example>, {SENT}
08:00:03 qmgr[3]: 2B2B2B2B2B: removed
08:00:40 smtpd[1]: 2B2B2B2B2B: client=localhost[127.0.0.1]
08:00:40 cleanup[2]: 2B2B2B2B2B: message-id=<m2@src.example>
08:00:41 qmgr[3]: 2B2B2B2B2B: from=<joe@src.example>, size=450, nrcpt=1 (queue active)
08:00:42 smtp[4]: 2B2B2B2B2B: to=<eve@dst.example>, {SENT}
08:00:42 qmgr[3]: 2B2B2B2B2B: removed
""",
    )

    assert [(row["queue_ids"], row["recipient"], row["outcome"]) for row in found] == [
        ("1A1A1A1A1A 2B2B2B2B2B", "ann@dst.example", "delivered"),
        ("1A1A1A1A1A 2B2B2B2B2B", "ben@dst.example", "delivered"),
        ("2B2B2B2B2B", "eve@dst.example", "delivered"),
    ]
    assert {row["original_recipient"] for row in found} == {None}


def test_a_hop_that_has_not_told_of_all_its_recipients_yet(tmp_path: Path) -> None:
    """Nobody is lost where logs end between two lines: of whom the hop says nothing, waits in it."""
    text = f"""
08:00:00 smtpd[1]: 1A1A1A1A1A: client=app.src.example[192.0.2.21]
08:00:00 cleanup[2]: 1A1A1A1A1A: message-id=<m1@src.example>
08:00:01 qmgr[3]: 1A1A1A1A1A: from=<app@src.example>, size=320, nrcpt=2 (queue active)
08:00:02 smtpd[1]: 2B2B2B2B2B: client=localhost[127.0.0.1]
08:00:02 cleanup[2]: 2B2B2B2B2B: message-id=<m1@src.example>
08:00:03 smtp[4]: 1A1A1A1A1A: to=<ann@dst.example>, {FILTERED}
08:00:03 smtp[4]: 1A1A1A1A1A: to=<ben@dst.example>, {FILTERED}
08:00:03 qmgr[3]: 1A1A1A1A1A: removed
08:00:04 qmgr[3]: 2B2B2B2B2B: from=<app@src.example>, size=450, nrcpt=2 (queue active)
08:00:05 smtp[4]: 2B2B2B2B2B: to=<ann@dst.example>, {SENT}
"""
    rest = f"08:00:09 smtp[4]: 2B2B2B2B2B: to=<ben@dst.example>, {SENT}\n08:00:09 qmgr[3]: 2B2B2B2B2B: removed\n"
    renamed = text.replace("2B2B2B2B2B: to=<ann@dst.example>", "2B2B2B2B2B: to=<other@dst.example>")

    def outcomes(text: str) -> list[tuple[str, str]]:
        return [(row["recipient"], row["outcome"]) for row in told(tmp_path, text)]

    assert outcomes(text) == [("ann@dst.example", "delivered"), ("ben@dst.example", "pending")]
    assert outcomes(text + rest) == [("ann@dst.example", "delivered"), ("ben@dst.example", "delivered")]
    assert outcomes(renamed) == [("other@dst.example", "delivered")], "more are missing than the hop has: other names"


def test_a_message_whose_first_lines_stand_in_another_order(tmp_path: Path) -> None:
    """It was submitted when the earliest of its lines was written."""
    (row,) = told(
        tmp_path,
        """
08:00:00.430 cleanup[2]: 1A1A1A1A1A: message-id=<m1@src.example>
08:00:00.330 smtpd[1]: 1A1A1A1A1A: client=app.src.example[192.0.2.21]
08:00:00.450 cleanup[2]: 1A1A1A1A1A: discard: header Subject: pills from app.src.example[192.0.2.21]; \
from=<app@src.example> to=<ann@dst.example> proto=ESMTP helo=<x>: no
""",
    )

    assert (row["outcome"], row["submitted_at"]) == ("discarded", f"{DAY}T08:00:00.330000Z")
