"""Workbooks and pages of any command's rows: real types, nothing of a log is run, nothing is lost."""

from __future__ import annotations

import datetime as dt
import io
from typing import TYPE_CHECKING

import openpyxl
import pytest
from tests.commands.conftest import POSTFIX
from tests.writers.answers import HEAD, HOSTILE, hostile, written

from mailaudit import cli
from mailaudit.errors import OutputError
from mailaudit.model.answers import Answer, Look
from mailaudit.model.columns import Column
from mailaudit.writers import formats, workbook

if TYPE_CHECKING:
    from pathlib import Path


def book_of(*answers: Answer, look: Look | None = None) -> openpyxl.Workbook:
    """The workbook that is written, as Excel would read it."""
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="utf-8")
    workbook.write(answers, HEAD, look or Look(), out)
    out.flush()
    return openpyxl.load_workbook(io.BytesIO(raw.getvalue()))


def test_values_have_their_types() -> None:
    """Times are dates, numbers numbers, shares per cent; queue ids such as 4E10 stay text."""
    sheet = book_of(hostile()).worksheets[0]

    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0] == ("queue_id", "time", "size", "rate", "reply")
    assert rows[1][:4] == ("4E10", dt.datetime(2017, 5, 31, 4, 26, 22), 10, 0.5)  # noqa: DTZ001 (sheets have no zones)
    assert rows[2][0] == "0012"
    assert rows[2][2] is None
    assert sheet["D2"].number_format == "0.00%"
    assert sheet["B2"].number_format == "yyyy-mm-dd hh:mm:ss"


def test_days_are_dates() -> None:
    """Of the zone of the report; what is no day is text."""
    rows = [("2026-05-31", 3), ("(none)", 1)]
    sheet = book_of(Answer("day", "Days", "mails", "", (Column("day", "word", "d"), Column("n", "big", "n")), rows))[
        "day"
    ]

    assert sheet["A2"].value == dt.datetime(2026, 5, 31)  # noqa: DTZ001 (sheets have no zones)
    assert sheet["A2"].number_format == "yyyy-mm-dd"
    assert sheet["A3"].value == "(none)"


def test_text_is_never_a_formula() -> None:
    """`=1+1` in a reply is a reply; what steers a terminal is shown as an escape."""
    sheet = book_of(hostile()).worksheets[0]

    assert sheet["E3"].value == HOSTILE[1][4]
    assert sheet["E3"].data_type in {"s", "inlineStr"}
    assert sheet["E4"].value == "\\x1b[2J\\u202etxt.exe\\nsecond line"


def test_head_stays_and_filters() -> None:
    """One sheet a table, its first line fixed, filters on every column; and one about the inputs."""
    book = book_of(hostile("a/b:c"), hostile("A_B_C"), hostile("x" * 40))

    assert book.sheetnames == ["a_b_c", "A_B_C (2)", "x" * 31, "about"]
    assert [sheet.freeze_panes for sheet in book.worksheets[:3]] == ["A2"] * 3
    assert book.worksheets[0].auto_filter.ref == "A1:E4"
    about = {row[0]: row[1] for row in book["about"].iter_rows(values_only=True)}
    assert about["mail\\x1b.log"] == "5 lines = 3 parsed + 1 noise + 1 unparsed"


def test_large_numbers_and_long_texts_are_kept() -> None:
    """Beyond 2^53 a cell's number would lose digits; a cell holds 32,767 characters."""
    columns = (Column("id", "big", "an id"), Column("text", "text", "a text"))
    sheet = book_of(Answer("t", "T", "u", "", columns, [(1 << 60, "x" * 40_000)])).worksheets[0]

    assert sheet["A2"].value == str(1 << 60)
    assert sheet["B2"].value == "x" * 32_766 + "…"


def test_more_rows_than_a_sheet_holds_go_into_further_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """None is lost."""
    monkeypatch.setattr(workbook, "ROWS", 10)
    columns = (Column("n", "int", "a number"),)

    book = book_of(Answer("t", "T", "u", "", columns, [(n,) for n in range(25)]))

    assert book.sheetnames == ["t", "t (2)", "t (3)", "about"]
    found = [row[0] for sheet in book.worksheets[:3] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert found == list(range(25))


def test_empty_tables_have_a_sheet() -> None:
    """With its head."""
    sheet = book_of(Answer("t", "T", "u", "", (Column("n", "int", "a number"),), [])).worksheets[0]

    assert [row[0] for row in sheet.iter_rows(values_only=True)] == ["n"]


def test_a_missing_extra_is_told_with_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is read."""

    def without(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(formats, "import_module", without)

    with pytest.raises(OutputError) as caught:
        formats.ready("xlsx")
    assert caught.value.hint == "pip install 'mailaudit[xlsx]'"


@pytest.mark.parametrize(
    ("text", "safe"),
    [("=1+1", "'=1+1"), ("+49 1", "'+49 1"), ("-x", "'-x"), ("@SUM(A1)", "'@SUM(A1)"), ("a=b", "a=b"), ("", "")],
)
def test_csv_for_spreadsheets_is_harmless(text: str, safe: str) -> None:
    """An apostrophe before what would be run; other rows, and all without the option, are as they were."""
    columns = (Column("reply", "text", "the reply"), Column("n", "int", "a number"))
    answer = Answer("t", "T", "u", "", columns, [(text, -5)])

    assert written("csv", answer, look=Look(excel_safe=True)).splitlines()[1] == f"{safe},-5"
    assert written("csv", answer).splitlines()[1] == f"{text},-5"


def test_commands_write_workbooks_and_pages(tmp_path: Path) -> None:
    """The same rows as in the other formats; a PDF is one."""
    for form in ("xlsx", "html", "pdf"):
        code = cli.run(["log", "--limit", "5", "--format", form, "-o", str(tmp_path / f"log.{form}"), str(POSTFIX)])
        assert code == 0

    sheet = openpyxl.load_workbook(tmp_path / "log.xlsx").worksheets[0]
    assert sheet.max_row == 6
    assert (tmp_path / "log.pdf").read_bytes().startswith(b"%PDF-")
    assert (tmp_path / "log.html").read_text().count("<tr>") == 6


def test_html_of_hostile_rows_is_text() -> None:
    """Nothing of a log is markup in any command's page."""
    columns = (Column("reply", "text", "the reply"),)
    page = written("html", Answer("t", "<b>T</b>", "u", "", columns, [("</td><script>alert(1)</script>",)]))

    assert page.count("<script>") == 1
    assert "&lt;/td&gt;&lt;script&gt;" in page
    assert "<b>T</b>" not in page


@pytest.mark.parametrize(("arguments", "said"), [(("--excel-safe",), "--format csv"), (("--format", "xslx"), "xlsx")])
def test_wrong_options_are_told(arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With what is right."""
    assert cli.run(["log", *arguments, str(POSTFIX)]) == 2
    assert said in capsys.readouterr().err


def test_csv_for_excel_says_that_it_is_utf_8() -> None:
    """Excel takes other files for the machine's old code page; programs get none of that."""
    answer = Answer("n", "N", "rows", "", (Column("name", "text", ""),), [("é",)])

    assert written("csv", answer, look=Look(excel_safe=True)) == "\ufeffname\r\né\r\n"
    assert written("csv", answer) == "name\r\né\r\n"
