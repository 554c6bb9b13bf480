"""The numbers of the pflogsumm profile are pflogsumm's own, cell by cell."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from tests.model_reference.generate import Plan
from tests.model_reference.generate_postfix import generate
from tests.model_reference.pflogsumm import UNITS, summarise
from tests.model_reference.samples import WITH_TRUTH
from tests.truth.pflogsumm import differences, parse, printed, printed_report, printed_time, run

if TYPE_CHECKING:
    from pathlib import Path

    from tests.model_reference.samples import Sample

installed = shutil.which("pflogsumm") or shutil.which("pflogsumm", path="/usr/sbin")
needs_pflogsumm = [
    pytest.mark.pflogsumm,
    pytest.mark.skipif(installed is None, reason="pflogsumm is not installed"),
]


@pytest.mark.parametrize("sample", [pytest.param(s, id=s.case, marks=needs_pflogsumm) for s in WITH_TRUTH])
def test_the_reference_prints_what_pflogsumm_prints(sample: Sample, tmp_path: Path) -> None:
    """The definitions written down in the reference are those of pflogsumm 1.1.5."""
    log = tmp_path / "mail.log"
    log.write_bytes(sample.data())
    ours = summarise(sample.data().decode("utf-8", "replace").split("\n"))

    assert list(differences(printed_report(ours), parse(run(log)))) == []


def totals_of(log: Path) -> dict[str, int]:
    """The totals that mailaudit counts by pflogsumm's definitions."""
    from mailaudit import flow  # noqa: PLC0415 - polars is imported where it is used
    from mailaudit.measure import pflogsumm  # noqa: PLC0415
    from mailaudit.model.request import Request  # noqa: PLC0415

    with flow.read(Request(paths=(str(log),))) as run_:
        return pflogsumm.totals(run_.engine)


@pytest.mark.parametrize("sample", WITH_TRUTH, ids=lambda sample: sample.case)
def test_the_profile_counts_like_pflogsumm(sample: Sample) -> None:
    """Every total of `--profile pflogsumm` is what the definitions give."""
    theirs = summarise(sample.data().decode("utf-8", "replace").split("\n")).totals

    assert totals_of(sample.log) == {name: theirs[name] for name in UNITS}


@pytest.mark.parametrize("seed", range(3))
def test_the_profile_counts_like_pflogsumm_on_random_logs(seed: int, tmp_path: Path) -> None:
    """With reused ids, several hosts and instances too, as long as no text deceives pflogsumm."""
    log = tmp_path / "mail.log"
    log.write_bytes(generate(Plan(seed=seed, mails=400, hosts=1 + seed % 2, ids=20, hostile=False)).data)
    theirs = summarise(log.read_text(encoding="utf-8").split("\n")).totals

    assert totals_of(log) == {name: theirs[name] for name in UNITS}


def test_large_numbers_are_cut_off_in_units() -> None:
    """Over half a million pflogsumm prints thousands, and cuts off instead of rounding."""
    assert [printed(value) for value in (524_288, 524_289, 536_870_912, 536_870_913)] == [
        "524288",
        "512k",
        "524288k",
        "512m",
    ]


def test_delays_change_unit_above_a_minute_and_an_hour() -> None:
    """60 seconds are still seconds."""
    assert [printed_time(value) for value in (60, 61, 3600, 3601)] == ["60.0 s", "1.0 m", "60.0 m", "1.0 h"]
