"""The same exports in other dress: lost headers, other columns, other zones, query strings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.formats.providers.test_samples import events

from mailaudit import flow
from mailaudit.formats.providers import texts, times
from mailaudit.formats.providers.shape import FIELDS
from mailaudit.model.request import Request

ROOT = Path(__file__).resolve().parents[3]


def said(path: Path, *options: object) -> list[tuple[str, str, str]]:
    """Time, event and recipient of each row."""
    return [(row["time"], row["event"], row["recipient"]) for row in events(*options, path)]


def test_a_tracking_log_without_its_header(tmp_path: Path) -> None:
    """Some shippers drop the lines that begin with `#`; the columns are those of the current version."""
    lines = (ROOT / "fixtures/exchange/msgtrk20260302-1/input.csv").read_text("utf-8-sig").splitlines(keepends=True)
    path = tmp_path / "MSGTRK.LOG"
    path.write_text("".join(line for line in lines if not line.startswith("#")))

    assert said(path) == said(ROOT / "fixtures/exchange/msgtrk20260302-1/input.csv")


def test_accounting_files_put_together(tmp_path: Path) -> None:
    """A second header may name other columns in another order."""
    path = tmp_path / "acct.csv"
    path.write_text(
        "type,timeLogged,orig,rcpt,dsnStatus,bounceCat\n"
        "d,2026-03-02 08:01:02+0000,a@src.example,b@dst.example,2.0.0,\n"
        "type,rcpt,orig,timeLogged,bounceCat,dsnDiag,dsnStatus\n"
        "b,c@dst.example,a@src.example,1772438523,policy-related,smtp;550 5.7.1 no,5.7.1\n"
    )

    assert said(path) == [
        ("2026-03-02T08:01:02Z", "delivered", "b@dst.example"),
        ("2026-03-02T08:02:03Z", "soft_bounced", "c@dst.example"),
    ]
    with flow.read(Request(paths=(str(path),))) as run:
        assert (run.inputs[0].lines, run.inputs[0].parsed, run.inputs[0].noise) == (3, 2, 1)


def test_tracking_logs_put_together(tmp_path: Path) -> None:
    """The directives come again in the middle, and the columns may have another order from there on."""
    head = "#Software: Microsoft Exchange Server\r\n#Version: 15.02\r\n#Log-Type: Message Tracking Log\r\n"
    path = tmp_path / "MSGTRK.LOG"
    path.write_text(
        f"{head}#Fields: date-time,event-id,source,recipient-address,message-id\r\n"
        "2026-03-02T08:01:00.000Z,DELIVER,STOREDRIVER,a@dst.example,<1@x>\r\n"
        f"{head}#Fields: date-time,source,event-id,message-id,recipient-address\r\n"
        "2026-03-02T08:02:00.000Z,SMTP,DEFER,<2@x>,b@dst.example\r\n"
    )

    assert said(path) == [
        ("2026-03-02T08:01:00Z", "delivered", "a@dst.example"),
        ("2026-03-02T08:02:00Z", "deferred", "b@dst.example"),
    ]
    with flow.read(Request(paths=(str(path),))) as run:
        assert (run.inputs[0].lines, run.inputs[0].parsed, run.inputs[0].unparsed) == (2, 2, 0)


def test_a_notice_on_the_account_is_no_event(tmp_path: Path) -> None:
    """SendGrid tells in the same posts what became of the account; that has no address."""
    path = tmp_path / "posts.json"
    path.write_text(
        '[{"event":"account_status_change","type":"compliance_suspend","timestamp":1772438460,"sg_event_id":"a"},'
        '{"event":"open","email":"a@dst.example","timestamp":1772438461,"sg_event_id":"b"}]'
    )

    assert said(path) == [("2026-03-02T08:01:01Z", "opened", "a@dst.example")]
    with flow.read(Request(paths=(str(path),))) as run:
        assert (run.inputs[0].noise, run.inputs[0].unparsed) == (1, 0)


def told_of(tmp_path: Path, record: dict[str, object]) -> list[dict[str, object]]:
    """The rows of one record."""
    path = tmp_path / "record.json"
    path.write_text(json.dumps(record))
    return events(path)


def test_a_kind_of_webhook_that_is_new(tmp_path: Path) -> None:
    """A type that Postmark adds is `other`, with its time; its notice of a refused request is known."""
    record = {
        "MessageID": "m",
        "MessageStream": "outbound",
        "Recipient": "a@dst.example",
        "ReceivedAt": "2026-03-02T08:01:00Z",
    }
    (new,) = told_of(tmp_path, {**record, "RecordType": "Teleport"})
    (refused,) = told_of(tmp_path, {**record, "RecordType": "SMTPApiError"})

    assert (new["event"], new["raw_event"], new["time"]) == ("other", "Teleport", "2026-03-02T08:01:00Z")
    assert refused["event"] == "enqueue_failed"
    assert told_of(tmp_path, {**record, "RecordType": "Inbound"}) == []


def test_the_id_that_ses_gives_is_no_message_id(tmp_path: Path) -> None:
    """Where SES replaced the Message-ID, the common headers hold its own id; the application's is in the headers."""
    mail = {"messageId": "0100-x", "destination": ["a@dst.example"], "timestamp": "2026-03-02T08:01:00.000Z"}
    common = {"commonHeaders": {"messageId": "0100-x"}}
    headers = {"headers": [{"name": "Message-ID", "value": "<1@app.example>"}]}
    (without,) = told_of(tmp_path, {"eventType": "Send", "send": {}, "mail": mail | common})
    (given,) = told_of(tmp_path, {"eventType": "Send", "send": {}, "mail": mail | common | headers})

    assert "message_id" not in without
    assert (given["message_id"], given["provider_message_id"]) == ("1@app.example", "0100-x")


