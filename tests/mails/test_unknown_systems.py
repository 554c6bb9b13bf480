"""Notices of systems that no row knows: what is found in them, and how sure that is."""

from __future__ import annotations

import pytest
from tests.mails.mails import notice, report

from mailaudit.classify import verdict
from mailaudit.formats.mails.recognise import read_mail

COPY = "\n\nFrom: Shop <news@shop.example>\nTo: Ann <ann@recv.example>\nMessage-ID: <m1@shop.example>\nSubject: June\n\nHello"
QUOTED = "> From: news@shop.example\n> To: ann@recv.example\n> Cc: bob@shop.example\n> Subject: June\n"


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
        ("Destinataire : ann@recv.example\nCause : pièce jointe interdite\n", "Votre message n'a pas été remis"),
        ("お客様のメールは配信できませんでした。\nann@recv.example\n", "メール配信エラー"),
        (
            "Ditt meddelande kunde inte levereras.\n\nann@recv.example\n\nOrsak: mottagaren finns inte.\n",
            "Kunde inte levereras",
        ),
        (
            "Din mail til ann@recv.example kunne ikke leveres.\n\nÅrsag: postkassen er fuld.\n",
            "Din mail kunne ikke leveres",
        ),
        ("Viestiäsi ei voitu toimittaa:\n\nann@recv.example: vastaanottajaa ei löydy\n", "Viestiä ei voitu toimittaa"),
        ("Mesajınız iletilemedi:\n\nann@recv.example\n\nNeden: kullanıcı bulunamadı.\n", "Mesajınız iletilemedi"),
        ("Ваш лист не вдалося доставити: ann@recv.example\n\nПричина: користувача не існує\n", "Лист не доставлено"),
        ("Váš e-mail se nepodařilo doručit příjemci ann@recv.example.\n\nDůvod: neexistuje\n", "Email nelze doručit"),
        (
            "Il messaggio non e' stato recapitato:\n\nann@recv.example\n\nLa casella e' piena.\n",
            "Mancata consegna: ciao",
        ),
        ("Ваше сообщение не было доставлено:\n\nann@recv.example — ящик переполнен\n", "Ошибка доставки"),
        (
            "A message to:\n-> ann@recv.example\n\nwas considered unsolicited bulk e-mail.\n",
            "Considered UNSOLICITED BULK EMAIL",
        ),
        ("Το μήνυμά σας δεν μπόρεσε να παραδοθεί στον παραλήπτη ann@recv.example\n", "Μη παράδοση"),
        ("Your message for list 'ann@recv.example' (attached below) was rejected.\n", "Message distribution: rejected"),
        ("550 ann@recv.example...User unknown, sorry, unable to deliver\n", "Undelivered"),
        ("تعذر تسليم الرسالة إلى ann@recv.example\n\nالسبب: المستلم غير موجود\n", "تعذر تسليم الرسالة"),
        ("ההודעה לא נמסרה אל ann@recv.example\n\nתיבת הדואר מלאה\n", "ההודעה לא נמסרה"),
        (
            "De bezorging van uw bericht aan de volgende geadresseerden is mislukt:\n\nann@recv.example\n",
            "Niet te bezorgen: June",
        ),
        (
            "We have tried to deliver your message to ann@recv.example for 3 days, but\nthe server did not answer.\n",
            "Delivery problem",
        ),
        ("ann@recv.example: insufficient disk space on the server; try again later\n", "Returned mail: no space"),
        ("220 ready\n> MAIL FROM:<news@shop.example>\n250 ok\n> RCPT TO:<ann@recv.example>\n550 no\n", "Failed mail"),
        ("  <ann@recv.example>  delivery failed; will not continue trying\n", "Delivery report"),
        ("Falha na entrega a estes destinatários:\n\nann@recv.example\n", "Não é possível entregar: June"),
        ("Вашето писмо до ann@recv.example не може да бъде доставено.\n", "Недоставено писмо"),
        ("Delivery failed: ann@recv.example does not exist.\n\n" + QUOTED, "Undeliverable: June"),
        ("Sorry, we could not deliver your mail. Mailbox full." + COPY, "Returned mail"),
        ("No account by that name: the mailbox is unknown." + COPY, "failure delivery"),
    ],
)
def test_the_recipient_is_found(text: str, subject: str) -> None:
    """It stands near words of failure, else it is whom the copied message was sent to."""
    reading = read_mail(notice(text, subject))

    assert (reading.kind, [each.address for each in reading.recipients]) == ("bounce", ["ann@recv.example"])
    assert reading.recipients[0].reply


