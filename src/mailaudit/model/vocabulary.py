"""The words of mail delivery: events, outcomes, and their order of settling (contract of the event table)."""

from __future__ import annotations

EVENTS = (
    "pending", "accepted", "processed", "relayed", "expanded", "deferred", "delivered", "soft_bounced", "hard_bounced",
    "bounced", "expired", "rejected", "enqueue_failed", "preblocked", "suppressed", "held", "released", "discarded",
    "deleted", "notified", "opened", "clicked", "unsubscribed", "resubscribed", "complained", "auto_reply", "other",
)
"""What a source can say of a message, 27 words."""

SETTLING = (
    "delivered", "soft_bounced", "hard_bounced", "bounced", "expired", "rejected", "enqueue_failed", "preblocked",
    "suppressed", "discarded", "deleted",
)
"""Events that settle a recipient, in order of rank: on equal times the later word wins."""

OUTCOME_OF = {
    "delivered": "delivered",
    "soft_bounced": "bounced", "hard_bounced": "bounced", "bounced": "bounced",
    "expired": "expired",
    "rejected": "rejected", "enqueue_failed": "rejected",
    "preblocked": "suppressed", "suppressed": "suppressed",
    "discarded": "discarded", "deleted": "deleted", "held": "held",
    "released": "pending", "deferred": "deferred",
    "accepted": "pending", "processed": "pending", "relayed": "pending", "expanded": "pending", "pending": "pending",
}
"""The outcome that an event means for its recipient."""

TRIES = ("delivered", "deferred", "soft_bounced", "hard_bounced", "bounced")
"""Events that are attempts to deliver, unless it is said that none was made."""

TYPES = ("hard", "soft", "block", "config", "info")
"""Types of causes."""

OUTCOMES = (
    "delivered", "bounced", "expired", "rejected", "suppressed", "discarded", "deleted", "held", "deferred", "pending",
    "unknown",
)
