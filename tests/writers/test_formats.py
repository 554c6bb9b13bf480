"""Every format writes what the contract says, whatever the log holds."""

from __future__ import annotations

import csv
import io
import json

import pytest

from mailaudit.model.answers import EXPLAIN, Answer, Look
from mailaudit.model.columns import Column
from mailaudit.writers.markdown import plain

from .answers import HEAD, hostile, written

LONG = Answer("n", "Numbers", "rows", "time", (Column("n", "int", ""),), [(n,) for n in range(50)])


def test_json_has_the_shape_of_the_contract() -> None:
    """Schema, command, version, range, inputs, warnings, tables, in this order and with these keys."""
    document = json.loads(written("json", hostile()))

    assert list(document) == ["schema", "command", "version", "range", "inputs", "warnings", "tables"]
    assert document["schema"] == 1
    assert document["range"] == {"since": "1970-01-01T00:00:00Z", "until": None, "tz": "UTC"}
    assert document["inputs"] == [
        {
            "path": "mail\x1b.log",
            "format": "postfix",
            "lines": 5,
            "parsed": 3,
            "noise": 1,
            "unparsed": 1,
            "year": 2017,
            "offset": "+02:00",
            "confidence": "high",
        }
    ]
    assert document["warnings"] == [{"kind": "step", "text": "stamps step back", "source_file": "mail.log", "line": 7}]
    assert document["tables"]["log"]["unit"] == "rows"
    assert document["tables"]["log"]["time"] == "acceptance"
    assert document["tables"]["log"]["rows"][0] == {
        "queue_id": "4E10",
        "time": "2017-05-31T04:26:22Z",
        "size": 10,
        "rate": 0.5,
        "reply": "ok [prod.protection.outlook.com] [/x] :smile:",
    }
    assert document["tables"]["log"]["rows"][2]["reply"] == "\x1b[2J\u202etxt.exe\nsecond line"


def test_json_without_rows_or_tables_is_json() -> None:
    """Nothing to tell is still a document."""
    assert json.loads(written("json"))["tables"] == {}
    assert json.loads(written("json", Answer("n", "", "", "", (), ())))["tables"]["n"]["rows"] == []


def test_jsonl_is_one_object_a_row() -> None:
    """One table: its rows; several: each row says of which."""
    one = [json.loads(line) for line in written("jsonl", hostile()).splitlines()]
    two = [json.loads(line) for line in written("jsonl", hostile(), LONG).splitlines()]

    assert [row["queue_id"] for row in one] == ["4E10", "0012", "00FF"]
    assert "table" not in one[0]
    assert [two[0]["table"], two[3]["table"]] == ["log", "n"]


def test_sparse_rows_leave_out_what_they_lack() -> None:
    """Wide tables with mostly empty rows stay small."""
    rows = [json.loads(line) for line in written("jsonl", hostile(sparse=True)).splitlines()]

    assert "size" not in rows[1]
    assert json.loads(written("jsonl", hostile()).splitlines()[1])["size"] is None


def test_fields_of_a_row_become_keys() -> None:
    """A dict in a cell: keys of the object in JSON, a JSON object in CSV."""
    columns = (Column("kind", "word", ""), Column("fields", "text", ""))
    answer = Answer("records", "", "", "", columns, [("sent", {"to": "a@b.c", "kind": "other"})])

    assert json.loads(written("jsonl", answer)) == {"kind": "sent", "to": "a@b.c"}
    assert next(csv.DictReader(io.StringIO(written("csv", answer))))["fields"] == '{"to": "a@b.c", "kind": "other"}'
    assert "to=a@b.c" in written("table", answer)


def test_csv_is_rfc_4180() -> None:
    """CR LF, quotes where needed, nothing but text safe to look at; ids and formulas as they are."""
    text = written("csv", hostile())
    rows = list(csv.DictReader(io.StringIO(text, newline="")))

    assert text.count("\r\n") == text.count("\n") == 4
    assert [row["queue_id"] for row in rows] == ["4E10", "0012", "00FF"]
    assert rows[0]["time"] == "2017-05-31T04:26:22Z"
    assert rows[1]["time"] == "2017-05-31T04:26:22.500000Z"
    assert (rows[1]["size"], rows[2]["time"]) == ("", "")
    assert rows[1]["reply"] == '=1+1, "quoted" | piped'
    assert rows[2]["reply"] == r"\x1b[2J\u202etxt.exe\nsecond line"