def test_a_provider_that_writes_from_any_address() -> None:
    """The subject says what it is, and the text whom it could not reach; an absence notice stays one."""
    head = "From: Mail <noreply@provider.example>\nTo: news@shop.example\nAuto-Submitted: auto-replied\nSubject: "
    bounce = read_mail(
        f"{head}Ihre Nachricht konnte nicht zugestellt werden\n\nDas Postfach von ann@recv.example ist voll.\n".encode()
    )
    absent = read_mail(
        f"{head}Automatische Antwort: June\n\nNicht erreichbar, bob@recv.example vertritt mich.\n".encode()
    )

    assert (bounce.kind, [each.address for each in bounce.recipients]) == ("bounce", ["ann@recv.example"])
    assert absent.kind == "auto_reply"


def test_help_below_a_quoted_reason_is_left_out() -> None:
    """A notice that guesses at causes quotes the one there is."""
    text = (
        "Your message was not delivered because the destination computer refused it. Some refuse messages that are too "
        "large.\n\nYour message was rejected by mx.recv.example for the following reason:\n\n    Unknown user ann@recv.example\n"
    )

    (recipient,) = read_mail(notice(text, "Mail System Error - Returned Mail")).recipients

    assert recipient.reply == "Unknown user ann@recv.example"


def test_a_bounce_that_a_list_server_shows_to_the_owner() -> None:
    """It comes from the list, with the notice's headers in the text."""
    reading = read_mail(
        b"From: owner-club@lists.example\nTo: owner-club@lists.example\nSubject: BOUNCE club@lists.example: Returned mail\n"
        b"\nFrom MAILER-DAEMON Mon Jan  1 10:00:00 2001\nFrom: MAILER-DAEMON@recv.example\nTo: owner-club@lists.example\n"
        b"Subject: Returned mail: User unknown\n\n   ----- Transcript of session follows -----\n"
        b"550 ann@recv.example... User unknown\n"
    )

    assert [each.address for each in reading.recipients] == ["ann@recv.example"]


def test_a_bounce_below_a_title_of_any_words() -> None:
    """LISTSERV shows the notice that came to the list below its own words."""
    text = (
        "The enclosed message has been identified as a delivery error for the CLUB-L list.\n\n"
        "------------------------------ Message in error -------------------------------\n"
        "Return-Path: <>\nFrom: MAILER-DAEMON@recv.example\nTo: owner-CLUB-L@lists.example\nSubject: Returned mail\n\n"
        "   ----- Transcript of session follows -----\n550 <ann@recv.example>... User unknown\n"
    )
    reading = read_mail(f"From: LISTSERV@lists.example\nSubject: CLUB-L: error report\n\n{text}".encode())

    assert [each.address for each in reading.recipients] == ["ann@recv.example"]


def test_a_person_who_delivers_nothing() -> None:
    """A private mail that speaks of something else that could not be delivered is no notice."""
    text = (
        "From: Sven <sven@recv.example>\nSubject: Jag kunde inte leverera\n\nann@recv.example: mottagaren finns inte\n"
    )

    assert read_mail(text.encode()).kind == "no_bounce"


def test_a_session_as_mdaemon_shows_it() -> None:
    """The reply is what the server answered, not the steps before it."""
    text = (
        "The following error(s) occurred when attempting to deliver mail to <ann@recv.example>:\n\n"
        " Tue 2025-06-03 10:00:00: MX-record resolution of [recv.example] in progress\n"
        " Tue 2025-06-03 10:00:00: --> RCPT To:<ann@recv.example>\n"
        " Tue 2025-06-03 10:00:01: <-- 550 5.1.1 <ann@recv.example> User unknown\n"
    )
    (found,) = read_mail(notice(text, "Permanent Delivery Failure")).recipients

    assert (found.address, found.reply) == ("ann@recv.example", "550 5.1.1 <ann@recv.example> User unknown")


