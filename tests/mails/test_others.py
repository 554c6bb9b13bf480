"""Mail that reports no delivery: complaints, answers, read receipts, and mail of people."""

from __future__ import annotations

import pytest
from tests.mails.mails import notice

from mailaudit.formats.mails.recognise import read_mail

ARF = (
    "--b1\n\nThis is an email abuse report\n\n--b1\nContent-Type: message/feedback-report\n\nFeedback-Type: {type}\n"
    "Version: 1\n{more}\n--b1\nContent-Type: message/rfc822\n\nFrom: news@shop.example\nTo: <ann@recv.example>\n"
    "Message-ID: <m1@shop.example>\nSubject: Delivery failed: user unknown\n\n<x@y.example>: 550 user unknown\n--b1--\n"
)
TYPE = 'Content-Type: multipart/report; report-type=feedback-report; boundary="b1"\n'


@pytest.mark.parametrize(
    ("type_", "more", "kind", "event"),
    [
        ("abuse", "", "complaint", "complained"),
        ("Fraud", "", "complaint", "complained"),
        ("opt-out", "", "complaint", "complained"),
        ("other", "", "complaint", "complained"),
        ("not-spam", "", "feedback", "other"),
        ("auth-failure", "Auth-Failure: dmarc\n", "feedback", "other"),
    ],
)
def test_feedback_reports(type_: str, more: str, kind: str, event: str) -> None:
    """Only some feedback types are complaints; the recipient is found in the copied mail if the report hides it."""
    reading = read_mail(notice(ARF.format(type=type_, more=more), more=TYPE))

    assert (reading.kind, reading.message_id) == (kind, "m1@shop.example")
    assert [(each.address, each.event, each.action) for each in reading.recipients] == [
        ("ann@recv.example", event, type_.lower())
    ]


def test_all_who_complained_of_one_message() -> None:
    """A report may name each recipient of it (RFC 5965, 3.2)."""
    more = "Original-Rcpt-To: <bob@recv.example>\nOriginal-Rcpt-To: <eve@other.example>\nOriginal-Rcpt-To: <bob@recv.example>\n"
    reading = read_mail(notice(ARF.format(type="abuse", more=more), more=TYPE))

    assert [(each.address, each.event) for each in reading.recipients] == [
        ("bob@recv.example", "complained"),
        ("eve@other.example", "complained"),
    ]


def test_an_answer_that_says_first_that_it_is_automatic() -> None:
    """No header marks it, and its subject is that of the message."""
    head = "From: ann@recv.example\nTo: news@shop.example\nSubject: Re: June\n\n"
    first = read_mail(f"{head}AutoReply message from ann@recv.example\n\nI shall read your mail on Monday.\n".encode())
    later = read_mail(f"{head}Thank you!\n\nYour automatic reply went to my other address.\n".encode())

    assert (first.kind, first.recipients[0].address) == ("auto_reply", "ann@recv.example")
    assert later.kind == "no_bounce"


def test_a_hidden_recipient_is_found_in_a_variable_return_path() -> None:
    """VERP names the recipient where the report and To do not."""
    mail = ARF.format(type="abuse", more="Original-Rcpt-To: redacted@recv.example\n")
    mail = mail.replace(
        "From: news@shop.example\n", "Return-Path: <b-7-bob=recv.example@shop.example>\nFrom: news@shop.example\n"
    )

    assert [each.address for each in read_mail(notice(mail, more=TYPE)).recipients] == ["bob@recv.example"]


def person(subject: str, text: str, more: str = "", sender: str = "Ann <ann@recv.example>") -> bytes:
    """Returns a mail of a person, or of a person's program."""
    return f"From: {sender}\nTo: news@shop.example\nSubject: {subject}\n{more}\n{text}".encode()


