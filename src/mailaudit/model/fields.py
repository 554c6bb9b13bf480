"""The fields of lines that are numbers: patterns read text, and it becomes a number where it is handed to programs.

Ids, codes of three parts, user and process numbers name something and count nothing, so they stay text.
"""

from __future__ import annotations

import re

from mailaudit.model.columns import DELIVERIES, MESSAGES, PLACE, Column, Type
from mailaudit.model.times import spelled

KEPT_BY_NONE = (
    Column("conn_use", "int", "deliveries over this connection so far (Postfix)"),
    Column("count", "int", "how many messages postsuper dealt with"),
    Column("ntries", "int", "queue runs in which it was tried (Sendmail)"),
    Column("pri", "int", "priority in the queue (Sendmail)"),
    Column("class", "int", "precedence class (Sendmail)"),
    Column("port", "int", "port of the server that the client asked (qmail)"),
)
"""Numbers on lines that are no column of a table."""

NUMBERS: dict[str, Type] = {
    column.name: column.type
    for column in (*MESSAGES.columns, *DELIVERIES.columns, *KEPT_BY_NONE)
    if column.type in {"int", "big", "real"} and column not in PLACE
}
"""Every field that is a number, by name: a whole one, or seconds in any spelling (`real`)."""

_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")


def typed(name: str, value: object) -> object:
    """The number that a field's text means; the value as it is if the field is none, or the text means no number."""
    kind = NUMBERS.get(name)
    if kind is None or not isinstance(value, str):
        return value
    if kind != "real":
        return int(value) if _WHOLE.fullmatch(value) else value
    seconds = spelled(value)
    if seconds is None:
        return value
    return int(seconds) if seconds.is_integer() else seconds
