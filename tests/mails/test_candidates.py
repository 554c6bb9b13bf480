"""Which of the addresses in a notice failed: the surest, and none where nothing speaks for one."""

from __future__ import annotations

import pytest
from tests.mails.mails import notice

from mailaudit.formats.mails.recognise import read_mail

COPY = "\n\n----- Unsent message follows -----\nFrom: Shop <news@shop.example>\nTo: {to}\nSubject: June\nMessage-ID: <m1@shop.example>\n\nHello\n"


def named(text: str, subject: str = "Undelivered mail", more: str = "") -> list[str]:
    """Returns the recipients of a notice with a text."""
    return [each.address for each in read_mail(notice(text, subject, more)).recipients]


@pytest.mark.parametrize(
    "text",
    [
        "The usual form of an address here is lastname@recv.example. The address ann@recv.example\ndid not match any user.\n",
        "ann@recv.example is unknown. If ann.lee@recv.example fails, try a.lee@recv.example instead.\n",
        "Your message to ann@recv.example was rejected.\nPlease contact eve@recv.example for help.\n",
        "Delivery failed for ann@recv.example.\n\nQuestions? Write to postmaster@recv.example\n",
        "These recipients failed:\n\n* [ann@recv.example]: 550 over quota\n\nDetails:\n  * From: news@shop.example\n  * To: club@recv.example\n  * Subject: June\n",
        "news@shop.example wrote to you, and it could not be delivered:\n\nann@recv.example\n",
        "MAIL FROM:<news@shop.example>\nRCPT TO:<ann@recv.example>\n550 no such user here\nask eve@recv.example\n",
    ],
    ids=["standard form", "advice", "whom to turn to", "an office", "a summary", "the sender", "a session"],
)
def test_other_addresses_are_left_out(text: str) -> None:
    """A notice names more addresses than the one that failed."""
    assert named(text) == ["ann@recv.example"]


def test_who_is_written_to_is_surer_than_the_text() -> None:
    """Of several addresses, the one that the message was sent to failed."""
    text = "Mail for ann@recv.example could not be forwarded: eve@else.example is unknown.\n" + COPY

    assert named(text.format(to="Ann <ann@recv.example>")) == ["ann@recv.example"]


def test_a_name_without_its_domain() -> None:
    """The copy tells whose name it is, and what stands with the name is said of it."""
    text = "The message that you sent was undeliverable to the following:\n\n\tann (User not on post office)\n" + COPY
    (found,) = read_mail(notice(text.format(to="bob@recv.example, ann@recv.example"), "Message status")).recipients

    assert (found.address, "User not on post office" in str(found.reply)) == ("ann@recv.example", True)


def test_the_recipients_domain_is_that_of_the_notice() -> None:
    """Where no text names an address, it is one at the site that writes."""
    text = "The mailbox is full, your mail could not be delivered.\n" + COPY.format(
        to="eve@else.example, ann@recv.example"
    )
    mail = notice(text, "Undelivered mail").replace(b"DAEMON@out1.shop.example", b"DAEMON@mx1.recv.example")

    assert [each.address for each in read_mail(mail).recipients] == ["ann@recv.example"]


def test_all_that_are_alone_on_their_lines() -> None:
    """Several recipients, with and without a reply each."""
    text = "Could not be delivered to:\n\n<ann@recv.example>\n550 5.1.1 unknown\n\n<bob@recv.example>\nmailbox is full\n\neve@recv.example\n"

    assert named(text) == ["ann@recv.example", "bob@recv.example", "eve@recv.example"]


def test_an_address_in_the_subject() -> None:
    """It counts where the text speaks of a failure and of nobody."""
    assert named(
        "The message below was not delivered.\n", "Returned mail: Quota exceeded for user ann@recv.example"
    ) == ["ann@recv.example"]


