"""Mail in the hands of its user, once the server had delivered it: where it was put, or what undid that."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mailaudit.measure.overlays import overlay, there

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from mailaudit.measure.engine import Engine


class Filed(NamedTuple):
    """What the agent says of a delivery."""

    key: int
    recipient: str | None
    time_us: int
    source: int
    line: int
    reply: str


def undo(engine: Engine) -> None:
    """Takes mail for discarded or bounced that its user's own script threw away or sent back, in the agent's words."""
    if not engine.rows("select 1 from filed limit 1"):
        return
    engine.script("filed_for.sql")
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


def of_lives(engine: Engine, keys: Sequence[int]) -> list[Filed]:
    """Returns what agents say of deliveries of these lives, in order of time; what undid one is its own line then."""
    if not there(engine, "filed_for"):
        return []
    marks = ", ".join("?" * len(keys))
    asked = (
        f"select key, recipient, time_us, source, line, reply from filed_for where key in ({marks}) order by 3, 4, 5"
    )
    return [Filed(*row) for row in engine.rows(asked, keys)]


def places(engine: Engine, keys: Collection[int]) -> set[tuple[int, int]]:
    """Returns source and number of the lines in which an agent speaks of these lives' mail."""
    if not there(engine, "filed_for"):
        return set()
    asked = "select key, source, line from filed_for"
    if there(engine, "undone"):
        asked += ' union all select d.key, u.source, u.line from undone u join deliveries d on d."row" = u."row"'
    return {(source, line) for key, source, line in engine.rows(asked) if key in keys}
