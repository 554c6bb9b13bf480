"""`mailaudit records`: every line of the input, as what it was read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mailaudit.commands import options
from mailaudit.commands.output import check_names, write
from mailaudit.commands.ranges import zone_name
from mailaudit.commands.remarks import note, warnings
from mailaudit.commands.sections import Command
from mailaudit.commands.session import INPUT_IN_DOUBT, cpu_checked, request, version
from mailaudit.commands.unparsed import NAME, TITLE
from mailaudit.commands.words import local_zone
from mailaudit.model.answers import Answer, Head
from mailaudit.model.columns import Column
from mailaudit.model.request import InputReport
from mailaudit.writers import destination

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Mapping

    from mailaudit.commands.options import Input, Output
    from mailaudit.model.answers import Row
    from mailaudit.model.request import Warning as InputWarning

COLUMNS = (
    Column("source_file", "text", "the input"),
    Column("line", "int", "line number in it, from 1"),
    Column("format", "word", "format of the line; null for lines of no known program"),
    Column("kind", "word", "kind of line; `unparsed` for lines that nothing understood"),
    Column("noise", "flag", "true for lines that say nothing about mail"),
    Column("time", "time", "when"),
    Column("host", "word", "host that logged it"),
    Column("program", "word", "program that logged it"),
    Column("queue_id", "text", "queue id on the line"),
    Column(
        "fields",
        "text",
        "the kind's own fields, typed: in JSON keys of the row, in CSV one JSON object; the text, if unparsed",
    ),
)
SHOWN = ("line", "format", "kind", "queue_id", "fields")
LEFT = ("line", "format", "fields")


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  mailaudit records --unparsed /var/log/mail.log
  mailaudit records --format jsonl /var/log/mail.log | jq -r .kind | sort | uniq -c
""",
)
@options.reading
@options.report_zone
@options.writing
def records(*, source: Input, tz: dt.tzinfo | None, output: Output) -> int:
    """Every line as what it was read: source_file, line, format, kind, and the fields of its kind.

    Nothing is left out: lines of other programs and lines that nothing understood stand there too.
    """
    check_names(COLUMNS, output.columns)
    destination.check(output.output)
    with cpu_checked():
        from mailaudit import records as reading  # noqa: PLC0415 (polars)
    reports: list[InputReport] = []
    told: list[InputWarning] = []
    found = reading.records(request(source, tz), unparsed=source.unparsed, warn=told.append)
    answer = Answer(
        "records",
        TITLE if source.unparsed else "Lines as they were read",
        "lines",
        "the line's stamp",
        COLUMNS,
        rows(found, reports),
        shown=(*(() if len(source.paths) == 1 else ("source_file",)), *(LEFT if source.unparsed else SHOWN)),
        sparse=True,
    )
    zone = tz or local_zone()
    counted = () if source.unparsed else reports  # what was understood was not counted then
    head = Head("records", version(), zone=zone, zone_name=zone_name(zone), inputs=counted, known_at_end=True)
    write([answer], head, output)
    warnings(told, verbose=source.verbose)
    if source.unparsed:
        return 0
    return doubt(reports)


def doubt(reports: Iterable[InputReport]) -> int:
    """The exit code, and a note on every input of which too little was understood."""
    code = 0
    for report in reports:
        if report.doubtful:
            note(f"{report.path}: only {report.coverage:.1%} of the mail lines were understood")
            code = INPUT_IN_DOUBT
    return code


def rows(found: Iterable[Mapping[str, object]], reports: list[InputReport]) -> Iterator[Row]:
    """The rows of `COLUMNS`; each line is counted in its input's report on the way."""
    names = [column.name for column in COLUMNS[:-1]]
    for item in found:
        fields = dict(item)
        fields["time"] = fields.pop("time_us", None)
        _count(reports, fields)
        yield (*[fields.pop(name, None) for name in names], fields)


def _count(reports: list[InputReport], fields: Mapping[str, object]) -> None:
    path = str(fields["source_file"])
    if not reports or reports[-1].path != path:
        reports.append(InputReport(path))
    report = reports[-1]
    report.lines += 1
    if fields["kind"] == NAME:
        report.unparsed += 1
        report.mail_lines += 1
        return
    form = fields.get("format")
    if form not in {None, "log"}:
        report.mail_lines += 1
        report.format = report.format or str(form)
    if fields.get("noise"):
        report.noise += 1
    else:
        report.parsed += 1