@pytest.mark.parametrize(
    ("subject", "text", "told"),
    [
        ("Returned mail: Quota exceeded for user ann@recv.example", "The message below was not delivered.\n", "Quota"),
        ("Undeliverable: Virus found in the parcel", "Not delivered to ann@recv.example\n", None),
        ("Undelivered mail", "Could not be delivered to:\n\nann@recv.example\n\nThe mailbox is locked.\n", "locked"),
    ],
    ids=["the cause in the subject", "the subject of the message", "the cause elsewhere"],
)
def test_what_is_told_of_it(subject: str, text: str, told: str | None) -> None:
    """Words that say no more than that mail failed are no reply; the title of the message is none either."""
    (found,) = read_mail(notice(text, subject)).recipients

    assert told is None or told in str(found.reply)
    assert "Virus" not in str(found.reply)


def test_one_cause_for_all() -> None:
    """What a notice says above its recipients is said of each."""
    text = "Undeliverable: host recv.example is not responding.\n\nThese did not receive it:\n\n  <ann@recv.example>\n\n  <bob@recv.example>\n"
    found = read_mail(notice(text)).recipients

    assert [(each.address, "not responding" in str(each.reply)) for each in found] == [
        ("ann@recv.example", True),
        ("bob@recv.example", True),
    ]


@pytest.mark.parametrize(
    ("announced", "language"),
    [
        ("The response from the remote server was:", "en"),
        ("Die Antwort des Remoteservers lautete:", "de"),
        ("La réponse du serveur distant a été :", "fr"),
        ("リモート サーバーからの応答:", "ja"),
    ],
)
def test_quoted_answers_in_any_language(announced: str, language: str) -> None:
    """Below a line that announces a server's words, these are the reply."""
    text = f"** 1 **\n\nYour message wasn't delivered to ann@recv.example.\n\n{announced}\n\n550 5.7.1 not subscribed {language}\n"

    assert [each.reply for each in read_mail(notice(text)).recipients] == [f"550 5.7.1 not subscribed {language}"]


@pytest.mark.parametrize(
    ("subject", "text", "more"),
    [
        ("netdev issues?", "Getting a lot of these.\n\n---------- Forwarded message ---------\nFrom: Postmaster <postmaster@b.example>\nSubject: Undeliverable\n\ncould not deliver to ann@recv.example\n", "List-Post: <mailto:netdev@vger.example>\n"),
        ("hello there", "My server returned 5.1.1 last week for ann@recv.example, but all is fine now.\n", ""),
        ("Lunch?", "My old address bounced, write to ann@recv.example instead.\n", ""),
        ("Failure Notice", "Your payment could not be processed. Verify your account.\n", "List-Unsubscribe: <mailto:u@t.example>\n"),
    ],
    ids=["forwarded to a list", "talk", "a new address", "a shop"],
)  # fmt: skip
def test_mail_of_people_and_shops(subject: str, text: str, more: str) -> None:
    """What resembles a notice is none."""
    mail = f"From: Eve <eve@else.example>\nTo: news@shop.example\nSubject: {subject}\n{more}\n{text}"

    assert read_mail(mail.encode()).kind == "no_bounce"


def test_a_report_that_a_person_quotes() -> None:
    """Fields of a report in the text of an answer report nothing."""
    mail = (
        "From: Eve <eve@else.example>\nTo: ann@recv.example\nSubject: Re: the driver\nIn-Reply-To: <m1@recv.example>\n\n"
        "Your server rejects my mail:\n\nFinal-Recipient: RFC822; ann@recv.example\nAction: failed\nStatus: 5.0.0\n"
    )

    assert read_mail(mail.encode()).kind == "no_bounce"


def test_a_daemon_that_answers() -> None:
    """James keeps the subject of the message, as an answer has it."""
    text = "I wasn't able to deliver your message.\n\nann@recv.example\n\nRemote host said: 550 5.1.1 User unknown\n"
    mail = f"From: postmaster@mail.shop.example\nTo: news@shop.example\nSubject: Re: June\n\n{text}"

    assert [each.address for each in read_mail(mail.encode()).recipients] == ["ann@recv.example"]


