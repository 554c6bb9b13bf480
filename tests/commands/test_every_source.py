"""`health`, `notify` and `investigate` say the same of one story, whoever logged it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from tests.commands.stories import FULL, NOBODY, OK, SPAM, TELLERS, Told, write

from mailaudit.advise import recommendations
from mailaudit.commands import notify as module

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.commands.conftest import Result

    Run = Callable[..., Result]

pytestmark = pytest.mark.parametrize("teller", list(TELLERS))


def test_health(run: Run, tmp_path: Path, teller: str) -> None:
    """3 of the last 25 failed at b.example: bad; all went well at c.example; what waits has no result."""
    ends = [OK] * 22 + [NOBODY, FULL, SPAM]
    story = [Told(60 * at, f"u{at}@b.example", said) for at, said in enumerate(ends)]
    story += [Told(20 + 60 * at, f"v{at}@c.example", OK) for at in range(6)]
    story += [Told(1600, "w@c.example", None)]
    found = run("health", "--format", "json", write(tmp_path, teller, story))
    rows = {row["name"]: row for row in found.rows("health")}

    assert found.code == 2
    assert {name: row["state"] for name, row in rows.items()} == {"all": "Bad", "b.example": "Bad", "c.example": "Good"}
    assert (rows["b.example"]["failures"], rows["c.example"]["failures"]) == (3, 0)
    domain = run("health", "--domain", "c.example", "--format", "json", tmp_path / f"{teller}.txt")
    assert domain.code == 0


def test_notify(run: Run, tmp_path: Path, teller: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each failure of the day with its cause and what to do; nothing of what arrived or waits."""
    monkeypatch.setattr(module, "now", lambda: dt.datetime(2026, 3, 3, 7, 0, tzinfo=dt.UTC))
    story = [Told(60 * at, f"u{at}@b.example", said) for at, said in enumerate((OK, NOBODY, None, FULL, SPAM))]
    found = run("notify", "--format", "json", write(tmp_path, teller, story))

    told: list[tuple[Any, ...]] = [
        (row["status"], row["recipient"], row["category"], row["outcome"]) for row in found.rows("notify")
    ]
    assert told == [
        ("Failed", "u1@b.example", "recipient_unknown", "bounced"),
        ("Failed", "u3@b.example", "mailbox_full", "bounced"),
        ("Failed", "u4@b.example", "spam_content", "bounced"),
    ]
    assert found.rows("notify")[0]["action"] == recommendations.CHECK
    for row, said in zip(found.rows("notify"), (NOBODY, FULL, SPAM), strict=True):
        assert said.text in row["reason"]
    (day,) = found.rows("previous_day")
    assert (day["day"], day["failed"], day["complained"]) == ("2026-03-02", 3, 0)
    state = ["--state", tmp_path / "state", "--table", "notify", "--format", "json", tmp_path / f"{teller}.txt"]
    assert [len(run("notify", *state).rows("notify")) for _ in range(2)] == [3, 0]


def test_investigate(run: Run, tmp_path: Path, teller: str) -> None:
    """2 of 200 at Google are 1 % soft, 1 of 200 at GMX is hard; 397 of 400 arrived."""
    google = [OK] * 198 + [SPAM, FULL]
    others = [OK] * 199 + [NOBODY]
    story = [Told(10 * at, f"u{at}@gmail.com", said) for at, said in enumerate(google)]
    story += [Told(5 + 10 * at, f"v{at}@gmx.de", said) for at, said in enumerate(others)]
    found = run("investigate", "--format", "json", write(tmp_path, teller, story))

    assert found.code == 0
    advice = {(row["id"], row["about"]): row["finding"] for row in found.rows("advice")}
    assert advice["SA", "Google"] == "soft bounces: Google 1.00% (2 of 200)"
    (rates,) = found.rows("rates")
    assert (rates["ended"], rates["delivered"], rates["soft"], rates["hard"]) == (400, 397, 2, 1)
    assert {(row["isp"], row["recipient"], row["category"]) for row in found.rows("evidence")} >= {
        ("Google", "u198@gmail.com", "spam_content"),
        ("Google", "u199@gmail.com", "mailbox_full"),
    }
