"""Delivery reports (RFC 3464, 6533): what the fields say, and what they leave to the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.mails.mails import notice, report
from tests.program import rows

from mailaudit.formats.mails.recognise import read_mail

if TYPE_CHECKING:
    from pathlib import Path

FAILED = "Final-Recipient: rfc822; ann@recv.example\nAction: failed\nStatus: {status}\nDiagnostic-Code: {diagnostic}\n"


@pytest.mark.parametrize(
    ("field", "address"),
    [
        ("rfc822; ann@recv.example", "ann@recv.example"),
        ("RFC822;<ann@recv.example>", "ann@recv.example"),
        ("ann@recv.example", "ann@recv.example"),
        ("utf-8; \\x{43F}@recv.example", "п@recv.example"),
        ("rfc822; ann+2Bnews@recv.example", "ann+news@recv.example"),
        ('rfc822; "two words"@recv.example', '"two words"@recv.example'),
        ("rfc822; =?utf-8?Q?x?=@recv.example", "=?utf-8?Q?x?=@recv.example"),
        ("LOCAL; ann", "ann"),
        ("rfc822; ann@[192.0.2.1]", "ann@[192.0.2.1]"),
    ],
)
def test_recipient_fields(field: str, address: str) -> None:
    """An address is found with and without type, brackets and encodings."""
    reading = read_mail(report(f"Final-Recipient: {field}\nAction: failed\nStatus: 5.1.1\n"))

    assert [each.address for each in reading.recipients] == [address]


def test_final_and_original_recipient() -> None:
    """Both addresses are kept where they differ."""
    fields = "Original-Recipient: rfc822;ann@shop.example\n" + FAILED.format(status="5.1.1", diagnostic="smtp; 550 no")
    (recipient,) = read_mail(report(fields)).recipients

    assert (recipient.address, recipient.original) == ("ann@recv.example", "ann@shop.example")


@pytest.mark.parametrize(
    ("status", "diagnostic", "event", "found", "code"),
    [
        ("5.1.1", "smtp; 550 5.1.1 User unknown", "bounced", "5.1.1", 550),
        ("5.0.0", "smtp; 552 5.2.2 mailbox is full", "bounced", "5.2.2", 552),
        ("5.0.0 (nothing known)", "smtp; 550 no such user here", "bounced", "5.0.0", 550),
        ("4.2.2", "smtp; 452 4.2.2 mailbox is full", "expired", "4.2.2", 452),
        ("4.4.7", "x-postfix; delivery timed out", "expired", "4.4.7", None),
        ("5.4.7", "smtp; 550 5.4.7 delivery expired (message too old)", "expired", "5.4.7", 550),
        ("5.0.0", "smtp; 421 4.7.0 try again later: retry timeout exceeded", "expired", "4.7.0", 421),
        ("5.1.1", "x-unix; user unknown", "bounced", "5.1.1", None),
        ("5.7.1", "smtp; 550-5.7.1 [192.0.2.10] listed\n 550 5.7.1 see example.net", "bounced", "5.7.1", 550),
    ],
)
def test_failures(status: str, diagnostic: str, event: str, found: str, code: int | None) -> None:
    """A failure after temporary trouble is an expiry; the code that says most is taken; only servers' codes count."""
    (recipient,) = read_mail(report(FAILED.format(status=status, diagnostic=diagnostic))).recipients

    assert (recipient.event, recipient.status, recipient.smtp_code) == (event, found, code)


@pytest.mark.parametrize(
    ("action", "event", "kind"),
    [
        ("delayed", "deferred", "delay_warning"),
        ("Delivered", "delivered", "receipt"),
        ("relayed (to non-DSN-aware mailer)", "relayed", "receipt"),
        ("expanded", "expanded", "receipt"),
    ],
)
def test_what_is_no_failure(action: str, event: str, kind: str) -> None:
    """Warnings and receipts are told apart from bounces."""
    reading = read_mail(report(f"Final-Recipient: rfc822; ann@recv.example\nAction: {action}\nStatus: 2.0.0\n"))

    assert (reading.kind, [each.event for each in reading.recipients]) == (kind, [event])


