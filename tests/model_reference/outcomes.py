"""How each recipient's mail ended: the rows of `mailaudit log`, by the words of the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.model_reference.facts import Fact, Life, Model

RANK = (
    "delivered", "soft_bounced", "hard_bounced", "bounced", "expired", "rejected", "enqueue_failed", "preblocked",
    "suppressed", "discarded", "deleted",
)  # fmt: skip
OUTCOME = {
    "delivered": "delivered", "bounced": "bounced", "expired": "expired", "discarded": "discarded",
    "deleted": "deleted", "held": "held", "deferred": "deferred",
    "released": "pending", "accepted": "pending", "relayed": "pending", "expanded": "pending", "pending": "pending",
}  # fmt: skip


HANDED = {"relayed", "expanded"}


def family(root: Life) -> list[Life]:
    """A life and everything that went on under other queue ids, without notices."""
    lives = [root]
    for child in root.children:
        if child.kind != "notice":
            lives += family(child)
    return lives


def handed_on(life: Life, recipient: str) -> bool:
    """Whether a child of this life says what became of a recipient that was handed on to it."""
    given = [f for f in life.facts if f.recipient == recipient and f.event in HANDED]
    if not given:
        return False
    if any(f.event == "expanded" for f in given):
        return any(c.kind == "forward" and recipients(c) for c in life.children)
    for child in life.children:
        if child.kind == "notice":
            continue
        names = {f.recipient for f in child.facts} | {f.original_recipient for f in child.facts}
        if recipient in names:
            return True
    return False


def recipients(life: Life) -> list[str]:
    """The recipients that lines of this life name, in order."""
    return list(dict.fromkeys(f.recipient for f in life.facts if f.recipient is not None))


def concerning(life: Life, recipient: str | None) -> list[Fact]:
    """The facts of one recipient and those of the whole message that touch it."""
    own = [f for f in life.facts if f.recipient == recipient and recipient is not None]
    settled = [f for f in own if f.event in RANK]
    whole = []
    for fact in life.facts:
        if fact.recipient is None and fact.event != "notified":
            if fact.event in {"expired", "deleted"} and settled:
                continue
            whole.append(fact)
    return sorted(own + whole, key=lambda f: (f.time_us, f.offset))


def deciding(facts: list[Fact]) -> Fact | None:
    """The fact that decides: the last settling one, else the last of the open ones."""
    settling = [f for f in facts if f.event in RANK]
    if settling:
        return max(settling, key=lambda f: (f.time_us, RANK.index(f.event), f.offset))
    opened = [f for f in facts if f.event in OUTCOME]
    tried = [f for f in opened if f.event != "accepted"]
    return max(tried or opened, key=lambda f: (f.time_us, f.offset), default=None)


def row(root: Life, lives: list[Life], recipient: str | None) -> dict[str, Any]:
    """One row of `log`: one recipient of one mail, whichever of its copies went there."""
    facts = sorted((f for life in lives for f in concerning(life, recipient)), key=lambda f: (f.time_us, f.offset))
    decided = deciding(facts)
    outcome = OUTCOME[decided.event] if decided else "pending"
    settled = decided is not None and decided.event in RANK
    own = [f for f in facts if f.recipient == recipient]
    # What was given to a life that says nothing of it stands as that life does.
    given = {f.next_id for f in own if f.event in HANDED}
    below = [child for life in lives for child in life.children if child.kind != "notice" and child.queue_id in given]
    over = not settled and all(life.end_word == "removed" for life in below or lives)
    if over:
        outcome = "unknown"
    said = told(decided, own)
    # Where a filter or a copy took the mail on to this very address, the tries before that count, not the hand-over.
    before = [life for life in family(root) if life not in lives]
    earlier = [f for life in before for f in life.facts if f.recipient == recipient and f.event not in HANDED]
    tried = [f for f in own + earlier if f.attempted and not (below and f.event in HANDED)]
    # The first id is the one that the mail came in under, even if a log cut off shows it later.
    everyone = sorted(family(root), key=lambda member: (member is not root, member.first_us, member.first_line))
    ids = [member.queue_id for member in everyone]
    message_ids = [member.message_id for member in everyone if member.message_id is not None]
    return {
        "key": (root.number, lives[-1].number),
        "queue_id": root.queue_id,
        "queue_ids": ids,
        "message_id": message_ids[0] if message_ids else None,
        "sender": root.sender,
        "recipient": recipient,
        # Of an address that was reached directly and through a forward, the way of the line that decided is told.
        "original_recipient": first_given(next((life for life in lives if decided in life.facts), lives[0]), recipient),
        "submitted_at": root.first_us if root.accepted_us is None else root.accepted_us,
        "finished_at": decided.time_us if settled and decided else (below or lives)[-1].ended_us if over else None,
        "outcome": outcome,
        "attempts": len(tried),
        **said,
        "host": root.host,
        "role": root.role,
        "size": root.size,
        "sasl_user": root.sasl_user,
        "deferred_at": [f.time_us for f in tried if f.event == "deferred"],
    }


def first_given(life: Life, recipient: str | None) -> str | None:
    """The address that the sender gave, if it was another: before an alias, a list or a filter changed it."""
    own = [f for f in life.facts if f.recipient == recipient and recipient is not None]
    originals = [f.original_recipient for f in own if f.original_recipient]
    before: list[str | None] = []
    if life.parent is not None and life.kind == "forward":
        facts = [f for f in life.parent.facts if f.event == "expanded" and f.next_id == life.queue_id]
        before = [f.recipient for f in facts]
    elif life.parent is not None and life.kind == "hop":
        facts = [f for f in life.parent.facts if f.event == "relayed" and f.recipient in {recipient, *originals}]
        before = [f.recipient for f in facts]
    if before and life.parent is not None:
        earlier = first_given(life.parent, before[0])
        if earlier or before[0] != recipient:
            return earlier or before[0]
    return originals[0] if originals else None


def told(decided: Fact | None, own: list[Fact]) -> dict[str, Any]:
    """Codes, reply and relay of the deciding fact; who expired has those of the last deferral that gave a reason."""
    names = ("smtp_code", "enhanced_status", "reply", "relay_host")
    facts = [decided]
    if decided is not None and decided.event == "expired":
        last = [f for f in own if f.event in {"deferred", "pending"}][-1:]
        if last and last[0].event == "deferred" and last[0].reply is None:
            last = [f for f in own if f.event == "deferred" and f.reply is not None][-1:] or last
        facts = [*last, decided]
    return {name: next((v for f in facts if f and (v := getattr(f, name)) is not None), None) for name in names}


def log_rows(model: Model, *, notices: bool = False) -> Iterator[dict[str, Any]]:
    """One row per mail and final recipient; mail of which no recipient is known has one row without."""
    for root in model.lives:
        if root.parent is not None and not (notices and root.kind == "notice"):
            continue
        if root.role in {"aborted", "probe"} or (root.role == "notice" and not notices):
            continue
        named: dict[str, list[Life]] = {}
        for life in family(root):
            for recipient in recipients(life):
                if not handed_on(life, recipient):
                    named.setdefault(recipient, []).append(life)
        for recipient, lives in named.items():
            yield row(root, lives, recipient)
        if not named:
            yield row(root, [root], None)
