"""No input makes reading a mail fail, or take long."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.effort import examples
from tests.mails.mails import notice, report
from tests.program import rows

from mailaudit.formats.mails.reading import MEANINGS
from mailaudit.formats.mails.recognise import read_mail
from mailaudit.formats.mails.systems import SYSTEMS

if TYPE_CHECKING:
    from pathlib import Path

FIELDS = (
    "Final-Recipient: rfc822; ann@recv.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550-5.1.1 no\n"
)
BASES = [
    *(notice(row.example) for row in SYSTEMS),
    report(FIELDS, "<ann@recv.example>: host mx.recv.example said: 550 no"),
    report("Feedback-Type: abuse\nOriginal-Rcpt-To: <ann@recv.example>\n", kind="feedback-report"),
]
PIECES = [
    b"\x00", b"\xff\xfe", b"\r", b"\n\n", b"--b1\n", b"--b1--", b"=?utf-8?b?/w==?=", b"=?x?q?=ZZ?=", b"<", b"@", b";", b"\x1b$B",
    b"Content-Type: multipart/mixed; boundary=b1\n\n", b"Content-Transfer-Encoding: base64\n", b"Content-Type: text/html; charset=idna\n",
    b"Date: Mon, 99 Foo 99999 99:99:99 +9999\n", b"Final-Recipient: ;\n", b"\\x{110000}", b"Status: 5.", "п@д".encode(),
]  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """Draws a mail with a few pieces cut out, doubled or put in."""
    mail = draw(st.sampled_from(BASES))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(mail)))
        to = draw(st.integers(at, min(len(mail), at + 200)))
        put = draw(st.sampled_from([b"", mail[at:to] * 2, *PIECES]) | st.binary(max_size=8))
        mail = mail[:at] + put + mail[to:]
    return mail


def check(mail: bytes) -> None:
    """Reads a mail and holds what it reports to what every reading keeps."""
    reading = read_mail(mail)

    assert reading.kind in MEANINGS
    assert all("\n" not in each.address and "\x00" not in each.address for each in reading.recipients)
    assert all(each.address for each in reading.recipients) or reading.kind == "complaint"  # may hide who complains
    assert all(each.smtp_code is None or 200 <= each.smtp_code < 600 for each in reading.recipients)
    assert all("\n" not in (each.reply or "") for each in reading.recipients)
    assert bool(reading.recipients) or reading.kind in {"no_bounce", "read_receipt", "feedback", "unparsed"}


@given(mutated())
@settings(max_examples=examples(400), deadline=None)
def test_damaged_mails(mail: bytes) -> None:
    """What is damaged is read as far as that goes."""
    check(mail)


@pytest.mark.parametrize(
    "sender",
    ["ann@recv.exa\x00mple", "=?utf-8?q?ann=00?= <an\x00n@recv.example>", "=?utf-8?b?YW4AbkByZWN2LmV4YW1wbGU=?="],
)
def test_no_address_holds_a_nul(sender: str) -> None:
    """Neither as it stands in the mail nor in a word that is decoded."""
    check(
        f"From: {sender}\nTo: news@shop.example\nSubject: Out of office\nAuto-Submitted: auto-replied\n\nI am away.\n".encode()
    )


@given(st.binary(max_size=400))
@settings(max_examples=examples(200), deadline=None)
def test_any_bytes(data: bytes) -> None:
    """What is no mail reports nothing, or little."""
    check(data)


HEAD = b"From: mailer-daemon@x.example\nSubject: failure notice\n\n"
LONG = {
    "attachment": HEAD + b"unknown ann@recv.example\n" + b"x" * 50_000_000,
    "lines": HEAD + b"ann@recv.example unknown 550\n" * 200_000,
    "multiparts": b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(20_000)),
    "copies": b"Content-Type: message/rfc822\n\n" * 100_000,
    "parts": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 100_000,
    "html": b"Content-Type: text/html\n\n<html>" + b"<style>" * 100_000 + b"<p" * 100_000,
    "words": b"From: x@y.example\nSubject: " + b"=?utf-8?q?a?= " * 50_000 + b"\n\n",
    "digits": HEAD + b"unknown a@b.example: " + b"5.1." * 50_000,
    "dots": HEAD + b"unknown a@" + b"b." * 50_000,
    "dashes": HEAD + b"-" * 60_000 + b"- " * 30_000,
    "spaces": HEAD + b"a@b.example unknown" + b" \t" * 30_000 + b"\n \n" * 10_000,
    "brackets": HEAD + b"unknown " + b"<" * 60_000 + b"(" * 60_000,
    "recipients": report(
        "".join(f"Final-Recipient: rfc822; a{n}@b.example\nAction: failed\n\n" for n in range(3_000)), "unknown"
    ),
}


FLOODS = ["(", ":", "<", ">", '"', "X=Y;", "/C=", "a@b.c ", "=?", "Final-Recipient: rfc822; a@b.example\n"]


@pytest.mark.parametrize("flood", FLOODS)
@pytest.mark.parametrize("before", [b"From: ", b"Subject: ", b"To: ", b"smtp; 550", b"<ann@recv.example>: host mx"])
def test_a_flood_of_one_mark(flood: str, before: bytes) -> None:
    """Wherever it stands: brackets in a header are not opened one within another, no word is sought at each of them."""
    mail = report(FIELDS, "<ann@recv.example>: host mx.recv.example said: 550 no")
    begun = time.process_time()
    check(mail.replace(before, before + flood.encode() * 20_000, 1))

    assert time.process_time() - begun < 2


def test_a_line_that_comes_again_and_again() -> None:
    """Each line of a reply is held against those before it, as long as the reply goes."""
    begun = time.process_time()
    check(notice("<ann@recv.example>:\n" + "550 5.1.1 There is no such user here, sorry.\n" * 3_000))

    assert time.process_time() - begun < 2


@pytest.mark.parametrize("name", LONG)
def test_long_mails_take_no_longer(name: str) -> None:
    """Time grows with length, and the longest are only looked at where it matters."""
    begun = time.process_time()
    check(LONG[name])

    assert time.process_time() - begun < 5


def test_a_report_behind_a_long_part_is_found() -> None:
    """The machine-readable part of a long mail is sought in all of it."""
    mail = report(FIELDS, "x\n" * 3_000_000)

    assert [each.address for each in read_mail(mail).recipients] == ["ann@recv.example"]


def test_long_copies_of_one_notice_are_told_once(tmp_path: Path) -> None:
    """Of a mail in a mailbox that is longer than what is kept of it, the place decides which part is left out."""
    mail = report(FIELDS, "x").replace(b"Message-ID: <n1@out1.shop.example>\n", b"") + b"y" * 76 + b"\n"
    whole = mail + (b"z" * 76 + b"\n") * 260_000
    box = tmp_path / "box.mbox"
    box.write_bytes(b"".join(b"From MAILER-DAEMON Mon Jun  2 09:14:09 2025\n" + whole + b"\n" for _ in range(2)))

    assert len(rows("log", str(box))) == 1
