"""Which of some rows pass the filters, where rows come one by one: the same conditions as of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mailaudit.measure.filters import Conditions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mailaudit.measure.engine import Engine
    from mailaudit.measure.filters import Filters

_TEXTS = (
    "message_id", "sender", "host", "sasl_user", "client_host", "client_ip", "recipient", "recipient_domain",
    "original_recipient", "enhanced_status", "reply", "relay_host", "relay_ip", "queue_id", "outcome", "status",
)  # fmt: skip
"""Columns that filters look at, beside the code and the time."""
_FIELDS = ("place bigint", "smtp_code integer", "submitted_us bigint", *(f"{name} varchar" for name in _TEXTS))
_NAMES = tuple(field.split()[0] for field in _FIELDS[1:])


def passing(engine: Engine, filters: Filters, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """The places of the rows that pass, in order; a row has the names of the columns of `recipients`."""
    engine.table("happened", _FIELDS, [(at, *(row.get(name) for name in _NAMES)) for at, row in enumerate(rows)])
    conditions = Conditions()
    conditions.filters(filters, "r")
    sql = f"select place from happened r where {conditions.sql} order by place"
    return [place for (place,) in engine.rows(sql, conditions.values)]
