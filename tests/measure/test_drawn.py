"""The two tables that only pages show count what `stats --by` counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailaudit import flow
from mailaudit.measure import by, tables, texts
from mailaudit.measure.choose import Choice, Options
from mailaudit.model.request import Request

FIXTURES = Path(__file__).parents[2] / "fixtures"
LOGS = sorted(path for mta in ("postfix", "sendmail", "exim") for path in (FIXTURES / mta).glob("*/input.log*"))
KINDS = {
    "_weekday_hour": (("weekday", "hour"), ("messages",)),
    "_flow": (
        ("sender_domain", "recipient_domain"),
        ("recipients", "bytes", "delivered", "bounced", "expired", "deferred", "other"),
    ),
}


@pytest.mark.parametrize("log", LOGS, ids=lambda path: path.parent.name)
def test_of_a_whole_log(log: Path) -> None:
    """The same cells, but that unknown sizes are no number on a page."""
    with flow.read(Request((str(log),))) as run:
        for name, (keys, counts) in KINDS.items():
            found = {}
            for question in (texts.question(name), by.question(keys)):
                table = tables.answer(Choice(run.engine, Options()), question, Options())
                at = [table.places[column] for column in (*keys, *counts)]
                found[question.name] = {tuple(row[place] or 0 for place in at) for row in table.rows}
            ours, theirs = found.values()

            assert theirs, name
            assert ours == theirs, name
