"""Dovecot's agents tell what became of mail in its user's hands; whoever wrote the mail tells nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.formats.lines import dictionaries, heads
from tests.program import mailaudit, rows

from mailaudit.formats import formats
from mailaudit.formats.reading import read
from mailaudit.parsing import claimed

if TYPE_CHECKING:
    from pathlib import Path

DISCARD = "Marked message to be discarded if not explicitly delivered (discard action)"
WHO = "lmtp(ann@dst.example)<207><5tEIEa/cCWvPAAAAZU03Dg>: "


def told(*bodies: str) -> list[tuple[str, str | None, str, str]]:
    """Event, session, user and Message-ID of each line that says what became of a mail."""
    form = formats()["dovecot"]
    records = read(form, heads(bodies, "dovecot"))
    assert records.unparsed.to_list() == []
    return [
        (row["event"], row.get("session"), row["recipient"], row["message_id"])
        for row in dictionaries(form.facts(records).filed)
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        # 2.4
        (f"{WHO}sieve: msgid=<1@src>: discard action: {DISCARD}", "discarded"),
        (f"{WHO}sieve: msgid=<1@src>: reject action: rejected message from <bob@src.example> (reject)", "bounced"),
        (f"{WHO}sieve: msgid=<1@src>: reject action: not sending reject message to <>", "discarded"),
        (f"{WHO}sieve: msgid=<1@src>: fileinto action: stored mail into mailbox 'Junk'", "delivered"),
        (f"{WHO}sieve: msgid=<1@src>: redirect action: forwarded to <ann@home.example>", "delivered"),
        (f"{WHO}msgid=<1@src>: saved mail to INBOX", "delivered"),
        # 2.3 names no action
        (f"{WHO}sieve: msgid=<1@src>: {DISCARD.replace('Marked', 'marked')}", "discarded"),
        (f"{WHO}sieve: msgid=<1@src>: rejected message from <bob@src.example> (ereject)", "bounced"),
        (f"{WHO}sieve: msgid=<1@src>: discarded duplicate forward to <ann@home.example>", "discarded"),
        (f"{WHO}sieve: msgid=<1@src>: stored mail into mailbox 'INBOX'", "delivered"),
    ],
)
def test_what_became_of_a_mail(body: str, expected: str) -> None:
    """An event, and whose it is."""
    assert told(body) == [(expected, "5tEIEa/cCWvPAAAAZU03Dg", "ann@dst.example", "1@src")]


@pytest.mark.parametrize(
    ("who", "session", "user"),
    [
        ("lmtp(207, ann@dst.example): 5tEIEa/cCWvPAAAAZU03Dg: ", "5tEIEa/cCWvPAAAAZU03Dg", "ann@dst.example"),  # 2.2
        ("lmtp(ann)<207><5tEIEa/cCWvPAAAAZU03Dg:T2:R2>: ", "5tEIEa/cCWvPAAAAZU03Dg:T2:R2", "ann"),
        ("lda(ann)<207><kq8XNq/cCWvPAAAAZU03Dg>: ", "kq8XNq/cCWvPAAAAZU03Dg", "ann"),
        ("lda(ann): ", None, "ann"),
        ("deliver(ann@dst.example): ", None, "ann@dst.example"),  # 1.x
    ],
)
def test_who_says_so(who: str, session: str | None, user: str) -> None:
    """In all the ways in which its versions name session and user."""
    assert told(f"{who}sieve: msgid=<1@src>: {DISCARD}") == [("discarded", session, user, "1@src")]


@pytest.mark.parametrize(
    "body",
    [
        f"{WHO}sieve: msgid=<1@src>: discard action: {DISCARD}>: stored mail into mailbox 'INBOX'",
        f"{WHO}sieve: msgid=<1@src>: reject action: rejected message from <x> (reject): saved mail to INBOX",
        f"{WHO}sieve: msgid=<1@src>: stored mail into mailbox 'a: {DISCARD}'",
    ],
)
def test_a_message_id_may_hold_any_words(body: str) -> None:
    """The last words of a line are the agent's."""
    assert [event for event, *_ in told(body)] == ["delivered"]


@pytest.mark.parametrize(
    "body",
    [
        f"{WHO}sieve: msgid=<1@src>: discard action: {DISCARD}>: vacation action: sent vacation response to <b@src>",
        f"{WHO}msgid=<1@src>: save failed to INBOX: Quota exceeded (mailbox for user is full)",
        f"{WHO}sieve: msgid=unspecified: vacation action: discarding vacation response",
        f"{WHO}Debug: sieve: msgid=<1@src>: Finishing actions",
        f"{WHO}Error: sieve: msgid=<1@src>: failed to store into mailbox 'INBOX': Quota exceeded",
    ],
)
def test_what_changes_nothing(body: str) -> None:
    """A refusal is told by the server itself; an answer to the sender is no delivery."""
    assert told(body) == []


