"""The windows of `mailaudit health`, counted again in plain Python from the events of real logs."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING

import pytest
from tests.commands.conftest import POSTFIX, SENDMAIL

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.commands.conftest import Result

TRIES = {"delivered", "deferred", "bounced", "expired"}


@pytest.mark.parametrize("path", [POSTFIX, SENDMAIL], ids=lambda path: path.parent.name)
def test_each_domain_s_window_is_its_latest_attempts(run: Callable[..., Result], path: Path) -> None:
    """Attempts of users' mail in order of time and line: how many, how many failed, how many of these are deferred."""
    mails = [json.loads(line) for line in run("log", "--format", "jsonl", path).out.splitlines()]
    ids = {one for mail in mails for one in (mail["queue_ids"] or "").split()}
    tries = defaultdict(list)
    for line in run("events", "--format", "jsonl", path).out.splitlines():
        fact = json.loads(line)
        tried = fact["event"] in TRIES and fact["attempted"] is not False and fact["queue_id"] in ids
        if tried and "@" in (fact["recipient"] or ""):  # a mailbox of this host has no domain
            domain = fact["recipient"].rpartition("@")[2].lower()
            tries[domain].append((fact["time"], fact["line"], fact["event"]))
    found = {
        row["name"]: (row["results"], row["failures"], row["deferred"])
        for row in run("health", "--format", "json", path).rows("health")
        if row["level"] == "domain"
    }

    expected = {}
    for domain, held in tries.items():
        events = [event for _, _, event in sorted(held)[-25:]]
        expected[domain] = (len(events), len(events) - events.count("delivered"), events.count("deferred"))
    assert len(expected) > 20
    assert found == expected
