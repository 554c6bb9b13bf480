"""The store of one run over files: every table in parts on disk, gone when the run ends.

Rows are gathered and written in parts, as Parquet files, by one thread while the next blocks are read; a table of few
rows is kept in DuckDB's memory, and so is what is made of all of them, unless that were much. So what is small never
touches the disk, memory stays flat however long the log is, and a question reads only the columns it names. DuckDB is
loaded by a thread of its own, when the store is told to or at the first question.
"""

from __future__ import annotations

import secrets
import shutil
import tempfile
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Self

import polars as pl

from mailaudit.errors import OutputError
from mailaudit.model.columns import TABLES, Table, Type

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import duckdb

MEMORY = 350 << 20
"""Bytes DuckDB may use unless told otherwise; beyond them it spills to the store's directory."""

PART_ROWS = 60_000
"""Rows per part: large enough to compress and scan well, small enough that little is left to write at the end."""

PLAIN = 6
"""Parts of a table that are written as they are: compressing takes a third of the time, and saves half of the room."""

PART_BYTES = 24 << 20
"""Bytes in memory after which a part is written even if it has fewer rows: events of exports are long."""

FEW = 10_000
"""Rows below which what is left at the end is put into DuckDB's memory: a part of more is written in less time."""

SMALL = 200
MANY = 200
"""Rows below which frames wait for others of their kind, and how many of them wait."""

ROW_BYTES = 100
"""Bytes in memory of what is made of a row: who settled what, and when."""

FILE = "answers"
"""The database on disk where that is kept if it would take a quarter of the memory; there it takes a third as much."""

THREADS = 2
"""DuckDB's threads; polars works on other blocks at the same time."""

POLARS: dict[Type, pl.DataType] = {
    "text": pl.String(),
    "word": pl.String(),
    "int": pl.Int32(),
    "big": pl.Int64(),
    "real": pl.Float64(),
    "flag": pl.Boolean(),
    "time": pl.Int64(),
}
SQL: dict[Type, str] = {
    "text": "varchar",
    "word": "varchar",
    "int": "integer",
    "big": "bigint",
    "real": "double",
    "flag": "boolean",
    "time": "bigint",
}


