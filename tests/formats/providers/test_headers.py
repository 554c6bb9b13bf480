"""Tables as consoles and PowerShell of other countries write them: semicolons, dates of their own, names of columns."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from tests.formats.providers.test_variants import said
from tests.program import mailaudit

from mailaudit.formats.providers import times

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("kept_readings")

TRACE = ("Received", "SenderAddress", "RecipientAddress", "Subject", "Status", "MessageTraceId")


def trace(path: Path, received: str, sign: str, *, encoding: str = "utf-8", names: tuple[str, ...] = TRACE) -> Path:
    """A message trace of one message."""
    row = (received, "a@src.example", "b@dst.example", "Hallo", "Delivered", "e41d07b3-92ac-4f6e-8d15-000000000001")
    path.write_text(f"{sign.join(names)}\r\n{sign.join(row)}\r\n", encoding=encoding)
    return path


@pytest.mark.parametrize(
    ("received", "sign", "expected"),
    [
        ("3/2/2026 8:02:00 AM", ",", "2026-03-02T08:02:00Z"),
        ("03/02/2026 08:02:00", "\t", "2026-03-02T08:02:00Z"),
        ("02/03/2026 08:02:00", ";", "2026-03-02T08:02:00Z"),
        ("2/03/2026 8:02:00 p. m.", ";", "2026-03-02T20:02:00Z"),
        ("02.03.2026 08:02:00", ";", "2026-03-02T08:02:00Z"),
        ("2-3-2026 08:02:00", ";", "2026-03-02T08:02:00Z"),
        ("02-03-2026 08:02", ",", "2026-03-02T08:02:00Z"),
        ("2026. 03. 02. 8:02:00", ";", "2026-03-02T08:02:00Z"),
        ("2026/03/02 8:02:00", ",", "2026-03-02T08:02:00Z"),
    ],
)
def test_days_and_months(tmp_path: Path, received: str, sign: str, expected: str) -> None:
    """The day comes first where cells stand between semicolons, and in dates with dots or hyphens."""
    found = trace(tmp_path / "trace.csv", received, sign, encoding="utf-16")

    assert said(found) == [(expected, "delivered", "b@dst.example")]


def test_a_comma_in_seconds() -> None:
    """A spreadsheet writes the seconds since 1970 as it writes numbers."""
    assert times.micros(["1772438520,25", "1772438520.25"], dt.UTC) == [1_772_438_520_250_000] * 2


def test_a_column_that_is_not_known_is_named(tmp_path: Path) -> None:
    """So is the one that was looked for in its place; nothing is guessed."""
    names = tuple("Zustellstatus" if name == "Status" else name for name in TRACE)
    answer = mailaudit("log", trace(tmp_path / "trace.csv", "02.03.2026 08:02:00", ";", names=names))

    assert answer.code == 3
    assert "m365-message-trace-csv, but none is `Status`; not known: `Zustellstatus`; " in answer.err


def test_a_header_in_another_language_is_named(tmp_path: Path) -> None:
    """Where nothing comes near, its columns are, and what to do about it."""
    names = ("Date de l’événement", "Expéditeur", "Destinataire", "Objet", "État", "Identifiant")
    answer = mailaudit("log", trace(tmp_path / "trace.csv", "02/03/2026 08:02", ";", encoding="utf-16", names=names))

    assert answer.code == 3
    assert "the columns `Date de l’événement`, `Expéditeur`, `Destinataire`" in answer.err
    assert "--input-format FILE.toml" in answer.err