def test_csv_of_several_tables_is_one_table() -> None:
    """A first column says which table; the columns are those of all."""
    rows = list(csv.DictReader(io.StringIO(written("csv", hostile(), LONG))))

    assert list(rows[0]) == ["table", "queue_id", "time", "size", "rate", "reply", "n"]
    assert (rows[0]["table"], rows[0]["n"], rows[3]["table"], rows[3]["n"]) == ("log", "", "n", "0")
    assert len(rows) == 53


def test_markdown_shows_log_text_as_it_is() -> None:
    """Pipes, brackets, asterisks and tags mean nothing; a row is one line."""
    lines = written("markdown", hostile()).splitlines()

    assert lines[0] == r"## What became \[of\] it"
    assert lines[6].startswith("| 4E10 | 2017-05-31 04:26:22 | 10 | 50.00% | ok \\[prod.protection.outlook.com\\]")
    assert r"=1+1, " in lines[7]
    assert r"\| piped" in lines[7]
    assert len(lines) == 9


@pytest.mark.parametrize(
    ("text", "escaped"),
    [("&lt;b&gt;", r"\&lt;b\&gt;"), ("&#60;", r"\&#60;"), ("R&D; x", r"R\&D; x"), ("a & b", "a & b")],
)
def test_markdown_takes_no_text_for_an_entity(text: str, escaped: str) -> None:
    """What looks like a character's name in HTML is shown as it stands in the log."""
    assert plain(text) == escaped


def test_table_in_a_pipe_is_whole() -> None:
    """Full width, no colours, numbers to the right, ids untouched, escapes shown."""
    assert written("table", hostile()) == (
        "What became [of] it\n"
        "(rows; time: acceptance; zone: UTC)\n"
        "queue_id    time                   size     rate  reply\n"
        "----------  -------------------  ------  -------  ---------------------------------------------\n"
        "4E10        2017-05-31 04:26:22      10   50.00%  ok [prod.protection.outlook.com] [/x] :smile:\n"
        '0012        2017-05-31 04:26:22                   =1+1, "quoted" | piped\n'
        "00FF                                  0  100.00%  \\x1b[2J\\u202etxt.exe\\nsecond line\n"
    )


def test_text_tables_have_twenty_rows() -> None:
    """The head says how many there are; `--limit` says how many are wanted; machine formats have all."""
    table = written("table", LONG)

    assert table.splitlines()[0] == "Numbers, 20 of 50 rows"
    assert len(table.splitlines()) == 24
    assert written("table", LONG, look=Look(limit=50)).splitlines()[0] == "Numbers"
    assert len(written("table", LONG, look=Look(limit=3)).splitlines()) == 7
    assert len(json.loads(written("json", LONG))["tables"]["n"]["rows"]) == 50
    assert len(json.loads(written("json", LONG, look=Look(limit=7)))["tables"]["n"]["rows"]) == 7


@pytest.mark.parametrize("form", ["table", "csv", "jsonl", "markdown"])
def test_columns_are_those_asked_for(form: str) -> None:
    """`--columns` chooses and orders, in every format."""
    text = written(form, hostile(), look=Look(columns=("reply", "queue_id")))

    assert text.index("reply") < text.index("queue_id")
    assert "2017" not in text


def test_an_empty_table_says_so() -> None:
    """No rows: a table with its head, and a word."""
    assert written("table", Answer("n", "Numbers", "rows", "time", (Column("n", "int", ""),), ())) == (
        "Numbers\n(rows; time: time; zone: UTC)\n  (none)\n"
    )


def test_the_command_that_explains_stands_under_its_line() -> None:
    """In text under the line, in machine formats as a column."""
    columns = (Column("n", "int", ""), Column(EXPLAIN, "text", ""))
    answer = Answer("n", "Numbers", "rows", "time", columns, [(1, "mailaudit log x"), (2, None)])

    assert written("table", answer).splitlines()[2:] == ["  n", "---", "  1", "    mailaudit log x", "  2"]
    assert json.loads(written("jsonl", answer).splitlines()[0]) == {"n": 1, "explain": "mailaudit log x"}


def test_inputs_may_be_known_only_at_the_end() -> None:
    """Where rows are counted while they are written, the counts follow them."""
    from dataclasses import replace  # noqa: PLC0415

    document = json.loads(written("json", hostile(), head=replace(HEAD, known_at_end=True)))

    assert list(document)[-2:] == ["inputs", "warnings"]
