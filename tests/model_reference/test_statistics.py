"""The tables of `mailaudit stats` hold what counting row by row gives."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest
from tests.model_reference import syslog
from tests.model_reference.generate import Plan
from tests.model_reference.outcomes import log_rows
from tests.model_reference.samples import WITH_TRUTH
from tests.model_reference.statistics import PARTIES, PERIODS, by_party, by_period
from tests.model_reference.test_reference import MAKERS
from tests.program import mailaudit

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.model_reference.facts import Model
    from tests.model_reference.samples import Sample
    from tests.model_reference.statistics import Counts

pytestmark = pytest.mark.skipif(find_spec("mailaudit.commands.stats") is None, reason="there is no such command yet")

COLUMNS = ("messages", "recipients", "bytes", "delivered", "bounced", "expired", "deferred", "other", "deferrals")


def of_command(log: Path) -> dict[str, list[dict[str, Any]]]:
    """The rows of the tables, in UTC."""
    return mailaudit("stats", "--format", "json", "--tz", "UTC", log).tables


def differences(name: str, key: str, ours: list[dict[str, Any]], theirs: Counts) -> Iterable[str]:
    """Cells that differ; a column that a table does not have is not compared."""
    found = {row[key]: row for row in ours}
    columns = [column for column in COLUMNS if ours and column in ours[0]]
    for value in sorted(found.keys() | theirs.keys(), key=str):
        mine = {column: found.get(value, {}).get(column) or 0 for column in columns}
        other = {column: theirs.get(value, {}).get(column, 0) for column in columns}
        if mine != other:
            yield f"{name} {value}: ours {mine}, the reference {other}"


def check(log: Path, model: Model) -> None:
    """Compares every cell of the tables."""
    rows = list(log_rows(model))
    tables = of_command(log)
    found: list[str] = []
    for name, period in PERIODS.items():
        found += differences(name, name, tables[name], by_period(rows, period))
    for name, (key, party) in PARTIES.items():
        counts = by_party(rows, party, recipients=name == "recipient_domain")
        if name == "sasl_user":
            counts.pop(None, None)
        found += differences(name, key, tables[name], counts)

    assert not found, f"{len(found)} differences\n" + "\n".join(found[:8])


@pytest.mark.parametrize("sample", WITH_TRUTH, ids=lambda sample: sample.case)
def test_shipped_logs(sample: Sample) -> None:
    """Every cell of the tables by time, sender, domain and user agrees on real logs."""
    check(sample.log, sample.model())


@pytest.mark.parametrize("mta", MAKERS)
def test_generated_logs(mta: str, tmp_path: Path) -> None:
    """And on random traffic."""
    make, read = MAKERS[mta]
    log = make(Plan(seed=7, mails=900, hosts=2, ids=5000, apart_s=200, hostile=False))
    path = tmp_path / "mail.log"
    path.write_bytes(log.data)

    check(path, read(syslog.lines(log.data, 2025)))
