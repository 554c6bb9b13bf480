"""Excel workbooks: one sheet a table, real numbers and dates, filters, a head that stays; text is never a formula.

Times are UTC, as in all formats for programs.
"""

from __future__ import annotations

from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any

from mailaudit.model.times import moment
from mailaudit.writers.choose import basis, chosen, limited
from mailaudit.writers.escapes import neutral
from mailaudit.writers.json_lines import dumps
from mailaudit.writers.values import SHARES

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Sequence
    from typing import TextIO

    from mailaudit.model.answers import Answer, Head, Look, Value
    from mailaudit.model.columns import Column

ROWS = 1_048_575
"""Rows of a sheet, its head not counted; more go into further sheets."""
LONGEST = 32_767
"""Characters of a cell."""
EXACT = 1 << 53
"""Whole numbers beyond this are text: a cell's number would lose digits."""
WIDEST = 60
FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\", "_"))


def write(answers: Sequence[Answer], head: Head, look: Look, out: TextIO) -> None:
    """Writes the workbook."""
    # Made apart: of an output that cannot be written, xlsxwriter makes an error of its own.
    with TemporaryFile() as made:
        _made(answers, head, look, made)
        made.seek(0)
        copyfileobj(made, out.buffer)


def _made(answers: Sequence[Answer], head: Head, look: Look, out: IO[bytes]) -> None:
    import xlsxwriter  # noqa: PLC0415 (an extra)

    # Rows are given away as they come; nothing of a log becomes a formula, a link or a number on its own.
    safe = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, {"constant_memory": True, **safe}) as book:
        names: set[str] = set()
        forms = {
            "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}),
            "time": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
            "day": book.add_format({"num_format": "yyyy-mm-dd"}),
            "share": book.add_format({"num_format": "0.00%"}),
        }
        for answer in answers:
            _sheets(book, answer, look, forms, names)
        _about(book, answers, head, names)


def _sheets(book: Any, answer: Answer, look: Look, forms: dict[str, Any], names: set[str]) -> None:  # noqa: ANN401
    columns, places = chosen(answer, look)
    fields = [_field(column, forms) for column in columns]
    sheet, widths, at = None, [0] * len(columns), 0
    for row in limited(answer.rows, look):
        if sheet is None or at == ROWS:
            _closed(sheet, widths, at)
            sheet, at = _sheet(book, answer.name, columns, forms, names), 0
        at += 1
        for number, (put, place) in enumerate(zip(fields, places, strict=True)):
            value = row[place]
            if value is not None:
                put(sheet, at, number, value)
                widths[number] = max(widths[number], len(str(value)) if not isinstance(value, float) else 9)
    if sheet is None:
        sheet = _sheet(book, answer.name, columns, forms, names)
    _closed(sheet, widths, at)


def _sheet(book: Any, name: str, columns: Sequence[Column], forms: dict[str, Any], names: set[str]) -> Any:  # noqa: ANN401
    sheet = book.add_worksheet(_name(name, names))
    for number, column in enumerate(columns):
        sheet.write_string(0, number, column.name, forms["head"])
    return sheet


def _closed(sheet: Any, widths: Sequence[int], rows: int) -> None:  # noqa: ANN401
    """Sets what is known at the end only: widths, filters, the head that stays."""
    if sheet is None or not widths:
        return
    sheet.freeze_panes(1, 0)
    # On paper: all columns of a row on one sheet, and their names on each.
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.autofilter(0, 0, max(rows, 1), len(widths) - 1)
    for number, width in enumerate(widths):
        sheet.set_column(number, number, min(max(width + 2, 12), WIDEST))


def _name(name: str, names: set[str]) -> str:
    """A name that sheets may have and none has yet: 31 characters at most, upper and lower case alike."""
    plain = name.translate(FORBIDDEN).strip("'")[:31] or "table"
    found, number = plain, 2
    while found.lower() in names:
        end = f" ({number})"
        found, number = plain[: 31 - len(end)] + end, number + 1
    names.add(found.lower())
    return found


def _field(column: Column, forms: dict[str, Any]) -> Callable[[Any, int, int, Any], object]:
    """What puts a value of this column into a cell."""
    if column.type == "time":
        return lambda sheet, row, at, value: sheet.write_datetime(row, at, _moment(value), forms["time"])
    if column.name == "day" and column.type == "word":
        return lambda sheet, row, at, value: _day(sheet, row, at, value, forms["day"])
    if column.type == "flag":
        return lambda sheet, row, at, value: sheet.write_boolean(row, at, bool(value))
    if column.type in {"int", "big", "real"}:
        form = forms["share"] if column.type == "real" and column.name in SHARES else None
        return lambda sheet, row, at, value: _number(sheet, row, at, value, form)
    return lambda sheet, row, at, value: sheet.write_string(row, at, _text(value))


def _day(sheet: Any, row: int, at: int, value: Any, form: object) -> None:  # noqa: ANN401
    """A date that can be sorted, filtered by month and drawn along; what is no day stays text."""
    import datetime as dt  # noqa: PLC0415

    try:
        sheet.write_datetime(row, at, dt.date.fromisoformat(str(value)), form)
    except ValueError:
        sheet.write_string(row, at, _text(value))


def _moment(time_us: int) -> dt.datetime:
    """The moment without zone, as sheets have it."""
    return moment(time_us).replace(tzinfo=None)


def _number(sheet: Any, row: int, at: int, value: Any, form: object) -> None:  # noqa: ANN401
    if isinstance(value, int | float) and abs(value) < EXACT:
        sheet.write_number(row, at, round(value, 6), form)
    else:
        sheet.write_string(row, at, _text(value))


def _text(value: Value) -> str:
    text = neutral(dumps(value) if isinstance(value, dict) else str(value))
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _about(book: Any, answers: Sequence[Answer], head: Head, names: set[str]) -> None:  # noqa: ANN401
    """A last sheet with what the tables count, and what is to be known of the inputs."""
    sheet = book.add_worksheet(_name("about", names))
    rows = [("made by", f"mailaudit {head.version}".strip()), ("command", head.command), ("times", "UTC")]
    for name, time_us in (("since", head.since_us), ("until", head.until_us)):
        if time_us is not None:
            rows.append((name, _moment(time_us).isoformat(sep=" ")))
    rows += [(answer.name, f"{answer.title}: {basis(answer, head)}") for answer in answers]
    rows += [
        (item.path, f"{item.lines} lines = {item.parsed} parsed + {item.noise} noise + {item.unparsed} unparsed")
        for item in head.inputs
    ]
    rows += [("warning", warning.text) for warning in head.warnings]
    for number, (name, text) in enumerate(rows):
        sheet.write_string(number, 0, _text(name))
        sheet.write_string(number, 1, _text(text))
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 100)
