"""Records of the systemd journal, as `journalctl -o json` writes them: one object a line.

Fields: https://www.freedesktop.org/software/systemd/man/latest/systemd.journal-fields.html
"""

from __future__ import annotations

import polars as pl

from mailaudit.model import years
from mailaudit.read import objects

_MESSAGE = "MESSAGE"
_TIMES = ("_SOURCE_REALTIME_TIMESTAMP", "__REALTIME_TIMESTAMP")
_PROGRAMS = ("SYSLOG_IDENTIFIER", "_COMM")
_PIDS = ("SYSLOG_PID", "_PID")
_HOST = "_HOSTNAME"
_UNNAMED = "-"


def columns(line: pl.Series) -> pl.DataFrame:
    """Message (`line`), time (µs of UTC), host, program and process id of each record; no message where it is none."""
    fields = objects.columns(line, (_MESSAGE, *_TIMES, *_PROGRAMS, *_PIDS, _HOST))
    given = (pl.col(name).cast(pl.Int64, strict=False) for name in _TIMES)
    time = pl.coalesce(*(pl.when((us >= years.FIRST_US) & (us < years.END_US)).then(us) for us in given))
    message = pl.when(time.is_not_null() | pl.col(_MESSAGE).is_not_null()).then(pl.col(_MESSAGE).fill_null(""))
    return fields.select(
        line=message.str.replace_all("\n", " ", literal=True),
        time_us=time,
        host=_HOST,
        tag=pl.coalesce(*_PROGRAMS, pl.lit(_UNNAMED)),
        pid=pl.coalesce(*_PIDS),
    )
