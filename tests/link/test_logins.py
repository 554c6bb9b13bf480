"""Sendmail's `AUTH=` lines name the user, and the queue ids of the session end in the process number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mailaudit import flow
from mailaudit.lookup import read_about
from mailaudit.model.request import Request

if TYPE_CHECKING:
    from pathlib import Path

MESSAGE = "size=10, class=0, nrcpts=1, msgid=<m@src.example>, proto=ESMTP, daemon=MSA"
CLIENT = "relay=c.example [192.0.2.7]"
LINES = (
    f"03:04:13 h sm-mta[110]: AUTH=server, {CLIENT}, authid=joe, mech=PLAIN, bits=0",
    f"03:04:14 h sm-mta[110]: 6022456N000110: from=<a@src.example>, {MESSAGE}, {CLIENT}",
    f"03:04:14 h sm-mta[112]: 6022456N000112: from=<b@src.example>, {MESSAGE}, {CLIENT}",
    f"03:04:15 h sm-mta[110]: 6022456O000110: from=<c@src.example>, {MESSAGE}, {CLIENT}",
    f"03:04:15 other sm-mta[110]: 6022456P000110: from=<d@src.example>, {MESSAGE}, {CLIENT}",
    f"03:04:16 h sm-mta[110]: 6022456Q000110: from=<e@src.example>, {MESSAGE}, relay=d.example [192.0.2.8]",
    f"03:30:00 h sm-mta[110]: AUTH=server, {CLIENT}, authid=eva, mech=LOGIN, bits=256",
    f"03:30:01 h sm-mta[110]: 6022U0N000110: from=<f@src.example>, {MESSAGE}, {CLIENT}",
    f"05:30:01 h sm-mta[110]: 6024U0N000110: from=<g@src.example>, {MESSAGE}, {CLIENT}",
)
USERS = {"a": "joe", "b": None, "c": "joe", "d": None, "e": None, "f": "eva", "g": None}


def users(run: flow.Run) -> dict[str, str | None]:
    """The user of each message, by the first letter of its sender."""
    return {str(sender)[0]: user for sender, user in run.engine.rows("select sender, sasl_user from lives")}


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A log of two users and some strangers."""
    path = tmp_path / "mail.log"
    path.write_text("".join(f"Jan  2 {line.replace('<m@', f'<m{n}@')}\n" for n, line in enumerate(LINES)))
    return path


@pytest.mark.parametrize("size", [None, 1, 200, 350])
def test_the_user_is_who_logged_in_in_the_same_session(log: Path, size: int | None) -> None:
    """Same host, process and address, within the hour; wherever blocks end."""
    with flow.read(Request((str(log),), year=2026, block_size=size)) as run:
        assert users(run) == USERS


def test_a_search_finds_the_login_too(log: Path) -> None:
    """`trace` reads few lines, this one among them."""
    with read_about(Request((str(log),), year=2026), "6022456O000110") as run:
        assert users(run) == {"c": "joe"}
