"""A scripted half minute of an Exim that logs everything: what really became of each mail is known from the script."""

from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path

import pytest
from tests.program import mailaudit, rows

from mailaudit import flow
from mailaudit.model.request import Request

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "exim"
MAINLOG = FIXTURES / "everything-logged" / "input.log.gz"
SYSLOG = FIXTURES / "through-syslog" / "input.log.gz"
HERE = "mail.meadow.example"

OUTCOMES = {
    # recipient: outcomes of the mails to it
    "u1@good.example": ["delivered"] * 4,
    "nouser@good.example": ["bounced"],
    "u@two.example": ["delivered"],
    "x@bad.example": ["bounced"] * 2,
    "y@slow.example": ["expired"],
    "z@dead.example": ["expired"],
    f"anna@{HERE}": ["delivered"] * 6,
    f"ben@{HERE}": ["deferred"] * 2,  # ben+tag, and nest -> staff -> ben; the mailbox is full
    "anna": ["delivered"],  # nest -> staff -> anna
    "out@good.example": ["delivered"],
    "/var/mail/filed": ["delivered"],
    "|/bin/cat >/dev/null": ["bounced"],  # cat gets an argument that is no file
    "|/bin/false": ["bounced"],
    f"hole@{HERE}": ["discarded"],
    f"failing@{HERE}": ["bounced"],
    f"later@{HERE}": ["deferred"],
    "two words@good.example": ["delivered"],
    '"two words"@good.example': ["delivered"],
    '"a b@x R=r T=t: fake"@bad.example': ["bounced"],
    '"x y"@slow.example': ["expired"],
    '"q w"@bad.example': ["bounced"],
    f"warnme@{HERE}": ["bounced"],
    "freeze1@good.example": ["delivered"],
    "freeze2@good.example": ["delivered"],
    "freeze3@good.example": ["delivered"],
    f"unknownuser@{HERE}": ["bounced"],
    "cut@good.example": ["delivered"],
    "u2@good.example": ["delivered"] * 2,
    "u3@good.example": ["delivered"] * 3,
    "u4@good.example": ["bounced"],
    "u0@good.example": ["delivered"],
    "u9@good.example": ["delivered"] * 2,
    None: ["discarded"] * 2,  # all recipients were a trap; DATA was discarded
}


@pytest.mark.parametrize("log", [MAINLOG, SYSLOG], ids=["mainlog", "syslog"])
def test_what_became_of_each_mail(log: Path) -> None:
    """Every recipient has the outcome that the script led to."""
    found = Counter((row.get("recipient"), row["outcome"]) for row in rows("log", log))

    assert found == Counter((address, outcome) for address, outcomes in OUTCOMES.items() for outcome in outcomes)


@pytest.mark.parametrize("log", [MAINLOG, SYSLOG], ids=["mainlog", "syslog"])
def test_what_was_refused(log: Path) -> None:
    """Every refusal counts once, though syslog was told of it twice."""
    refused = Counter(
        row["cause"]
        for row in mailaudit("stats", "--table", "own_rejects", "--format", "json", log).tables["own_rejects"]
        for _ in range(row["refused"])
    )

    assert refused.total() == 27
    assert refused["greylisting"] == 3
    assert refused["relay"] == 4
    assert refused["auth"] == 1
    assert refused["size"] == 2


def test_what_rejectlog_repeats_counts_once(tmp_path: Path) -> None:
    """Whichever of the two is named first; the headers in it are known for what they are."""
    lines = gzip.decompress(MAINLOG.read_bytes()).decode().splitlines(keepends=True)
    headers = "Envelope-from: <a@b.example>\nP Received: from x\n\tby y\nF From: a@b.example\n"
    main, reject = tmp_path / "mainlog", tmp_path / "rejectlog"
    main.write_text("".join(lines))
    reject.write_text("".join(line + (headers if "after DATA" in line else "") for line in lines if "rejected" in line))

    usual = mailaudit("stats", "--format", "json", main).tables["own_rejects"]
    for paths in ((main, reject), (reject, main)):
        both = mailaudit("stats", "--format", "json", *paths)

        assert both.tables["own_rejects"] == usual
        assert "were understood" not in both.err


def test_notices_hang_on_their_messages() -> None:
    """A receipt, notices of failure and a warning of a delay are told with the message that they are about."""
    events = [row for row in rows("events", MAINLOG) if row["event"] == "notified"]

    assert Counter(row.get("notice") for row in events) == {"failure": 13, "success": 1, "delay": 19}


HOST = "R=r T=remote_smtp H=mx.dst.example [203.0.113.25]"
ID = "1vE8BK-00008T-1p"
GIVEN = f"{ID} => a@dst.example {HOST}"
REFUSED = f"{ID} ** b@dst.example: Unrouteable address"
PUT_OFF = f"{ID} == c@dst.example R=r T=remote_smtp defer (111): Connection refused"


@pytest.mark.parametrize(
    ("done", "hour", "notices"),
    [
        ((GIVEN,), 9, ["success"]),
        ((REFUSED,), 9, ["failure"]),
        ((PUT_OFF,), 15, ["delay"]),
        ((GIVEN, REFUSED), 9, ["failure"]),
        ((GIVEN, REFUSED), 9, ["success", "failure"]),
        ((GIVEN, PUT_OFF), 9, ["success"]),  # it is too early for a warning
        ((GIVEN, PUT_OFF), 15, ["delay"]),
        ((REFUSED, PUT_OFF), 15, ["failure", "delay"]),
        ((REFUSED,), 9, ["failure", "failure"]),
        ((f"{ID} cancelled by timeout_frozen_after",), 15, ["failure"]),
        (
            (GIVEN, REFUSED, f"{ID} b@dst.example: error ignored: RFC 3461 DSN, failure notify not requested"),
            9,
            ["success"],
        ),
        ((), 9, [None]),
    ],
)
def test_what_was_done_last_tells_what_a_notice_is_about(
    done: tuple[str, ...], hour: int, notices: list[str | None], tmp_path: Path
) -> None:
    """Receipts come first, then the notice of a failure, then the warning of a delay."""
    log = tmp_path / "mainlog"
    lines = [f"2025-10-29 09:00:00 {ID} <= s@src.example H=[192.0.2.1] P=smtp S=9 id=1@x"]
    lines += [f"2025-10-29 {hour:02}:01:00 {line}" for line in done]
    lines += [
        f"2025-10-29 {hour:02}:02:00 1vE8BL-0000{n}X-2q <= <> R={ID} U=e P=local S=1" for n in range(len(notices))
    ]
    log.write_text("".join(f"{line}\n" for line in lines))

    events = [row for row in rows("events", log, "--tz", "UTC") if row["event"] == "notified"]

    assert [row.get("notice") for row in events] == notices


def test_answers_do_not_depend_on_where_blocks_end() -> None:
    """Messages, notices and what is said of them are the same however the log is cut."""
    asked = (
        "select queue_id, recipient, outcome, attempts, reply, finished_us from recipients order by all",
        'select notice, next_id, raw_event, time_us, recipient, "offset" from deliveries order by all',
    )
    answers = []
    for size in (None, 20_000):
        with flow.read(Request((str(FIXTURES / "nine-days" / "input.log.gz"),), block_size=size)) as run:
            answers.append([run.engine.rows(query) for query in asked])

    assert answers[0] == answers[1]
