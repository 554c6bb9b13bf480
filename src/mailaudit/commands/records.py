"""`mailaudit records`: every line of the input, as what it was read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mailaudit.commands import options
from mailaudit.commands.output import check_names, write
from mailaudit.commands.ranges import zone_name
from mailaudit.commands.remarks import note, tell, warnings
from mailaudit.commands.sections import Command
from mailaudit.commands.session import INPUT_IN_DOUBT, cpu_checked, request, session, version
from mailaudit.commands.unparsed import NAME, TITLE
from mailaudit.commands.words import local_zone
from mailaudit.model.answers import Answer, Head
from mailaudit.model.columns import Column
from mailaudit.model.request import InputReport
from mailaudit.writers import destination

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mailaudit.commands.options import Input, Output, Period
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
  mailaudit records --since '10 minutes ago' /var/log/mail.log
  mailaudit records --format jsonl /var/log/mail.log | jq -r .kind | sort | uniq -c
""",
)
@options.reading
@options.period
@options.writing
def records(*, source: Input, period: Period, output: Output) -> int:
    """Every line as what it was read: source_file, line, format, kind, and the fields of its kind.

    Nothing is left out: lines of other programs and lines that nothing understood stand there too. A range is that of
    the lines' own times; a line without one goes with the line before it.
    """
    check_names(COLUMNS, output.columns)
    destination.check(output.output)
    if period.bounded:
        return of_range(source, period, output)
    with cpu_checked():
        from mailaudit import records as reading  # noqa: PLC0415 (polars)
    reports: list[InputReport] = []
    told: list[InputWarning] = []
    found = reading.records(request(source, period.tz), unparsed=source.unparsed, warn=told.append)
    zone = period.tz or local_zone()
    counted = () if source.unparsed else reports  # what was understood was not counted then
    head = Head("records", version(), zone=zone, zone_name=zone_name(zone), inputs=counted, known_at_end=True)
    write([answer(source, rows(counting(found, reports)))], head, output)
    warnings(told, verbose=source.verbose)
    if source.unparsed:
        return 0
    return doubt(reports)


def of_range(source: Input, period: Period, output: Output) -> int:
    """Writes the lines of a range; in which zone it is, and which year lines are of, is known once all are read."""
    with session("records", source, output, period) as this:
        from mailaudit import records as reading  # noqa: PLC0415 (polars)

        every = reading.read_as(this.run.sources, this.run.request)
        found = reading.within(every, this.since_us, this.until_us, unparsed=source.unparsed)
        write([answer(source, rows(found))], this.head, output)
        tell(this)
        return 0 if source.unparsed else this.code


def answer(source: Input, found: Iterable[Row]) -> Answer:
    """The rows of `COLUMNS` as an answer."""
    return Answer(
        "records",
        TITLE if source.unparsed else "Lines as they were read",
        "lines",
        "the line's stamp",
        COLUMNS,
        found,
        shown=(*(() if len(source.paths) == 1 else ("source_file",)), *(LEFT if source.unparsed else SHOWN)),
        sparse=True,
    )


def doubt(reports: Iterable[InputReport]) -> int:
    """The exit code, and a note on every input of which too little was understood."""
    code = 0
    for report in reports:
        if report.doubtful:
            note(f"{report.path}: only {report.coverage:.1%} of the mail lines were understood")
            code = INPUT_IN_DOUBT
    return code


def rows(found: Iterable[Mapping[str, object]]) -> Iterator[Row]:
    """The rows of `COLUMNS`."""
    names = [column.name for column in COLUMNS[:-1]]
    for item in found:
        fields = dict(item)
        fields["time"] = fields.pop("time_us", None)
        yield (*[fields.pop(name, None) for name in names], fields)


def counting(found: Iterable[Mapping[str, object]], reports: list[InputReport]) -> Iterator[Mapping[str, object]]:
    """The same lines; each is counted in its input's report on the way."""
    for item in found:
        path = str(item["source_file"])
        if not reports or reports[-1].path != path:
            reports.append(InputReport(path))
        count(reports[-1], item)
        yield item


def count(report: InputReport, line: Mapping[str, object]) -> None:
    """Counts a line in the report of its input."""
    report.lines += 1
    form, kind = line.get("format"), str(line["kind"])
    if kind == NAME:
        report.unparsed += 1
        report.mail_lines += 1
        return
    named = kind if form is None else f"{form}/{kind}"
    report.kinds[named] = report.kinds.get(named, 0) + 1
    if form not in {None, "log"}:
        report.mail_lines += 1
        report.format = report.format or str(form)
    if line.get("noise"):
        report.noise += 1
    else:
        report.parsed += 1