def test_what_a_topic_sends_about_other_things_is_skipped(tmp_path: Path) -> None:
    """An alarm is no mail; it is read, and counted as what says nothing of a message."""
    envelope = {"Type": "Notification", "MessageId": "m", "TopicArn": "arn:aws:sns:x"}
    path = tmp_path / "topic.jsonl"
    path.write_text(json.dumps({**envelope, "Message": json.dumps({"AlarmName": "disk", "NewStateValue": "ALARM"})}))
    with flow.read(Request(paths=(str(path),))) as run:
        (report,) = run.inputs

        assert (report.lines, report.noise, report.unparsed, report.format) == (1, 1, 0, "ses-sns")


def test_kumomta_before_it_named_nodes(tmp_path: Path) -> None:
    """Records of early versions have no `nodeid`; and what KumoMTA says itself is no answer of a server."""
    response = {"code": 400, "enhanced_code": None, "content": "KumoMTA internal: failed to connect", "command": None}
    (row,) = told_of(
        tmp_path,
        {
            "type": "TransientFailure",
            "id": "44d7",
            "recipient": "a@dst.example",
            "queue": "dst.example",
            "response": response,
            "timestamp": 1772438460,
            "num_attempts": 1,
            "bounce_classification": "Uncategorized",
        },
    )

    assert (row["event"], row.get("smtp_code"), row["provider_code"]) == ("deferred", None, 400)


def test_resend_tells_what_the_server_said(tmp_path: Path) -> None:
    """Newer bounces have the server's words; what was suppressed was said by no server."""
    data = {"email_id": "e", "to": ["a@dst.example"]}
    bounce = {"type": "Permanent", "message": "gone", "diagnosticCode": ["smtp; 550 5.1.1 no such user"]}
    record = {"type": "email.bounced", "created_at": "2026-03-02T08:01:00Z"}
    (bounced,) = told_of(tmp_path, {**record, "data": {**data, "bounce": {**bounce, "subType": "General"}}})
    (suppressed,) = told_of(tmp_path, {**record, "data": {**data, "bounce": {**bounce, "subType": "Suppressed"}}})

    assert (bounced["smtp_code"], bounced["enhanced_status"]) == (550, "5.1.1")
    assert (suppressed["event"], suppressed.get("smtp_code"), suppressed["reply"]) == ("preblocked", None, "gone")


def test_the_reader_is_not_the_sender(tmp_path: Path) -> None:
    """With an unsubscription the address is the reader's."""
    record = {"email": "a@dst.example", "timestamp": 1772438460, "sg_event_id": "e", "ip": "203.0.113.5"}
    (row,) = told_of(tmp_path, {**record, "event": "group_unsubscribe"})

    assert "local_ip" not in row


@pytest.mark.parametrize(
    ("given", "ours"),
    [
        ("Delivery in progress", "deferred"),
        ("Delayed: will retry", "deferred"),
        ("Delivered to Gmail inbox", "delivered"),
        ("Marked spam", "delivered"),
        ("Quarantined by policy", "held"),
        ("Viewed", "opened"),
        ("Archived", None),
        ("Zurückgesendet", "bounced"),
        ("Beamed", "other"),
        (None, "other"),
    ],
)
def test_states_of_a_log_search(given: str | None, ours: str | None) -> None:
    """Gmail's states come as words of the interface, in several wordings."""
    from mailaudit.formats.providers import google  # noqa: PLC0415

    assert google.meant(given) == ours