@pytest.mark.parametrize("head", ["Αποτυχία", "전달 안 됨", "ไม่สำเร็จ"])
def test_a_language_that_nobody_knows(head: str) -> None:
    """Exchange writes from an address of its own, and quotes codes in any language."""
    mail = (
        "From: Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@recv.example>\n"
        f"To: news@shop.example\nSubject: {head}: June\n\n{head}:\n\nAnn (ann@recv.example)<mailto:ann@recv.example>\n{head}.\n\n"
        f"{head} ex1.recv.example\n\nann@recv.example\nRemote Server returned '550 5.1.10 RESOLVER.ADR.RecipientNotFound'\n"
    )
    (found,) = read_mail(mail.encode()).recipients

    assert (found.address, found.smtp_code, found.status) == ("ann@recv.example", 550, "5.1.10")


@pytest.mark.parametrize("subject", ["Bounce report: campaign June", "Your weekly summary"])
def test_a_report_on_many_mails(subject: str) -> None:
    """A program that counts bounces returns none."""
    text = "12 hard bounces (550 5.1.1 user unknown).\nann@recv.example bounced twice.\n"
    mail = f"From: CRM <reports@crm.example>\nTo: news@shop.example\nSubject: {subject}\n\nWeekly report\n\n{text}"

    assert read_mail(mail.encode()).kind == "no_bounce"


@pytest.mark.parametrize(
    ("sender", "subject", "text"),
    [
        ("postmaster@shop.example", "Daily mail report", "120 delivered, 3 bounced (ann@recv.example: 550 user unknown).\n"),
        ("postmaster@shop.example", "Mailbox quota warning", "Your mailbox is almost full. Ask admin@shop.example\n"),
        ("desk@desk.example", "[#7] Undeliverable mail", 'A ticket was opened: "Undeliverable: ann@recv.example, 550 5.1.1".\n'),
        ("noreply@esp.example", "Bounced addresses export", "Your export is ready: ann@recv.example and 12 others failed.\n"),
        ("shop@shop.example", "Delivered: your order", "Your parcel was successfully delivered to ann@recv.example.\n"),
        ("shop@shop.example", "Lieferung verzögert", "Ihre Bestellung für ann@recv.example ist verzögert.\n"),
        ("alerts@esp.example", "Alert: high bounce rate", "Your bounce rate is 6 %: ann@recv.example failed.\n"),
    ],
)  # fmt: skip
def test_programs_that_write_of_bounces(sender: str, subject: str, text: str) -> None:
    """Statistics, warnings, tickets, shops: none of them returns a mail."""
    mail = f"From: {sender}\nTo: news@shop.example\nSubject: {subject}\nAuto-Submitted: auto-generated\n\n{text}"

    assert read_mail(mail.encode()).kind == "no_bounce"


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Zustellung verzögert: June", "Ihre Nachricht an ann@recv.example konnte bisher nicht zugestellt werden.\n"),
        ("Remise différée : June", "La remise à ann@recv.example est retardée. Le serveur continuera d'essayer.\n"),
        ("Entrega retrasada: June", "La entrega a ann@recv.example se ha retrasado. Se seguirá intentando.\n"),
        ("Recapito ritardato: June", "Per ann@recv.example il server effettuerà nuovi tentativi.\n"),
        ("Доставка отложена: June", "Доставка ann@recv.example задерживается.\n"),
    ],
    ids=["de", "fr", "es", "it", "ru"],
)
def test_delays_in_other_languages(subject: str, text: str) -> None:
    """What is still tried is no bounce, in any of them."""
    reading = read_mail(notice(text, subject))

    assert (reading.kind, [each.address for each in reading.recipients]) == ("delay_warning", ["ann@recv.example"])


