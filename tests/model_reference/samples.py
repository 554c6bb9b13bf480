"""The shipped logs whose truth is known, and how the reference reads them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from tests.model_reference import postfix, sendmail, syslog

if TYPE_CHECKING:
    from tests.model_reference.facts import Model

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"


@dataclass(frozen=True, slots=True)
class Sample:
    """A log of a known year and zone."""

    case: str
    year: int
    zone: str

    @property
    def folder(self) -> Path:
        """Where the case lies."""
        return FIXTURES / self.case

    @property
    def log(self) -> Path:
        """The log."""
        return next(self.folder.glob("input.*"))

    def data(self) -> bytes:
        """The bytes of the log."""
        return syslog.read_bytes(self.log)

    def model(self) -> Model:
        """What the reference reads in it; nothing may change it, as it is read once for all tests."""
        return _model(self)


@cache
def _model(sample: Sample) -> Model:
    reader = postfix if sample.case.startswith("postfix/") else sendmail
    return reader.read(syslog.lines(sample.data(), sample.year, sample.zone))


NEW_YEAR = Sample("postfix/new-year", 2025, "America/New_York")
SUMMER_TIME_ENDS = Sample("postfix/summer-time-ends", 2024, "America/New_York")
SENDMAIL_NEW_YEAR = Sample("sendmail/new-year", 2025, "America/New_York")
WITH_TRUTH = (NEW_YEAR, SUMMER_TIME_ENDS, SENDMAIL_NEW_YEAR)
