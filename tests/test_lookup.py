"""Looking up one token gives the same answers as reading everything."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.effort import examples

from mailaudit import flow, lookup
from mailaudit.measure.find import find
from mailaudit.model.request import Request

FIXTURES = Path(__file__).parent.parent / "fixtures"
LOGS = sorted(
    path for path in FIXTURES.glob("*/*/input.log*") if path.parent.parent.name in ("postfix", "sendmail", "exim")
)
COLUMNS = (
    "queue_ids, message_id, sender, recipient, original_recipient, outcome, attempts, deferrals, submitted_us, "
    "finished_us, smtp_code, enhanced_status, reply, relay_host, client_ip, size"
)
MANY = examples(2)
"""Messages of each log that are looked up, and as many that have hops."""


def rows(run: flow.Run, queue_id: str) -> list[tuple[object, ...]]:
    """What became of the recipients of the message with this queue id."""
    asked = f"select {COLUMNS} from recipients where queue_id = ? order by all"
    return run.engine.rows(asked, [queue_id])


@pytest.mark.parametrize("log", LOGS, ids=lambda log: f"{log.parent.parent.name}/{log.parent.name}")
def test_a_message_looked_up_is_the_message_read(log: Path) -> None:
    """Outcome, attempts, times, hops and texts of messages drawn from a log are equal, whichever way they are read."""
    request = Request(paths=(str(log),))
    with flow.read(request) as whole:
        ids = [
            row[0]
            for row in whole.engine.rows("select distinct queue_id from recipients where role = 'user' order by 1")
        ]
        chosen = ids[len(ids) // (2 * MANY) :: max(1, len(ids) // MANY)][:MANY]
        hops = whole.engine.rows(
            "select queue_id from recipients where queue_ids <> queue_id order by 1 limit ?", [MANY]
        )
        expected = {queue_id: rows(whole, queue_id) for queue_id in [*chosen, *(row[0] for row in hops)]}
    for queue_id, wanted in expected.items():
        with lookup.read_about(request, queue_id) as run:
            found = rows(run, queue_id)

        assert found == wanted


def test_what_stands_nowhere_is_not_found() -> None:
    """A token that no line holds gives an empty reading, not an error."""
    with lookup.read_about(Request(paths=(str(LOGS[0]),)), "no-such-id") as run:
        assert run.engine.rows("select count(*) from recipients") == [(0,)]


def test_lines_keep_their_places(tmp_path: Path) -> None:
    """Line numbers and offsets are those of the file, also after broken UTF-8 and without a last newline."""
    line = b"Feb  3 06:26:22 mx postfix/qmgr[1]: %s: from=<a@x.example>, size=1, nrcpt=1 (queue active)\n"
    data = b"caf\xe9 \x00 noise\n" + line % b"4F1A2B3C01" + line % b"4F1A2B3C02" + (line % b"4F1A2B3C01").rstrip()
    path = tmp_path / "mail.log"
    path.write_bytes(data)
    with lookup.read_about(Request(paths=(str(path),)), "4F1A2B3C01") as run:
        places = run.engine.rows('select line, "offset", queue_id from messages')

    assert places == [(2, data.index(b"Feb"), "4F1A2B3C01")]


def test_what_was_said_before_the_queue_id_is_found(tmp_path: Path) -> None:
    """smtpd tells of a discard before it gives out the id; what it told of an earlier message stays there."""
    begin = "Feb  3 06:26:22 mx postfix/smtpd[7]: "
    early = begin + "NOQUEUE: discard: RCPT from c.example[192.0.2.1]: <%s>: gone; from=<a@x.example> to=<%s>\n"
    given = begin + "4F1A2B3C0%d: client=c.example[192.0.2.1]\n"
    path = tmp_path / "mail.log"
    told = [(early % (name, name)) + given % number for number, name in ((1, "b@y.example"), (2, "d@y.example"))]
    path.write_text("".join(told))
    for queue_id, recipient in (("4F1A2B3C01", "b@y.example"), ("4F1A2B3C02", "d@y.example")):
        with lookup.read_about(Request(paths=(str(path),)), queue_id) as run:
            found = run.engine.rows("select queue_id, recipient, outcome from recipients")

        assert found == [(queue_id, recipient, "discarded")]


def test_how_long_a_server_keeps_mail_is_looked_up_too(tmp_path: Path) -> None:
    """Lines about other mail tell that an attempt was the last one, as in a reading of everything."""
    head, other = "Oct 3%d 0%d:00:30 mx sm-mta[6518]: ", "69U60000006000"
    tried = "69U60UAS006518: to=<b@y.example>, delay=%s, mailer=esmtp, pri=3, dsn=4.7.1, stat=Deferred: 451 later\n"
    told = [
        head % (0, 2) + f"{other}: from=<o@x.example>, size=9, class=0, nrcpts=1, relay=c.example [192.0.2.7]\n",
        head % (0, 2) + "69U60UAS006518: from=<a@x.example>, size=9, class=0, nrcpts=1, relay=c.example [192.0.2.7]\n",
        head % (0, 2) + tried % "00:00:01",
        head % (1, 3) + f"{other}: 69V91i6E016897: sender notify: Cannot send message for 1 day\n",
        head % (1, 5) + tried % "1+03:00:00",
        *(head % (1, hour) + tried.replace("69U60UAS", "69U60UAT") % "06:00:00" for hour in (6, 7)),
    ]
    path = tmp_path / "mail.log"
    path.write_text("".join(told))
    request = Request(paths=(str(path),))
    with flow.read(request) as whole, lookup.read_about(request, "69U60UAS006518") as run:
        found = [rows(one, "69U60UAS006518") for one in (whole, run)]

    assert found[0] == found[1]
    assert [row[5] for row in found[1]] == ["expired"]


def test_a_mail_is_followed_through_a_pipe_filter(tmp_path: Path) -> None:
    """What the filter hands in again has another queue id that no line names, and the same Message-ID."""
    stamp, ident = "Feb  3 06:26:22 mx postfix/", "message-id=<m1@x.example>"
    relay = "delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent"
    told = [
        "smtpd[7]: 4F1A2B3C01: client=c.example[192.0.2.1]",
        f"cleanup[7]: 4F1A2B3C01: {ident}",
        "qmgr[7]: 4F1A2B3C01: from=<a@x.example>, size=9, nrcpt=1 (queue active)",
        f"pipe[7]: 4F1A2B3C01: to=<b@y.example>, relay=spamfilter, {relay} (delivered via spamfilter service)",
        "pickup[7]: 4F1A2B3C02: uid=99 from=<a@x.example>",
        f"cleanup[7]: 4F1A2B3C02: {ident}",
        "qmgr[7]: 4F1A2B3C02: from=<a@x.example>, size=9, nrcpt=1 (queue active)",
        f"smtp[7]: 4F1A2B3C02: to=<b@y.example>, relay=mx.y.example[203.0.113.9]:25, {relay} (250 Ok)",
    ]
    path = tmp_path / "mail.log"
    path.write_text("".join(f"{stamp}{line}\n" for line in told))
    request = Request(paths=(str(path),))
    with flow.read(request) as whole, lookup.read_about(request, "4F1A2B3C01") as run:
        found = [rows(one, "4F1A2B3C01") for one in (whole, run)]

    assert found[0] == found[1]
    assert [(row[0], row[13]) for row in found[1]] == [("4F1A2B3C01 4F1A2B3C02", "mx.y.example")]


def test_a_mail_is_followed_through_a_filter_with_a_queue_of_its_own(tmp_path: Path) -> None:
    """The id that such a filter answers with stands nowhere else: the Message-ID leads on."""
    sent = "delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as"
    path = tmp_path / "mail.log"
    path.write_text(
        "".join(
            f"2026-02-03T06:26:{second:02}+01:00 mx postfix/{text}\n"
            for second, text in enumerate(
                [
                    "smtpd[9]: 4F1A2B3C01: client=c.example[192.0.2.7]",
                    "cleanup[9]: 4F1A2B3C01: message-id=<m1@src.example>",
                    "qmgr[9]: 4F1A2B3C01: from=<a@src.example>, size=100, nrcpt=1 (queue active)",
                    f"smtp[9]: 4F1A2B3C01: to=<b@dst.example>, relay=127.0.0.1[127.0.0.1]:10074, {sent} 4F00000009)",
                    "qmgr[9]: 4F1A2B3C01: removed",
                    "smtpd[8]: 4F1A2B3C02: client=localhost[127.0.0.1]",
                    "cleanup[9]: 4F1A2B3C02: message-id=<m1@src.example>",
                    "qmgr[9]: 4F1A2B3C02: from=<a@src.example>, size=120, nrcpt=1 (queue active)",
                    f"smtp[9]: 4F1A2B3C02: to=<b@dst.example>, relay=mx.example[203.0.113.9]:25, {sent} X1)",
                    "qmgr[9]: 4F1A2B3C02: removed",
                ]
            )
        )
    )
    with lookup.read_about(Request(paths=(str(path),)), "4F1A2B3C01") as run:
        found = run.engine.rows("select queue_ids, recipient, outcome from recipients where role = 'user'")

    assert found == [("4F1A2B3C01 4F1A2B3C02", "b@dst.example", "delivered")]


@pytest.mark.parametrize("asked", ["bob@dst.example", "BOB@DST.EXAMPLE", "Bob@Dst.example", "a@src.example"])
def test_an_address_is_found_in_upper_and_lower_case(tmp_path: Path, asked: str) -> None:
    """All mail to it and from it, though it stands in the log as it was asked for, too."""
    path = tmp_path / "mail.log"
    people = (
        ("A@src.example", "Bob@Dst.example"),
        ("a@Src.example", "bob@dst.example"),
        ("a@src.example", "BOB@dst.example"),
    )
    path.write_text(
        "".join(
            f"2026-02-03T06:2{at}:00+01:00 mx postfix/{text}\n"
            for at, (sender, recipient) in enumerate(people)
            for text in (
                f"smtpd[9]: 4F1A2B3C0{at}: client=c.example[192.0.2.7]",
                f"qmgr[9]: 4F1A2B3C0{at}: from=<{sender}>, size=100, nrcpt=1 (queue active)",
                (
                    f"smtp[9]: 4F1A2B3C0{at}: to=<{recipient}>, relay=mx.example[203.0.113.9]:25, delay=1, "
                    "delays=0/0/0/1, dsn=2.0.0, status=sent (250 ok)"
                ),
                f"qmgr[9]: 4F1A2B3C0{at}: removed",
            )
        )
    )
    with lookup.read_about(Request(paths=(str(path),)), asked) as run:
        found = find(run.engine, asked).roots

    assert len(found) == 3