def test_opensmtpd_tells_of_an_expiry_as_a_delay() -> None:
    """`Action: delayed` with status 4.4.7 is the final notice."""
    fields = "Final-Recipient: rfc822; ann@recv.example\nAction: delayed\nStatus: 4.4.7\n"
    reading = read_mail(report(fields, "ann@recv.example: Envelope expired"))

    assert (reading.kind, reading.recipients[0].event) == ("bounce", "expired")


def test_recipients_without_an_empty_line_between_them() -> None:
    """A field that comes again begins the next recipient."""
    fields = "".join(f"Final-Recipient: rfc822; {name}@recv.example\nAction: failed\nStatus: 5.1.1\n" for name in "abc")

    assert [each.address[0] for each in read_mail(report(fields)).recipients] == ["a", "b", "c"]


def test_a_field_that_comes_twice_for_one_recipient() -> None:
    """The second status is the same recipient's where no other one follows, and the more exact one counts."""
    head = "Final-Recipient: rfc822; ann@recv.example\nAction: failed\nStatus: {}\nStatus: {}\n"
    rest = "Diagnostic-Code: smtp; 552 no room left\n"

    for first, second in (("5.0.0", "5.2.2"), ("5.2.2", "5.0.0")):
        (recipient,) = read_mail(report(head.format(first, second) + rest)).recipients
        assert (recipient.address, recipient.status, recipient.reply) == (
            "ann@recv.example",
            "5.2.2",
            "552 no room left",
        )


@pytest.mark.parametrize(
    ("field", "address"),
    [
        ("rfc822; =?utf-8?q?ann=40recv.example?=", "ann@recv.example"),
        ("rfc822; =?utf-8?b?8J+QiA==?=@recv.example", "=?utf-8?b?8J+QiA==?=@recv.example"),
        ("x400; /G=Ann/S=Example/O=Recv/ADMD= /C=DE/", "/G=Ann/S=Example/O=Recv/ADMD= /C=DE/"),
    ],
)
def test_unusual_names_of_recipients(field: str, address: str) -> None:
    """A whole address in an encoded word is read; a local part that looks like one stands as it is."""
    (recipient,) = read_mail(report(f"Final-Recipient: {field}\nAction: failed\nStatus: 5.1.1\n")).recipients

    assert recipient.address == address


def test_action_first() -> None:
    """Exim writes the action before the recipient."""
    fields = "Action: failed\nFinal-Recipient: rfc822;a@r.example\nStatus: 5.0.0\n\nAction: delayed\nFinal-Recipient: rfc822;b@r.example\n"
    reading = read_mail(report(fields))

    assert [(each.address, each.action) for each in reading.recipients] == [
        ("a@r.example", "failed"),
        ("b@r.example", "delayed"),
    ]


def test_the_text_tells_what_the_fields_do_not() -> None:
    """Without a diagnostic, each recipient's lines of the text are its reply."""
    fields = "".join(
        f"Final-Recipient: rfc822; {name}@recv.example\nAction: failed\nStatus: 5.0.0\n\n" for name in "ab"
    )
    text = "  a@recv.example\n    host mx.recv.example [192.0.2.1]: 550 5.1.1 no such user\n  b@recv.example\n    mailbox is full\n"
    first, second = read_mail(report(fields, text)).recipients

    assert (first.status, first.smtp_code) == ("5.1.1", 550)
    assert second.reply == "mailbox is full"


def test_sendmails_own_verdict_is_no_reply_code() -> None:
    """The transcript's `550 5.0.0 ann... ` is sendmail's, not a server's."""
    fields = (
        "Final-Recipient: rfc822; ann@out1.shop.example\nAction: failed\nStatus: 5.2.2\nDiagnostic-Code: x-unix; 73\n"
    )
    text = (
        "   ----- The following addresses had permanent fatal errors -----\nann\n    (reason: Can't create output)\n\n"
        '   ----- Transcript of session follows -----\nprocmail: Quota exceeded while writing "/var/mail/ann"\n'
        "550 5.0.0 ann... Can't create output\n"
    )
    (recipient,) = read_mail(report(fields, text)).recipients

    assert recipient.smtp_code is None
    assert "Quota exceeded" in (recipient.reply or "")