def test_a_list_that_refuses_a_post() -> None:
    """Mailman's owner address is not the recipient: the list is."""
    more = 'MIME-Version: 1.0\nX-List-Administrivia: yes\nContent-Type: multipart/mixed; boundary="b1"\n'
    text = (
        "--b1\n\nYou are not allowed to post, your message has been rejected. Contact\nclub-owner@recv.example.\n\n"
        "--b1\nContent-Type: message/rfc822\n\nFrom: news@shop.example\nTo: club@recv.example\nSubject: June\n\nHello\n--b1--\n"
    )
    mail = notice(text, "June", more).replace(b"MAILER-DAEMON@out1.shop.example", b"club-bounces@recv.example")

    assert [each.address for each in read_mail(mail).recipients] == ["club@recv.example"]


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


def test_a_system_that_needs_no_row() -> None:
    """James, and others that name the recipient and quote the server: the guess reads them."""
    reading = read_mail(
        notice(
            "Hi. This is the James mail server at mail.recv.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\n\nError message below:\n550 - Requested action not taken: no such user here\n\nMessage details:\n  Subject: Your June statement\n  MAIL FROM: news@shop.example\n  RCPT TO: ann@recv.example\n"
        )
    )

    assert [each.address for each in reading.recipients] == ["ann@recv.example"]
    assert verdict(reading.recipients[0].reply).category == "recipient_unknown"


CERTIFIED = "From: posta-certificata@pec.example\nTo: news@shop.example\nSubject: {}\n\n{}\nIdentificativo messaggio: opec21@pec.example\n"


@pytest.mark.parametrize(
    ("subject", "text", "kind"),
    [
        (
            "AVVISO DI MANCATA CONSEGNA: giugno",
            'Il messaggio "giugno" destinato all\'utente "ann@recv.example" è stato rifiutato:\n5.1.1 - indirizzo non valido.',
            "bounce",
        ),
        (
            "CONSEGNA: giugno",
            'Il messaggio "giugno" indirizzato a "ann@recv.example"\nè stato consegnato nella casella di destinazione.',
            "receipt",
        ),
        (
            "ACCETTAZIONE: giugno",
            'Il messaggio "giugno" indirizzato a ann@recv.example è stato accettato.',
            "no_bounce",
        ),
    ],
)
def test_certified_mail(subject: str, text: str, kind: str) -> None:
    """Italian certified mail tells of failure and of delivery; that its first server took a message is neither."""
    reading = read_mail(CERTIFIED.format(subject, text).encode())

    assert reading.kind == kind
    assert [each.address for each in reading.recipients] == ([] if kind == "no_bounce" else ["ann@recv.example"])


def test_a_masked_address_is_none() -> None:
    """BIGLOBE hides whom it names: the copy tells the recipient."""
    text = "   ----- The following addresses had delivery problems -----\n****@***.recv.example\n\n   ----- Non-delivered information -----\nThe mailbox is full.\n\n   ----- Header of the original message is following. -----\n"
    reading = read_mail(notice(text + COPY))

    assert [each.address for each in reading.recipients] == ["ann@recv.example"]


@pytest.mark.parametrize(
    "text",
    [
        "A message sent by\n\n  <bob@office.example>\n\ncould not be delivered to one or more of its recipients:\n\n  ann@recv.example\n    Unknown user\n",
        "The message to <ann@recv.example> was undeliverable.\nThe reason: 5.3.0 - Other problem 554-'5.7.1\n<news@shop.example>: Sender address rejected: Access denied'\n",
    ],
    ids=["below a line that says so", "at the beginning of a line, by chance"],
)
def test_the_senders_address_is_no_recipient(text: str) -> None:
    """Wherever it stands."""
    assert [each.address for each in read_mail(notice(text)).recipients] == ["ann@recv.example"]


def test_a_sentence_over_two_lines_is_told_whole() -> None:
    """The words that tell the cause may be parted from those of failure by a line's end."""
    text = "Delivery to ann@recv.example failed.\n\nThe number of messages in the recipient's mailbox\nexceeded the local limit.\n"

    (recipient,) = read_mail(notice(text)).recipients

    assert verdict(recipient.reply).category == "mailbox_full"


