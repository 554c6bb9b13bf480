"""Notices that were wrapped, forwarded, translated or broken on their way, and what they still tell."""

from __future__ import annotations

import pytest
from tests.mails.mails import notice, report

from mailaudit.formats.mails.recognise import read_mail

FIELDS = "Final-Recipient: rfc822; ann@recv.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no such user\n"
REPORT = report(FIELDS).decode()
EXCHANGE = "MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@recv.example"


def of(mail: bytes) -> tuple[str, list[str]]:
    """Returns kind and recipients of a mail."""
    reading = read_mail(mail)
    return reading.kind, [each.address for each in reading.recipients]


def in_parts(*parts: str, kind: str = "mixed", subject: str = "Undelivered mail") -> bytes:
    """Returns a notice of several parts, each with its headers."""
    body = "".join(f"--b2\n{part}\n" for part in parts) + "--b2--\n"
    return notice(body, subject, f'MIME-Version: 1.0\nContent-Type: multipart/{kind}; boundary="b2"\n')


@pytest.mark.parametrize(
    ("shown", "sender", "to", "title"),
    [
        ("-----Ursprüngliche Nachricht-----", "Von", "An", "Betreff"),
        ("-----Message d'origine-----", "De ", "À ", "Objet "),
        ("-----Mensaje original-----", "De", "Para", "Asunto"),
        ("-----Original Message-----", "From", "To", "Subject"),
    ],
)
def test_a_forwarded_notice(shown: str, sender: str, to: str, title: str) -> None:
    """A mail program shows the headers of what it forwards in its reader's language."""
    text = f"{shown}\n{sender}: Mail Delivery System <MAILER-DAEMON@mx.recv.example>\n{to}: shop@shop.example\n{title}: Undelivered\n\n<ann@recv.example>: 550 5.1.1 User unknown\n"
    mail = f"From: bob@shop.example\nTo: shop@shop.example\nSubject: WG: Undelivered\n\nsee below\n\n{text}"

    assert of(mail.encode()) == ("bounce", ["ann@recv.example"])


def test_a_filter_that_packed_up_a_report() -> None:
    """The filter's text shows the beginning of the notice; the report within tells the cause."""
    shown = "\nSpam detection software has identified this mail as possible spam.\n\nContent preview: <ann@recv.example>: ...\n"
    reading = read_mail(in_parts(shown, f"Content-Type: message/rfc822\n\n{REPORT}"))

    assert (reading.system, [each.reply for each in reading.recipients]) == ("report", ["550 5.1.1 no such user"])


@pytest.mark.parametrize(
    "text",
    [
        "Your message to <a.very.long.local.part.of.an.address@\nrecv.example> could not be delivered: user unknown.\n",
        "Your message to <a.very.long.local.part.\nof.an.address@recv.example> could not be delivered: user unknown.\n",
        "> Your message to <a.very.long.local.part.of.an.address@\n> recv.example> could not be delivered: unknown.\n",
    ],
    ids=["behind the @", "before it", "quoted"],
)
def test_an_address_in_brackets_over_two_lines(text: str) -> None:
    """A line's end within brackets is none of the address."""
    assert of(notice(text)) == ("bounce", ["a.very.long.local.part.of.an.address@recv.example"])


def test_a_link_that_shows_a_name() -> None:
    """A page may show a name, and have the address in its link only."""
    page = '<html><p>Your message to <a href="mailto:ann@recv.example">Ann Lee</a> could not be delivered: mailbox full.</p></html>'

    assert of(notice(page, more="Content-Type: text/html\n")) == ("bounce", ["ann@recv.example"])


def test_an_empty_line_among_the_headers() -> None:
    """A program that splits the headers leaves the rest of them to the text."""
    mail = b"Received: from mx by in\n\n" + notice("<ann@recv.example>: 550 5.1.1 User unknown\n")

    assert of(mail) == ("bounce", ["ann@recv.example"])


def test_fields_that_come_twice_report_once() -> None:
    """As the report, and as text for people."""
    assert of(report(f"{FIELDS}\n{FIELDS}")) == ("bounce", ["ann@recv.example"])


