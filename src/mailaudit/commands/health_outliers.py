"""Accounts that leave their own history, and the mail that shows it."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from mailaudit.commands.behind import reading_words
from mailaudit.model.answers import EXPLAIN, Answer
from mailaudit.model.columns import Column
from mailaudit.model.times import DAY
from mailaudit.writers.values import local

if TYPE_CHECKING:
    from mailaudit.advise.outliers import Outlier
    from mailaudit.commands.session import Session

SENDERS = (
    Column("account", "text", "authenticated user; sender, where nobody logged in"),
    Column("account_kind", "word", "sasl_user or sender"),
    Column("measure", "word", "messages, recipients, networks (of clients) or failure_rate"),
    Column("value", "real", "what it was in this period"),
    Column("usual", "real", "the median of the earlier periods"),
    Column("most", "real", "the largest before; of a rate, its upper bound with 95 % certainty"),
    Column("history", "int", "earlier periods with mail that it is compared with"),
    Column("begin", "time", "the period's beginning"),
    Column("end", "time", "its end, excluded"),
    Column("messages", "big", "messages in the period"),
    Column("recipients", "big", "their recipients"),
    Column("failed", "big", "recipients for whom mail failed"),
    Column("networks", "int", "networks of the clients that handed it in"),
    Column(EXPLAIN, "text", "command that lists the mail"),
)
SHOWN = ("account", "measure", "value", "usual", "most", "begin", "end", "messages", "recipients", "failed", EXPLAIN)
ROWS = (
    Column("account", "text", "authenticated user; sender, where nobody logged in"),
    Column("time", "time", "acceptance"),
    Column("queue_id", "text", "queue id"),
    Column("sender", "text", "envelope sender"),
    Column("recipients", "big", "recipients"),
    Column("failed", "big", "of these, those for whom it failed"),
    Column("client_host", "text", "client that handed it in"),
    Column("client_ip", "text", "its address"),
)


def outlier_answers(this: Session, at_us: int | None) -> tuple[list[Answer], int]:
    """Two tables, outliers and the mail behind them; and how many of the outliers are of the last 24 hours."""
    from mailaudit.advise.outliers import outliers  # noqa: PLC0415 (not on the way of every run)
    from mailaudit.measure import accounts  # noqa: PLC0415

    found = outliers(accounts.periods(this.run.engine, this.zone, this.since_us, this.until_us))
    periods = {outlier.period: None for outlier in found}
    mail = [(period.account, *row) for period in periods for row in accounts.sent(this.run.engine, period)]
    recent = sum(at_us is not None and outlier.period.end_us > at_us - DAY for outlier in found)
    note = (
        "Compared with the account's own earlier periods (at least 5): more than twice the most so far, "
        "or surely more failures."
    )
    senders = Answer(
        "outliers", "Accounts that leave their own history", "accounts, measures and periods", "acceptance", SENDERS,
        [_row(outlier, this) for outlier in found], shown=SHOWN, notes=(note,),
    )  # fmt: skip
    rows = Answer("outlier_rows", "The mail behind it", "messages", "acceptance", ROWS, mail)
    return [senders, *([rows] if mail else [])], recent


def _row(outlier: Outlier, this: Session) -> tuple[object, ...]:
    period = outlier.period
    option = ["--sasl-user", period.account] if period.kind == "sasl_user" else ["--sender", f"={period.account}"]
    words = [
        "mailaudit", "log", *option, "--since", local(period.begin_us, this.zone), "--until",
        local(period.end_us, this.zone), *reading_words(this),
    ]  # fmt: skip
    return (
        period.account, period.kind, outlier.measure, outlier.value, outlier.usual, outlier.most, outlier.history,
        period.begin_us, period.end_us, period.messages, period.recipients, period.failed, period.networks,
        shlex.join(words),
    )  # fmt: skip
