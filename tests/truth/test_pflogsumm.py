"""The numbers of the pflogsumm profile are pflogsumm's own, cell by cell."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from tests.model_reference.pflogsumm import summarise
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
