"""A page as the HTML of a mail: tables only, every style inline, no scripts, nothing from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailaudit.writers.markup import COLOURS, WORDS, environment, laid
from mailaudit.writers.page_text import ROWS

if TYPE_CHECKING:
    import datetime as dt

    from mailaudit.model.page import Page


def html(page: Page, zone: dt.tzinfo, version: str, limit: int | None = None) -> str:
    """The page; of each table its first rows."""
    return environment().get_template("mail.html").render(
        page=page,
        laid=lambda table: laid(table, zone, ROWS if limit is None else limit),
        colours=COLOURS,
        words=WORDS,
        version=version,
    )  # fmt: skip
