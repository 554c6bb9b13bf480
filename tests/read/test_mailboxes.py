"""Mailboxes, Maildirs and single mails become mails, whatever stands in them."""

from __future__ import annotations

import io
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from mailaudit.read import mailboxes
from mailaudit.read.kinds import kind
from mailaudit.read.mailboxes import LONGEST, mails

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAIL = b"From: a@b.example\nTo: c@d.example\nSubject: x\nDate: Mon, 2 Jun 2025 09:14:01 +0000\n\nHello\n"
ENVELOPE = b"From MAILER-DAEMON Mon Jun  2 09:14:01 2025\n"


def split(data: bytes) -> list[bytes]:
    """The mails of some bytes."""
    return [mail.data for mail in mails(io.BytesIO(data))]


def test_one_mail() -> None:
    """What does not begin like a mailbox is one mail, however it goes on."""
    text = MAIL + b"\nFrom here on it is 10:00 o'clock\n\n" + ENVELOPE

    assert split(text) == [text]


@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
def test_a_mailbox(newline: bytes) -> None:
    """Mails begin at an envelope line after an empty one."""
    one = (ENVELOPE + MAIL + b"\n").replace(b"\n", newline)

    assert split(one * 3) == [one] * 3


def test_places() -> None:
    """Mails are numbered from 1 and know where they begin."""
    one = ENVELOPE + MAIL + b"\n"

    assert [(mail.number, mail.offset) for mail in mails(io.BytesIO(one * 2))] == [(1, 0), (2, len(one))]


@pytest.mark.parametrize("line", [b"From now on 12 of us\n", b">" + ENVELOPE, b" " + ENVELOPE])
def test_lines_that_begin_no_mail(line: bytes) -> None:
    """A sentence that begins with From, and a quoted envelope, are text."""
    text = ENVELOPE + MAIL + b"\n" + line + b"\n"

    assert split(text) == [text]


def test_envelope_in_running_text() -> None:
    """Without an empty line before it or a header below it, an envelope line is text."""
    text = ENVELOPE + MAIL + ENVELOPE + b"\n"

    assert len(split(text)) == 1


@pytest.mark.parametrize(
    "envelope", [ENVELOPE, b"From ???@??? Mon Jun 02 09:14:01 2025\n", b"From - Mon, 2 Jun 2025 09:14\n"]
)
@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
def test_mails_that_nothing_parts(envelope: bytes, newline: bytes) -> None:
    """Mails that a program joined without an empty line between them are mails all the same."""
    one = (envelope + MAIL).replace(b"\n", newline)

    assert split(one * 3) == [one] * 3


class Slowly(io.RawIOBase):
    """A stream of many mails, made as it is read, in pieces that end anywhere."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._rest = pieces, b""

    def readable(self) -> bool:
        """True."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Some bytes, seldom as many as asked for."""
        while not self._rest and (piece := next(self._pieces, None)):
            self._rest = piece
        given, self._rest = self._rest[:size], self._rest[size:]
        return given


def test_pieces_may_end_anywhere() -> None:
    """The borders of what a stream gives do not matter."""
    data = (ENVELOPE + MAIL + b"\n") * 5
    for size in (1, 7, 64):
        stream = Slowly(iter([data[at : at + size] for at in range(0, len(data), size)]))

        assert [mail.data for mail in mails(stream)] == [ENVELOPE + MAIL + b"\n"] * 5  # type: ignore[arg-type]


def test_a_mail_of_any_length_takes_no_more_memory() -> None:
    """Of a mail of 200 MB the beginning is kept, and the next one is found."""
    pieces = [ENVELOPE + MAIL, *[b"x" * 76 + b"\n" + b"y" * 100_000] * 2000, b"\n\n", ENVELOPE + MAIL]
    tracemalloc.start()
    found = [(mail.number, len(mail.data)) for mail in mails(Slowly(iter(pieces)))]  # type: ignore[arg-type]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert [number for number, _ in found] == [1, 2]
    assert found[0][1] < LONGEST + 3 * mailboxes.PIECE
    assert peak < 5 * LONGEST


def test_offsets_after_a_long_mail() -> None:
    """What was left out is counted."""
    long = ENVELOPE + MAIL + b"x\n" * (LONGEST // 2 + 3_000_000) + b"\n"
    found = list(mails(io.BytesIO(long + ENVELOPE + MAIL)))

    assert [mail.offset for mail in found] == [0, len(long)]
    assert found[1].data == ENVELOPE + MAIL


def test_a_maildir_is_read_in_order_of_names(tmp_path: Path) -> None:
    """Mails in new and cur, whatever their lines; those under way in tmp are not there yet."""
    for folder, name in (("cur", "2.a:2,S"), ("new", "1.b"), ("tmp", "0.c"), ("new", "3.d")):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / name).write_bytes(f"Subject: {name}\n\n".encode() + ENVELOPE + b"\n" + ENVELOPE)
    found = list(mails(mailboxes.maildir(tmp_path)))

    assert [mail.data.split(b"\n")[1] for mail in found] == [b"Subject: 1.b", b"Subject: 2.a:2,S", b"Subject: 3.d"]


@pytest.mark.parametrize(
    ("head", "what"),
    [
        (MAIL, "mails"),
        (ENVELOPE + MAIL, "mails"),
        (b"\xef\xbb\xbf" + MAIL, "mails"),
        (b"\r\n" + MAIL.replace(b"\n", b"\r\n"), "mails"),
        (b"Return-Path: <>\nReceived: by a;\n Mon, 2 Jun 2025\nSubject: x\n", "mails"),
        (b"Subject: a report\nrows: 7\n\nFrom: x\nTo: y\nDate: z\n", "lines"),
        (b"Jun  2 09:14:01 mail postfix/smtpd[1]: connect from x\n", "lines"),
        (b"From: 09:00\n", "lines"),
        (b"", "lines"),
        (b"From here to there\n", "lines"),
    ],
)
def test_kinds(head: bytes, what: str) -> None:
    """The first bytes tell mails from logs."""
    assert kind(head) == what
