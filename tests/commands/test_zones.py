"""The zone that answers are in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Result


@pytest.mark.parametrize(
    ("stamps", "zone", "day"),
    [
        (("2026-01-05T23:30:00+05:30", "2026-01-05T23:30:01+05:30"), "+05:30", "2026-01-05"),
        (("2026-01-05T23:30:00-0800", "2026-01-05T23:30:01-0800"), "-08:00", "2026-01-05"),
        (("2026-01-05T23:30:00Z", "2026-01-05T23:30:01Z"), "UTC", "2026-01-05"),
        (("2026-01-05T23:30:00+01:00", "2026-01-06T00:30:01+02:00"), "Asia/Tokyo", "2026-01-06"),
    ],
)
def test_the_report_is_in_the_zone_that_the_stamps_name(
    run: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stamps: list[str], zone: str, day: str
) -> None:
    """A log whose stamps all have one offset is reported in it, whatever this machine's zone is; else in that."""
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    mail = ("client=c.example[192.0.2.7]", "from=<a@src.example>, size=100, nrcpt=1 (queue active)")
    path = tmp_path / "mail.log"
    lines = zip(stamps, mail, strict=True)
    path.write_text("".join(f"{stamp} mx postfix/qmgr[9]: 4F1A2B3C01: {text}\n" for stamp, text in lines))

    found = run("stats", "--table", "day", "--format", "json", path)

    assert found.document["range"]["tz"] == zone
    assert [row["day"] for row in found.rows("day")] == [day]
    (read,) = found.document["inputs"]
    assert read["offset"] == {"UTC": "+00:00", "Asia/Tokyo": None}.get(zone, zone)
    assert zone in run("trace", "4F1A2B3C01", path).out.splitlines()[0]
