"""What commands answer about logs of OpenSMTPD: aliases, notices, sessions, ids that come back, mailboxes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from tests.formats.test_opensmtpd import EVPID, SESSION, delivery
from tests.program import mailaudit, rows

if TYPE_CHECKING:
    from pathlib import Path

LOG = f"""\
Mar  1 09:00:00 mx smtpd[147]: afb176d8f080f7de smtp connected address=192.0.2.1 host=web.src.example
Mar  1 09:00:00 mx smtpd[147]: afb176d8f080f7de smtp authentication user=ann result=ok
Mar  1 09:00:00 mx smtpd[147]: afb176d8f080f7de smtp message msgid=4dc62664 size=979 nrcpt=2 proto=ESMTP
Mar  1 09:00:00 mx smtpd[147]: afb176d8f080f7de smtp envelope evpid={EVPID} from=<a@src.example> to=<b@dst.example>
Mar  1 09:00:00 mx smtpd[147]: afb176d8f080f7de smtp envelope evpid=4dc62664a0000001 \
from=<a@src.example> to=<all@src.example>
Mar  1 09:00:01 mx smtpd[147]: {delivery("TempFail", "450 4.7.1 come back later")}
Mar  1 09:00:01 mx smtpd[147]: 0000000000000000 mda delivery evpid=4dc62664a0000002 from=<a@src.example> \
to=<cay@src.example> rcpt=<all@src.example> user=cay delay=1s result=Ok stat=Delivered
Mar  5 09:00:01 mx smtpd[148]: relay: Expire for {EVPID}: from=<a@src.example>, to=<b@dst.example>, rcpt=<->, \
delay=4d1s, stat=Envelope expired
Mar  5 09:00:02 mx smtpd[147]: afb176d8f0800001 smtp connected address=local host=mx.src.example
Mar  5 09:00:02 mx smtpd[147]: afb176d8f0800001 smtp message msgid=0750aef5 size=1979 nrcpt=1 proto=ESMTP
Mar  5 09:00:02 mx smtpd[147]: afb176d8f0800001 smtp envelope evpid=0750aef526b90d32 from=<> to=<a@src.example>
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A log of one message, and the notice of its failure."""
    path = tmp_path / "mail.log"
    path.write_text(LOG)
    return path


def test_an_alias_is_no_recipient_and_what_expired_shows_why(log: Path) -> None:
    """Whom an alias leads to stands for it; who was given up has the last reply before that."""
    found = {row["recipient"]: row for row in rows("log", "--year", 2026, log)}

    assert {name: (row["outcome"], row["attempts"]) for name, row in found.items()} == {
        "b@dst.example": ("expired", 1),
        "cay@src.example": ("delivered", 1),
    }
    assert found["b@dst.example"]["reply"] == "450 4.7.1 come back later"
    assert found["b@dst.example"]["finished_at"] == "2026-03-05T09:00:01Z"
    assert found["cay@src.example"]["original_recipient"] == "all@src.example"


def test_lines_of_a_container_have_no_tag(log: Path, tmp_path: Path) -> None:
    """Docker and Kubernetes tell the time; `relay:` then passes for the name of a program."""
    inside = tmp_path / "container.log"
    inside.write_text(re.sub(r"(?m)^Mar  (\d) (\S+) mx smtpd\[\d+\]:", r"2026-03-0\1T\2Z stderr F", log.read_text()))

    assert [(row["queue_id"], row["recipient"], row["outcome"]) for row in rows("log", inside)] == [
        (row["queue_id"], row["recipient"], row["outcome"]) for row in rows("log", "--year", 2026, log)
    ]


def test_a_notice_of_its_own_is_no_users_mail(log: Path) -> None:
    """It has no sender, and came in on no connection."""
    found = rows("log", "--include-notices", "--year", 2026, log)

    assert [row["outcome"] for row in found if row["sender"] == ""] == ["pending"]


def test_a_notice_of_failure_hangs_on_the_mail_that_failed_just_before(log: Path) -> None:
    """No line names both: the sender's mail that failed last, within ten seconds, is the one that is meant."""
    (row,) = rows("bounces", "--year", 2026, log)

    assert (row["queue_id"], row["told"]) == ("4dc62664", 1)
    assert "0750aef5" in mailaudit("trace", "4dc62664", "--year", 2026, log).out
    assert "4dc62664" in mailaudit("trace", "0750aef5", "--year", 2026, log).out


def test_another_senders_notice_does_not(log: Path) -> None:
    """Nor does one that comes much later."""
    text = log.read_text()
    for other in (
        text.replace("from=<> to=<a@src", "from=<> to=<z@src"),
        text.replace("Mar  5 09:00:02", "Mar  5 09:10:02"),
    ):
        log.write_text(other)
        (row,) = rows("bounces", "--year", 2026, log)

        assert row["told"] == 0


