"""Filters that hand a mail on to some of its recipients and keep it from others, and the notices they write of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.test_handed_in_again import OUT, accepted, again, end, line, rows

if TYPE_CHECKING:
    from pathlib import Path

PORT = "127.0.0.1[127.0.0.1]:10024"
SAID = "250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as B00001, but "


def filtered(said: str) -> str:
    """A mail to two recipients of which the filter says `said`."""
    return (
        accepted("A00001")
        + line("A00001", "ann@dst.example", PORT, SAID + said)
        + line("A00001", "ben@dst.example", PORT, SAID + said)
        + end("A00001")
    )


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ("1 BOUNCE", "bounced"),
        ("1 REJECT", "bounced"),
        ("1 REJECT, and 1 DISCARD", "bounced"),
        ("1 DISCARD", "discarded"),
        ("1 DISCARD(bounce.suppressed)", "discarded"),
    ],
)
def test_of_all_recipients_those_whom_the_next_life_does_not_name(tmp_path: Path, said: str, outcome: str) -> None:
    """The mail was kept from them; whom an alias leads on from is named by its first address."""
    back = again("B00001") + line("B00001", "ann.lee@dst.example>, orig_to=<ann@dst.example", OUT, "250 ok")

    found = rows(tmp_path, filtered(said) + back + end("B00001"))

    assert found == [
        ("ann.lee@dst.example", "ann@dst.example", "delivered", "A00001 B00001"),
        ("ben@dst.example", None, outcome, "A00001 B00001"),
    ]


def test_nobody_knows_whom_as_long_as_the_next_life_has_not_told_of_all(tmp_path: Path) -> None:
    """Two recipients were handed on, and only one of them is told of yet: it may be the other that follows."""
    back = again("B00001").replace("nrcpt=1", "nrcpt=2") + line("B00001", "ann@dst.example", OUT, "250 ok")

    found = rows(tmp_path, filtered("1 BOUNCE") + back)

    assert "bounced" not in [row[2] for row in found]


def test_a_filter_may_hand_a_mail_in_twice_and_name_one_id(tmp_path: Path) -> None:
    """The same Message-ID and sender from this machine is the same mail; whom it names, the mail was not kept from."""
    back = again("B00001") + line("B00001", "ann@dst.example", OUT, "250 ok") + end("B00001")
    more = again("C00001") + line("C00001", "ben@dst.example", OUT, "250 ok") + end("C00001")
    ids = "A00001 B00001 C00001"

    found = rows(tmp_path, filtered("1 BOUNCE") + back + more)

    assert found == [("ann@dst.example", None, "delivered", ids), ("ben@dst.example", None, "delivered", ids)]


def test_copies_that_a_program_of_this_machine_hands_in_are_mails_of_their_own(tmp_path: Path) -> None:
    """A list hands in one mail for each group of members: each copy goes through the filter."""
    text = ""
    for n, who in enumerate(("ann", "ben")):
        first, then = f"A0000{n}", f"B0000{n}"
        text += again(first) + line(
            first, f"{who}@dst.example", PORT, SAID.split(",", maxsplit=1)[0].replace("B00001", then)
        )
        text += again(then) + line(then, f"{who}@dst.example", OUT, "250 ok") + end(then) + end(first)

    found = rows(tmp_path, text)

    assert [(row[0], row[3]) for row in found] == [
        ("ann@dst.example", "A00000 B00000"),
        ("ben@dst.example", "A00001 B00001"),
    ]


@pytest.mark.parametrize(
    ("word", "sender"),
    [
        ("SS", ""),
        ("SA", "spam.police@src.example"),
        ("VS", ""),
        ("VA", "virusalert@src.example"),
        ("VR", "postmaster@mx.example"),
        ("DSN", ""),
    ],
)
def test_a_filters_notices_are_no_users_mail(tmp_path: Path, word: str, sender: str) -> None:
    """They have the filter's own id of the mail that they are about, and no user as sender; others are mail."""
    text = again("B00001", message_id=f"<{word}aiT2PrvZHE5O@mx.example>", sender=sender) + line(
        "B00001", "web@src.example", OUT, "250 ok"
    )

    assert rows(tmp_path, text) == []
    for other in (
        text.replace(f"from=<{sender}>", "from=<web@src.example>"),
        text.replace("[127.0.0.1]", "[192.0.2.7]"),
    ):
        assert [row[2] for row in rows(tmp_path, other)] == ["delivered"]
