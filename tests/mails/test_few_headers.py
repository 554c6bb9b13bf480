"""Notices that were kept with few headers, as archives do: one mark is enough, and never for a person's mail."""

from __future__ import annotations

import pytest

from mailaudit.formats.mails.recognise import read_mail

DAEMON = "MAILER-DAEMON@mx.recv.example"


def kept(text: str, subject: str, sender: str = DAEMON) -> bytes:
    """Returns a mail with From, To and Subject, and a text."""
    return f"From: {sender}\nTo: shop@shop.example\nSubject: {subject}\n\n{text}\n".encode()


NOTICES = {
    "a list": "Here is your list of failed recipients:\n\n<ann@recv.example>\n\n 550 no such user\n",
    "dialogue": "The mail could not be delivered.\n\nMAIL FROM:<shop@shop.example>\nRCPT TO:<ann@recv.example>\n550 User unknown\n",
    "intended": "Your message could not be delivered.\n\nIntended recipient:  ann@recv.example\nReason: mailbox over quota\n",
    "undeliverable": "Undeliverable Address: ann@recv.example\nReason: Mailbox full\n",
    "quoted": "Your message addressed to 'ann@recv.example' was not delivered:\n  user unknown\n",
    "aborted": "Delivery to the following recipients was aborted after 2 second(s):\n\n  * ann@recv.example\n",
    "userid": "Invalid final delivery userid: ann@recv.example\n",
    "fields": "--> Error description:\nError-for: ann@recv.example\nError-Code: 3\nError-text: No such user here\n",
    "brackets": "Message could not be delivered to some recipients.\n\nRecipient: [SMTP:ann@recv.example]\nReason: Remote SMTP Server Returned: 550 unknown user\n",
    "German": "Ihre Nachricht konnte nicht zugestellt werden.\n\nEmpfänger: ann@recv.example\nGrund: Postfach voll\n",
    "French": "Votre message n'a pas pu être remis au destinataire suivant :\n\nann@recv.example\n\nutilisateur inconnu",
    "Spanish": "El mensaje no se pudo entregar al siguiente destinatario:\n\nann@recv.example\n\nusuario desconocido",
    "Polish": "Wiadomość nie została dostarczona do:\n\nann@recv.example\n\nNie ma takiego użytkownika",
    "Russian": "Ваше сообщение не было доставлено:\n\nann@recv.example\n\nпользователь не найден",
    "Chinese": "抱歉,您的邮件被退回来了:\n\n收件人 ann@recv.example\n退信原因 收件人邮件地址不存在",
    "Korean": "메일 전송에 실패했습니다.\n\n받는사람: ann@recv.example\n사유: 존재하지 않는 사용자",
}


@pytest.mark.parametrize("text", NOTICES.values(), ids=NOTICES.keys())
@pytest.mark.parametrize(
    ("subject", "sender"),
    [("Your order", DAEMON), ("Undeliverable: Your order", "System Administrator <system@recv.example>")],
    ids=["by its sender", "by its subject"],
)
def test_one_mark_and_the_address_that_failed(text: str, subject: str, sender: str) -> None:
    """A daemon's address or a notice's subject is enough where the text says which address failed."""
    reading = read_mail(kept(text, subject, sender))

    assert (reading.kind, [each.address for each in reading.recipients]) == ("bounce", ["ann@recv.example"])


@pytest.mark.parametrize(
    ("text", "subject", "sender"),
    [
        ("We tried to bring your parcel but nobody was in.", "Delivery failed", "parcels@carrier.example"),
        ("Delivery has failed. Questions? service@carrier.example", "Delivery notification", "parcels@carrier.example"),
        ("ann@recv.example has failed her exam, sorry.", "News of Ann", "bob@recv.example"),
        ("I could not reach ann@recv.example, her mailbox is full.", "Re: Undeliverable: order", "bob@recv.example"),
        ("See what I got about ann@recv.example: mailbox full", "Fwd: Returned mail", "bob@recv.example"),
        ("All messages for ann@recv.example arrived.", "Daily report", DAEMON),
        ("Delivery of your parcel failed. Write to ann@carrier.example", "Delivery failed", "parcels@carrier.example"),
        (
            "Ihr Paket konnte nicht zugestellt werden.\nann@carrier.example",
            "Zustellung nicht möglich",
            "dpd@carrier.example",
        ),
        ("Il pacco non è stato consegnato: ann@poste.example", "Mancata consegna", "avvisi@poste.example"),
    ],
    ids=[
        "parcel",
        "parcel with address",
        "person",
        "answer",
        "forwarded",
        "daemon's report",
        "write to",
        "Paket",
        "pacco",
    ],
)
def test_what_is_no_notice(text: str, subject: str, sender: str) -> None:
    """Parcels, people and reports of other things bounce nothing."""
    assert read_mail(kept(text, subject, sender)).kind == "no_bounce"


def test_names_without_domain() -> None:
    """A daemon that names mailboxes only speaks of its own domain."""
    text = "Your mail to the following recipients could not be delivered because they are not\naccepting mail:\n\n\tann\n\tbob.lee\n"
    reading = read_mail(kept(text, "Returned mail", "MAILER-DAEMON@recv.example"))

    assert [each.address for each in reading.recipients] == ["ann@recv.example", "bob.lee@recv.example"]
    assert (reading.kind, reading.system) == ("bounce", "names")


def test_names_with_a_reason_each() -> None:
    """What stands behind a name is said of it."""
    text = "Message not delivered to the following:\n\n    ann       no such user\n    bob.lee   mailbox full\n\n   -- Error Detail"
    reading = read_mail(kept(text, "Returned mail", "MAILER-DAEMON@recv.example"))

    assert [each.reply for each in reading.recipients] == ["no such user", "mailbox full"]


