"""Pigeon's log lines, by syslog with the tag `pigeon`.

A message has three kinds of them:

pigeon[71]: P0001A: in from=<ann@src.example> size=2048 client=app.src.example[192.0.2.7]
pigeon[71]: P0001A: out to=<bob@loft.example> via=mx.loft.example[198.51.100.9] result=home said="250 2.0.0 landed"
pigeon[71]: P0001A: done

`result=` is `home` (delivered), `back` (tried again later) or `lost` (given up). Queue ids are never used twice.
"""

from __future__ import annotations

import polars as pl

from mailaudit.formats.table import BASE, Facts, Format, Kind, Program, Records
from mailaudit.model.acts import END, WHOLE

EVENTS = {"home": "delivered", "back": "deferred", "lost": "bounced"}
"""Pigeon's word for what became of an attempt → ours."""

KINDS = (
    Kind(
        "accepted",
        ("pigeon",),
        ("in from=<",),
        "in from=<ann@src.example> size=2048 client=app.src.example[192.0.2.7]",
        r"^in from=<(?<sender>[^>]*)> size=(?<size>[0-9]+)"
        r" client=(?<client_host>[^\[ ]*)\[(?<client_ip>[0-9a-f.:]+)\]$",
        queue_id=True,
    ),
    Kind(
        "delivery",
        ("pigeon",),
        ("out to=<",),
        'out to=<bob@loft.example> via=mx.loft.example[198.51.100.9] result=home said="250 2.0.0 landed"',
        r"^out to=<(?<recipient>[^>]*)> via=(?<relay_host>[^\[ ]*)\[(?<relay_ip>[0-9a-f.:]+)\]"
        r' result=(?<result>home|back|lost) said="(?<reply>.*)"$',
        queue_id=True,
    ),
    Kind("done", ("pigeon",), ("done",), "done", r"^(?<done>done)$", queue_id=True),
    Kind("started", ("pigeon",), ("listening on ",), "listening on 127.0.0.1:25", queue_id=False, noise=True),
)


def claims(tag: str | None) -> Program | None:
    """Whose lines these are: those with Pigeon's tag."""
    return Program("pigeon", None, "pigeon") if tag == "pigeon" else None


def facts(records: Records) -> Facts:
    """What a block of lines says of messages and of deliveries."""
    found = Facts()
    if (rows := records.get("accepted")) is not None:
        found.messages.append(
            rows.with_columns(pl.col("size").cast(pl.Int64), pl.lit("smtp").alias("origin"), pl.lit(WHOLE).alias("act"))
        )
    if (rows := records.get("delivery")) is not None:
        found.deliveries.append(
            rows.with_columns(
                pl.col("result").replace_strict(EVENTS).alias("event"),
                pl.col("result").alias("raw_event"),
                pl.col("reply").str.extract("^([245][0-9][0-9])").cast(pl.Int32).alias("smtp_code"),
                pl.col("reply").str.extract(r"^[245][0-9][0-9] ([245]\.[0-9]+\.[0-9]+)").alias("enhanced_status"),
                pl.lit(value=True).alias("attempted"),
            )
        )
    if (rows := records.get("done")) is not None:
        found.messages.append(rows.select(*BASE, pl.lit(END).alias("act")))
    return found


FORMAT = Format(name="pigeon", claims=claims, queue_id=r"^P[0-9A-F]{5}$", kinds=KINDS, facts=facts, sample_id="P0001A")