def test_carriage_returns_may_end_the_lines(tmp_path: Path) -> None:
    """Excel's "CSV (Macintosh)" has no line feeds."""
    source = ROOT / "fixtures/sendgrid/email-activity/input.csv"
    path = tmp_path / "activity.csv"
    path.write_bytes(source.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r"))

    assert said(path) == said(source)


@pytest.mark.parametrize("place", [1, 2, 3])
def test_a_cell_that_is_longer_than_what_is_looked_at(tmp_path: Path, place: int) -> None:
    """Extended reports have cells of many kilobytes; the row's time does not make it a line of a log."""
    names = ["date_time_utc", "event_id", "message_id", "network_message_id", "recipient_address", "recipient_status"]
    rows = [f"2026-03-02T08:01:0{n}Z,DELIVER,<{n}@x.example>,n{n},ana@example.org," for n in range(1, 5)]
    rows[place - 1] += "S:" + "x" * 9000
    rows = [row + ",,," for row in rows]
    path = tmp_path / "report.csv"
    path.write_text("\n".join([",".join([*names, "custom_data", "log_id", "schema_version"]), *rows, ""]))

    assert said(path) == [(f"2026-03-02T08:01:0{n}Z", "delivered", "ana@example.org") for n in range(1, 5)]


def test_a_header_that_is_no_row_of_cells(tmp_path: Path) -> None:
    """Nothing of it can be read, and each row is counted as such."""
    path = tmp_path / "activity.csv"
    path.write_text('processed,message_id\revent,email\n2026-03-02,x,"y",z\n')

    assert said(path) == []
    with flow.read(Request(paths=(str(path),), input_format="sendgrid")) as run:
        assert (run.inputs[0].lines, run.inputs[0].unparsed) == (1, 1)


def test_dates_of_one_export_are_of_one_order(tmp_path: Path) -> None:
    """A thirteenth month proves that the day comes first, for all of them."""
    path = tmp_path / "trace.csv"
    path.write_text(
        '"Received","SenderAddress","RecipientAddress","Subject","Status","MessageId","MessageTraceId"\r\n'
        '"2/3/2026 8:01:00 AM","a@src.example","b@dst.example","x","Delivered","<1@x>","t1"\r\n'
        '"13/3/2026 8:01:00 AM","a@src.example","c@dst.example","x","Failed","<2@x>","t2"\r\n'
    )

    assert [time for time, _, _ in said(path)] == ["2026-03-02T08:01:00Z", "2026-03-13T08:01:00Z"]


def test_columns_with_other_names(tmp_path: Path) -> None:
    """Mailgun's events, flattened into a table."""
    path = tmp_path / "events.csv"
    path.write_text(
        "timestamp;event;recipient;severity;delivery-status.code;delivery-status.message;message.headers.message-id\n"
        "1772438523.75;failed;c@dst.example;permanent;550;5.1.1 no such user;<m@src.example>\n"
    )
    (row,) = events(path)

    assert (row["event"], row["smtp_code"], row["enhanced_status"]) == ("hard_bounced", 550, "5.1.1")
    assert (row["time"], row["message_id"]) == ("2026-03-02T08:02:03.750000Z", "m@src.example")


def test_a_trace_of_the_admin_centre_names_the_zone_in_the_head(tmp_path: Path) -> None:
    """The download's column of times is called `Date (UTC Time)`, too."""
    path = tmp_path / "trace.csv"
    path.write_text(
        "Date (UTC Time),Sender,Recipient,Subject,Status\n"
        "3/15/2026 8:02 PM,a@src.example,b@dst.example,Hello,Delivered\n"
    )

    assert said(path) == [("2026-03-15T20:02:00Z", "delivered", "b@dst.example")]


def test_query_strings(tmp_path: Path) -> None:
    """Elastic Email calls with GET parameters; a captured query a line."""
    path = tmp_path / "hooks.txt"
    path.write_text(
        "?transaction=t1&messageid=m1&from=a%40src.example&to=b%40dst.example&date=3%2F2%2F2026+8%3A02%3A03+AM"
        "&subject=Hello+you&status=Error&channel=c&account=x&category=NoMailbox&target=\n"
    )

    assert said(path) == [("2026-03-02T08:02:03Z", "hard_bounced", "b@dst.example")]


def test_an_input_format_can_be_forced() -> None:
    """By the provider's name, or by the format's id."""
    source = ROOT / "fixtures/sendgrid/email-activity/input.csv"

    for name in ("sendgrid", "sendgrid-activity-csv"):
        assert said(source, "--input-format", name) == said(source)


def test_zones_of_exports(tmp_path: Path) -> None:
    """--input-tz beats the provider's usual zone; a time that says its zone beats both."""
    record = {"event": "delivered", "email": "a@b.example", "message-id": "<1@x>", "date": "2026-03-02 09:02:03"}
    path = tmp_path / "events.jsonl"
    path.write_text(json.dumps(record))

    assert [time for time, _, _ in said(path)] == ["2026-03-02T08:02:03Z"]
    assert [time for time, _, _ in said(path, "--input-tz", "America/New_York")] == ["2026-03-02T14:02:03Z"]
    path.write_text(json.dumps({**record, "date": "2026-03-02 09:02:03+00:00"}))
    assert [time for time, _, _ in said(path, "--input-tz", "America/New_York")] == ["2026-03-02T09:02:03Z"]


@pytest.mark.parametrize(
    ("given", "micros"),
    [
        (1772438461, 1772438461_000000),
        (1772438461.101234, 1772438461_101234),
        ("1772438461.101234", 1772438461_101234),
        (1772438461101, 1772438461_101000),
        (1772438461101234, 1772438461_101234),
        (1772438461101234567, 1772438461_101234),
        ("2026-03-02T08:01:01.1012345Z", 1772438461_101234),
        ("2026-03-02T03:01:01.1012345-05:00", 1772438461_101234),
        ("2026-03-02T08:01:01.101234567+00:00", 1772438461_101234),
        ("2026-03-02 08:01:01+0000", 1772438461_000000),
        ("2026/03/02 00:01:01 PST", 1772438461_000000),
        ("3/2/2026 8:01:01 AM", 1772438461_000000),
        ("03/02/26 08:01 AM", 1772438460_000000),
        ("02.03.2026 08:01:01", 1772438461_000000),
        ("Mon, 02 Mar 2026 08:01:01 +0000", 1772438461_000000),
        ("2026/03/02 10:01:01 GMT+2", 1772438461_000000),
        ("2026-03-02 02:31:01 UTC-05:30", 1772438461_000000),
        ("02.03.2026, 09:01:01 MEZ", 1772438461_000000),
        ("2026/03/02 08:01:01 XYZ", 1772438461_000000),
        ("2026-03-02 08:01:01.101234 +0000 UTC", 1772438461_101234),
        ("/Date(1772438461101)/", 1772438461_101000),
        ("\\/Date(1772438461101+0100)\\/", 1772438461_101000),
        ("/Date(-1)/", None),
        ("0", None),
        ("never", None),
        (True, None),
        ("2026-13-45", None),
        ({}, None),
    ],
)
def test_times(given: object, micros: int | None) -> None:
    """Any form becomes µs of UTC; what is no time is none."""
    import datetime as dt  # noqa: PLC0415

    assert times.micros([given], dt.UTC) == [micros]


@pytest.mark.parametrize(
    ("reply", "code", "status"),
    [
        ("550 5.1.1 no such user", 550, "5.1.1"),
        ("550-5.1.1 a\n550 5.1.1 b", 550, "5.1.1"),
        ("smtp;550 5.1.1 x", 550, "5.1.1"),
        ("smtp; 452 4.2.2 mailbox full", 452, "4.2.2"),
        ("5.1.1 no such user", None, "5.1.1"),
        ("sent (250 2.0.0 OK 1772438462 gsmtp)", 250, "2.0.0"),
        ("host mx.dst.example[192.0.2.7] said: 550 5.7.1 blocked", 550, "5.7.1"),
        ("Remote server returned 554 no", 554, None),
        ("421", 421, None),
        ("undefined Unable to find MX of domain dst.example", None, None),
        ("Too many messages: 500 per hour are allowed", None, None),
        ("Messages from 192.0.2.250 temporarily deferred", None, None),
        ("delayed by 250 seconds", None, None),
        ("", None, None),
    ],
)
def test_codes_in_replies(reply: str, code: int | None, status: str | None) -> None:
    """The reply's code and enhanced status; other numbers are neither."""
    import polars as pl  # noqa: PLC0415

    names = [name for name in FIELDS if name not in {"reply", "invented"}]
    frame = pl.DataFrame(
        {"reply": [reply], **{name: [None] for name in names}, "invented": [None]},
        schema_overrides={**dict.fromkeys(names, pl.String), "invented": pl.Boolean},
    )
    row = texts.cleaned(frame).row(0, named=True)

    assert (row["smtp_code"], row["enhanced_status"]) == (code, status)


@pytest.mark.parametrize(
    ("words", "category"), [("4.2.2 mailbox full", "mailbox_full"), ("", "expired"), ("gone fishing", "expired")]
)
def test_a_cause_is_judged_by_what_the_server_said_last(tmp_path: Path, words: str, category: str) -> None:
    """Mailgun's own reply stays the reply; where the server's say nothing, its own word decides."""
    status = {"message": "Too old", "code": 602, "last-code": 452, "last-message": words, "attempt-no": 9}
    record = {
        "event": "failed",
        "severity": "permanent",
        "reason": "old",
        "id": "mg10",
        "timestamp": 1772468400.2,
        "recipient": "full@dst.example",
        "delivery-status": status,
    }
    (row,) = told_of(tmp_path, record)

    assert (row["event"], row["reply"], row["category"]) == ("expired", "Too old", category)
    assert (row["provider_code"], "smtp_code" in row) == (602, False)