def test_the_same_recipient_with_two_fates_is_reported_twice() -> None:
    """Only what says the same is left out."""
    mail = report(FIELDS + "\n" + FIELDS.replace("failed", "delayed").replace("5.1.1", "4.2.2"))

    assert [each.action for each in read_mail(mail).recipients] == ["failed", "delayed"]


def test_a_local_name_is_the_address_that_was_written_to() -> None:
    """The copy tells the domain that the report leaves out; a name that it does not know stays as it is."""
    copy = "--b1\nContent-Type: text/rfc822-headers\n\nTo: Ann <ann@recv.example>\n--b1--"
    mail = report(FIELDS.replace("ann@recv.example", "ann")).decode().replace("--b1--", copy)

    assert of(mail.encode()) == ("bounce", ["ann@recv.example"])
    assert of(mail.replace("; ann\n", "; eve\n").encode()) == ("bounce", ["eve"])


@pytest.mark.parametrize(
    "address",
    [
        "/G=Ann/S=Lee/O=Recv/PRMD=recv/ADMD=telecom/C=de/",
        "G=Ann;S=Lee;O=Recv;P=recv;A=telecom;C=de",
    ],
)
def test_an_x400_address_in_the_text(address: str) -> None:
    """Its attributes are the address."""
    text = f"Your message was not delivered to:\n\n{address}\n\nReason: Unrecognised name\n"

    assert of(notice(text)) == ("bounce", [address])


@pytest.mark.parametrize(
    ("subject", "first", "second"),
    [
        (
            "Niet-bestelbaar: hoi",
            "Uw bericht aan {} kan niet worden bezorgd.",
            "ann is niet gevonden bij recv.example.",
        ),
        ("Det går inte att leverera: hej", "Det gick inte att leverera till {}.", "ann hittades inte på recv.example."),
        (
            "배달되지 않음: 안녕",
            "{}에게 보낸 메시지를 배달할 수 없습니다.",
            "recv.example에서 ann을(를) 찾을 수 없습니다.",
        ),
        ("غير قابل للتسليم", "تعذر تسليم رسالتك إلى {}.", "لم يتم العثور على ann في recv.example."),
        ("ვერ იქნა", "თქვენი წერილი {} ვერ იქნა მიტანილი.", "ann ვერ მოიძებნა recv.example-ზე."),
    ],
    ids=["Dutch", "Swedish", "Korean", "Arabic", "a language that no list has"],
)
def test_exchange_in_the_language_of_its_server(subject: str, first: str, second: str) -> None:
    """It writes from an address of its own; the sentence that speaks of the recipient again tells why."""
    page = f"<html><p>{first.format('ann@recv.example')}</p><p>{second}</p><p>shop</p><p>ann</p></html>"
    mail = notice(page, subject, "Content-Type: text/html; charset=utf-8\n").replace(
        b"MAILER-DAEMON@out1.shop.example", EXCHANGE.encode()
    )
    reading = read_mail(mail)

    assert (reading.kind, [each.address for each in reading.recipients]) == ("bounce", ["ann@recv.example"])
    assert second.rstrip(".") in (reading.recipients[0].reply or "")


def test_help_is_no_cause() -> None:
    """The sentence below tells why, unless it tells what to do."""
    text = "Ihre Nachricht an ann@recv.example konnte nicht zugestellt werden.\n\n{}\n"
    why, what_to_do = "Die Gruppe nimmt nur Nachrichten von innen an.", "Bitte den Administrator fragen."
    replies = [read_mail(notice(text.format(line))).recipients[0].reply or "" for line in (why, what_to_do)]

    assert [line.rstrip(".") in reply for line, reply in zip((why, what_to_do), replies, strict=True)] == [True, False]


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Delivered: June", "Your message has been delivered to the following recipients:\n\nann@recv.example\n"),
        (
            "Relayed: June",
            "Delivery to these recipients or groups is complete, but no notification was sent:\n\nann@recv.example\n",
        ),
        ("Zugestellt: June", "Ihre Nachricht wurde folgenden Empfängern zugestellt:\n\nann@recv.example\n"),
    ],
)
def test_exchange_tells_of_success(subject: str, text: str) -> None:
    """A receipt in words is no bounce."""
    assert of(notice(text, subject)) == ("receipt", ["ann@recv.example"])


