"""What Postfix logs of whole messages: expiry, notices to the sender, and what the administrator did to the queue.

postsuper(1) names each message it was told to touch; told `ALL`, it logs their number only.  Which they were, nobody
can tell from the log: so this is said, and what waits there stays waiting.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from mailaudit.model.acts import END
from mailaudit.model.acts import HELD as ON_HOLD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailaudit.formats.table import Facts, Records

NOTICE = {"non-delivery": "failure", "delay": "delay", "delivery status": "success"}
SUPER = {"removed": "deleted", "placed on hold": "held", "released from hold": "released"}
"""What postsuper did to a message → event."""

TOTALS = {
    "Deleted": "removed",
    "Placed on hold": "placed on hold",
    "Released from hold": "released from hold",
    "Requeued": "requeued",
    "Expired": "expired",
    "Force-expired": "force-expired",
}
"""How postsuper begins the number of messages → what it says of each that it names."""


def fates(records: Records, found: Facts) -> None:
    """Adds what is said of whole messages."""
    notice = pl.col("what").replace_strict(NOTICE, return_dtype=pl.String)
    touched = records.get("super")
    said = pl.col("what").replace_strict(SUPER, default="other", return_dtype=pl.String)
    canceled = records.get("canceled")
    discarded = None if canceled is None else canceled.filter(pl.col("why") == "discarded")
    rows = (
        _whole(records.get("expired"), pl.lit("expired"), pl.col("status"), "sender", "status"),
        _whole(records.get("notice"), pl.lit("notified"), pl.col("what"), "whom", "what", notice=notice),
        _whole(touched, said, pl.col("what"), "what"),
        _whole(discarded, pl.lit("discarded"), pl.lit("removed (discarded)"), "why"),
    )
    found.deliveries += [frame for frame in rows if frame is not None]
    if touched is not None:
        for words, act in ((["removed", "requeued"], END), (["placed on hold"], ON_HOLD)):
            if (meant := touched.filter(pl.col("what").is_in(words))).height:
                found.messages.append(meant.drop("what").with_columns(pl.lit(act).alias("act")))
    if (totals := records.get("super_total")) is not None:
        found.notices += _unnamed(totals, touched)


def _whole(
    frame: pl.DataFrame | None, event: pl.Expr, raw: pl.Expr, *drop: str, **more: pl.Expr
) -> pl.DataFrame | None:
    """Rows about a whole message: no recipient, no attempt."""
    if frame is None:
        return None
    return frame.with_columns(
        event.alias("event"), raw.alias("raw_event"), pl.lit(value=False).alias("attempted"), **more
    ).drop(drop)


def _unnamed(totals: pl.DataFrame, touched: pl.DataFrame | None) -> Iterator[tuple[int, str, str]]:
    """Notices of messages that postsuper counts without having named them since its last total."""
    last = 0
    for number, tag, what, count in totals.select("no", "tag", "what", "count").sort("no").rows():
        named = 0
        if touched is not None:
            since = (pl.col("no") > last) & (pl.col("no") < number) & (pl.col("tag") == tag)
            named = touched.filter(since & (pl.col("what") == TOTALS[what])).height
        last = number
        if (rest := int(count) - named) > 0:
            which = "a message was" if rest == 1 else f"{rest} messages were"
            yield number, "unnamed", f"{which} {what.lower()} by postsuper, which names none: {_WAITING}"


_WAITING = "mail told as waiting may be among them"