def test_other_lines_of_dovecot_are_other_programs_lines() -> None:
    """Sessions of its other services say nothing of mail, and are most of what it logs."""
    bodies = (
        "imap-login: Login: user=<ann>, method=PLAIN, rip=192.0.2.1, lip=192.0.2.2, mpid=7, TLS, session=<x>",
        f"{WHO}msgid=<1@src>: saved mail to INBOX",
        "lmtp(203): Disconnect from 198.51.100.1: Logged out (state=READY)",
    )
    parts = {form and form.name: frame["no"].to_list() for form, frame in claimed(heads(bodies, "dovecot"), None)}

    assert parts == {None: [1, 3], "dovecot": [2]}


LMTP = """\
Nov  3 10:00:00 mx postfix/smtpd[10]: 4A1B2C3D4E: client=a.example[192.0.2.1]
Nov  3 10:00:00 mx postfix/cleanup[11]: 4A1B2C3D4E: message-id=<1@a.example>
Nov  3 10:00:00 mx postfix/qmgr[12]: 4A1B2C3D4E: from=<a@a.example>, size=100, nrcpt=2 (queue active)
{agent}\
Nov  3 10:00:01 mx postfix/lmtp[13]: 4A1B2C3D4E: to=<ann@b.example>, relay=mx[private/dovecot-lmtp], delay=1, \
delays=0/0/1/0, dsn=2.0.0, status=sent (250 2.0.0 <ann@b.example> kq8XNq/cCWvPAAAAZU03Dg Saved)
Nov  3 10:00:01 mx postfix/pipe[14]: 4A1B2C3D4E: to=<ben@b.example>, relay=dovecot, delay=1, delays=0/0/1/0, \
dsn=2.0.0, status=sent (delivered via dovecot service)
Nov  3 10:00:01 mx postfix/qmgr[12]: 4A1B2C3D4E: removed
"""
LATER = "Nov  3 10:00:01 mx dovecot: "
ANN = f"{LATER}lmtp(ann@b.example)<9><kq8XNq/cCWvPAAAAZU03Dg>: sieve: msgid=<1@a.example>: "
BEN = f"{LATER}lda(ben)<9><other+SessionAAAAAAA0>: sieve: msgid=<1@a.example>: "


@pytest.mark.parametrize(
    ("agent", "ann", "ben"),
    [
        ((), "delivered", "delivered"),
        ((f"{ANN}discard action: {DISCARD}",), "discarded", "delivered"),
        ((f"{ANN}discard action: {DISCARD}", f"{ANN}stored mail into mailbox 'INBOX'"), "delivered", "delivered"),
        ((f"{ANN}discard action: {DISCARD}", f"{ANN}forwarded to <x@y.example>"), "delivered", "delivered"),
        ((f"{ANN}rejected message from <a@a.example> (reject)",), "bounced", "delivered"),
        ((f"{BEN}{DISCARD}",), "delivered", "discarded"),
        ((f"{BEN}rejected message from <a@a.example> (reject)", f"{ANN}{DISCARD}"), "discarded", "bounced"),
        # of another session, message, user, or time
        ((f"{ANN}{DISCARD}".replace("kq8X", "xxxx"),), "delivered", "delivered"),
        ((f"{BEN}{DISCARD}".replace("1@a", "2@a"),), "delivered", "delivered"),
        ((f"{BEN}{DISCARD}".replace("(ben)", "(bea)"),), "delivered", "delivered"),
        ((f"{BEN}{DISCARD}".replace("10:00", "10:30"),), "delivered", "delivered"),
    ],
)
def test_what_a_script_undoes(tmp_path: Path, agent: tuple[str, ...], ann: str, ben: str) -> None:
    """`log` tells each recipient's end, and `trace` by the queue id, which reads only some lines, tells the same."""
    log = tmp_path / "mail.log"
    log.write_text(LMTP.format(agent="".join(f"{line}\n" for line in agent)))

    found = {row["recipient"]: row["outcome"] for row in rows("log", log)}
    traced = mailaudit("trace", "4A1B2C3D4E", "--format", "json", log).rows("recipients")

    assert found == {"ann@b.example": ann, "ben@b.example": ben}
    assert {row["recipient"]: row["outcome"] for row in traced} == found


def test_where_a_mail_was_put(tmp_path: Path) -> None:
    """`trace` shows the mailbox: a mail in Junk has been delivered, and nobody finds it."""
    log = tmp_path / "mail.log"
    lines = (f"{ANN}fileinto action: stored mail into mailbox 'Junk'\n", f"{BEN}stored mail into mailbox 'INBOX'\n")
    log.write_text(LMTP.format(agent="".join(lines)))

    steps = mailaudit("trace", "4A1B2C3D4E", "--format", "json", log).rows("timeline")

    assert [(step["recipient"], step["text"]) for step in steps if step["event"] == "filed"] == [
        ("ann@b.example", "stored mail into mailbox 'Junk'"),
        ("ben@b.example", "stored mail into mailbox 'INBOX'"),
    ]


def test_the_lines_of_the_agent_are_among_those_of_the_mail(tmp_path: Path) -> None:
    """`--raw` shows what undid the delivery."""
    log = tmp_path / "mail.log"
    line = f"{ANN}discard action: {DISCARD}\n"
    log.write_text(LMTP.format(agent=line))

    for words in (("trace", "4A1B2C3D4E"), ("log",)):
        assert mailaudit(*words, "--raw", "--output", tmp_path / "lines", log).code == 0
        assert line in (tmp_path / "lines").read_text()
