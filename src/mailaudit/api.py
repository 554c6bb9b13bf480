"""mailaudit for programs: the same answers as the commands give, as pandas DataFrames.

    import mailaudit

    with mailaudit.read("/var/log/mail.log") as mail:
        failed = mail.log(status=["bounced", "expired"])
        by_day = mail.stats(by=["day", "direction"])
        why = mail.bounces(by=["category", "isp"])
        dead = mail.addresses(only="hard", confidence=["high", "medium"])

    mailaudit.explain("550 5.1.1 User unknown")

Columns have types: times are zoned (in the report's zone), counts are nullable integers, words with few distinct values
are categories, queue ids and addresses are text. What is not known is missing, never 0 and never an empty string (an
empty sender is the null sender).
"""

from __future__ import annotations

import datetime as dt
import os
import zoneinfo
from typing import TYPE_CHECKING, Any, Self

from mailaudit import flow
from mailaudit.classify import tables as tables_of_causes
from mailaudit.errors import UsageError, nearest
from mailaudit.frames import frame
from mailaudit.measure import events as facts
from mailaudit.measure import failed, listing, tables
from mailaudit.measure.choose import Options
from mailaudit.measure.filters import Filters
from mailaudit.model.columns import Column
from mailaudit.model.request import Request
from mailaudit.model.statuses import NAMES, NATIVE, STATUSES, origins
from mailaudit.model.times import micros
from mailaudit.model.vocabulary import OUTCOMES, TYPES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

    from mailaudit.model.request import InputReport
    from mailaudit.model.request import Warning as InputWarning

Moment = dt.datetime | dt.date | str
"""A time: a date is its midnight in the report's zone, text is ISO 8601."""
Words = str | list[str] | tuple[str, ...]


def read(
    *paths: str | os.PathLike[str],
    tz: str | dt.tzinfo | None = None,
    year: int | None = None,
    input_tz: str | dt.tzinfo | None = None,
    input_format: str | None = None,
    memory: int | None = None,
    collapse: bool = True,
) -> Mail:
    """Reads logs and returns what can be asked of them; `close()` it, or use it in a `with`.

    `tz` is the zone of the report: of the times in the answers and of dates without a zone. `year` and `input_tz` are
    for stamps that have none, `memory` is in bytes; `collapse=False` keeps passes through a content filter apart.
    Raises `mailaudit.errors.InputError` if an input cannot be read.
    """
    if not paths:
        raise UsageError("nothing to read", hint='name at least one path: mailaudit.read("/var/log/mail.log")')
    request = Request(
        paths=tuple(os.fspath(path) for path in paths),
        year=year,
        input_tz=_zone(input_tz),
        input_format=input_format,
        tz=_zone(tz),
        memory=memory,
        collapse=collapse,
    )
    return Mail(flow.read(request))


def explain(
    replies: str | Iterable[str | None],
    *,
    rules: str | os.PathLike[str] | None = None,
    vocabulary: Words = (),
) -> pd.DataFrame:
    """What replies or codes mean: one row for each, in their order.

    The columns are those of `mailaudit explain`: text, category, type, party, permanence, confidence, rule, suppress,
    retry, action, list. `rules` is a file of your own rules that go before ours; `vocabulary` adds what other programs
    call the cause: sisimai, kumomta, powermta, ses, sparkpost. Raises `mailaudit.errors.UsageError` for another one,
    and for rules that cannot be read.
    """
    from mailaudit.classify import bulk, meanings  # noqa: PLC0415 (the rules are read only now)
    from mailaudit.classify.own import load  # noqa: PLC0415

    texts = [replies] if isinstance(replies, str) else list(replies)
    names = _several(vocabulary)
    if strange := [name for name in names if name not in meanings.PROGRAMS]:
        raise UsageError(f"there is no vocabulary {strange[0]!r}", hint=nearest(strange[0], meanings.PROGRAMS))
    ruleset = load(os.fspath(rules)).ruleset if rules is not None else None
    judged = bulk.verdicts(bulk.frame_of(texts), ruleset).select("reply", *bulk.VERDICT)
    at = judged.columns.index("category")
    rows = ((*row, *(meanings.names(row[at], name) for name in names)) for row in judged.iter_rows())
    words = tuple(Column(name, "text" if name == "action" else "word", "") for name in (*bulk.VERDICT, *names))
    return frame((Column("text", "text", "the reply as given"), *words), rows, dt.UTC)