class _Stream:
    """A polars frame as DuckDB can scan it without pyarrow: nothing but the Arrow stream."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self._frame = frame

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._frame.__arrow_c_stream__(requested_schema)


class TemporaryStore:
    """Tables that are appended to, then asked, then forgotten.

    Each table has two columns more than declared: `row` counts its rows in order of arrival, and tables with a
    recipient have `recipient_key`, the recipient hashed with a seed of this run (cheap to group by, and nobody can
    write a log whose addresses collide).
    """

    def __init__(
        self,
        memory: int | None = None,
        directory: Path | None = None,
        tables: Iterable[Table] = TABLES,
        *,
        scarce: bool = False,
    ) -> None:
        self._memory = memory or MEMORY
        self._scarce = scarce
        self._parent = directory
        self._tables = {table.name: table for table in tables}
        self._seed = secrets.randbits(63)
        self._opener = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._ready = False
        self._start()

    def _start(self) -> None:
        self._rows = dict.fromkeys(self._tables, 0)
        self._parts = dict.fromkeys(self._tables, 0)
        self._small: dict[str, list[pl.DataFrame]] = {name: [] for name in self._tables}
        self._waiting: dict[str, list[pl.DataFrame]] = {name: [] for name in self._tables}
        self._held = dict.fromkeys(self._tables, 0)
        self._present: dict[str, set[str]] = {name: set() for name in self._tables}
        self._filed = False
        try:
            self._directory = Path(tempfile.mkdtemp(prefix="mailaudit-", dir=self._parent))
        except OSError as error:
            raise OutputError(
                f"no directory for temporary files: {error.strerror}",
                hint="set TMPDIR to a directory with room",
            ) from error
        self._opening: Future[duckdb.DuckDBPyConnection] | None = None

    @property
    def names(self) -> list[str]:
        """The names of the tables."""
        return list(self._tables)

    def append(self, name: str, frame: pl.DataFrame) -> None:
        """Adds rows to a table; columns the frame does not have are null."""
        small = self._small[name]
        if small and (small[0].schema != frame.schema or frame.height >= SMALL or len(small) >= MANY):
            self._fit(name)
        if frame.height < SMALL:
            self._small[name].append(frame)
        else:
            self._take(name, frame)

    def _fit(self, name: str) -> None:
        """Brings the small frames of a table together: a directory of single mails has thousands."""
        small, self._small[name] = self._small[name], []
        if small:
            self._take(name, pl.concat(small))

    def _take(self, name: str, frame: pl.DataFrame) -> None:
        fitted = self._fitted(frame, self._tables[name], self._rows[name])
        self._waiting[name].append(fitted)
        self._held[name] += int(fitted.estimated_size())
        self._rows[name] += frame.height
        waiting = self._waiting[name]
        enough = PART_ROWS // 3 if self._scarce else PART_ROWS
        if sum(part.height for part in waiting) >= enough or self._held[name] >= PART_BYTES:
            self._flush(name)

    def _fitted(self, frame: pl.DataFrame, table: Table, first_row: int) -> pl.DataFrame:
        """The table's columns that the frame has, and those that are added to them."""
        have = frame.schema
        columns = [
            pl.col(column.name)
            if have[column.name] == POLARS[column.type]
            else pl.col(column.name).cast(POLARS[column.type])
            for column in table.columns
            if column.name in have and have[column.name] != pl.Null
        ]
        added = [pl.int_range(first_row, first_row + pl.len(), dtype=pl.Int64).alias("row")]
        if "recipient" in have:
            # Exports may write an address now so, now so: then the frame has it as it is compared, too.
            compared = "folded" if "folded" in have else "recipient"
            hashed = pl.col(compared).cast(pl.String).hash(self._seed).reinterpret(signed=True)
            added.append(pl.when(pl.col("recipient").is_not_null()).then(hashed).alias("recipient_key"))
        return frame.select(*columns, *added)

    def _flush(self, name: str) -> None:
        """Writes the waiting rows."""
        frames, self._waiting[name], self._held[name] = self._waiting[name], [], 0
        path = self._directory / f"{name}-{self._parts[name]:06}.parquet"
        packed = self._scarce or self._parts[name] >= PLAIN
        self._parts[name] += 1
        self._present[name].update(*(frame.columns for frame in frames))
        try:
            rows = pl.concat(frames, how="diagonal")
            rows.write_parquet(path, compression="lz4" if packed else "uncompressed", statistics=False)
        except OSError as error:
            raise OutputError(
                f"cannot write temporary file {path}: {error.strerror or error}",
                hint="set TMPDIR to a directory with more room",
            ) from error

    def _insert(self, connection: duckdb.DuckDBPyConnection, name: str) -> None:
        """Puts the rows that are left into a table in memory."""
        frames, self._waiting[name] = self._waiting[name], []
        columns = ", ".join(f'"{column}" {kind}' for column, kind in self._types(name).items())
        connection.execute(f"create table {name} ({columns})")
        if not frames:
            return
        rows = pl.concat(frames, how="diagonal")
        names = ", ".join(f'"{column}"' for column in rows.columns)
        connection.register("arrived", _Stream(rows))
        connection.execute(f"insert into {name} ({names}) select {names} from arrived")
        connection.unregister("arrived")

    def _types(self, name: str) -> dict[str, str]:
        """The columns of a table with their SQL types."""
        table = self._tables[name]
        added = {"row": "bigint", **({"recipient_key": "bigint"} if "recipient" in table.names() else {})}
        return {column.name: SQL[column.type] for column in table.columns} | added

    def open(self) -> Future[duckdb.DuckDBPyConnection]:
        """Has DuckDB loaded and opened, unless it is: best when there is nothing else to do in Python."""
        if self._opening is None:
            self._opening = self._opener.submit(self._opened)
        return self._opening

    def _opened(self) -> duckdb.DuckDBPyConnection:
        import duckdb  # noqa: PLC0415  0.1 s, in a thread of its own

        connection = duckdb.connect(
            ":memory:",
            config={
                "threads": 1 if self._scarce else THREADS,
                "memory_limit": f"{self._memory >> 10}KiB",
                "temp_directory": str(self._directory / "spill"),
                "preserve_insertion_order": False,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            },
        )
        # DuckDB 2.0 groups by the join's key first: our groupings (few groups, many rows) take four times as long.
        # Older versions do not know the word.
        if ("partial_aggregate_pushdown",) in connection.execute("select name from duckdb_optimizers()").fetchall():
            connection.execute("set disabled_optimizers = 'partial_aggregate_pushdown'")
        return connection

    def connect(self) -> duckdb.DuckDBPyConnection:
        """Returns the connection on which all tables can be asked; nothing may be appended after that."""
        connection = self.open().result()
        if not self._ready:
            for name in self._tables:
                self._fit(name)
                waiting = sum(frame.height for frame in self._waiting[name])
                if waiting >= FEW or (waiting and self._parts[name]):
                    self._flush(name)
            self._filed = sum(self._rows.values()) * ROW_BYTES > self._memory // 4
            if self._filed:
                self._attach(connection)
            for name in self._tables:
                if not self._parts[name]:
                    self._insert(connection, name)
            for name in self._tables:
                self._publish(connection, name)
            self._ready = True
        return connection

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Returns another connection, for questions that are asked at the same time."""
        cursor = self.connect().cursor()
        if self._filed:
            cursor.execute(f"use {FILE}")
        return cursor

    def _attach(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Has all tables from now on in a file."""
        import duckdb  # noqa: PLC0415  loaded long before

        # It does not outlive the run, so nothing need be sure to be on the disk. Older versions do not know the word.
        if ("fsync_mode",) in connection.execute("select name from duckdb_settings()").fetchall():
            connection.execute("set fsync_mode = 'NONE'")
        path = str(self._directory / f"{FILE}.duckdb").replace("'", "''")
        connection.execute("pragma disable_checkpoint_on_shutdown")
        try:
            connection.execute(f"attach '{path}' as {FILE}")
        except duckdb.IOException as error:
            raise OutputError(
                f"cannot write temporary file {path}: {error}", hint="set TMPDIR to a directory with more room"
            ) from error
        connection.execute(f"use {FILE}")

    def _publish(self, connection: duckdb.DuckDBPyConnection, name: str) -> None:
        """Makes a view of a table's parts, if it has any; what no row has is null."""
        types = self._types(name)
        if not self._parts[name]:
            return
        have = self._present[name]
        columns = ", ".join(
            f'"{column}"' if column in have else f'cast(null as {kind}) as "{column}"' for column, kind in types.items()
        )
        files = str(self._directory / f"{name}-*.parquet").replace("'", "''")
        connection.execute(f"create view {name} as select {columns} from read_parquet('{files}', union_by_name = true)")

    @contextmanager
    def extended(self, times: float) -> Iterator[None]:
        """Lets DuckDB take so many times as much memory for a while: reading has given back what it took."""
        before = self._memory
        self._memory = int(before * times)
        try:
            self._limit(self._memory)
            yield
        finally:
            self._memory = before
            self._limit(before)

    @contextmanager
    def undivided(self) -> Iterator[None]:
        """Has each question answered by one thread, while as many are asked as there are threads for one."""
        threads = 1 if self._scarce else THREADS
        try:
            self._threads(1)
            yield
        finally:
            self._threads(threads)

    def _threads(self, threads: int) -> None:
        with self.cursor() as own:
            own.execute(f"set threads = {threads:d}")

    def _limit(self, memory: int) -> None:
        with self.cursor() as own:  # several questions may ask at the same time
            own.execute(f"set memory_limit = '{memory >> 10}KiB'")

    def clear(self) -> None:
        """Forgets all rows, to begin again."""
        self._forget()
        self._start()

    def _forget(self) -> None:
        if self._opening is not None:
            self._opening.add_done_callback(
                _closed
            )  # nobody waits for it: Ctrl-C may have left Python's imports locked
        self._ready = False
        shutil.rmtree(self._directory, ignore_errors=True)

    def close(self) -> None:
        """Removes everything."""
        self._forget()
        self._opener.shutdown(wait=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _closed(opening: Future[duckdb.DuckDBPyConnection]) -> None:
    """Closes what was opened: DuckDB complains at exit of what is left open."""
    if opening.exception() is None:
        opening.result().close()
