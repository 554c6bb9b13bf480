"""Answers to write, with everything in them that writers have got wrong elsewhere."""

from __future__ import annotations

import io

from mailaudit.model.answers import Answer, Head, Look
from mailaudit.model.columns import Column
from mailaudit.model.request import InputReport, Warning
from mailaudit.writers.formats import writer

COLUMNS = (
    Column("queue_id", "text", "queue id"),
    Column("time", "time", "when"),
    Column("size", "big", "bytes"),
    Column("rate", "real", "a share"),
    Column("reply", "text", "the reply"),
)
HOSTILE = (
    ("4E10", 1_496_204_782_000_000, 10, 0.5, "ok [prod.protection.outlook.com] [/x] :smile:"),
    ("0012", 1_496_204_782_500_000, None, None, '=1+1, "quoted" | piped'),
    ("00FF", None, 0, 1.0, "\x1b[2J\u202etxt.exe\nsecond line"),
)
HEAD = Head(
    "log",
    "1.2.3",
    since_us=0,
    inputs=[InputReport("mail\x1b.log", "postfix", 5, 3, 1, 1, year=2017, offset="+02:00", confidence="high")],
    warnings=[Warning("step", "stamps step back", "mail.log", 7)],
)


def hostile(name: str = "log", **more: object) -> Answer:
    """An answer full of traps."""
    return Answer(name, "What became [of] it", "rows", "acceptance", COLUMNS, HOSTILE, **more)  # type: ignore[arg-type]


def written(form: str, *answers: Answer, look: Look | None = None, head: Head = HEAD) -> str:
    """What a writer makes of the answers."""
    out = io.StringIO(newline="")
    writer(form)(answers, head, look or Look(), out)
    return out.getvalue()