class Mail:
    """What was read, and the questions to it.

    Times in the answers, and those given without a zone, are in the report's zone (`tz`). A table, key, filter, word or
    time that there is not raises `mailaudit.errors.UsageError`.
    """

    def __init__(self, run: flow.Run) -> None:
        self._run = run

    @property
    def inputs(self) -> Sequence[InputReport]:
        """What became of the lines of each input."""
        return self._run.inputs

    @property
    def warnings(self) -> Sequence[InputWarning]:
        """What a reader of the numbers must know of the inputs."""
        return [*self._run.warnings, *self._run.doubts]

    @property
    def covered(self) -> bool:
        """False if less than 95 % of some input's mail lines were understood: do not rely on the numbers then."""
        return self._run.covered

    @property
    def tz(self) -> dt.tzinfo:
        """The zone of the report."""
        return self._run.zone

    def log(
        self,
        *,
        since: Moment | None = None,
        until: Moment | None = None,
        rejects: bool = False,
        notices: bool = False,
        vocabulary: str = NATIVE,
        **filters: Words,
    ) -> pd.DataFrame:
        """What became of each message: one row per message and recipient, by time of acceptance.

        `since` is included, `until` is not. Filters are those of the command line: sender, recipient, domain, host,
        status, code, relay, sasl_user, text, raised_by. `vocabulary` is in whose words the status is told, and may be
        asked for: native, blocks (Blocks Online) or bloomreach.
        """
        if vocabulary not in NAMES:
            raise UsageError(f"there is no vocabulary {vocabulary!r}", hint=nearest(vocabulary, NAMES))
        selection = listing.Selection(
            _filters(filters, vocabulary),
            self._us(since),
            self._us(until),
            rejects=rejects,
            notices=notices,
            vocabulary=vocabulary,
        )
        return frame(listing.LOG_COLUMNS, listing.log(self._run.engine, self.inputs, selection), self.tz)

    def events(self, *, since: Moment | None = None, until: Moment | None = None, **filters: Words) -> pd.DataFrame:
        """Every fact the logs state, by its own time; filters as for `log`."""
        rows = facts.events(
            self._run.engine, self.inputs, _filters(filters), since_us=self._us(since), until_us=self._us(until)
        )
        return frame(facts.COLUMNS, rows, self.tz)

    def bounces(
        self,
        *,
        by: Words = (),
        only: Words = (),
        confidence: Words = (),
        since: Moment | None = None,
        until: Moment | None = None,
        notices: bool = False,
        **filters: Words,
    ) -> pd.DataFrame:
        """What failed for good and why, grouped: category, type, isp, domain, outcome, code, template, list.

        Failures count at their own time. `only` keeps types (hard, soft …) or categories of causes, `confidence` those
        that are known so well; filters as for `log`. Without `by`: domain, outcome, code, template and category.
        """
        grouping = failed.keys(_several(by)) or failed.USUAL
        wanted = self._failed(only, confidence, since, until, filters, notices=notices)
        middle = failed.middle(self._run.engine, wanted.since_us, wanted.until_us, self._run.ends_us)
        return frame(failed.columns(grouping), failed.grouped(self._run.engine, grouping, middle), self.tz)

    def addresses(
        self,
        *,
        only: Words = (),
        confidence: Words = (),
        since: Moment | None = None,
        until: Moment | None = None,
        notices: bool = False,
        **filters: Words,
    ) -> pd.DataFrame:
        """The addresses for which mail failed for good, one row each, for list hygiene; arguments as for `bounces`."""
        self._failed(only, confidence, since, until, filters, notices=notices)
        return frame(failed.ADDRESS_COLUMNS, failed.addresses(self._run.engine), self.tz)

    def _failed(
        self,
        only: Words,
        confidence: Words,
        since: Moment | None,
        until: Moment | None,
        filters: dict[str, Words],
        *,
        notices: bool,
    ) -> failed.Wanted:
        """Makes the table of failures that are asked for."""
        wanted = failed.Wanted(
            _filters(filters), self._us(since), self._us(until), notices, _several(only), _several(confidence)
        )
        known = {*TYPES, *tables_of_causes.categories()}
        if strange := [word for word in wanted.only if word not in known]:
            raise UsageError(f"there is no cause {strange[0]!r}", hint=nearest(strange[0], sorted(known)))
        failed.prepare(self._run.engine, wanted)
        return wanted

    def stats(
        self,
        table: str | None = None,
        *,
        by: Words | None = None,
        since: Moment | None = None,
        until: Moment | None = None,
        notices: bool = False,
        fold: Words = (),
        **filters: Words,
    ) -> pd.DataFrame:
        """One table of numbers: a named one (`month`, `relay`, …; see `tables`), or counts by a combination of keys."""
        if (by is None) == (table is None):
            raise UsageError("stats needs either a table or by=[…]", hint=f"tables: {', '.join(self.tables)}")
        options = Options(
            zone=self.tz,
            since_us=self._us(since),
            until_us=self._us(until),
            filters=_filters(filters),
            notices=notices,
            fold=_several(fold),
        )
        if by is not None:
            answer = tables.compute_by(self._run.engine, _several(by), options)
        elif table is not None and table in self.tables:
            answer = tables.compute(self._run.engine, [table], options)[0]
        else:
            raise UsageError(f"there is no table {table!r}", hint=nearest(str(table), self.tables))
        return frame(answer.columns, answer.rows, self.tz)

    @property
    def tables(self) -> Sequence[str]:
        """The names that `stats` takes."""
        return (*tables.TABLES, *tables.MORE)

    def close(self) -> None:
        """Removes the temporary store."""
        self._run.close()

    def __enter__(self) -> Self:
        """Returns itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Closes."""
        self.close()

    def _us(self, moment: Moment | None) -> int | None:
        """Microseconds since 1970; what has no zone is in the report's."""
        if moment is None:
            return None
        if isinstance(moment, str):
            try:
                moment = dt.datetime.fromisoformat(moment)
            except ValueError as error:
                raise UsageError(f"{moment!r} is no time", hint="ISO 8601: 2026-05-31 or 2026-05-31T09:00") from error
        elif not isinstance(moment, dt.datetime):
            moment = dt.datetime.combine(moment, dt.time())
        return micros(moment if moment.tzinfo else moment.replace(tzinfo=self.tz))


def _zone(zone: str | dt.tzinfo | None) -> dt.tzinfo | None:
    if not isinstance(zone, str):
        return zone
    try:
        return zoneinfo.ZoneInfo(zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UsageError(f"{zone!r} is no time zone", hint="a name such as Europe/Rome, or a tzinfo") from error


def _several(words: Words) -> tuple[str, ...]:
    return (words,) if isinstance(words, str) else tuple(words)


def _filters(given: dict[str, Words], vocabulary: str = NATIVE) -> Filters:
    known = Filters.__dataclass_fields__
    for name in given:
        if name not in known:
            raise UsageError(f"there is no filter {name!r}", hint=nearest(name, known))
    key = given.pop("raised_by_key", "any")
    values: dict[str, Any] = {name: _several(words) for name, words in given.items()}
    for word in values.get("status", ()):
        if word not in STATUSES and not origins(vocabulary, word):
            raise UsageError(f"there is no status {word!r}", hint=nearest(word, STATUSES))
    for word in values.get("outcome", ()):
        if word not in OUTCOMES:
            raise UsageError(f"there is no outcome {word!r}", hint=nearest(word, OUTCOMES))
    return Filters(**values, raised_by_key=str(key))
