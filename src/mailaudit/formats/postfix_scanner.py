"""MailScanner, a filter that takes mail off Postfix's hold queue and puts it back under another queue id.

Grammar from MailScanner's sources (`Postfix.pm`, `Message.pm`); its own ids are the queue id, a dot and five or more
hexadecimal digits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from mailaudit.formats.table import BASE, Kind
from mailaudit.model.acts import END, TOLD

if TYPE_CHECKING:
    from mailaudit.formats.table import Facts, Records

SCANNER = "MailScanner"

KINDS = (
    Kind(
        "scanned",
        (SCANNER,),
        ("Requeue: ",),
        "Requeue: 4F1A2B3C01.A1B2C to 4F1A2B3C02",
        r"^Requeue: (?<previous_id>[0-9A-Za-z]+)\.[0-9A-F]+ to (?<next_id>[0-9A-Za-z]+)$",
    ),
    Kind(
        "scanner_act",
        (SCANNER,),
        ("Spam Actions: ", "Delivery of "),
        "Spam Actions: message 4F1A2B3C01.A1B2C actions are store,delete",
        r"^(?:Spam Actions|Delivery of [a-z]+): message (?<of>[0-9A-Za-z]+)\.[0-9A-F]+ (?:.* )?"
        r"actions are (?<acts>[a-z,-]+)$",
    ),
    Kind("scanner", (SCANNER,), (), "New Batch: Scanning 1 messages, 992 bytes", r"^(?<text>.*)$"),
)


def scanner(records: Records, found: Facts) -> None:
    """The same mail goes on under another id, or is thrown away."""
    if (scanned := records.get("scanned")) is not None:
        found.messages.append(scanned.select(*_id_from("previous_id"), pl.lit(END).alias("act")))
        found.messages.append(scanned.select(*_id_from("next_id"), "previous_id", pl.lit(TOLD).alias("act")))
    if (acts := records.get("scanner_act")) is not None:
        kept = pl.col("acts").str.contains("deliver|forward")
        found.deliveries.append(
            acts.filter(~kept).select(
                *_id_from("of"),
                pl.lit("discarded").alias("event"),
                pl.col("acts").alias("raw_event"),
                pl.lit(value=False).alias("attempted"),
            )
        )


def _id_from(column: str) -> tuple[pl.Expr, ...]:
    """The columns of every record, with a queue id that the line names further on."""
    return tuple(pl.col(column).alias(name) if name == "queue_id" else pl.col(name) for name in BASE)
