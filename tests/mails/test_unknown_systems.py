"""Notices of systems that no row knows: what is found in them, and how sure that is."""

from __future__ import annotations

import pytest
from tests.mails.mails import notice, report

from mailaudit.formats.mails.recognise import read_mail

COPY = "\n\nFrom: Shop <news@shop.example>\nTo: Ann <ann@recv.example>\nMessage-ID: <m1@shop.example>\nSubject: June\n\nHello"


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        (
            'Delivery of email to this address\n\n"ann@recv.example"\n\nhas failed due to a full mailbox.\n',
            "Mail Delivery Failure",
        ),
        ("Failed to deliver to '<ann@recv.example>'\nmailbox is full\n", "Undeliverable mail: June"),
        (
            "Ihre Nachricht an <ann@recv.example> konnte nicht zugestellt werden.\n\n552 5.2.2 Postfach voll\n",
            "Unzustellbar: June",
        ),
        ("Votre message n'a pu être remis à ann@recv.example : boîte pleine\n", "Échec de remise"),
        ("お客様のメールは配信できませんでした。\nann@recv.example\n", "メール配信エラー"),
        ("Sorry, we could not deliver your mail. Mailbox full." + COPY, "Returned mail"),
        ("No account by that name: the mailbox is unknown." + COPY, "failure delivery"),
    ],
)
def test_the_recipient_is_found(text: str, subject: str) -> None:
    """It stands near words of failure, else it is whom the copied message was sent to."""
    reading = read_mail(notice(text, subject))

    assert (reading.kind, [each.address for each in reading.recipients]) == ("bounce", ["ann@recv.example"])
    assert reading.recipients[0].reply


def test_failed_recipients_header() -> None:
    """X-Failed-Recipients names them all."""
    more = "X-Failed-Recipients: ann@recv.example,\n bob@recv.example\n"
    reading = read_mail(
        notice("The group you tried to contact may not exist.", "Delivery Status Notification (Failure)", more)
    )

    assert [each.address for each in reading.recipients] == ["ann@recv.example", "bob@recv.example"]


def test_variable_return_path() -> None:
    """Where nothing names the recipient, the address that the notice came to does."""
    mail = notice("The mailbox is full.", "Undeliverable").replace(
        b"To: news@shop.example", b"To: b-1-ann=recv.example@shop.example"
    )

    assert [each.address for each in read_mail(mail).recipients] == ["ann@recv.example"]


def test_a_warning_is_none() -> None:
    """What is still tried is a delay."""
    text = "Your message to ann@recv.example could not be delivered yet. We will keep trying for 3 days.\n"
    reading = read_mail(notice(text, "Delivery delayed"))

    assert (reading.kind, [each.event for each in reading.recipients]) == ("delay_warning", ["deferred"])


def test_html_only() -> None:
    """A notice in HTML alone is read like its text."""
    html = "<html><style>p{}</style><p>Your message to ann@recv.example couldn&#39;t be delivered.<br>550 5.1.1 unknown</p></html>"
    reading = read_mail(notice(html, "Undeliverable: June", "Content-Type: text/html\n"))

    assert [(each.address, each.smtp_code) for each in reading.recipients] == [("ann@recv.example", 550)]


def test_a_report_within_a_mail() -> None:
    """A bounce that was packed up by a filter or forwarded whole is read."""
    inner = report("Final-Recipient: rfc822; ann@recv.example\nAction: failed\nStatus: 5.1.1\n").decode()
    mail = f"From: a@b.example\nTo: c@d.example\nSubject: [SPAM]\nContent-Type: multipart/mixed; boundary=o\n\n--o\n\nSee below.\n--o\nContent-Type: message/rfc822\n\n{inner}\n--o--\n"

    assert [each.address for each in read_mail(mail.encode()).recipients] == ["ann@recv.example"]


def test_report_that_names_no_recipient() -> None:
    """CommuniGate leaves the final recipient empty."""
    fields = (
        "Original-Recipient: rfc822;<ann@recv.example>\nFinal-Recipient: system;<>\nAction: failed\nStatus: 5.0.0\n"
    )
    reading = read_mail(
        report(fields, "Failed to deliver to '<ann@recv.example>'\nMessages without To: fields are not accepted here\n")
    )

    assert [each.address for each in reading.recipients] == ["ann@recv.example"]
    assert "not accepted" in (reading.recipients[0].reply or "")


SENDMAIL = """The original message was received at Mon, 2 Jun 2025 09:14:01 GMT
from app.shop.example [198.51.100.20]

   ----- The following addresses had {what} -----
<ann@recv.example>{more}

   ----- Transcript of session follows -----
{transcript}
"""


@pytest.mark.parametrize(
    ("subject", "what", "more", "transcript", "event"),
    [
        (
            "Warning: could not send message for past 30 minutes",
            "transient non-fatal errors",
            "",
            "<ann@recv.example>... Deferred: Connection timed out\nWill keep trying until message is 4 hours old",
            "deferred",
        ),
        (
            "Returned mail: Cannot send message for 4 hours",
            "permanent fatal errors",
            "",
            "Deferred: Connection timed out\nMessage could not be delivered for 4 hours\nMessage will be deleted from queue",
            "expired",
        ),
        (
            "Return receipt",
            "successful delivery notifications",
            "  (successfully delivered to mailbox)",
            "<ann@recv.example>... Successfully delivered",
            "delivered",
        ),
        (
            "Return receipt",
            "successful delivery notifications",
            "  (relayed to non-DSN-aware mailer)",
            "<ann@recv.example>... relayed; expect no further notifications",
            "relayed",
        ),
    ],
)
def test_sendmails_notices_without_a_report(subject: str, what: str, more: str, transcript: str, event: str) -> None:
    """Warning, returned mail and return receipt are told apart by their words alone."""
    reading = read_mail(notice(SENDMAIL.format(what=what, more=more, transcript=transcript), subject))

    assert [(each.address, each.event) for each in reading.recipients] == [("ann@recv.example", event)]


@pytest.mark.parametrize(
    "around",
    [
        "Connected to 192.0.2.25 but sender was rejected.\nRemote host said: {}",
        "hMailServer sent: RCPT TO:<ann@recv.example>\nRemote server replied: {}",
        ">>> RCPT To:<ann@recv.example>\n<<< {}",
        "Error transferring to mx.recv.example; SMTP Protocol Returned a Permanent Error {}",
    ],
)
def test_the_servers_own_words_are_the_reply(around: str) -> None:
    """Where a notice plainly quotes a server, what it says itself is left out."""
    answer = "553 5.1.8 your envelope sender domain must exist"
    text = f"could not be delivered:\n\n<ann@recv.example>:\n{around.format(answer)}\n"

    assert [each.reply for each in read_mail(notice(text)).recipients] == [answer]