@pytest.mark.parametrize(
    "text",
    [
        "No se ha entregado a los siguientes destinatarios:",
        "Il messaggio non è stato recapitato ai seguenti destinatari:",
        "A mensagem não foi entregue aos seguintes destinatários:",
        "Wiadomość nie została dostarczona do:",
        "Le message n'a pas été remis aux destinataires suivants :",
        "The message was not delivered to the following recipients:",
    ],
)
def test_not_delivered_is_no_success(text: str) -> None:
    """The same words with a no before them."""
    assert of(notice(f"{text}\n\nann@recv.example\n"))[0] == "bounce"


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        (
            "Mail queued",
            "Your mail to ann@recv.example is still in our queue: no answer. We keep trying for 72 hours.\n",
        ),
        ("WARNING. Mail delayed: June", "Message delivery to 'ann@recv.example' delayed\nconnection timed out\n"),
        (
            "Delivery Status Notification (Delay)",
            "Zustellung an ann@recv.example: Gmail versucht es noch 47 Stunden.\n",
        ),
        (
            "Verzögerte Zustellung: June",
            "Die Zustellung wurde verzögert:\n\nann@recv.example\n\nEs wird weiterhin versucht.\n",
        ),
    ],
)
def test_a_delay_in_other_words(subject: str, text: str) -> None:
    """Hope that is left makes a warning."""
    assert of(notice(text, subject)) == ("delay_warning", ["ann@recv.example"])


def test_a_filter_that_writes_from_any_address() -> None:
    """It says to whom the mail was sent that it stopped."""
    text = "The email you sent to ann@recv.example contained a virus and was not delivered.\n"
    mail = f"From: Filter <alert@filter.example>\nTo: shop@shop.example\nSubject: WARNING. A virus\n\n{text}".encode()
    answer = mail.replace(b"WARNING. A virus", b"Re: June").replace(b"To:", b"In-Reply-To: <m1@shop.example>\nTo:")

    assert of(mail) == ("bounce", ["ann@recv.example"])
    assert of(answer)[0] == "no_bounce"


def test_a_notice_from_nobody() -> None:
    """A null sender in From is a mail system's, though the notice answers the message."""
    mail = b"From: <>\nTo: shop@shop.example\nIn-Reply-To: <m1@shop.example>\n\nYou sent mail to ann@recv.example. That's not a valid user here.\n"

    assert of(mail) == ("bounce", ["ann@recv.example"])


@pytest.mark.parametrize(
    "subject",
    [
        "Automatisk svar: June",
        "Automatiskt svar: June",
        "Automaattinen vastaus: June",
        "Automatikus válasz: June",
        "Αυτόματη απάντηση: June",
        "תשובה אוטומטית: June",
        "[Automatyczna odpowiedź] June",
        "Răspuns automat: June",
    ],
)
def test_automatic_answers_in_other_languages(subject: str) -> None:
    """Their subject tells what they are."""
    mail = f"From: ann@recv.example\nTo: shop@shop.example\nSubject: {subject}\n\nxyz\n".encode()

    assert of(mail) == ("auto_reply", ["ann@recv.example"])


def test_a_service_that_asks_to_confirm() -> None:
    """No header tells it, but no person writes like that."""
    text = "This account is protected by Filter. Please click to have your address added to the recipient's allowed list.\n"
    mail = f"From: ann@recv.example\nTo: shop@shop.example\nSubject: RE: June\n\n{text}".encode()

    assert of(mail)[0] == "challenge"


def test_the_end_of_an_address_that_was_cut_off() -> None:
    """Another domain in the mail that begins like it tells how it goes on; half a name tells nothing."""
    text = "Your message could not be delivered to the following recipients:\n\n  {}"

    assert of(notice(text.format("ann@out1.shop.exa"))) == ("bounce", ["ann@out1.shop.example"])
    assert of(notice(text.format("ann@shop.exa"))) == ("bounce", ["ann@shop.example"])
    assert of(notice(text.format("ann@shop.example"))) == ("bounce", ["ann@shop.example"])
    assert of(notice(text.format("an")))[1] == []