def test_report_in_base64_and_without_mime() -> None:
    """The fields are found where the part is encoded, and where the report is running text."""
    coded = "RmluYWwtUmVjaXBpZW50OiByZmM4MjI7IGFubkByZWN2LmV4YW1wbGUKQWN0aW9uOiBmYWlsZWQKU3RhdHVzOiA1LjEuMQo="
    more = 'Content-Type: multipart/report; boundary="b1"\n'
    part = "--b1\nContent-Type: message/delivery-status\nContent-Transfer-Encoding: base64\n\n"
    plain = (
        "Your message was returned.\n\n> Final-Recipient: rfc822; ann@recv.example\n> Action: failed\n> Status: 5.1.1\n"
    )

    for mail in (notice(f"{part}{coded}\n--b1--\n", more=more), notice(plain)):
        assert [(each.address, each.status) for each in read_mail(mail).recipients] == [("ann@recv.example", "5.1.1")]


def test_what_is_known_of_the_message() -> None:
    """Queue id, envelope id, Message-ID, sender and times come from the report and the copied headers."""
    fields = (
        FAILED.format(status="5.1.1", diagnostic="smtp; 550 no") + "Last-Attempt-Date: Mon, 2 Jun 2025 09:00:00 +0000\n"
    )
    mail = (
        report(fields)
        .decode()
        .replace(
            "Reporting-MTA: dns; out1.shop.example\n",
            "Reporting-MTA: dns; out1.shop.example\nX-Postfix-Queue-ID: 4XyZ\nOriginal-Envelope-Id: e7\nX-Postfix-Sender: rfc822; b@shop.example\n",
        )
    )
    mail = mail.replace(
        "--b1--", "--b1\nContent-Type: text/rfc822-headers\n\nMessage-ID:\n <m1@shop.example>\nSubject: June\n--b1--"
    )
    reading = read_mail(mail.encode())

    assert (reading.queue_id, reading.envelope_id, reading.message_id) == ("4XyZ", "e7", "m1@shop.example")
    assert (reading.sender, reading.reporting_mta, reading.original_subject) == (
        "b@shop.example",
        "out1.shop.example",
        "June",
    )
    assert (reading.recipients[0].time_us, reading.time_us) == (1748854800000000, 1748855649000000)


@pytest.mark.parametrize(
    ("sent_to", "original"),
    [
        ("bounce-7-ann=home.example@shop.example", "ann@home.example"),
        ("bounces+first.last=home.example@shop.example", "first.last@home.example"),
        ("bounces+12345-first-last=home.example@shop.example", "first-last@home.example"),
        ("bounce+a1b2c3.99-first-last=home.example@shop.example", "first-last@home.example"),
        ("bounces-main+ann=recv.example@shop.example", None),
        ("prvs=1234abcd=news@shop.example", None),
        ("SRS0=ab=cd=shop.example=news@relay.example", None),
        ("news@shop.example", None),
    ],
)
def test_a_variable_envelope_sender_names_whom_was_written_to(sent_to: str, original: str | None) -> None:
    """Where mail was forwarded to another domain, the address that the notice came to tells the one written to."""
    mail = report(FAILED.format(status="5.1.1", diagnostic="smtp; 550 no")).decode()
    (recipient,) = read_mail(mail.replace("To: news@shop.example", f"To: {sent_to}").encode()).recipients

    assert (recipient.address, recipient.original) == ("ann@recv.example", original)


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded"])
def test_the_category_of_a_receipt(action: str, tmp_path: Path) -> None:
    """A receipt tells that it went well, whatever the hop did with the message."""
    path = tmp_path / "receipt.eml"
    fields = f"Final-Recipient: rfc822; ann@recv.example\nAction: {action}\nStatus: 2.0.0\n"
    path.write_bytes(report(fields, "Your message was successfully delivered."))

    (row,) = rows("events", path)

    assert (row["event"], row["notice"], row["category"], row["type"]) == (action, "success", "delivered", "info")


def test_a_file_that_mail_was_to_be_written_to() -> None:
    """Exim reports the file of a mailbox; its text tells whose it is, and the address may name the relay as well."""
    fields = "Action: failed\nFinal-Recipient: rfc822;/var/spool/mail/r/ann\nStatus: 5.0.0\n"
    text = "  save to /var/spool/mail/r/ann\n    generated by ann%recv.example@box1.recv.example\n    mailbox is full\n"
    (recipient,) = read_mail(report(fields, text)).recipients

    assert (recipient.address, recipient.original) == ("ann%recv.example@box1.recv.example", "ann@recv.example")