@pytest.mark.parametrize("token", ["4dc62664", EVPID, "b@dst.example"])
def test_a_search_finds_who_handed_it_in(token: str, log: Path) -> None:
    """By the message's id, the envelope's or an address, with the lines of the session that brought it."""
    assert "from web.src.example[192.0.2.1], as ann" in mailaudit("trace", token, "--year", 2026, log).out


def test_a_host_of_two_addresses_sends_to_itself(tmp_path: Path) -> None:
    """What came in from the address that the mail was sent from is the same mail, whatever it was sent to."""
    first = delivery(stat="250 2.0.0 a1b5c2f3 Message accepted for delivery", relay="192.0.2.11 (in.src.example)")
    second = delivery("PermFail", "550 5.1.1 nobody").replace(EVPID, "a1b5c2f3a0000001")
    log = tmp_path / "mail.log"
    log.write_text(
        "".join(
            f"Mar  1 09:00:00 mx smtpd[147]: {line}\n"
            for line in (
                "afb176d8f080f7de smtp connected address=192.0.2.1 host=web.src.example",
                "afb176d8f080f7de smtp message msgid=4dc62664 size=979 nrcpt=1 proto=ESMTP",
                f"afb176d8f080f7de smtp envelope evpid={EVPID} from=<a@src.example> to=<b@dst.example>",
                "afb176d8f0800001 smtp connected address=192.0.2.10 host=mx.src.example",
                "afb176d8f0800001 smtp message msgid=a1b5c2f3 size=1979 nrcpt=1 proto=ESMTP",
                "afb176d8f0800001 smtp envelope evpid=a1b5c2f3a0000001 from=<a@src.example> to=<b@dst.example>",
                first,
                second,
            )
        )
    )

    assert [(row["queue_ids"], row["outcome"]) for row in rows("log", log)] == [("4dc62664 a1b5c2f3", "bounced")]


def test_a_random_id_may_come_back_and_its_lines_may_be_in_disorder(tmp_path: Path) -> None:
    """Lines of one second that were sorted are one message; the same id a day later is another's."""
    envelope = f"afb176d8f080f7de smtp envelope evpid={EVPID} from=<a@src.example> to=<b@dst.example>"
    message = "afb176d8f080f7de smtp message msgid=4dc62664 size=979 nrcpt=1 proto=ESMTP"
    log = tmp_path / "mail.log"
    log.write_text(
        "".join(
            f"Mar  {day} 09:00:00 mx smtpd[147]: {line}\n"
            for day, line in (
                (1, envelope),
                (1, message),
                (1, delivery()),
                (2, message),
                (2, envelope.replace("a@src", "c@src")),
                (2, delivery("PermFail", "550 5.1.1 nobody")),
            )
        )
    )

    assert [(row["sender"], row["outcome"]) for row in rows("log", log)] == [
        ("a@src.example", "delivered"),
        ("c@src.example", "bounced"),
    ]


def test_mailboxes_behind_one_address_stand_apart(tmp_path: Path) -> None:
    """Its line names the alias for each of them; what the queue gives up is told by the envelope."""
    mail = "from=<a@src.example> to=<root@src.example> rcpt=<root@src.example>"
    log = tmp_path / "mail.log"
    log.write_text(
        "Mar  1 09:00:00 mx smtpd[147]: afb176d8f080f7de smtp message msgid=4dc62664 size=979 nrcpt=1 proto=ESMTP\n"
        "Mar  1 09:00:00 mx smtpd[147]: afb176d8f080f7de smtp envelope evpid=4dc62664a0000001 from=<a@src.example> "
        "to=<root@src.example>\n"
        f"Mar  1 09:00:00 mx smtpd[147]: {SESSION} mda delivery evpid=4dc62664a0000001 {mail} user=ann delay=0s "
        "result=Ok stat=Delivered\n"
        f"Mar  1 09:00:00 mx smtpd[147]: {SESSION} mda delivery evpid=4dc62664a0000002 {mail} user=ben delay=0s "
        "result=TempFail stat=Error (no room)\n"
        "Mar  5 09:00:00 mx smtpd[148]: delivery: Expire for 4dc62664a0000002: from=<a@src.example>, "
        "to=<root@src.example>, rcpt=<root@src.example>, delay=4d, stat=Envelope expired\n"
    )

    assert [(row["recipient"], row["original_recipient"], row["outcome"]) for row in rows("log", log)] == [
        ("ann", "root@src.example", "delivered"),
        ("ben", "root@src.example", "expired"),
    ]
