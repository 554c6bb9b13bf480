"""What a list server writes to an author whose message it refuses, and what lists write otherwise."""

from __future__ import annotations

import pytest

from mailaudit.classify import verdict
from mailaudit.formats.mails.recognise import read_mail

COPY = (
    "\n--b1\nContent-Type: message/rfc822\n\nFrom: ann@shop.example\nTo: Club <club@lists.example>\nSubject: June\n"
    "Message-ID: <m1@shop.example>\n\nHello\n"
)


def of_a_list(text: str, subject: str, sender: str, *, to: str = "ann@shop.example", copy: str = "") -> bytes:
    """Returns a list server's mail."""
    return (
        f"From: {sender}\nTo: {to}\nSubject: {subject}\nPrecedence: bulk\nMIME-Version: 1.0\n"
        f'Content-Type: multipart/mixed; boundary="b1"\n\n--b1\nContent-Type: text/plain\n\n{text}\n{copy}--b1--\n'
    ).encode()


@pytest.mark.parametrize(
    ("text", "subject", "sender", "copy"),
    [
        ("You are not authorized to post to this list; write to club-owner@lists.example.", "June", "club-owner", COPY),
        (
            (
                "Your posting to the mailing list Club, titled\n\n    June\n\nwas rejected by its moderator. The reason given is:\n\n"
                '"Only members may post here."'
            ),
            "Rejected: June",
            "club-bounces+ann=shop.example",
            "",
        ),
        (
            (
                "This is ezmlm, which runs club@lists.example.\n\nSorry: your message was not accepted, for you are not a "
                "subscriber."
            ),
            "Returned post",
            "club-help",
            COPY,
        ),
        ("Your mail was refused: the list is limited to subscribers who may post.", "Refused", "owner-club", ""),
    ],
    ids=["not allowed", "reason", "subscriber", "owner first"],
)
def test_a_refusal_names_the_list(text: str, subject: str, sender: str, copy: str) -> None:
    """The list is the recipient, though only its office may be named."""
    reading = read_mail(of_a_list(text, subject, f"{sender}@lists.example", copy=copy))

    assert (reading.kind, [each.address for each in reading.recipients]) == ("bounce", ["club@lists.example"])
    (recipient,) = reading.recipients
    category = verdict(recipient.reply, smtp_code=recipient.smtp_code, enhanced_status=recipient.status).category
    assert category in {"recipient_refused", "policy"}


def test_a_moderators_reason_is_part_of_the_reply() -> None:
    """It stands in a paragraph of its own."""
    text = (
        "Your request to the list was rejected. The moderator says:\n\nNo offers, please.\n\nQuestions go to the owner."
    )
    (recipient,) = read_mail(of_a_list(text, "Rejected", "club-owner@lists.example")).recipients

    assert recipient.reply == "Your request to the list was rejected. The moderator says: No offers, please."


@pytest.mark.parametrize(
    ("text", "subject", "sender", "to"),
    [
        (
            "Your mail to the list is held until a moderator can review it, for you are not a member.",
            "Your message to Club",
            "club-bounces@lists.example",
            "ann@shop.example",
        ),
        (
            "A message of a non-member to the list was rejected: not allowed to post.",
            "Rejected",
            "club-bounces@lists.example",
            "club-owner@lists.example",
        ),
        (
            "Members of the list asked whether their request was rejected; I said no.",
            "Re: lists",
            "ann@shop.example",
            "bob@shop.example",
        ),
        (
            "Welcome to the list! To leave it, write to club-leave@lists.example.",
            "Welcome",
            "club-request@lists.example",
            "a@b.example",
        ),
    ],
    ids=["held", "to the owner", "a person", "welcome"],
)
def test_what_is_no_refusal(text: str, subject: str, sender: str, to: str) -> None:
    """What waits for a moderator, what owners are told, and what people write of lists."""
    assert read_mail(of_a_list(text, subject, sender, to=to)).kind in {"no_bounce", "auto_reply"}


def test_a_bounce_that_a_list_server_quotes_with_a_sign_before_from() -> None:
    """Mailbox programs put a sign before a line that begins with From."""
    text = (
        ">From MAILER-DAEMON Mon Jun  2 09:14:03 2025\nFrom: MAILER-DAEMON@mx1.recv.example\nTo: owner-club@lists.example\n"
        "Subject: Returned mail\n\n   ----- The following addresses had permanent fatal errors -----\n<ann@recv.example>\n\n"
        "   ----- Transcript of session follows -----\n550 5.1.1 <ann@recv.example>... User unknown\n"
    )
    mail = (
        "From: owner-club@lists.example\nTo: owner-club@lists.example\nSubject: BOUNCE club@lists.example: "
        f"Non-member submission\n\n{text}"
    )
    reading = read_mail(mail.encode())

    assert (reading.kind, [each.address for each in reading.recipients]) == ("bounce", ["ann@recv.example"])
