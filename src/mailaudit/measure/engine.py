"""The only place that asks DuckDB: queries in, plain rows out."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any, Protocol, Self

from mailaudit.errors import MailauditError, OutputError
from mailaudit.measure import prepare
from mailaudit.measure.texts import filled, statements

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    import duckdb
    import polars as pl

    from mailaudit.classify.ruleset import Ruleset

Value = Any
"""What a field may hold: str, int, float, bool or None; DuckDB's own stubs say no more."""
Row = tuple[Value, ...]


AT_ONCE = 2
"""Questions that are asked at the same time, where memory is not scarce."""

MORE = (1.4, 1.7, 2)
"""How many times as much memory a question gets that runs short of it when it is asked alone: as little as will do."""

BATCH = 5000
"""Rows taken at a time from a query that is streamed."""


class Store(Protocol):
    """Where the tables come from."""

    @property
    def names(self) -> Collection[str]:
        """The names of its tables."""

    def append(self, name: str, frame: pl.DataFrame) -> None:
        """Adds rows to a table."""

    def open(self) -> object:
        """Has the database opened by another thread."""

    def connect(self) -> duckdb.DuckDBPyConnection:
        """Returns the connection on which all tables can be asked."""

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Returns another connection, for questions that are asked at the same time."""

    def extended(self, times: float) -> AbstractContextManager[None]:
        """Takes so many times as much memory as it usually may, while a question needs it."""

    def undivided(self) -> AbstractContextManager[None]:
        """Has each question answered by one thread for a while."""

    def clear(self) -> None:
        """Forgets all rows."""

    def close(self) -> None:
        """Gives everything back."""


class _Stream:
    """An Arrow stream for polars, which would keep a relation itself alive until DuckDB complains at exit."""

    def __init__(self, stream: object) -> None:
        self._stream = stream

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._stream


class Engine:
    """The tables of one reading, and the questions to them."""

    def __init__(self, store: Store, *, at_once: int = AT_ONCE) -> None:
        self._store = store
        self._at_once = at_once
        self._turns = threading.Semaphore(at_once)
        self._alone = threading.Lock()
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._own = threading.local()
        self.ruleset: Ruleset | None = None
        """A user's own rules before ours, for causes; None: ours."""
        self.own_isps: Mapping[str, str] = {}
        """A user's own providers by registered domain; they go before ours."""

    def open(self) -> None:
        """Has the database opened by another thread, while rows are still gathered."""
        self._store.open()

    def append(self, name: str, frame: pl.DataFrame) -> None:
        """Adds rows to a table, until `finish`."""
        self._store.append(name, frame)

    def finish(self, *, collapse: bool = True, exports: bool = False, postfix: bool = False) -> None:
        """Builds edges, lives and recipients (see `prepare.derive`); from then on questions can be asked."""
        self._connection = self._store.connect()
        edges = "edges" in self._store.names
        prepare.derive(self, collapse=collapse, edges=edges, exports=exports, postfix=postfix)

    def clear(self) -> None:
        """Forgets all rows, to begin again."""
        self._connection = None
        self._store.clear()

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The open connection."""
        if self._connection is None:
            raise RuntimeError("questions come after finish()")
        return getattr(self._own, "connection", self._connection)

    def together(self, questions: Iterable[Callable[[], Value]]) -> list[Value]:
        """Asks questions that do not need each other, two at a time: one alone seldom keeps both processors busy.

        Each is answered by one thread then: two questions with two threads each are in each other's way.
        """
        asked = list(questions)
        if len(asked) == 1 or self._at_once == 1:
            return [question() for question in asked]
        cursors = []

        def own() -> None:
            self._own.connection = self._store.cursor()
            cursors.append(self._own.connection)

        try:
            with self._store.undivided(), ThreadPoolExecutor(self._at_once, initializer=own) as pool:
                answers = [pool.submit(question) for question in asked]
                try:
                    return [answer.result() for answer in answers]
                except BaseException:  # Ctrl-C, too: nobody waits for the others
                    for answer in answers:
                        answer.cancel()
                    while wait(answers, timeout=0.1).not_done:
                        for cursor in cursors:
                            cursor.interrupt()
                    raise
        finally:
            for cursor in cursors:
                cursor.close()

    @contextmanager
    def roomier(self, times: float) -> Iterator[None]:
        """Lets questions take so many times as much memory for a while."""
        with self._store.extended(times):
            yield

    def _execute(self, sql: str, parameters: object = ()) -> duckdb.DuckDBPyConnection:
        """Executes a statement; what the machine has too little of is told as that, not as an error of ours."""
        import duckdb  # noqa: PLC0415  loaded long before

        try:
            try:
                with self._turns:
                    return self.connection.execute(sql, parameters)
            except duckdb.OutOfMemoryException:
                return self._execute_alone(sql, parameters)
        except duckdb.OutOfMemoryException as error:
            raise MailauditError(
                "the memory allowed is too little for this question",
                hint="give more with --memory, e.g. --memory 1G, or ask about a shorter range or one table",
            ) from error
        except duckdb.IOException as error:
            raise OutputError(
                f"temporary files cannot be written or read: {error}", hint="set TMPDIR to a directory with more room"
            ) from error

    def _execute_alone(self, sql: str, parameters: object) -> duckdb.DuckDBPyConnection:
        """Executes a statement while no other is executed; with more memory if it needs that even then."""
        import duckdb  # noqa: PLC0415

        with self._alone, ExitStack() as turns:
            for _ in range(self._at_once):
                turns.enter_context(self._turns)
            if self._at_once > 1:
                with suppress(duckdb.OutOfMemoryException):
                    return self.connection.execute(sql, parameters)
            for times in MORE[:-1]:
                with suppress(duckdb.OutOfMemoryException), self._store.extended(times):
                    return self.connection.execute(sql, parameters)
            with self._store.extended(MORE[-1]):
                return self.connection.execute(sql, parameters)

    def rows(self, sql: str, parameters: Sequence[Value] | dict[str, Value] = ()) -> list[Row]:
        """Returns all rows of a query; times are integers (µs of UTC)."""
        return self._execute(sql, parameters).fetchall()

    def stream(self, sql: str, parameters: Sequence[Value] | dict[str, Value] = ()) -> Iterator[Row]:
        """Yields the rows of a query as they are made: millions take no more memory than thousands.

        Nothing else may be asked before the last row is taken.
        """
        result = self._execute(sql, parameters)
        while rows := result.fetchmany(BATCH):
            yield from rows

    def frame(self, sql: str, parameters: Sequence[Value] | dict[str, Value] = ()) -> pl.DataFrame:
        """Returns the rows of a query as a polars frame."""
        import polars as pl  # noqa: PLC0415  not needed for plain answers

        relation = self.connection.sql(sql, params=parameters)
        if relation is None:
            raise ValueError("not a query")
        stream = relation.__arrow_c_stream__(None)
        del relation
        return pl.DataFrame(_Stream(stream))

    def add(self, name: str, frame: pl.DataFrame, *, first: bool) -> None:
        """Adds the rows of a polars frame to a table; the first make it, replacing one of the same name."""
        self.connection.register("arrived", _Stream(frame.__arrow_c_stream__(None)))
        into = f"create or replace table {name} as" if first else f"insert into {name}"
        self._execute(f"{into} select * from arrived")
        self.connection.unregister("arrived")

    def names(self, sql: str, parameters: Sequence[Value] | dict[str, Value] = ()) -> list[str]:
        """Returns the column names of a query."""
        description = self._execute(sql, parameters).description
        return [column[0] for column in description or ()]

    def run(self, sql: str, parameters: Sequence[Value] | dict[str, Value] = ()) -> None:
        """Executes one statement."""
        self._execute(sql, parameters)

    def script(self, name: str, **pieces: str) -> None:
        """Executes the statements of one .sql file of this package; pieces of text take the places that it names."""
        for statement in statements(name):
            self._execute(filled(statement, **pieces))

    def table(self, name: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
        """Makes a small table, replacing one of the same name; `columns`: name and SQL type of each, `place bigint`."""
        values = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in columns]
        fields = []
        for column in columns:
            field, kind = column.split()
            fields.append(f"unnest(cast(? as {kind}[])) as {field}")
        self._execute(f"create or replace table {name} as select {', '.join(fields)}", values)

    def close(self) -> None:
        """Gives everything back."""
        self._connection = None
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
