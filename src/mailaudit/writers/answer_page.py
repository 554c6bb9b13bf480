"""Any command's tables as a page: HTML to open, PDF to hand on."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from mailaudit.model.answers import Table
from mailaudit.model.page import Page, Section
from mailaudit.writers import page_html
from mailaudit.writers.choose import basis, chosen
from mailaudit.writers.values import local

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

    from mailaudit.model.answers import Answer, Head, Look

ROWS = 1000
"""Rows of a table in a PDF, unless `--limit` says otherwise: a thousand fill some forty sheets of paper."""


def write_html(answers: Sequence[Answer], head: Head, look: Look, out: TextIO) -> None:
    """Writes one HTML page with all rows; it loads nothing."""
    out.write(page_html.html(_page(answers, head, look, look.limit), head.zone, head.version, _ALL))


def write_pdf(answers: Sequence[Answer], head: Head, look: Look, out: TextIO) -> None:
    """Writes the page as PDF."""
    from mailaudit.writers import pdf  # noqa: PLC0415 (an extra)

    page = _page(answers, head, look, ROWS if look.limit is None else look.limit)
    out.buffer.write(pdf.made(page_html.html(page, head.zone, head.version, _ALL)))


_ALL = 1 << 62


def _page(answers: Sequence[Answer], head: Head, look: Look, limit: int | None) -> Page:
    sections = tuple(_section(answer, head, look, limit) for answer in answers)
    ends = [("from", head.since_us), ("to", head.until_us)]
    range_ = " ".join(f"{word} {local(at, head.zone)}" for word, at in ends if at is not None)
    about = (f"{range_ or 'all of the logs'} ({head.zone_name})", *(item.path for item in head.inputs[:10]))
    return Page(f"mailaudit {head.command}", about, sections)


def _section(answer: Answer, head: Head, look: Look, limit: int | None) -> Section:
    columns, _ = chosen(answer, look, answer.shown)
    rows = iter(answer.rows)
    kept = list(islice(rows, limit))
    total = answer.total if answer.total is not None else len(kept) + sum(1 for _ in rows)
    table = Table(
        answer.name, answer.title, basis(answer, head), "", answer.columns, kept,
        tuple(column.name for column in columns), answer.notes, max(total, len(kept)), whole=True,
    )  # fmt: skip
    return Section(answer.name, answer.title, tables=(table,))
