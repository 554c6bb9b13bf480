"""The services' words for a status (requirements C1.01 to C1.10, C4.1)."""

from __future__ import annotations

import pytest

from mailaudit.model.statuses import BLOCKS, BLOCKS_EVENTS, BLOOMREACH, translated
from mailaudit.model.vocabulary import OUTCOMES

OURS = {*OUTCOMES, "complained", "unsubscribed", "clicked", "opened"}


def test_every_status_has_a_word_in_both() -> None:
    """And the words are the services' own: Blocks Online's ten, Bloomreach's eleven."""
    assert set(BLOCKS) == set(BLOOMREACH) == OURS
    assert {*BLOCKS.values(), *BLOCKS_EVENTS.values()} == {
        "Accepted", "Delivered", "Opened", "Clicked", "Temporary Failure", "Failed", "Complained", "Unsubscribed",
        "Rejected", "Pending",
    }  # fmt: skip
    assert {*BLOOMREACH.values(), "hard_bounced", "preblocked"} == {
        "enqueued", "enqueue_failed", "suppressed", "delivered", "soft_bounced", "hard_bounced", "preblocked", "opened",
        "clicked", "unsubscribed", "complained",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("status", "event", "kind", "blocks", "bloomreach"),
    [
        ("bounced", "bounced", "hard", "Failed", "hard_bounced"),
        ("bounced", "bounced", "block", "Failed", "soft_bounced"),
        ("bounced", "hard_bounced", None, "Failed", "hard_bounced"),
        ("bounced", "soft_bounced", "hard", "Failed", "soft_bounced"),
        ("expired", "expired", "soft", "Failed", "soft_bounced"),
        ("suppressed", "preblocked", "info", "Failed", "preblocked"),
        ("suppressed", "suppressed", "info", "Rejected", "suppressed"),
        ("rejected", "enqueue_failed", None, "Rejected", "enqueue_failed"),
        ("deferred", "deferred", "soft", "Temporary Failure", "enqueued"),
        ("pending", "pending", None, "Pending", "enqueued"),
        ("pending", "accepted", None, "Accepted", "enqueued"),
        ("clicked", "delivered", None, "Clicked", "clicked"),
    ],
)
def test_the_event_and_the_cause_tell_more(
    status: str, event: str, kind: str | None, blocks: str, bloomreach: str
) -> None:
    """Hard and soft, preblocked and suppressed, pending and accepted are told apart."""
    assert translated("blocks", status, event, kind) == blocks
    assert translated("bloomreach", status, event, kind) == bloomreach
    assert translated("native", status, event, kind) == status