@pytest.mark.parametrize(
    "mail",
    [
        person("Out of office: Re: News", "I am back on Monday.", "Auto-Submitted: auto-replied\n"),
        person("Automatische Antwort: News", "Ich bin bis 4. Juni nicht im Haus."),
        person("Re: News", "I am on vacation until June.", "X-Autoreply: yes\n"),
        person("I'm away", "On leave. For user unknown errors call 550 123.", "Precedence: auto_reply\n"),
    ],
)
def test_auto_replies(mail: bytes) -> None:
    """An automatic answer is no bounce; its recipient is who answered."""
    reading = read_mail(mail)

    assert (reading.kind, [(each.address, each.event) for each in reading.recipients]) == (
        "auto_reply",
        [("ann@recv.example", "auto_reply")],
    )


def test_challenge() -> None:
    """A request to confirm that a person wrote is told apart from an answer."""
    text = "Your message is being held. To confirm that you are a person, follow https://verify.recv.example/c/1 ."
    reading = read_mail(person("Please confirm your message", text, "Auto-Submitted: auto-replied\n"))

    assert (reading.kind, [each.action for each in reading.recipients]) == ("challenge", ["challenge"])


@pytest.mark.parametrize(
    "text",
    [
        "The mail that you wrote to us needs a check: please verify that you are a real person by answering this mail.",
        "Para que a sua mensagem seja entregue a ann@recv.example, confirme aqui: https://verify.recv.example/c/1",
        "Pour que votre message soit remis à ann@recv.example, cliquez sur ce lien : https://verify.recv.example/c/1",
        "Damit Ihre Nachricht an ann@recv.example zugestellt wird, bitte hier bestätigen: https://verify.recv.example/1",
    ],
)
def test_a_challenge_that_no_header_marks(text: str) -> None:
    """Its words are those of nothing else."""
    assert read_mail(person("Your order", text)).kind == "challenge"


def test_bounces_marked_as_automatic_answers_are_bounces() -> None:
    """Postfix and Exim mark their notices auto-replied."""
    text = "This message was created automatically by mail delivery software.\n\nThe following address failed:\n\n  ann@recv.example\n    550 Unrouteable address\n"

    assert read_mail(notice(text, more="Auto-Submitted: auto-replied\n")).kind == "bounce"


def test_read_receipt_names_nobody() -> None:
    """A read receipt has fields like a report's, and says nothing of delivery."""
    more = 'Content-Type: multipart/report; report-type=disposition-notification; boundary="b1"\n'
    text = (
        "--b1\n\nYour message was displayed.\n--b1\nContent-Type: message/disposition-notification\n\n"
        "Final-Recipient: rfc822; ann@recv.example\nOriginal-Message-ID: <m1@shop.example>\nDisposition: manual-action/MDN-sent-manually; displayed\n--b1--\n"
    )
    reading = read_mail(notice(text, "Read: News", more))

    assert (reading.kind, reading.message_id, reading.recipients) == ("read_receipt", "m1@shop.example", [])


@pytest.mark.parametrize(
    "mail",
    [
        b"",
        b"\n\n\n",
        person(
            "Re: delivery of my order failed",
            "My parcel was returned, your site says 550 error.",
            "In-Reply-To: <x@shop.example>\n",
        ),
        person("Invoice", "Unknown user bob@recv.example asked for a refund."),
        person(
            "Delivery failed: parcel 7",
            "could not be delivered to news@shop.example",
            sender="DHL <no-reply@parcel.example>",
        ),
        person(
            "Re: Undelivered Mail Returned to Sender",
            "> <bob@recv.example>: 550 user unknown\nCan you look?",
            "In-Reply-To: <n@shop.example>\n",
        ),
        person("Minutes", "<bob@recv.example>:\nwe sent 550 letters, none came back.\n\n<eve@recv.example>:\nok"),
        person("The list", "Please invite the following recipients:\n\nbob@recv.example\neve@recv.example: maybe"),
        person("Hello", "Your message to bob@recv.example was great. Unknown user: no such thing."),
        notice("Your quarantine holds 3 mails. Sender: eve@evil.example", "Quarantine summary"),
        notice("The backup of server db1 is complete.", "Cron <root@db1>"),
    ],
)
def test_no_bounce(mail: bytes) -> None:
    """Words of failure alone make no bounce."""
    assert read_mail(mail).kind == "no_bounce"
