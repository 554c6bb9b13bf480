"""The temporary store keeps every row, in memory or in parts, and leaves nothing behind."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import polars as pl
import pytest

from mailaudit.errors import OutputError
from mailaudit.model.columns import TLS, Column, Table
from mailaudit.store import temporary
from mailaudit.store.temporary import TemporaryStore

if TYPE_CHECKING:
    from pathlib import Path

MAIL = Table(
    "mail",
    "A small table.",
    (Column("number", "big", "a number"), Column("recipient", "text", "an address"), Column("kind", "word", "a word")),
)


def rows(first: int, count: int) -> pl.DataFrame:
    """Rows with consecutive numbers, and without the last column."""
    numbers = range(first, first + count)
    return pl.DataFrame(
        {"number": list(numbers), "recipient": [f"{n % 7}@a.example" if n % 5 else None for n in numbers]}
    )


@pytest.mark.parametrize("few", [50, 10_000])
@pytest.mark.parametrize("part_rows", [1, 10, 30, 100, 1_000_000])
def test_every_row_arrives_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, part_rows: int, few: int) -> None:
    """However large the parts are and whenever they begin, all rows are there, numbered in order of arrival."""
    monkeypatch.setattr(temporary, "PART_ROWS", part_rows)
    monkeypatch.setattr(temporary, "FEW", few)

    with TemporaryStore(directory=tmp_path, tables=(MAIL,)) as store:
        for first in range(0, 100, 7):
            store.append("mail", rows(first, min(7, 100 - first)))
        found = store.connect().execute('select number, "row" from mail order by number').fetchall()

    assert found == [(n, n) for n in range(100)]
    assert list(tmp_path.iterdir()) == []


def test_missing_columns_are_null_and_words_are_text(tmp_path: Path) -> None:
    """A frame may lack columns, and may bring categories."""
    frame = pl.DataFrame({"number": [1], "kind": ["x"]}, schema_overrides={"kind": pl.Categorical})

    with TemporaryStore(directory=tmp_path, tables=(MAIL,)) as store:
        store.append("mail", frame)
        found = store.connect().execute("select number, recipient, recipient_key, kind from mail").fetchall()

    assert found == [(1, None, None, "x")]


def test_equal_recipients_have_equal_keys(tmp_path: Path) -> None:
    """recipient_key tells recipients apart as their text does, across frames."""
    with TemporaryStore(directory=tmp_path, tables=(MAIL,)) as store:
        store.append("mail", rows(0, 40))
        store.append("mail", rows(40, 40))
        connection = store.connect()
        found = connection.execute(
            "select count(distinct recipient), count(distinct recipient_key), "
            "count(distinct recipient || '/' || recipient_key) from mail",
        ).fetchall()

    assert found == [(7, 7, 7)]


def test_a_table_without_rows_can_be_asked(tmp_path: Path) -> None:
    """A table that nothing was appended to is empty."""
    with TemporaryStore(directory=tmp_path, tables=(TLS,)) as store:
        assert store.connect().execute("select count(*) from tls").fetchall() == [(0,)]


def test_a_cleared_store_begins_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """After clear() only what is appended then is there."""
    monkeypatch.setattr(temporary, "PART_ROWS", 10)

    with TemporaryStore(directory=tmp_path, tables=(MAIL,)) as store:
        store.append("mail", rows(0, 30))
        store.connect()
        store.clear()
        store.append("mail", rows(500, 2))
        found = store.connect().execute('select number, "row" from mail order by 1').fetchall()

    assert found == [(500, 0), (501, 1)]


def test_a_question_that_needs_it_gets_more_memory(tmp_path: Path) -> None:
    """The limit is higher for one question, whatever becomes of it, and then what it was."""
    with TemporaryStore(64 << 20, directory=tmp_path, tables=(MAIL,)) as store:
        limit = "select current_setting('memory_limit')"
        with store.extended(2):
            meanwhile = store.connect().execute(limit).fetchall()
            with store.extended(1.5):
                more = store.connect().execute(limit).fetchall()
            again = store.connect().execute(limit).fetchall()
        with pytest.raises(ZeroDivisionError), store.extended(2):
            raise ZeroDivisionError
        after = store.connect().execute(limit).fetchall()

    assert (meanwhile, more, again) == ([("128.0 MiB",)], [("192.0 MiB",)], [("128.0 MiB",)])
    assert after == [("64.0 MiB",)]


def test_no_room_is_an_output_error(tmp_path: Path) -> None:
    """Where no temporary directory can be made, the error says so and what to do."""
    with pytest.raises(OutputError) as error:
        TemporaryStore(directory=tmp_path / "missing")

    assert "TMPDIR" in (error.value.hint or "")


def test_a_part_that_cannot_be_written_is_an_output_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A failing write surfaces as our error at the latest when the store is asked."""
    monkeypatch.setattr(temporary, "PART_ROWS", 1)

    with TemporaryStore(directory=tmp_path, tables=(MAIL,)) as store:
        for path in tmp_path.iterdir():
            path.rmdir()
        store.append("mail", rows(0, 5))
        with pytest.raises(OutputError):
            store.connect()


def test_much_is_kept_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What is made of the rows goes to the disk where there are many, and every connection finds it there."""
    monkeypatch.setattr(temporary, "ROW_BYTES", 1 << 30)

    with TemporaryStore(directory=tmp_path, tables=(MAIL,)) as store:
        store.append("mail", rows(0, 5))
        store.connect().execute('create table made as select "row" from mail')
        kept = [path.name for path in tmp_path.glob("*/*.duckdb")]
        with store.cursor() as cursor:
            found = cursor.execute("select count(*) from made join mail using (row)").fetchall()

    assert (kept, found) == (["answers.duckdb"], [(5,)])
    assert not list(tmp_path.iterdir())


def test_a_file_that_cannot_be_made_is_an_output_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """So is one for the answers."""
    monkeypatch.setattr(temporary, "ROW_BYTES", 1 << 30)

    with TemporaryStore(directory=tmp_path, tables=(MAIL,)) as store:
        store.append("mail", rows(0, 5))
        for path in tmp_path.iterdir():
            path.rmdir()
        with pytest.raises(OutputError):
            store.connect()


def test_nothing_is_printed_at_exit() -> None:
    """DuckDB reports connections and relations that were left open; none are."""
    script = (
        "import polars as pl\n"
        "from mailaudit.measure.engine import Engine\n"
        "from mailaudit.store.temporary import TemporaryStore\n"
        "engine = Engine(TemporaryStore())\n"
        "engine.finish()\n"
        "frame = engine.frame('select 1 as one, 2 as two')\n"
        "assert frame.rows() == [(1, 2)]\n"
        "engine.close()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout + done.stderr == ""


def test_nobody_waits_for_a_database_that_does_not_open(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Ctrl-C while modules are loaded may stop the thread that opens it for ever."""
    going_on = threading.Event()

    def stuck(_store: TemporaryStore) -> None:
        going_on.wait(60)
        raise OSError

    monkeypatch.setattr(TemporaryStore, "_opened", stuck)
    store = TemporaryStore(directory=tmp_path, tables=(MAIL,))
    opening = store.open()
    closing = threading.Thread(target=store.close)
    closing.start()
    closing.join(30)

    try:
        assert not closing.is_alive()
        assert not opening.done()
        assert list(tmp_path.iterdir()) == []
    finally:
        going_on.set()
