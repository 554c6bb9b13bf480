"""A table to which nothing was appended."""

from __future__ import annotations

from mailaudit.model.columns import TABLES
from mailaudit.store.temporary import TemporaryStore


def test_an_empty_table_has_no_rows() -> None:
    """Made from literals alone, the empty frame once had one row of nulls: a refusal that nobody had made."""
    store = TemporaryStore()
    try:
        connection = store.connect()
        counts = {table.name: connection.execute(f"select count(*) from {table.name}").fetchone() for table in TABLES}
    finally:
        store.close()

    assert counts == {table.name: (0,) for table in TABLES}
