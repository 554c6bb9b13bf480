"""mailaudit tells lives apart and keeps their facts exactly as the plain reading does, whatever the block size."""

from __future__ import annotations

import datetime as dt
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from tests.effort import examples
from tests.model_reference import generate_postfix, generate_sendmail, postfix, sendmail, syslog
from tests.model_reference.generate import Plan
from tests.model_reference.samples import NEW_YEAR, WITH_TRUTH
from tests.model_reference.test_reference import MAKERS, plans

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.model_reference.facts import Fact, Model
    from tests.model_reference.samples import Sample

pytestmark = pytest.mark.skipif(find_spec("mailaudit.measure.engine") is None, reason="there is no engine yet")

TINY, SMALL, LARGE = 4 << 10, 64 << 10, 16 << 20
NOW = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)

QUESTION = """
select d.line, d.key, d.event, d.recipient, d.original_recipient, d.time_us, d.enhanced_status, d.smtp_code,
    d.attempted, d.reply, d.relay_ip, l.queue_id, l.sender, l.size, l.client_host, l.client_ip, l.sasl_user,
    l.message_id
from deliveries d join lives l on l.key = d.key
where d.recipient is not null
order by d.line, d.recipient
"""
NAMES = ("event", "recipient", "original_recipient", "time_us", "enhanced_status", "smtp_code", "attempted", "reply",
         "relay_ip", "queue_id", "sender", "size", "client_host", "client_ip", "sasl_user", "message_id")  # fmt: skip

Row = tuple[int, dict[str, Any]]


def of_product(
    path: Path, block_size: int, *, year: int, zone: dt.tzinfo
) -> dict[int, list[tuple[int, dict[str, Any]]]]:
    """What the product says of each line that names a recipient: key of the life, and fields."""
    from mailaudit import flow  # noqa: PLC0415 - polars is imported where it is used
    from mailaudit.model.request import Request  # noqa: PLC0415

    request = Request(paths=(str(path),), year=year, input_tz=zone, block_size=block_size, now=NOW)
    found: dict[int, list[Row]] = {}
    with flow.read(request) as run:
        for line, key, *values in run.engine.rows(QUESTION):
            found.setdefault(line, []).append((key, dict(zip(NAMES, values, strict=True))))
    return found


def of_reference(model: Model) -> dict[int, list[Row]]:
    """What the reference says of each line that names a recipient."""
    found: dict[int, list[Row]] = {}
    for life in model.lives:
        for fact in life.facts:
            if fact.recipient is not None:
                found.setdefault(fact.line, []).append((life.number, fields(fact)))
    for rows in found.values():
        rows.sort(key=lambda row: row[1]["recipient"])
    return dict(sorted(found.items()))


def fields(fact: Fact) -> dict[str, Any]:
    """A fact and its life as a row of the question."""
    return {name: getattr(fact, name) if hasattr(fact, name) else getattr(fact.life, name) for name in NAMES}


def alike(name: str, ours: object, theirs: object) -> bool:
    """Whether two values say the same; a reply may have the program's own word behind it in brackets."""
    if name == "reply" and ours is not None and theirs is not None:
        return ours == theirs or str(ours).startswith(f"{theirs} (")
    return ours == theirs


def differences(ours: dict[int, list[Row]], theirs: dict[int, list[Row]]) -> Iterable[str]:
    """Lines on which fields differ, or whose lives are divided differently."""
    for line in sorted(ours.keys() | theirs.keys()):
        mine = [row[1] for row in ours.get(line, [])]
        other = [row[1] for row in theirs.get(line, [])]
        if len(mine) != len(other):
            yield f"line {line}: {len(mine)} facts, the reference has {len(other)}"
        for a, b in zip(mine, other, strict=False):
            unequal = {name: (a[name], b[name]) for name in NAMES if not alike(name, a[name], b[name])}
            if unequal:
                yield f"line {line}: ours, reference: {unequal}"
    there: dict[int, int] = {}
    back: dict[int, int] = {}
    for line in sorted(ours.keys() & theirs.keys()):
        mine_key, other_key = ours[line][0][0], theirs[line][0][0]
        if there.setdefault(mine_key, other_key) != other_key or back.setdefault(other_key, mine_key) != mine_key:
            yield f"line {line}: lives are divided differently"


def check(path: Path, model: Model, sizes: tuple[int, ...], *, told: bool = True) -> None:
    """Compares at these block sizes, and shows the first few differences."""
    expected = of_reference(model)
    year, zone = (2025, dt.UTC) if told else (None, None)
    for size in sizes:
        found = list(differences(of_product(path, size, year=year, zone=zone), expected))

        assert not found, f"blocks of {size}: {len(found)} differences\n" + "\n".join(found[:8])


@pytest.mark.parametrize("mta", MAKERS)
@settings(max_examples=examples(10), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plan=plans)
def test_generated_logs_read_alike(mta: str, plan: Plan) -> None:
    """On random traffic every delivery has the reference's sender, size, client and life."""
    make, read = MAKERS[mta]
    log = make(plan)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mail.log"
        path.write_bytes(log.data)

        check(path, read(syslog.lines(log.data, 2025)), (TINY, LARGE))


@pytest.mark.parametrize("sample", WITH_TRUTH, ids=lambda sample: sample.case)
def test_shipped_logs_read_alike(sample: Sample) -> None:
    """On real logs every delivery has the reference's sender, size, client and life, and its instant without a hint."""
    check(sample.log, sample.model(), (SMALL, LARGE), told=False)


@pytest.mark.parametrize("year", [2025, 2026])
def test_a_year_means_the_same_at_every_block_size(tmp_path: Path, year: int) -> None:
    """`--year` on a log that crosses New Year dates every line alike, however it is cut into blocks."""
    path = tmp_path / "mail.log"
    lines = NEW_YEAR.data().splitlines(keepends=True)
    path.write_bytes(b"".join(line for line in lines if line.startswith((b"Dec 31", b"Jan  1", b"Jan  2"))))
    large, small = (of_product(path, size, year=year, zone=dt.UTC) for size in (LARGE, SMALL))
    moved = {line for line in large if large[line][0][1]["time_us"] != small[line][0][1]["time_us"]}

    assert large
    assert not moved


@pytest.mark.parametrize("seed", range(examples(4)))
def test_a_larger_log_reads_alike(seed: int) -> None:
    """Thousands of lines, many hosts and few ids: what one small log shows rarely."""
    plan = Plan(seed=seed, mails=1500, hosts=2, ids=25, apart_s=8, rfc3339=seed != 1)
    for make, read in ((generate_postfix.generate, postfix.read), (generate_sendmail.generate, sendmail.read)):
        log = make(plan)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "mail.log"
            path.write_bytes(log.data)

            check(path, read(syslog.lines(log.data, 2025)), (SMALL, LARGE))