def test_a_report_of_success_as_text() -> None:
    """A server's yes is none of a failure; in a notice of one it is the answer to another command."""
    yes = "<ann@recv.example>: delivery via\n    mx.recv.example[192.0.2.2]:25: 250 2.1.5 Ok\n"

    assert of(notice(f"The report that you requested:\n\n{yes}", "Mail Delivery Status Report"))[0] == "receipt"
    assert of(notice(f"This was undeliverable:\n\n{yes}", "Mail failure"))[0] == "bounce"


def test_hope_over_two_lines() -> None:
    """A sentence goes on in the next line."""
    text = "Your message to ann@recv.example: connection timed out. The server will\ntry again for 3 days.\n"

    assert of(notice(text))[0] == "delay_warning"


@pytest.mark.parametrize(
    "subject", ["***SPAM*** Undeliverable: June", "[EXTERNAL] Undeliverable: June", "Junk: NDN: June"]
)
def test_a_subject_that_a_filter_changed(subject: str) -> None:
    """What a filter puts before it is no part of it."""
    mail = f"From: help@recv.example\nTo: shop@shop.example\nSubject: {subject}\n\nann@recv.example: user unknown\n"

    assert of(mail.encode()) == ("bounce", ["ann@recv.example"])


def test_a_server_quoted_by_its_diagnostic_code() -> None:
    """What the notice says itself is not what the server said."""
    text = "Your message cannot be delivered to:\n\n  Recipient address: ann@recv.example\n  Reason: Illegal host/domain name found\n  Diagnostic code: smtp;550 5.1.1 unknown or illegal alias\n"

    assert [each.reply for each in read_mail(notice(text)).recipients] == ["550 5.1.1 unknown or illegal alias"]


def test_one_of_several_had_no_trouble() -> None:
    """In a list of results, a yes is delivered, and what others got is not its reply."""
    text = "Results:\n\nann@recv.example    FAILED   no such user\nbob@recv.example    FAILED   mailbox full\neve@recv.example    OK\n"
    reading = read_mail(notice(text, "Delivery report"))

    assert [(each.address[:3], each.action, each.reply) for each in reading.recipients] == [
        ("ann", "failed", "FAILED no such user"),
        ("bob", "failed", "FAILED mailbox full"),
        ("eve", "delivered", "OK"),
    ]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("The mailbox of the recipient ann@recv.example is over quota; your message was not delivered.\n", "bounce"),
        ("Your mailbox shop@shop.example has reached 95 % of its quota. New messages will be rejected.\n", "no_bounce"),
    ],
)
def test_whose_mailbox_it_is(text: str, kind: str) -> None:
    """A warning about the reader's own mailbox is no notice of a message; one about the recipient's is."""
    mail = f"From: postmaster@recv.example\nTo: shop@shop.example\nSubject: Mailbox quota\n\n{text}".encode()

    assert of(mail)[0] == kind


def test_what_a_server_tells_of_its_clients() -> None:
    """Postfix shows the postmaster sessions in which it refused a client: no message of ours was returned."""
    text = "Transcript of session follows.\n\n Out: 220 mx.shop.example ESMTP\n In:  RCPT TO:<ann@shop.example>\n Out: 550 5.1.1 <ann@shop.example>: User unknown\n In:  QUIT\n"

    assert of(notice(text, "Postfix SMTP server: errors from unknown[192.0.2.9]"))[0] == "no_bounce"


def test_a_message_that_was_too_long() -> None:
    """Exim tells no recipient of it: the copy does."""
    text = "A message that you sent was longer than the maximum size allowed on this\nsystem. It was not delivered.\n\nFrom: shop@shop.example\nTo: ann@recv.example\nSubject: June\nMessage-ID: <m1@shop.example>\n"
    (recipient,) = read_mail(notice(text)).recipients

    assert (recipient.address, "longer than" in (recipient.reply or "")) == ("ann@recv.example", True)


def test_a_returned_mail_in_spanish() -> None:
    """`Devuelto` is returned."""
    text = "El correo que usted envió a ann@recv.example ha sido devuelto.\n"

    assert of(notice(text, "Correo devuelto")) == ("bounce", ["ann@recv.example"])