def test_a_refusal_in_the_form_of_a_receipt() -> None:
    """Dovecot tells of a full mailbox in a disposition notification; its text is what counts."""
    mail = (
        "From: Mail Delivery Subsystem <postmaster@recv.example>\nTo: shop@shop.example\nSubject: Rejected: Your order\n"
        'Auto-Submitted: auto-replied (rejected)\nContent-Type: multipart/report; report-type=disposition-notification; boundary="b"\n\n'
        "--b\n\nYour message to <ann@recv.example> was automatically rejected:\nQuota exceeded (mailbox for user is full)\n"
        "--b\nContent-Type: message/disposition-notification\n\nFinal-Recipient: rfc822; ann@recv.example\n"
        "Disposition: automatic-action/MDN-sent-automatically; deleted\n\n--b--\n"
    )
    reading = read_mail(mail.encode())

    assert (reading.kind, [each.address for each in reading.recipients]) == ("bounce", ["ann@recv.example"])
    assert "Quota exceeded" in str(reading.recipients[0].reply)


@pytest.mark.parametrize(
    "text",
    [
        "Your message to:\nann@recv.example\n\nhas been delayed.\nThis is just a warning, you do not need to take any action.\n",
        'THIS IS AN ADVISORY-ONLY EMAIL.\n\nDelivery of the message to "ann@recv.example" has been postponed.\n',
    ],
    ids=["delayed", "postponed"],
)
def test_warnings(text: str) -> None:
    """A message that waits has not bounced."""
    reading = read_mail(kept(text, "Delivery delayed"))

    assert (reading.kind, [each.address for each in reading.recipients]) == ("delay_warning", ["ann@recv.example"])


def test_a_newsletter_about_bounces() -> None:
    """What is sent to many quotes a bounce and is none."""
    mail = kept(
        "550 5.1.1 <ann@recv.example>: User unknown means a hard bounce", "Bounced mail, explained", "n@news.example"
    )

    assert read_mail(mail).kind == "bounce"
    assert read_mail(b"List-Unsubscribe: <https://news.example/u>\n" + mail).kind == "no_bounce"


def test_a_forwarded_notice_with_its_headers() -> None:
    """A notice that a person forwards as text is read; what the person writes above it is not."""
    mail = kept(
        "See below, bob@shop.example may know more.\n\n---------- Forwarded message ---------\n"
        f"From: Mail Delivery System <{DAEMON}>\nSubject: Undelivered Mail\nTo: <shop@shop.example>\n\n"
        "<ann@recv.example>: host mx.recv.example[192.0.2.1] said: 550 5.1.1 User unknown\n",
        "Fwd: Undelivered Mail",
        "Bob <bob@shop.example>",
    )
    reading = read_mail(mail)

    assert (reading.kind, [each.address for each in reading.recipients]) == ("bounce", ["ann@recv.example"])


@pytest.mark.parametrize(
    "text",
    [
        "收件人：ann@recv.example\n退信原因：收件人邮件地址不存在（User not exist: ann@recv.example），邮件无法送达。",
        "您的邮件无法投递给收件人ann@recv.example。",
        "宛先ann@recv.exampleは存在しません。",
    ],
)
def test_an_address_among_letters_of_the_far_east(text: str) -> None:
    """There are no blanks around an address, and punctuation is wide."""
    assert [each.address for each in read_mail(kept(text, "Undeliverable")).recipients] == ["ann@recv.example"]


def test_the_warning_of_a_list() -> None:
    """LISTSERV names the subscriber in brackets, the cause below."""
    text = "Subscriber                 Err First Last\nAnn [ann@recv.example]      14 03/01 03/11\n    Last error: 5.1.1 User unknown"
    reading = read_mail(kept(text, "CLUB-L: Daily error monitoring report", "LISTSERV@lists.example"))

    assert [(each.address, each.status) for each in reading.recipients] == [("ann@recv.example", "5.1.1")]


def test_domino_in_german() -> None:
    """The words around recipient and cause are the server's language."""
    text = "Ihre Nachricht\n\n  Betreff: Angebot\n\nkonnte nicht zugestellt werden an:\n\n  ann@recv.example\n\nwegen:\n\n  Unbekannt"
    (found,) = read_mail(kept(text, "Zustellfehler")).recipients

    assert (found.address, found.reply) == ("ann@recv.example", "wegen: Unbekannt")


def test_a_notice_that_shows_names_only() -> None:
    """Exchange 5 wrote from a name without an address, and of names: that is a notice in which nobody is found."""
    text = (
        "Your message did not reach some or all of the intended recipients.\n\n  Subject: June\n\nThe following recipient(s) "
        "could not be reached:\n\n  'Ann Example' on 6/2/2025 9:14 AM\n  The time for delivering it expired\n"
    )
    mail = f"From: System Administrator\nTo: news@shop.example\nSubject: Undeliverable: June\n\n{text}"

    assert (read_mail(mail.encode()).kind, read_mail(mail.encode()).recipients) == ("unparsed", [])


def test_a_failure_that_is_told_as_a_success() -> None:
    """OpenSMTPD 5.7 says that it delivered, and behind the address that it did not."""
    text = "Your message was successfully delivered to these recipients.\n\nann@recv.example: Envelope expired\n"

    (recipient,) = read_mail(kept(text, "Delivery status notification: success")).recipients

    assert (recipient.event, recipient.reply) == ("expired", "Envelope expired")