@pytest.mark.parametrize(
    "text",
    [
        "Sender = news@shop.example\nRecipient(s) = ann@recv.example\n\nThe attachment was removed: forbidden type.\n",
        "From: news@shop.example\nTo: ann@recv.example\nSubject: June\n\nThe message was deleted: forbidden attachment.\n",
        "Subject of the message: June\nRecipient of the message: ann@recv.example\n\nIt was rejected: bad attachment.\n",
    ],
)
def test_a_scanner_that_writes_to_the_sender(text: str) -> None:
    """It writes from an address like any other; that it stopped mail of ours is told by its summary."""
    head = "From: Scanner <scan@recv.example>\nTo: news@shop.example\nSubject: Message blocked\n\n"

    reading = read_mail((head + text).encode())

    assert (reading.kind, [each.address for each in reading.recipients]) == ("bounce", ["ann@recv.example"])
    assert verdict(reading.recipients[0].reply).category == "content_rejected"


def test_a_warning_of_opensmtpd() -> None:
    """Its sentence goes on in the line below; what stands after the list is of no recipient."""
    text = (
        "    A message is delayed for more than 4 hours for the following\n    list of recipients:\n\n"
        "ann@recv.example: 451 Mailbox busy\n\n    Please note that this is only a temporary failure report.\n"
        "    The message is kept in the queue for up to 4 days.\n"
    )

    (recipient,) = read_mail(notice(text, "Delivery status notification: warning")).recipients

    assert (recipient.event, recipient.reply) == ("deferred", "451 Mailbox busy")


def test_a_name_that_exchange_put_into_an_address_of_a_text() -> None:
    """Nobody wrote to it: the headers shown tell to whom."""
    text = (
        "Delivery has failed to these recipients or groups:\n\nAnn\n\nDiagnostic information for administrators:\n\n"
        "Generating server: ex1.recv.example\n\nIMCEAEX-_O=FIRM_CN=RECIPIENTS_CN=ANN@recv.example\n"
        "#550 5.1.1 RESOLVER.ADR.ExRecipNotFound; not found ##\n\nOriginal message headers:\n\n"
        "From: news@shop.example\nTo: Ann <ann@recv.example>\nSubject: June\n"
    )

    assert [each.address for each in read_mail(notice(text, "Undeliverable: June")).recipients] == ["ann@recv.example"]


def test_each_recipient_of_a_quoted_list_is_told() -> None:
    """Marks around an address are no words of its label."""
    text = (
        "Failed to deliver to 'ann@recv.example'\nSMTP module(domain recv.example) reports:\n"
        " text refused by mx1.recv.example:\n 554 this is spam\n\n"
        "Failed to deliver to 'bob@recv.example'\nSMTP module(domain recv.example) reports:\n bob@recv.example: no such user\n"
    )
    reading = read_mail(notice(text))

    assert [(each.address, verdict(each.reply).category) for each in reading.recipients] == [
        ("ann@recv.example", "spam_content"),
        ("bob@recv.example", "recipient_unknown"),
    ]


def test_words_around_an_address_need_no_blanks() -> None:
    """In Chinese the sentence that holds the address tells the cause, not the line that announces it."""
    reading = read_mail(notice("您的邮件被退回，原因如下：\n\n收件人地址（ann@recv.example）不存在，无法送达。\n"))

    assert [(each.address, verdict(each.reply).category) for each in reading.recipients] == [
        ("ann@recv.example", "recipient_unknown")
    ]


def test_a_summary_of_the_message_is_no_copy_of_it() -> None:
    """The cause may stand below whom the message was from and to."""
    text = (
        "We could not deliver this message:\n\nTo: ann@recv.example\nFrom: news@shop.example\nSubject: Your June statement\n"
        "Date: Mon, 2 Jun 2025 09:14:01 +0000\n\nReason: 550 the account is closed\n"
    )
    reading = read_mail(notice(text))

    assert [(each.address, each.reply) for each in reading.recipients] == [
        ("ann@recv.example", "550 the account is closed")
    ]
    assert reading.original_subject == "Your June statement"


def test_a_server_is_quoted_in_other_languages() -> None:
    """qmail's notices are translated; what the server said is not."""
    text = (
        "Lo siento, no he podido entregar su mensaje a las direcciones que siguen.\n\n<ann@recv.example>:\n192.0.2.25 no "
        "acepta al destinatario.\nEl servidor remoto dijo: 550 cuenta dada de baja\n\n--- Debajo de esta línea hay una "
        "copia del mensaje.\n\nSubject: Your June statement\n"
    )

    assert [each.reply for each in read_mail(notice(text)).recipients] == ["550 cuenta dada de baja"]
