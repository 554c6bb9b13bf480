"""A page as one HTML file: nothing is loaded, nothing of the log is ever markup, and only its own script may run."""

from __future__ import annotations

import base64
import hashlib
from importlib import resources
from itertools import count
from typing import TYPE_CHECKING

from mailaudit.writers.markup import WORDS, environment, laid

if TYPE_CHECKING:
    import datetime as dt

    from mailaudit.model.page import Chart, Page

ROWS = 100
"""Rows of a table in the page, unless `--limit` says otherwise."""
STEPS = 8
"""Shades of the heat map."""


def html(page: Page, zone: dt.tzinfo, version: str, limit: int | None = None) -> str:
    """The page, whole."""
    from markupsafe import Markup  # noqa: PLC0415 (only when a page is written)

    from mailaudit.writers.charts import svg  # noqa: PLC0415 (pygal)

    script, style = _part("report.js"), _part("report.css")
    number = count(1)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return environment().get_template("report.html").render(
        page=page,
        laid=lambda table: laid(table, zone, ROWS if limit is None else limit),
        # The three texts below are ours: a script and a style of the package, and SVG whose texts pygal has escaped.
        drawn=lambda chart: Markup(svg(chart, next(number))),  # noqa: S704
        script=Markup(script),  # noqa: S704
        style=Markup(style),  # noqa: S704
        script_hash=digest,
        heat=heat,
        words=WORDS,
        version=version,
    )  # fmt: skip


def heat(chart: Chart) -> list[tuple[str, list[tuple[str, int]]]]:
    """The rows of a heat map: name, and for each cell its text and its shade, 0 to 8."""
    most = max((value or 0 for _, values in chart.series for value in values), default=0)
    return [
        (name, [(f"{value or 0:.0f}", _shade(value or 0, most)) for value in values]) for name, values in chart.series
    ]


def _shade(value: float, most: float) -> int:
    return min(STEPS, 1 + int(STEPS * value / most)) if value and most else 0


def _part(name: str) -> str:
    return resources.files("mailaudit.writers").joinpath("templates", name).read_text(encoding="utf-8")
