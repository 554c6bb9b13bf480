"""`mailaudit log` has the rows of the plain reading, field by field."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest
from tests.model_reference import syslog
from tests.model_reference.generate import Plan
from tests.model_reference.outcomes import log_rows
from tests.model_reference.samples import WITH_TRUTH
from tests.model_reference.test_reference import MAKERS
from tests.program import rows

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.model_reference.facts import Model
    from tests.model_reference.samples import Sample

pytestmark = pytest.mark.skipif(find_spec("mailaudit.commands.log") is None, reason="there is no such command yet")

FIELDS = ("queue_id", "recipient", "submitted_at", "message_id", "queue_ids", "sender", "original_recipient",
          "finished_at", "outcome", "attempts", "smtp_code", "enhanced_status", "reply", "relay_host",
          "host")  # fmt: skip
IDENTITY = 4
"""So many fields tell rows apart."""
TIMES = {"submitted_at", "finished_at"}
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def of_command(log: Path, *options: str) -> list[dict[str, Any]]:
    """What the command prints."""
    return rows("log", *options, log)


def plain(row: dict[str, Any]) -> tuple[Any, ...]:
    """The fields of a row, times as microseconds, queue ids as a list."""
    values = []
    for name in FIELDS:
        value = row.get(name)
        if name in TIMES and isinstance(value, str):
            value = (dt.datetime.fromisoformat(value) - EPOCH) // dt.timedelta(microseconds=1)
        if name == "queue_ids" and isinstance(value, str):
            value = value.split()
        values.append(value)
    return tuple(values)


def ordered(rows: Iterable[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """All rows in an order that does not depend on the input."""
    return sorted(map(plain, rows), key=lambda row: [str(value) for value in row])


def same(ours: Any, theirs: Any) -> bool:  # noqa: ANN401 - fields of rows
    """Whether two values are equal; a reply may have the program's own word behind it in brackets."""
    return ours == theirs or (isinstance(theirs, str) and str(ours).startswith(f"{theirs} ("))


def differences(ours: Iterable[tuple[Any, ...]], theirs: Iterable[tuple[Any, ...]]) -> Iterable[str]:
    """Rows that only one side has, and fields that differ."""
    known: dict[tuple[Any, ...], list[tuple[Any, ...]]] = defaultdict(list)
    for row in theirs:
        known[row[:IDENTITY]].append(row)
    for row in ours:
        rows = known.get(row[:IDENTITY])
        if not rows:
            yield f"only in ours: {row}"
            continue
        other = rows.pop(0)
        pairs = zip(FIELDS, row, other, strict=True)
        unequal = {name: (a, b) for name, a, b in pairs if not same(a, b)}
        if unequal:
            yield f"{row[:IDENTITY]}: ours, reference: {unequal}"
    for rows in known.values():
        yield from (f"only in the reference: {row}" for row in rows)


def check(log: Path, model: Model, *options: str) -> None:
    """Compares every row."""
    found = list(differences(ordered(of_command(log, *options)), ordered(log_rows(model))))

    assert not found, f"{len(found)} differences\n" + "\n".join(found[:8])


@pytest.mark.parametrize("sample", WITH_TRUTH, ids=lambda sample: sample.case)
def test_shipped_logs(sample: Sample) -> None:
    """On real logs all rows and fields are equal."""
    check(sample.log, sample.model())


@pytest.mark.parametrize("mta", MAKERS)
@pytest.mark.parametrize("ids", [25, 120, 400, 5000])
def test_generated_logs(mta: str, ids: int, tmp_path: Path) -> None:
    """On random traffic too, whether ids come back soon or seldom, and where mails are cut at both ends of the log."""
    make, read = MAKERS[mta]
    log = make(Plan(seed=2, mails=700, hosts=2, ids=ids, apart_s=8))
    path = tmp_path / "mail.log"
    path.write_bytes(log.data)

    check(path, read(syslog.lines(log.data, 2025)))
