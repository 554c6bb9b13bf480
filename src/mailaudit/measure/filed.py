"""Mail that the server had delivered, and that its user's own script threw away or sent back (table `filed`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailaudit.measure.overlays import overlay

if TYPE_CHECKING:
    from collections.abc import Collection

    from mailaudit.measure.engine import Engine


def undo(engine: Engine) -> None:
    """Takes such mail for discarded or bounced, in the words of the agent that had the script run."""
    if not engine.rows("select 1 from filed where event <> 'delivered' limit 1"):
        return
    engine.script("filed.sql")
    overlay(
        engine,
        "deliveries",
        "done_deliveries",
        "select d.* replace (coalesce(u.event, d.event) as event, coalesce(u.reply, d.reply) as reply, "
        'case when u."row" is null then d.smtp_code end as smtp_code, '
        'case when u."row" is null then d.enhanced_status end as enhanced_status) '
        'from done_deliveries d left join undone u on u."row" = d."row"',
    )


def places(engine: Engine, keys: Collection[int]) -> set[tuple[int, int]]:
    """Returns source and number of the lines with which the agent told so, for deliveries of these lives."""
    if not engine.rows("select 1 from information_schema.tables where table_name = 'undone'"):
        return set()
    rows = engine.rows('select d.key, u.source, u.line from undone u join deliveries d on d."row" = u."row"')
    return {(source, line) for key, source, line in rows if key in keys}