@pytest.mark.parametrize("shown", ["Begin forwarded message:", "Anfang der weitergeleiteten Nachricht:"])
def test_a_notice_that_apples_mail_forwarded(shown: str) -> None:
    """The headers follow below an empty line."""
    head = "From: Mail Delivery System <MAILER-DAEMON@recv.example>\nSubject: Undelivered\nDate: 2. June 2025 at 09:14:01\nTo: shop@shop.example"
    text = f"\n{shown}\n\n{head}\n\n<ann@recv.example>: 550 5.1.1 User unknown\n"
    mail = f"From: bob@shop.example\nTo: shop@shop.example\nSubject: Fwd: Undelivered\n\n{text}".encode()

    assert of(mail) == ("bounce", ["ann@recv.example"])


@pytest.mark.parametrize(
    "text",
    [
        "Your mail to ann@recv.example is still queued: the host does not respond.\n",
        "Rejected: your mail to ann@recv.example scored 12.3 in our spam filter.\n",
        "The address ann@recv.example is no longer in use. The new address is ann@new.example.\n",
        "Ihre E-Mail an ann@recv.example wurde abgelehnt.\n",
        "La boîte aux lettres de ann@recv.example est pleine.\n",
        "No se pudo entregar su correo a ann@recv.example: la dirección no existe.\n",
        "Il suo messaggio per ann@recv.example non è stato recapitato: indirizzo sconosciuto.\n",
    ],
)
def test_what_a_daemon_says_of_an_address(text: str) -> None:
    """Its name and a sentence of failure about an address are enough, without a subject that says it."""
    mail = f"From: MAILER-DAEMON@recv.example\nTo: shop@shop.example\nSubject: Hello\n\n{text}".encode()

    assert of(mail)[1] == ["ann@recv.example"]


def test_a_filter_that_packed_up_a_report_and_lost_its_recipient() -> None:
    """The filter's text names nobody: who the report within was sent to is not who failed."""
    shown = "\nThe original message was received at Mon Jun  2 2025\n\n----- The following addresses had permanent errors -----\n"

    assert of(in_parts(shown, f"Content-Type: message/rfc822\n\n{REPORT}")) == ("bounce", ["ann@recv.example"])


def test_line_ends_of_old_macs() -> None:
    """A mail whose lines end with a carriage return alone is read like any other, quoted-printable parts too."""
    text = "Content-Transfer-Encoding: quoted-printable\n\nYour message to ann@recv.exam=\nple failed: 550 5.1.1 User unknown\n"
    mail = in_parts(text)

    assert of(mail.replace(b"\n", b"\r")) == of(mail) == ("bounce", ["ann@recv.example"])


def test_another_systems_notice_below_a_relays_words() -> None:
    """A relay puts its own words above the notice it got, whole, with the envelope's line and its headers."""
    within = (
        "From MAILER-DAEMON  Mon Jun  2 09:14:01 2025\nReceived: by inner.relay.example\n\tid 4ABC; Mon, 2 Jun 2025 09:14:01 +0000\n"
        "From: MAILER-DAEMON@inner.relay.example\nTo: owner+7@relay.example\nDelivered-To: owner+7@relay.example\n"
    ) + in_parts("\n<ann@recv.example>: 550 5.1.1 User unknown\n").decode().partition("\n")[2]
    words = "Your message could not be delivered. Questions: help@relay.example\n\n"
    mail = notice(words + "-" * 30 + "\n" + within)

    assert of(mail) == ("bounce", ["ann@recv.example"])


def test_a_notice_that_is_returned_itself() -> None:
    """The recipient of a notice that could not be delivered is named before it; who failed within it is another."""
    within = (
        "From MAILER-DAEMON  Mon Jun  2 09:14:01 2025\nFrom: MAILER-DAEMON@relay.example\nTo: bob@shop.example\n"
        "Subject: Undelivered\n\nYour mail to ann@recv.example failed: 550 5.1.1 User unknown\n"
    )
    mail = notice("Your mail to bob@shop.example could not be delivered: mailbox full\n\n" + "-" * 30 + "\n" + within)

    assert of(mail) == ("bounce", ["bob@shop.example"])
