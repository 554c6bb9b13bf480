"""A range in a dozen numbers, to be set beside those of another range."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailaudit.measure.prepare import FATES
from mailaudit.measure.texts import filled

if TYPE_CHECKING:
    from mailaudit.measure.choose import Choice

ODD = ("suppressed", "rejected", "discarded", "deleted", "unknown")
"""Outcomes that are no end of a delivery, and stand apart from every rate."""
VOLUME = ("chosen", "chosen_messages", "chosen_refusals", "chosen_deferrals", "queued")
"""The tables that it reads."""
NUMBERS = """
select
    (select cast(coalesce(sum(messages_n), 0) as bigint) from chosen_messages),
    (select cast(coalesce(sum(bytes_n), 0) as bigint) from chosen_messages),
    cast(coalesce(sum(recipients_n), 0) as bigint), cast(coalesce(sum(delivered_n), 0) as bigint),
    cast(coalesce(sum(bounced_n), 0) as bigint), cast(coalesce(sum(expired_n), 0) as bigint),
    {odd}
    (select cast(count(*) as bigint) from queued where state = {deferred}),
    (select cast(count(*) as bigint) from queued where state = {pending}),
    (select cast(count(*) as bigint) from queued where state = {held}),
    (select cast(count(*) as bigint) from chosen_deferrals),
    cast(coalesce(sum(case when came = 1 and deferrals_n > 0 then 1 else 0 end), 0) as bigint),
    (select min(submitted_us) from queued where state = {deferred}),
    (select cast(count(*) as bigint) from chosen_refusals where event = 'rejected')
from chosen
"""


@dataclass(frozen=True, slots=True)
class Volume:
    """How much mail there was in a range, and what became of it.

    Messages and recipients count at acceptance, what was settled when that was; what waits is what the queue held at
    the end of the range, whenever it was accepted.
    """

    messages: int
    bytes: int
    recipients: int
    delivered: int
    bounced: int
    expired: int
    suppressed: int
    rejected: int
    discarded: int
    deleted: int
    unknown: int
    """Ended without a line that says how."""
    waiting: int
    """Recipients put off and not settled at the end of the range, those of earlier days too."""
    pending: int
    held: int
    deferrals: int
    """Attempts put off, each at its own time."""
    delayed: int
    """Recipients put off at least once."""
    oldest_us: int | None
    """When the mail that has waited longest was accepted."""
    refused: int

    @property
    def ended(self) -> int:
        """Recipients that reached an end: delivered, bounced or expired; what rates are rates of."""
        return self.delivered + self.bounced + self.expired

    @property
    def rate(self) -> float | None:
        """Delivered of those that reached an end; None of nothing."""
        return self.delivered / self.ended if self.ended else None

    @property
    def empty(self) -> bool:
        """True if nothing at all happened."""
        return not (self.messages or self.recipients or self.ended or self.refused)


def volume(choice: Choice) -> Volume:
    """Returns the numbers of one range."""
    choice.need(*VOLUME)
    odd = "".join(
        f"cast(coalesce(sum(case when state = {FATES[word]} then odd_n else 0 end), 0) as bigint)," for word in ODD
    )
    return Volume(*choice.engine.rows(filled(NUMBERS, odd=odd, **FATES))[0])
