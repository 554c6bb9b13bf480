"""Each mail system's row reads its own example, and no row before it takes that one."""

from __future__ import annotations

import pytest
from tests.mails.mails import notice

from mailaudit.formats.mails.recognise import read_mail
from mailaudit.formats.mails.systems import SYSTEMS

NAMES = [row.name for row in SYSTEMS]


@pytest.mark.parametrize("row", SYSTEMS, ids=NAMES)
def test_a_row_has_its_own_example(row: object) -> None:
    """The example is read by its row: one recipient, and a cause."""
    reading = read_mail(notice(row.example))

    assert reading.system == row.name
    assert [each.address for each in reading.recipients] == ["ann@recv.example"]
    assert all(each.reply for each in reading.recipients)


@pytest.mark.parametrize("row", SYSTEMS, ids=NAMES)
def test_a_copy_below_the_notice_is_not_part_of_it(row: object) -> None:
    """Addresses of the copied message's headers are no further recipients, and its Message-ID is found."""
    copy = (
        "\nReturn-Path: <news@shop.example>\nReceived: from app by out1.shop.example id 4XyZ3k0Qc1z2fD;\n"
        " Mon, 2 Jun 2025 09:14:01 +0000\nFrom: Shop <news@shop.example>\nTo: <ann@recv.example>, <bob@recv.example>\n"
        "Message-ID: <m1@shop.example>\nSubject: Your June statement\n\nuser unknown 550 <eve@recv.example>\n"
    )
    reading = read_mail(notice(row.example + copy))

    assert [each.address for each in reading.recipients] == ["ann@recv.example"]
    assert reading.message_id == "m1@shop.example"


def test_names_are_unique() -> None:
    """A name stands for one row."""
    assert len(set(NAMES)) == len(NAMES)


def test_a_server_that_begins_its_second_line_with_the_recipient() -> None:
    """That line is not another recipient's, nor the same one's again."""
    text = (
        "This message was created automatically by mail delivery software.\n\nA message that you sent could not be "
        "delivered to one or more of\nits recipients. The following address\nfailed:\n\nann@recv.example:\n"
        "SMTP error from remote server for RCPT TO command, host: mx1.recv.example (192.0.2.25) reason: 550 5.1.1\n"
        "<ann@recv.example>: Recipient address rejected: unknown here\n"
    )
    (recipient,) = read_mail(notice(text)).recipients

    assert recipient.reply == "550 5.1.1 <ann@recv.example>: Recipient address rejected: unknown here"


def test_a_failure_under_the_title_of_success() -> None:
    """OpenSMTPD 5.7 sent its bounces with the words of its receipts: what is said of the recipient is true."""
    text = "    Your message was successfully delivered to these recipients.\n\nann@recv.example: {said}\n"
    subject = "Delivery status notification: success"
    failed = read_mail(notice(text.format(said="mail server unreachable, connection timed out"), subject))
    delivered = read_mail(notice(text.format(said="250 2.0.0 ok"), subject))

    assert ([each.event for each in failed.recipients], failed.kind) == (["bounced"], "bounce")
    assert ([each.event for each in delivered.recipients], delivered.kind) == (["delivered"], "receipt")


def test_each_recipient_of_an_old_transcript_has_its_own_reason() -> None:
    """Sendmail 5 writes what was said before the line that names whom it was said of."""
    text = (
        "   ----- Transcript of session follows -----\nWhile talking to mx1.recv.example:\n>>> RCPT To:<ann@recv.example>\n"
        "<<< 550 <ann@recv.example>, mailbox is full\n554 <ann@recv.example>... Service unavailable\n"
        "550 other.example (smtp)... 550 Host unknown\n"
        "554 <bob@other.example>... 550 Host unknown (Authoritative answer from name server)\n"
    )
    reading = read_mail(notice(text))

    assert [
        (each.address, "full" in str(each.reply), "Host unknown" in str(each.reply)) for each in reading.recipients
    ] == [
        ("ann@recv.example", True, False),
        ("bob@other.example", False, True),
    ]


def test_a_list_of_what_became_of_each() -> None:
    """Who got the message stands among those who did not."""
    text = "- These recipients of your message have been processed by the mail server:\nann@recv.example; Failed; 5.1.1 (bad destination mailbox address)\nbob@recv.example; Delivered\n"
    found = read_mail(notice(text, "Delivery Status Notification")).recipients

    assert [(each.address, each.event) for each in found] == [
        ("ann@recv.example", "bounced"),
        ("bob@recv.example", "delivered"),
    ]


def test_what_an_alias_leads_to_is_no_part_of_the_reply() -> None:
    """Sendmail tells whose address it was."""
    text = '   ----- The following addresses had permanent fatal errors -----\n"|/usr/bin/gone"\n    (expanded from: <ann@recv.example>)\n\n   ----- Transcript of session follows -----\n554 "|/usr/bin/gone"... unknown mailer error 127\n'
    (recipient,) = read_mail(notice(text)).recipients

    assert (recipient.address, "expanded" in str(recipient.reply)) == ("ann@recv.example", False)
