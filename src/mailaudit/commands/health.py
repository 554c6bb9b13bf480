"""`mailaudit health`: whether mail flows, for each domain and each group of domains."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mailaudit.advise import levels
from mailaudit.advise.flows import Checks, Flow, flows, members
from mailaudit.advise.mail_flow import CODES, State, worst
from mailaudit.commands import dates, health_answers, options, state_file, unparsed
from mailaudit.commands.health_changes import Change, compare
from mailaudit.commands.health_options import Rule, Watch, mail, rule, watch
from mailaudit.commands.health_outliers import ROWS, SENDERS, outlier_answers
from mailaudit.commands.output import check_names, finish
from mailaudit.commands.remarks import tell
from mailaudit.commands.sections import Command
from mailaudit.commands.session import now, session
from mailaudit.errors import UsageError
from mailaudit.model.times import micros
from mailaudit.writers import destination

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mailaudit.commands.options import Input, Mail, Output, Period
    from mailaudit.commands.session import Session
    from mailaudit.measure.filters import Filters
    from mailaudit.model.answers import Answer


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  mailaudit health /var/log/mail.log
  mailaudit health --domain example.com --live /var/log/mail.log
  mailaudit health --group-by customers.txt --format nagios /var/log/mail.log
  mailaudit health --format prometheus -o /var/lib/node_exporter/mail.prom /var/log/mail.log
  mailaudit health --notify-on-change --state /var/lib/mailaudit/health.json \\
      --format eml --to noc@example.com /var/log/mail.log | ifne sendmail -t -i
""",
)
@options.reading
@rule
@watch
@mail
@options.filters
@options.as_of
@options.period
@options.include_notices
@options.writing_as(*options.FORMATS, "nagios", "prometheus", "eml")
def health(  # noqa: PLR0913 (one per family)
    *,
    source: Input,
    rule: Rule,
    watch: Watch,
    mail: Mail,
    filters: Filters,
    as_of: str | None,
    period: Period,
    include_notices: bool,
    output: Output,
) -> int:
    """Whether mail flows: the latest 25 results of each domain, Good if 90 % of them were deliveries.

    Deferred, bounced and expired are failures. With fewer than 25 results a flow is Bad once it has more failures than
    25 may have; until then it is Good, but provisional. Exit code: 0 good, 1 warning, 2 bad, 3 unknown or an error; the
    worst of all flows shown decides.
    """
    mapping = levels.read(rule.group_by) if rule.group_by else None
    if rule.group is not None:
        mapping = _within(mapping, rule.group)
    _check(source, rule, watch, mail, filters, output, mapping)
    kept = state_file.read(watch.state, "health") if watch.state else {}
    with session("health", source, output, period) as this:
        at_us = _present(this, watch, as_of)
        found = _flows(this, rule, watch, filters, mapping, at_us, include_notices, known=at_us if as_of else None)
        senders: list[Answer] = []
        odd = 0
        if "outliers" in watch.counted:
            senders, odd = outlier_answers(this, at_us)
        state = worst([flow.state for flow in found] + (["Warning"] if odd else []))
        state = state if this.run.covered else "Unknown"
        told, memory = compare(kept, found, micros(now()))
        if not watch.notify_on_change:
            told = [Change(flow, None, None) for flow in found]
        if told or not watch.notify_on_change:
            _write(this, [change.flow for change in told], told, senders, state, rule, watch, mail, output)
        else:
            tell(this, quiet=True)
        if watch.state:
            state_file.write(watch.state, "health", memory)
        return CODES[state]


def _within(mapping: levels.Mapping | None, name: str) -> levels.Mapping:
    if mapping is None:
        raise UsageError("--group names a level of a mapping file", hint="give the file with --group-by FILE")
    return mapping.within(name)


