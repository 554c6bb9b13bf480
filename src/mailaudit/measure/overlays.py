"""Views in the place of tables: what is learnt of rows that are written already."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mailaudit.measure.engine import Engine


def overlay(engine: Engine, table: str, former: str, query: str) -> None:
    """Puts a view in the place of a table, or of another view, which has the name `former` from then on."""
    rename(engine, table, former)
    engine.run(f"create view {table} as {query}")


def rename(engine: Engine, name: str, new: str) -> None:
    """Gives a table or a view another name."""
    kind = "table" if engine.rows("select 1 from duckdb_tables() where table_name = ?", [name]) else "view"
    engine.run(f"alter {kind} {name} rename to {new}")


def there(engine: Engine, name: str) -> bool:
    """Tells whether there is a table or a view of this name."""
    asked = (
        "select 1 from duckdb_tables() where table_name = ? union all select 1 from duckdb_views() where view_name = ?"
    )
    return bool(engine.rows(asked, [name, name]))
