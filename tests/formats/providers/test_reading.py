"""However an export is wrapped, packed or cut, its records come out; what is missing is said."""

from __future__ import annotations

import bz2
import gzip
import json
import tempfile
import zipfile
from base64 import b64encode
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import zstandard
from tests.formats.providers.test_samples import events
from tests.program import mailaudit, rows

from mailaudit import flow
from mailaudit.model.request import Request

pytestmark = pytest.mark.usefixtures("kept_readings")

ROOT = Path(__file__).resolve().parents[3]
POSTS = json.loads((ROOT / "fixtures/sendgrid/event-webhook/input.json").read_text())
LEGACY = "fixtures/mailgun/legacy-webhooks/input.jsonl"
SES = [json.loads(line) for line in (ROOT / "fixtures/ses/firehose-events/input.jsonl").read_text().splitlines()]
RECORDS: dict[str, list[Any]] = {"sendgrid": POSTS, "ses": SES}


def facts(path: Path) -> list[tuple[Any, ...]]:
    """What an export says, without where it stands."""
    return compared(events(path))


def compared(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """What rows of `events` say; what is not known is nothing, however a format writes that."""
    return sorted(
        (row["time"], row["event"], row.get("recipient") or "", row.get("reply") or "", json.dumps(row.get("vars")))
        for row in rows
    )


@cache
def plain(name: str) -> list[tuple[Any, ...]]:
    """What the records of a service say as JSON Lines."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plain.jsonl"
        path.write_text("".join(json.dumps(record) + "\n" for record in RECORDS[name]))
        return facts(path)


def one_line(records: list[Any]) -> str:
    """Documents back to back, without a line end."""
    return "".join(json.dumps(record) for record in records)


def base64(*records: object) -> str:
    """The records as a stream has them."""
    return b64encode("".join(map(json.dumps, records)).encode()).decode()


WRAPPED = {
    "document": json.dumps,
    "pretty document": lambda records: json.dumps(records, indent=2),
    "array a line": lambda records: json.dumps(records[:7]) + "\n" + json.dumps(records[7:]) + "\n",
    "member a line": lambda records: "[\n" + ",\n".join(map(json.dumps, records)) + "\n]\n",
    "back to back": one_line,
    "blank lines": lambda records: "\n\n" + "\n\n".join(map(json.dumps, records)) + "\n\n",
    "carriage returns": lambda records: "\r\n".join(map(json.dumps, records)) + "\r\n",
    "byte order mark": lambda records: "\ufeff" + "\n".join(map(json.dumps, records)),
    "page": lambda records: json.dumps({"items": records, "paging": {"next": "https://example.com/next"}}),
    "pages a line": lambda records: "\n".join(json.dumps({"results": [record], "links": {}}) for record in records),
    "pretty page": lambda records: json.dumps({"total_count": 9, "results": records}, indent=1),
    "sqs": lambda records: json.dumps({"Messages": [{"MessageId": "m", "Body": json.dumps(one)} for one in records]}),
    "sqs arrays": lambda records: "\n".join(json.dumps({"Body": json.dumps([one])}) for one in records),
    "eventbridge": lambda records: "\n".join(json.dumps({"detail-type": "x", "detail": one}) for one in records),
    "lambda": lambda records: json.dumps({"Records": [{"Sns": {"Message": json.dumps(one)}} for one in records]}),
    "sns": lambda records: "\n".join(
        json.dumps({"Type": "Notification", "MessageId": "m", "TopicArn": "arn:aws:sns:x", "Message": json.dumps(one)})
        for one in records
    ),
    "firehose": lambda records: json.dumps({"requestId": "r", "records": [{"data": base64(one)} for one in records]}),
    "several in a firehose record": lambda records: json.dumps({"records": [{"data": base64(*records)}]}),
    "kinesis": lambda records: json.dumps({"Records": [{"kinesis": {"data": base64(one)}} for one in records]}),
    "array is not closed": lambda records: json.dumps(records)[:-1] + ",",
}


@pytest.mark.parametrize("how", WRAPPED)
@pytest.mark.parametrize("name", RECORDS)
def test_containers_do_not_matter(tmp_path: Path, how: str, name: str) -> None:
    """The same records in any container say the same."""
    path = tmp_path / "export"
    path.write_text(WRAPPED[how](RECORDS[name]))

    said = mailaudit("events", "--format", "json", path)

    assert compared(said.rows("events")) == plain(name)
    assert said.document["inputs"][0]["unparsed"] == 0
    assert said.code == 0


PACKED = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "zstd": lambda data: zstandard.ZstdCompressor().compress(data),
    "utf-16": lambda data: data.decode().encode("utf-16"),
    "utf-16 without a mark": lambda data: data.decode().encode("utf-16-le"),
}


@pytest.mark.parametrize("how", PACKED)
def test_packing_does_not_matter(tmp_path: Path, how: str) -> None:
    """The same records, however packed or encoded, say the same."""
    data = "\n".join(map(json.dumps, POSTS)).encode()
    path = tmp_path / "export"
    path.write_bytes(PACKED[how](data))

    assert facts(path) == plain("sendgrid")


def test_an_archive_of_exports(tmp_path: Path) -> None:
    """Each file of a zip archive is an input; what two of them tell is counted once."""
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.json", json.dumps(POSTS[:12]))
        archive.writestr("b.json", json.dumps(POSTS[6:]))

    assert facts(path) == plain("sendgrid")


@pytest.mark.parametrize("name", ["event-webhook/input.json", "webhook-posts/input.jsonl"])
@pytest.mark.parametrize("cut", [0.2, 0.5, 0.83, 0.99])
def test_of_a_cut_export_nothing_is_lost_that_was_whole(tmp_path: Path, name: str, cut: float) -> None:
    """The records before the cut are read, and a warning tells that something is missing."""
    data = (ROOT / "fixtures/sendgrid" / name).read_bytes()
    part = data[: int(len(data) * cut)]
    path = tmp_path / "export"
    path.write_bytes(part)
    whole = part.count(b'"sg_event_id"') - (part.rfind(b"{", 0, part.rfind(b'"sg_event_id"')) > part.rfind(b"}"))
    with flow.read(Request(paths=(str(path),))) as run:
        (report,) = run.inputs

        assert report.lines - report.unparsed >= whole - 1
        assert [warning.kind for warning in run.warnings if warning.kind == "truncated"] == ["truncated"]


@pytest.mark.parametrize("quoted", [False, True])
def test_a_table_that_is_cut_within_a_row(tmp_path: Path, quoted: bool) -> None:  # noqa: FBT001 (a parameter)
    """The last row is not taken for one with empty cells; a file that only lacks its last line end is whole."""
    path = tmp_path / "acct.csv"
    begin = "type,timeLogged,rcpt,dsnStatus,dsnDiag,jobId\nd,1772438461,a@dst.example,2.0.0,smtp;250 ok,j1\n"
    last = 'b,1772438462,b@dst.example,5.1.1,"smtp;550, no",j1'
    path.write_text(begin + (last[:45] if quoted else last[:18]))
    with flow.read(Request(paths=(str(path),))) as run:
        (report,) = run.inputs

        assert (report.lines, report.unparsed) == (2, 1)
        assert [warning.kind for warning in run.warnings if warning.kind == "truncated"] == ["truncated"]
    path.write_text(begin + last)
    with flow.read(Request(paths=(str(path),))) as run:
        assert (run.inputs[0].lines, run.inputs[0].unparsed, run.warnings) == (2, 0, [])


def test_a_broken_record_is_counted_and_named(tmp_path: Path) -> None:
    """A line that is no JSON is one unparsed record; those around it are read."""
    lines = [json.dumps(record) for record in POSTS]
    lines[3] = lines[3][:40]
    path = tmp_path / "export.jsonl"
    path.write_text("\n".join(lines) + "\n")
    with flow.read(Request(paths=(str(path),))) as run:
        (report,) = run.inputs

        assert (report.lines, report.unparsed, report.unparsed_lines) == (20, 1, [4])
        assert any(warning.line == 4 and "record 4" in warning.text for warning in run.warnings)


def test_a_form_is_a_record(tmp_path: Path) -> None:
    """Legacy webhooks are form posts; a captured body a line."""
    cases = [json.loads(line) for line in (ROOT / LEGACY).read_text().splitlines()]
    path = tmp_path / "posts.txt"
    path.write_text("\n".join(urlencode(case) for case in cases) + "\n")

    assert facts(path) == facts(ROOT / LEGACY)


def test_an_unknown_event_is_kept_and_said(tmp_path: Path) -> None:
    """It becomes `other`, with the record as its reply, and a warning names it once."""
    record = {**POSTS[0], "event": "teleported", "sg_event_id": "new", "signature": "s3cret"}
    path = tmp_path / "export.jsonl"
    path.write_text("\n".join(json.dumps(one) for one in [*POSTS, record, {**record, "timestamp": 1772439999}]))
    rows = [row for row in events(path) if row["event"] == "other"]

    assert [row["raw_event"] for row in rows] == ["teleported", "teleported"]
    assert json.loads(rows[0]["reply"])["email"] == record["email"]
    assert "s3cret" not in json.dumps(rows)
    with flow.read(Request(paths=(str(path),))) as run:
        assert [warning.kind for warning in run.warnings].count("unknown_event") == 1
        assert run.inputs[0].unparsed == 0


def test_ids_stay_whole(tmp_path: Path) -> None:
    """Numbers beyond what a floating-point number, or 64 bits, can hold."""
    case = json.loads((ROOT / "fixtures/mailjet/events/input.json").read_text())[0]
    numbers = [118300427716600027, 9223372036854775807, 18446744073709551617, 123456789012345678901234567890]
    path = tmp_path / "export.json"
    path.write_text(json.dumps([{**case, "MessageID": number} for number in numbers]))

    assert sorted(row["provider_message_id"] for row in events(path)) == sorted(map(str, numbers))


HOSTILE: list[Any] = [
    {"event": ["x"], "email": {"a": 1}, "timestamp": "never", "sg_event_id": 7},
    {"event": {"a": []}, "email": [], "timestamp": 1772438460, "sg_event_id": "x"},
    {"event": "delivered", "email": "a@b.example", "timestamp": [], "sg_event_id": None},
    {"event": "delivered", "email": "\ud800@b.example", "timestamp": 1772438460, "sg_event_id": "\udfff"},
    {"eventType": "Bounce", "mail": {"messageId": 5, "destination": 7, "tags": []}, "bounce": []},
    {"RecordType": "Bounce", "Type": [], "TypeCode": {}, "BouncedAt": 3},
    {"msys": {"message_event": {"type": 5}}},
    {"msys": {"message_event": []}},
    {"type": "email.bounced", "created_at": 5, "data": {"email_id": 1, "to": {"a": 1}, "bounce": []}},
    {"event": "x", "msg": {"smtp_events": 5}, "ts": {}},
    [[[[[[[[[[]]]]]]]]]],
    "text",
    5,
    None,
]


@pytest.mark.parametrize("record", HOSTILE, ids=str)
def test_hostile_records_never_stop_a_reading(tmp_path: Path, record: object) -> None:
    """They are rows, noise or counted as unparsed, and the others are read."""
    path = tmp_path / "export.jsonl"
    path.write_text("\n".join([*map(json.dumps, POSTS), json.dumps(record)]) + "\n")
    said = mailaudit("events", "--format", "json", path)
    (told,) = said.document["inputs"]

    assert told["lines"] == told["parsed"] + told["noise"] + told["unparsed"]
    assert told["parsed"] + told["noise"] >= len(POSTS)
    assert len(said.rows("events")) >= len(POSTS) - 1


def test_words_that_are_called_alike_are_all_counted(tmp_path: Path) -> None:
    """Events without a word, and words that are only different behind what is shown of them."""
    event = {"email": "a@b.example", "timestamp": 1772438460, "sg_event_id": "1", "event": "x"}
    words = [None, "", "other", "x" * 64 + "1", "x" * 64 + "2"]
    path = tmp_path / "events.jsonl"
    path.write_text("".join(json.dumps({**event, "event": word}) + "\n" for word in words))
    with flow.read(Request(paths=(str(path),))) as run:
        (report,) = run.inputs

        assert (report.lines, report.parsed + report.noise + report.unparsed) == (5, 5)


def test_numbers_that_json_has_not(tmp_path: Path) -> None:
    """NaN is shown as text, and digits of other scripts are no code."""
    event = (
        '{"email": "a@b.example", "timestamp": 1772438460, "event": "deferred", "sg_event_id": "1", "x": [NaN, 1e999]}'
    )
    path = tmp_path / "events.jsonl"
    path.write_text(event)
    code = {"event": "failed", "id": "1", "timestamp": 1.5e9, "log-level": "warn", "recipient": "a@b.example"}
    other = tmp_path / "mailgun.json"
    other.write_text(json.dumps({**code, "delivery-status": {"code": "\u0661\u0662\u0663"}}))

    assert rows("records", path)[0]["x"] == ["nan", "inf"]
    assert [row.get("smtp_code") for row in events(other)] == [None]


def test_secrets_never_come_out(capsys: pytest.CaptureFixture[str]) -> None:
    """Signatures and tokens of webhooks are in no output, whatever is asked."""
    from mailaudit.cli import run  # noqa: PLC0415

    source = ROOT / "fixtures/mailgun/webhooks-v3/input.jsonl"
    secrets = {
        value
        for line in source.read_text().splitlines()
        for value in (json.loads(line)["signature"]["token"], json.loads(line)["signature"]["signature"])
    }
    for command in (["events"], ["records"], ["log"], ["stats"], ["trace", "nouser@example.net"], ["inspect"]):
        for form in ("jsonl", "table"):
            run([*command, "--format", form, str(source)])
    run(["log", "--raw", str(source)])
    said = capsys.readouterr()

    assert said.out
    assert [secret for secret in secrets if secret in said.out + said.err] == []