def test_a_receipt_in_words() -> None:
    """A mail system that tells of success without a report."""
    reading = read_mail(
        notice("Your message was successfully delivered to:\n\n  ann@recv.example\n", "Delivery receipt")
    )

    assert (reading.kind, [each.event for each in reading.recipients]) == ("receipt", ["delivered"])


@pytest.mark.parametrize(
    "title", ["Weekly sales report", "Ticket 7 was closed", "June campaign", "Your mailbox is full"]
)
def test_the_subject_of_the_message_is_no_matter_of_the_notice(title: str) -> None:
    """What a returned message was about says nothing of the notice."""
    mail = (
        f"From: System Administrator <postmaster@recv.example>\nTo: news@shop.example\nSubject: Undeliverable: {title}\n\n"
        f"Your message\n\n  Subject: {title}\n\ndid not reach:\n\n  ann@recv.example\n  Unknown recipient\n"
    )

    assert [each.address for each in read_mail(mail.encode()).recipients] == ["ann@recv.example"]


def test_the_last_try_is_no_advice() -> None:
    """What a queue tried is not what the reader should."""
    assert named("We could not send to ann@recv.example and stopped after the third try.\n") == ["ann@recv.example"]


@pytest.mark.parametrize("local", ["ann", "ann-lee", "ann.lee-2"])
def test_a_recipient_behind_the_number_of_a_message(local: str) -> None:
    """Ezmlm writes list, `return`, and the message's number before the recipient, which may have a dash of its own."""
    mail = notice("Your message could not be delivered. The mailbox is full.\n", "Undelivered mail")
    mail = mail.replace(b"To: news@shop.example", f"To: club-return-17-{local}=recv.example@shop.example".encode())

    assert [each.address for each in read_mail(mail).recipients] == [f"{local}@recv.example"]


def test_a_message_id_is_no_address() -> None:
    """It has the form of one, and stands behind a label."""
    assert not named(
        "Your message has failed.\n\n  Message-ID: <F9B@shop2.example>\n  Date: Mon, 02 Jun 2025 09:14:09\n"
    )


@pytest.mark.parametrize("office", ["info@recv.example", "support@recv.example", "postmaster@recv.example"])
@pytest.mark.parametrize("daemon", ["MAILER-DAEMON@out1.shop.example", "MAILER-DAEMON@mx1.recv.example"])
def test_an_office_that_got_mail(office: str, daemon: str) -> None:
    """Who writes to an office is told of it by its address: nobody else is named."""
    mail = notice(f"Your message to {office} was not delivered: the mailbox is full.\n", "Returned mail")
    reading = read_mail(mail.replace(b"MAILER-DAEMON@out1.shop.example", daemon.encode()))

    assert [each.address for each in reading.recipients] == [office]


@pytest.mark.parametrize(
    "more",
    [
        "Contact:\n\n  admin@third.example\n",
        "Kind regards,\nThe mail team\ninfo@third.example\n",
        "Please forward this message to helper@third.example\n",
        "Help desk: desk@third.example\n",
        "Pour toute question, contactez aide@third.example\n",
        "From: eve@third.example\n",
    ],
)
@pytest.mark.parametrize(
    "text",
    [
        "Undeliverable to ann@recv.example: no such user\n\n",
        "did not reach the following recipient(s):\n\nann@recv.example on Mon, 2 Jun 2025 09:14:03 +0000\n    no such user\n\n",
        "** 1 **\n\nYour message wasn't delivered to ann@recv.example because the address couldn't be found.\n\n",
    ],
    ids=["no row", "a row", "a row of sentences"],
)
def test_whom_one_may_write_to_is_no_recipient(text: str, more: str) -> None:
    """An office, the notice's writer, or the sender, whether or not the notice is some maker's."""
    assert [each.address for each in read_mail(notice(text + more, "Returned mail")).recipients] == ["ann@recv.example"]