def _check(  # noqa: PLR0913, PLR0917 (what was asked, part by part)
    source: Input,
    rule: Rule,
    watch: Watch,
    mail: Mail,
    filters: Filters,
    output: Output,
    mapping: levels.Mapping | None,
) -> None:
    """Raises UsageError for options that do not go together."""
    known = (*health_answers.FLOWS, *health_answers.CHANGED, *health_answers.LIVE, *SENDERS, *ROWS)
    check_names(known, output.columns)
    if filters.status or filters.outcome:
        option = "--status" if filters.status else "--outcome"
        raise UsageError(f"{option} would choose the answer", hint="health judges by what became of all mail")
    if mapping is not None and rule.by not in {"recipient_domain", "sender_domain"}:
        raise UsageError(
            f"--group-by groups domains, not by {rule.by}", hint="use --by recipient_domain or sender_domain"
        )
    if watch.notify_on_change != (watch.state is not None):
        raise UsageError("--notify-on-change and --state FILE go together")
    if watch.notify_on_change and output.format in {"nagios", "prometheus"}:
        raise UsageError(
            f"--format {output.format} tells every run how it stands, --notify-on-change only what changed"
        )
    if watch.state is not None:
        destination.check(watch.state)
    addressed = mail.to or (mapping is not None and any(level.notify for level in mapping.levels.values()))
    if mail.outbox is not None and not addressed:
        raise UsageError(
            "nobody to write to", hint="name somebody with --to ADDRESS, or with notify= in the mapping file"
        )
    if output.format != "eml" and (mail.to or mail.mail_from or mail.outbox):
        raise UsageError("--to, --from and --outbox are for --format eml")
    if mail.outbox is not None and output.output is not None:
        raise UsageError("--outbox and --output exclude each other")
    unparsed.check(source, f"--format {output.format}", wanted=output.format in {"eml", "nagios", "prometheus"})
    if mail.outbox is not None:
        from mailaudit.commands import health_mail  # noqa: PLC0415 (rich)

        health_mail.check(mail)


def _present(this: Session, watch: Watch, as_of: str | None) -> int | None:
    """The moment to judge at."""
    if as_of is not None:
        return dates.as_of(as_of, this.zone, now(), this.log_ends_us)
    if watch.inactive is not None:
        return micros(now())
    ends = this.log_ends_us
    return ends if ends is None or this.until_us is None else min(ends, this.until_us)


def _flows(  # noqa: PLR0913, PLR0917 (what was asked, part by part)
    this: Session,
    rule: Rule,
    watch: Watch,
    filters: Filters,
    mapping: levels.Mapping | None,
    at_us: int | None,
    notices: bool,  # noqa: FBT001
    *,
    known: int | None,
) -> list[Flow]:
    from mailaudit.measure import results  # noqa: PLC0415 (polars)

    engine = this.run.engine
    until = this.until_us
    if known is not None:  # as of a moment: what came later is not known
        until = known + 1 if until is None else min(until, known + 1)
    results.prepare(engine, results.Choice(filters, rule.unit, rule.by, this.since_us, until, notices))
    results.judged_by(engine, members(results.subjects(engine), mapping))
    usual = rule.limits
    own = [] if mapping is None else [mapping.limits(path, usual).window for path in mapping.levels]
    return flows(
        results.windows(engine, max([usual.window, *own])),
        {} if at_us is None else results.histories(engine, at_us),
        mapping,
        usual,
        Checks(at_us, watch.counted, watch.inactive),
        rule.by.removeprefix("recipient_").removeprefix("sender_"),
    )


def _write(  # noqa: PLR0913, PLR0917 (what was found, part by part)
    this: Session,
    found: Sequence[Flow],
    told: Sequence[Change],
    senders: Sequence[Answer],
    state: State,
    rule: Rule,
    watch: Watch,
    mail: Mail,
    output: Output,
) -> None:
    if output.format == "eml":
        from mailaudit.commands import health_mail  # noqa: PLC0415 (rich)

        named = bool(mail.to) or any(flow.notify for flow in found)
        health_mail.write(told, mail, output.output, this.zone, now(), named=named)
    elif output.format == "nagios":
        from mailaudit.writers import nagios  # noqa: PLC0415 (one format of many)

        with destination.opened(output.output) as out:
            nagios.write(found, state, output.limit, out)
    elif output.format == "prometheus":
        from mailaudit.writers import prometheus  # noqa: PLC0415

        with destination.opened(output.output) as out:
            prometheus.write(found, state, this.run.inputs, now().timestamp(), output.limit, out)
    else:
        answers = [_flow_answer(found, told, rule, watch)]
        if watch.live:
            from mailaudit.measure import results  # noqa: PLC0415

            answers.append(health_answers.live_answer(results.detailed(this.run.engine, rule.window), rule.unit))
        finish(this, [*answers, *senders], output)
        return
    tell(this, quiet=True)


def _flow_answer(found: Sequence[Flow], told: Sequence[Change], rule: Rule, watch: Watch) -> Answer:
    if watch.notify_on_change:
        return health_answers.change_answer(told, rule.unit)
    limits = rule.limits
    remark = (
        f"Good: at least {float(limits.threshold):g} % of the latest {limits.window} results are deliveries, that is, "
        f"at most {limits.allowed} failures. Unit: {health_answers.UNITS[rule.unit][0]}."
    )
    return health_answers.flow_answer(found, rule.unit, [remark])
