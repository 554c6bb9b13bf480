"""Views in the place of tables: what is learnt of rows that are written already."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mailaudit.measure.engine import Engine


def overlay(engine: Engine, table: str, former: str, query: str) -> None:
    """Puts a view in the place of a table, or of another view, which has the name `former` from then on."""
    ((kind,),) = engine.rows("select table_type from information_schema.tables where table_name = ?", [table])
    engine.run(f"alter {'view' if kind == 'VIEW' else 'table'} {table} rename to {former}")
    engine.run(f"create view {table} as {query}")
