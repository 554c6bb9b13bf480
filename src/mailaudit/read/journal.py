"""Records of the systemd journal, as `journalctl -o json` writes them: one object a line.

Fields: https://www.freedesktop.org/software/systemd/man/latest/systemd.journal-fields.html
"""

from __future__ import annotations

import polars as pl

SCHEMA: dict[str, type[pl.DataType]] = {
    "line": pl.String,
    "time_us": pl.Int64,
    "host": pl.String,
    "tag": pl.String,
    "pid": pl.String,
}


def columns(records: list[dict[str, object]]) -> pl.DataFrame:
    """Message, time (µs of UTC), host, program and process id of each record; no message where it is no such record."""
    return pl.DataFrame([_fields(record) for record in records], schema=SCHEMA, orient="row")


def _fields(record: dict[str, object]) -> tuple[str | None, int | None, str | None, str | None, str | None]:
    message = text(record.get("MESSAGE"))
    time = _microseconds(record.get("_SOURCE_REALTIME_TIMESTAMP")) or _microseconds(record.get("__REALTIME_TIMESTAMP"))
    if time is None and message is None:
        return None, None, None, None, None
    host, program = text(record.get("_HOSTNAME")), text(record.get("SYSLOG_IDENTIFIER")) or text(record.get("_COMM"))
    pid = text(record.get("SYSLOG_PID")) or text(record.get("_PID"))
    return (message or "").replace("\n", " "), time, host, program or "-", pid


def text(value: object) -> str | None:
    """A field's text: a string, or an array of byte values where it is not UTF-8 or has control characters."""
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, list):
        if all(isinstance(byte, int) and 0 <= byte < 256 for byte in value):  # noqa: PLR2004
            return bytes(value).decode("utf-8", "replace")
        return next((found for item in value if (found := text(item)) is not None), None)  # a field given several times
    return None


def _microseconds(value: object) -> int | None:
    try:
        time = int(str(value))
    except ValueError:
        return None
    return time if 0 < time < 1 << 62 else None
