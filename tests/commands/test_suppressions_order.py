"""`suppressions` on a provider's events in any order, told twice, and beside a plain simulation of C4.08 to C4.13."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.effort import examples
from tests.program import mailaudit

if TYPE_CHECKING:
    from collections.abc import Sequence

DAY = 86_400
BEGIN = 1_772_438_400
"""2 March 2026, 8 o'clock, UTC."""
WEEK = 7 * DAY
ADDRESSES = ("ann@b.example", "bob@c.example")
WORDS = ("delivered", "full", "full", "full", "unknown")
REPLIES = {"full": (552, "5.2.2 Mailbox full"), "unknown": (550, "5.1.1 User unknown")}


def events(sends: Sequence[tuple[int, str, str, bool]]) -> list[dict[str, Any]]:
    """Mailgun's events of some messages: day, address, how it ended a minute later, and whether it was opened then."""
    found: list[dict[str, Any]] = []
    for number, (day, address, word, opened) in enumerate(sends):
        at = BEGIN + day * DAY + number
        headers = {"message-id": f"m{number}@a.example", "from": "shop@a.example", "to": address, "subject": "S"}
        message = {"headers": headers, "attachments": [], "size": 100}
        base = {"recipient": address, "message": message, "tags": [], "log-level": "info"}
        found.append({**base, "event": "accepted", "id": f"a{number}", "timestamp": at + 0.5})
        if word == "delivered":
            status = {"code": 250, "message": "OK"}
            found.append(
                {**base, "event": "delivered", "id": f"d{number}", "timestamp": at + 60.5, "delivery-status": status}
            )
            if opened:
                found.append({**base, "event": "opened", "id": f"o{number}", "timestamp": at + 3600.5})
        else:
            code, text = REPLIES[word]
            status = {"code": code, "message": text, "description": "", "attempt-no": 1}
            failed = {"severity": "permanent", "reason": "bounce", "delivery-status": status}
            found.append({**base, **failed, "event": "failed", "id": f"f{number}", "timestamp": at + 60.5})
    return found


def suppressed(told: Sequence[dict[str, Any]], day: int) -> dict[str, list[dict[str, Any]]]:
    """The tables of `suppressions` at the end of a day, without the places where events stand."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.json"
        path.write_text(json.dumps({"items": told, "paging": {}}))
        as_of = f"--as-of=2026-03-{2 + day:02}" if 2 + day <= 31 else f"--as-of=2026-04-{2 + day - 31:02}"
        said = mailaudit("suppressions", "--simulate", "--format", "json", "--tz", "UTC", as_of, path)

    assert said.code == 0
    places = {"line", "source_file", "source"}
    return {
        name: [{key: value for key, value in row.items() if key not in places} for row in rows]
        for name, rows in said.tables.items()
    }


class Counted:
    """One address, counted by hand: its consecutive soft bounces, and what they led to."""

    def __init__(self) -> None:
        self.softs: list[float] = []
        self.until = 0.0
        self.dead = self.due = self.permanent = False

    def held_at(self, now: float) -> bool:
        """True if a send would not be made now."""
        return self.dead or self.permanent or now < self.until

    def ended(self, word: str, at: float) -> None:
        """Takes how a message that was really sent ended."""
        if word == "delivered":
            self.softs, self.until, self.due = [], 0.0, False
        elif word == "unknown":
            self.dead = True
        else:
            self.softs.append(at)
            close = len(self.softs) >= 3 and at - self.softs[-3] <= WEEK
            if self.until:
                self.due = True
            elif close or len(self.softs) >= 5:
                self.until = at + WEEK


def plainly(sends: Sequence[tuple[int, str, str, bool]], day: int) -> tuple[set[str], set[int]]:
    """Who is suppressed at the end of a day, and which sends were spared: message by message."""
    known = {address: Counted() for address in ADDRESSES}
    spared: set[int] = set()
    for number, (at, address, word, _) in sorted(enumerate(sends), key=lambda each: (each[1][0], each[0])):
        if at > day:
            continue
        sent, one = BEGIN + at * DAY + number + 0.5, known[address]
        one.permanent |= one.due
        if one.held_at(sent):
            spared.add(number)
        if word != "full" or number not in spared:
            one.ended(word, sent + 60)
    end = BEGIN - 8 * 3600 + (day + 1) * DAY - 1e-6
    return {address for address, one in known.items() if one.held_at(end) or one.due}, spared


SENDS = st.lists(
    st.tuples(st.integers(0, 20), st.sampled_from(ADDRESSES), st.sampled_from(WORDS), st.booleans()),
    max_size=9,
    unique_by=lambda sent: (sent[0], sent[1]),
)


@given(SENDS, st.data(), st.integers(0, 30))
@settings(max_examples=examples(8), deadline=None)
def test_any_order_and_repetition(sends: list[tuple[int, str, str, bool]], data: st.DataObject, day: int) -> None:
    """Webhooks come in any order, and some twice: the answer is the same."""
    told = events(sends)
    twice = data.draw(st.lists(st.sampled_from(told), max_size=4)) if told else []
    shuffled = data.draw(st.permutations([*told, *twice]))

    assert suppressed(shuffled, day) == suppressed(told, day)


@given(SENDS, st.integers(0, 30))
@settings(max_examples=examples(12), deadline=None)
def test_as_counted_by_hand(sends: list[tuple[int, str, str, bool]], day: int) -> None:
    """Who is suppressed and which sends are spared is what counting day by day says."""
    tables = suppressed(events(sends), day)
    held, spared = plainly(sends, day)

    assert {row["address"] for row in tables.get("suppressions", ())} == held
    assert len(tables.get("simulation", ())) == len(spared)
