"""A provider's suppression list beside what the logs prove."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mailaudit.advise.cumulative import Fact, Suppression
    from mailaudit.advise.provider_lists import Listed

Finding = Literal["listed_without_evidence", "evidence_without_listing", "delivered_since"]
LASTING = frozenset(("invalid", "permanent", "complained", "unsubscribed"))
"""States that a list should have."""
NEGATIVE = frozenset(("soft", "invalid", "complained", "unsubscribed"))


@dataclass(frozen=True, slots=True)
class Difference:
    """Where list and logs disagree."""

    finding: Finding
    address: str
    listed: Listed | None
    suppression: Suppression | None
    alive_us: int | None


def compare(
    listed: Sequence[Listed], standing: Mapping[str, Sequence[Suppression]], facts: Sequence[Fact]
) -> list[Difference]:
    """All differences; `facts` are those of every address that is listed or suppressed."""
    proved: dict[str, Fact] = {}
    alive: dict[str, int] = {}
    for fact in facts:
        if fact.kind in NEGATIVE:
            proved.setdefault(fact.address, fact)
        elif fact.kind == "alive":
            alive[fact.address] = max(fact.time_us, alive.get(fact.address, fact.time_us))
    found = [
        Difference("listed_without_evidence", entry.address, entry, None, alive.get(entry.address))
        for entry in listed
        if entry.address not in proved
    ]
    names = {entry.address for entry in listed}
    for address, held in standing.items():
        lasting = [suppression for suppression in held if suppression.state in LASTING]
        if lasting and address not in names:
            found.append(Difference("evidence_without_listing", address, None, lasting[0], alive.get(address)))
    for entry in listed:
        last = alive.get(entry.address)
        if last is not None and entry.since_us is not None and last > entry.since_us:
            held = standing.get(entry.address, ())
            found.append(Difference("delivered_since", entry.address, entry, held[0] if held else None, last))
    return found