def test_a_delay_of_a_day_is_no_expiry() -> None:
    """A warning with the code of an expiry that promises further attempts stays a delay; without promise it is over."""
    fields = (
        "Final-Recipient: rfc822; ann@recv.example\nAction: delayed\nStatus: 4.4.7 (unable to deliver after 1 day)\n"
    )
    (waits,) = read_mail(report(fields, "The mail system will continue to try to deliver your message.")).recipients
    (ended,) = read_mail(report(fields, "Your message could not be delivered.")).recipients

    assert (waits.event, ended.event) == ("deferred", "expired")


def test_fields_that_became_text_are_no_reason() -> None:
    """Where a report lost its boundaries, the reason is what the transcript says, not the field's code again."""
    text = (
        "   ----- The following addresses had permanent fatal errors -----\n<ann@recv.example>\n\n"
        "   ----- Transcript of session follows -----\nmail.local: unknown user: ann\n"
        "554 <ann@recv.example>... Service unavailable\n\nReporting-MTA: dns; mx1.recv.example\n\n"
        "Final-Recipient: RFC822; <ann@recv.example>\nAction: failed\nStatus: 5.5.0\n"
    )
    (recipient,) = read_mail(notice(text)).recipients

    assert (recipient.address, recipient.status) == ("ann@recv.example", "5.5.0")
    assert recipient.reply == "mail.local: unknown user: ann 554 <ann@recv.example>... Service unavailable"


def test_a_status_with_a_comment() -> None:
    """Where nothing else tells a reason, the comment of the code does."""
    fields = (
        "Final-Recipient: rfc822; ann@recv.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 User unknown\n\n"
        "Final-Recipient: rfc822; bob@other.example\nAction: delayed\nStatus: 4.0.0 (other.example: host name lookup failure)\n"
    )
    _, bob = read_mail(report(fields)).recipients

    assert (bob.event, bob.reply) == ("deferred", "other.example: host name lookup failure")


def test_how_long_a_queue_goes_on_is_no_reason() -> None:
    """The reason of a delay is the line below the one that promises further attempts."""
    text = (
        "Delivery to the following recipient has been delayed:\n\n     ann@recv.example\n\n"
        "Message will be retried for 2 more day(s)\n\nTechnical details of temporary failure:\n"
        "Connection was dropped by remote host (SENT_HELO)\n"
    )
    (recipient,) = read_mail(notice(text, "Delivery Status Notification (Delay)")).recipients

    assert recipient.event == "deferred"
    assert recipient.reply == "Connection was dropped by remote host (SENT_HELO)"


def test_a_field_of_a_maker_of_its_own() -> None:
    """Some have the answer in another field than the standard's."""
    fields = "Final-Recipient: rfc822; ann@recv.example\nAction: failed\nStatus: 5.0.0\nX-Supplementary-Info: <mx.recv.example #5.0.0 smtp; 550 no such user>\n"
    (recipient,) = read_mail(report(fields, "Delivery failed")).recipients

    assert (recipient.smtp_code, recipient.reply) == (550, "550 no such user")


def test_a_name_that_exchange_put_into_an_address() -> None:
    """Nobody wrote to it: the copy tells to whom."""
    fields = (
        "Final-Recipient: rfc822;IMCEAEX-_O=FIRM_OU=SITE_CN=ANN@recv.example\nAction: failed\nStatus: 5.1.1\n\n--b1\n"
        "Content-Type: text/rfc822-headers\n\nFrom: news@shop.example\nTo: Ann <ann@recv.example>\nSubject: June\n"
    )

    assert [each.address for each in read_mail(report(fields)).recipients] == ["ann@recv.example"]


def test_dominos_diagnostic_is_broken_within_words() -> None:
    """What Notes breaks at a certain width is put together again."""
    fields = (
        "Final-Recipient: rfc822;ann@recv.example\nAction: failed\nStatus: 5.0.0\n"
        "Diagnostic-Code: X-Notes; Error transferring to mx1.recv.exa\n mple; 550 5.1.1 Unknown re\n cipient\n"
    )

    assert [each.reply for each in read_mail(report(fields)).recipients] == [
        "Error transferring to mx1.recv.example; 550 5.1.1 Unknown recipient"
    ]
