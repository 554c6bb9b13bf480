"""`trace --archive`: the text of a message, from a mailbox in which copies are kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.effort import examples
from tests.measure.systems import postfix

from mailaudit import archive

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.commands.conftest import Result

MAIL = """\
Received: from pc.shop.example
Message-ID: <m1@shop.example>
Date: Mon, 02 Mar 2026 08:00:00 +0000
From: Ann <ann@shop.example>
To: bob@example.org
Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain; charset=utf-8

Dear Bob,
see the order. \x1b[31mred
--b
Content-Type: application/pdf
Content-Disposition: attachment; filename=order.pdf
Content-Transfer-Encoding: base64

JVBERi0=
--b--
"""
OTHER = MAIL.replace("m1@shop", "m2@shop").replace("Dear Bob", "In-Reply-To: <m1@shop.example> Dear Eva")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A log of one message."""
    path = tmp_path / "mail.log"
    path.write_text("\n".join(postfix("4XyZ3k0Qc1z2fD", ["bob@example.org"], "250 ok")) + "\n")
    return path


@pytest.fixture(params=["mbox", "maildir", "eml"])
def copies(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """An archive that holds a copy of it, and an answer to it."""
    place = tmp_path / "archive"
    if request.param == "mbox":
        place.write_text("".join(f"From ann Mon Mar  2 08:00:00 2026\n{mail}\n" for mail in (OTHER, MAIL)))
    elif request.param == "eml":
        place.mkdir()
        (place / "1.eml").write_text(MAIL)
        (place / "2.eml").write_text(OTHER)
    else:
        for name in ("cur", "new", "tmp"):
            (place / name).mkdir(parents=True)
        (place / "cur" / "1:2,S").write_text(MAIL)
        (place / "new" / "2").write_text(OTHER)
    return place


def test_the_text_of_its_copy_is_shown(run: Callable[..., Result], log: Path, copies: Path) -> None:
    """Behind a bar, with its headers; no other mail, no attachment, nothing that steers a terminal."""
    found = run("trace", "4XyZ3k0Qc1z2fD", "--archive", copies, log)

    assert found.code == 0
    assert "  | Subject: Grüße\n" in found.out
    assert "  | Dear Bob,\n  | see the order. \\x1b[31mred\n" in found.out
    assert "(1 other part of the mail not shown)" in found.out
    assert "Dear Eva" not in found.out
    assert "\x1b" not in found.out
    assert "belongs to those who wrote" in found.err


def test_machine_formats_have_a_table(run: Callable[..., Result], log: Path, copies: Path) -> None:
    """`copies`, with the whole text that was kept."""
    found = run("trace", "m1@shop.example", "--archive", copies, "--format", "json", log)
    (row,) = found.rows("copies")

    assert (row["message"], row["subject"], row["other_parts"]) == ("4XyZ3k0Qc1z2fD", "Grüße", 1)
    assert row["text"] == "Dear Bob,\nsee the order. \x1b[31mred"


def test_no_copy_and_no_archive(run: Callable[..., Result], log: Path, tmp_path: Path) -> None:
    """What is not there is said; without the option there is no word of it; a log is no archive."""
    (tmp_path / "other.eml").write_text(OTHER)

    assert (
        "no copy of it in the archive" in run("trace", "4XyZ3k0Qc1z2fD", "--archive", tmp_path / "other.eml", log).out
    )
    assert "copy" not in run("trace", "4XyZ3k0Qc1z2fD", log).out
    wrong = run("trace", "4XyZ3k0Qc1z2fD", "--archive", log, log)
    assert wrong.code == 3
    assert "no mailbox" in wrong.err


def test_a_long_text_is_cut(tmp_path: Path) -> None:
    """A copy of megabytes shows its beginning, and says so."""
    path = tmp_path / "long.eml"
    path.write_text(MAIL.replace("see the order.", "word " * 200_000))
    (copy,) = archive.find([str(path)], {"m1@shop.example"})

    assert (len(copy.text), copy.cut) == (archive.LONGEST, True)


def test_a_page_is_read_as_text(tmp_path: Path) -> None:
    """Of a mail without plain text, what a reader would read: no markup, no script."""
    path = tmp_path / "page.eml"
    body = "<html><script>alert(1)</script><p>Dear <b>Bob</b>,</p></html>"
    path.write_text(MAIL.replace("text/plain", "text/html").replace("Dear Bob,", body))
    (copy,) = archive.find([str(path)], {"m1@shop.example"})

    assert "Dear Bob," in copy.text
    assert "alert" not in copy.text


@settings(max_examples=examples(60), deadline=None)
@given(damage=st.lists(st.tuples(st.integers(0, len(MAIL)), st.binary(max_size=12)), max_size=6))
def test_damaged_mails_stop_nothing(tmp_path_factory: pytest.TempPathFactory, damage: list[tuple[int, bytes]]) -> None:
    """Whatever stands in a mail, its copy is shown or passed over."""
    data = MAIL.encode()
    for at, junk in damage:
        data = data[:at] + junk + data[at:]
    path = tmp_path_factory.mktemp("damaged") / "box"
    path.write_bytes(b"From ann Mon Mar  2 08:00:00 2026\n" + data)

    for copy in archive.find([str(path)], {"m1@shop.example"}):
        assert copy.message_id == "m1@shop.example"
        assert json.dumps(copy.text)
