"""What services call the status that an audit list shows: Blocks Online's ten, and Bloomreach's campaign statuses."""

from __future__ import annotations

from itertools import product

from mailaudit.model.vocabulary import OUTCOMES

NATIVE = "native"
STATUSES = (*OUTCOMES, "complained", "unsubscribed", "clicked", "opened")

BLOCKS = {
    "pending": "Accepted", "delivered": "Delivered", "opened": "Opened", "clicked": "Clicked",
    "deferred": "Temporary Failure", "bounced": "Failed", "expired": "Failed", "discarded": "Failed",
    "deleted": "Failed", "suppressed": "Failed", "complained": "Complained", "unsubscribed": "Unsubscribed",
    "rejected": "Rejected", "held": "Pending", "unknown": "Accepted",
}  # fmt: skip
"""Blocks Online's word for each of our statuses. Of a mail whose end nobody tells of, all that is known is that it was
accepted."""
BLOCKS_EVENTS = {"pending": "Pending", "suppressed": "Rejected"}
"""Where the deciding event says more: not handed over yet; the application itself did not send."""

BLOOMREACH = {
    "pending": "enqueued", "delivered": "delivered", "opened": "opened", "clicked": "clicked", "deferred": "enqueued",
    "bounced": "soft_bounced", "expired": "soft_bounced", "discarded": "suppressed", "deleted": "suppressed",
    "suppressed": "suppressed", "complained": "complained", "unsubscribed": "unsubscribed",
    "rejected": "enqueue_failed", "held": "enqueued", "unknown": "enqueued",
}  # fmt: skip
"""Bloomreach's word for each of our statuses; it tracks no deferrals, the mail is still enqueued then."""

NAMES = (NATIVE, "blocks", "bloomreach")
TITLES = {"blocks": "Blocks Online", "bloomreach": "Bloomreach"}
TELLING = ("pending", "suppressed", "preblocked", "hard_bounced", "soft_bounced")
"""Deciding events that change the word."""


def translated(vocabulary: str, status: str, event: str | None = None, kind: str | None = None) -> str:
    """The status in the words of a service; `kind` is the failure's type, `event` the deciding event."""
    if vocabulary == "blocks":
        if status in {"pending", "suppressed"} and event in BLOCKS_EVENTS:
            return BLOCKS_EVENTS[event]
        return BLOCKS.get(status, status)
    if vocabulary == "bloomreach":
        if status == "bounced" and (event == "hard_bounced" or (event != "soft_bounced" and kind == "hard")):
            return "hard_bounced"
        if status == "suppressed" and event == "preblocked":
            return "preblocked"
        return BLOOMREACH.get(status, status)
    return status


def plain(word: str) -> str:
    """The word as it is compared: `Temporary Failure` and `temporary_failure` are one."""
    return "".join(letter for letter in word.lower() if letter.isalnum())


def origins(vocabulary: str, word: str) -> tuple[tuple[str, str, str], ...]:
    """The (status, deciding event, type) for which the service shows this word, in whatever case.

    The event is empty where it is none of `TELLING`, the type where it is not hard.
    """
    if vocabulary == NATIVE:
        return ()
    kinds = product(STATUSES, ("", *TELLING), ("", "hard"))
    return tuple(kind for kind in kinds if plain(translated(vocabulary, *kind)) == plain(word))


def words(vocabulary: str) -> tuple[str, ...]:
    """All words the service has, ours if it is none."""
    if vocabulary == NATIVE:
        return STATUSES
    kinds = product(STATUSES, ("", *TELLING), ("", "hard"))
    return tuple(dict.fromkeys(translated(vocabulary, *kind) for kind in kinds))
