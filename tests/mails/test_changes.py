"""What happens to a notice on its way changes nothing of what it reports, or less of it is understood."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.mails.changes import LESS, SAME, quoted

from mailaudit.classify import verdict
from mailaudit.formats.mails.recognise import read_mail
from mailaudit.read.mailboxes import mails

if TYPE_CHECKING:
    from tests.mails.changes import Change

    from mailaudit.formats.mails.reading import Reading

ROOT = Path(__file__).resolve().parents[2] / "fixtures" / "mails"
TOLD = {"bounce", "delay_warning", "receipt"}


def notices() -> list[bytes]:
    """Returns the fixtures' mails without their mailboxes' first lines."""
    found = []
    for path in sorted(ROOT.glob("*/input.mbox")):
        with path.open("rb") as stream:
            found += [mail.data.partition(b"\n")[2] for mail in mails(stream)]
    return found


NOTICES = [(mail, read_mail(mail)) for mail in notices()]


def told(reading: Reading) -> list[tuple[str, str, str | None]]:
    """Returns what a reading says of each recipient: address, event, cause."""
    return [
        (
            each.address,
            each.event,
            verdict(each.reply, smtp_code=each.smtp_code, enhanced_status=each.status).category
            if each.event in {"bounced", "expired", "deferred"}
            else None,
        )
        for each in reading.recipients
    ]


def test_there_are_notices() -> None:
    """The fixtures hold notices of all kinds."""
    assert len([mail for mail, reading in NOTICES if reading.kind in TOLD]) > 70


@pytest.mark.parametrize("change", SAME.values(), ids=SAME)
def test_the_same_is_reported(change: Change) -> None:
    """Other lines, encodings, footers, subjects and wrappers: recipients and causes stay."""
    for mail, reading in NOTICES:
        changed = read_mail(change(mail))
        if reading.kind in TOLD and changed.kind in TOLD:
            assert (changed.kind, told(changed)) == (reading.kind, told(reading))
        elif reading.kind in TOLD:
            assert change in {SAME["attached"], SAME["attached with its subject"]}  # a person's mail may hold anything
        else:
            assert changed.kind not in TOLD


@pytest.mark.parametrize("change", LESS.values(), ids=LESS)
def test_no_other_address_is_reported(change: Change) -> None:
    """Of a notice that has lost something less is understood, but nobody else is named."""
    for mail, reading in NOTICES:
        changed = read_mail(change(mail))
        known = {each.address for each in reading.recipients} | {each.original for each in reading.recipients}
        if changed.kind in TOLD:
            assert reading.kind in TOLD
            assert {each.address for each in changed.recipients} <= known


def test_people_who_quote_a_notice() -> None:
    """An answer with the notice below it, quoted, is a person's mail."""
    assert {read_mail(quoted(mail)).kind for mail, _ in NOTICES} == {"no_bounce"}
