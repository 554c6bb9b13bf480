"""The tables of `mailaudit stats` agree with what the other end of the wire counted."""

from __future__ import annotations

import functools
from collections import Counter
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest
from tests.model_reference.samples import WITH_TRUTH
from tests.program import mailaudit
from tests.truth.compare import load

if TYPE_CHECKING:
    from pathlib import Path

    from tests.model_reference.samples import Sample

pytestmark = pytest.mark.skipif(find_spec("mailaudit.commands.stats") is None, reason="there is no such command yet")
samples = pytest.mark.parametrize("sample", WITH_TRUTH, ids=lambda sample: sample.case)

OWN_DOMAIN = "mail.meadow.example"
"""Mail to it is delivered here, so that aliases make more deliveries than recipients were given."""
CAUSES = {
    "rej_unknown": "unknown_user",
    "rej_relay": "relay",
    "rej_dnsbl": "blocklist",
}
"""What the driver of the traffic tried, and what the table calls the refusal. One attempt, one refusal."""


@functools.cache
def tables(log: Path) -> dict[str, list[dict[str, Any]]]:
    """The rows of each table of `mailaudit stats`."""
    return mailaudit("stats", "--format", "json", log).tables


@samples
def test_deliveries_by_domain(sample: Sample) -> None:
    """Each domain elsewhere took exactly the recipients that `stats` says were delivered there."""
    truth = Counter(load(sample.folder / "truth.json.gz")["delivered_by_domain"])
    ours = Counter({row["domain"]: row["delivered"] for row in tables(sample.log)["recipient_domain"]})
    differing = {domain for domain in truth | ours if domain and truth[domain] != ours[domain]}

    assert differing <= {OWN_DOMAIN}


@samples
def test_messages_by_sender(sample: Sample) -> None:
    """Each sender handed in exactly the messages that `stats` says were received."""
    truth = load(sample.folder / "truth.json.gz")
    accepted = Counter(truth["accepted_messages_by_sender"])
    # The record has these apart: they tried something else and were let in nevertheless.
    accepted.update(m["frm"] for m in truth["messages"] if m.get("qid") and not m.get("recipients"))
    ours = Counter({row["sender"]: row["messages"] for row in tables(sample.log)["sender"]})

    assert ours == accepted


@samples
def test_refusals_by_cause(sample: Sample) -> None:
    """Each attempt that the server turned away is one refusal of the right cause."""
    tried = Counter(m["kind"] for m in load(sample.folder / "truth.json.gz")["messages"] if "qid" not in m)
    ours: Counter[str] = Counter()
    for row in tables(sample.log)["own_rejects"]:
        ours[row["cause"]] += row["refused"]

    assert {cause: ours[cause] for cause in CAUSES.values()} == {cause: tried[kind] for kind, cause in CAUSES.items()}
