"""Lines say when they were written, apart from their stamps."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mailaudit.link.evidence import delay, hints

NOW = 1_800_000_000


def _said(tag: str | None, body: str) -> list[tuple[str, str, str, bool]]:
    return [
        (hint.kind, hint.token, f"{datetime.fromtimestamp(hint.utc_us / 1e6, UTC):%Y-%m-%d %H:%M:%S}", hint.fresh)
        for hint in hints(tag, body, NOW)
    ]


@pytest.mark.parametrize(
    ("tag", "body", "expected"),
    [
        (
            "postfix/smtpd",
            "4dcbxC3KbgzMp55: client=h.example[192.0.2.1]",
            ("queue id", "4dcbxC3KbgzMp55", "2025-12-25 17:54:55", True),
        ),
        (
            "postfix/qmgr",
            "4dcbxC3KbgzMp55: removed",
            ("queue id", "4dcbxC3KbgzMp55", "2025-12-25 17:54:55", False),
        ),
        (
            None,
            "v4V4QL1K030027: from=sender@yourcompany.com",
            ("queue id", "v4V4QL1K030027", "2017-05-31 04:26:21", True),
        ),
        (
            "postfix/cleanup",
            "812502822A4: message-id=<20241030121716.812502822A4@mail.meadow.example>",
            ("message-id", "812502822A4", "2024-10-30 12:17:16", True),
        ),
        (
            "postfix/smtp",
            (
                "48FE62822A2: to=<d@gmail.com>, relay=g[198.51.100.11]:25, delay=0.47, dsn=2.0.0, "
                "status=sent (250 2.0.0 OK  1730289588 eoddjgfcpzfe9rnbk9e59xgb.241 - gsmtp)"
            ),
            ("reply", "1730289588", "2024-10-30 11:59:48", True),
        ),
        (
            "exim",
            "[12] 1vDxxs-00002Q-18 <= sales@meadow.example H=web7.meadow.example [192.0.2.23] P=esmtp S=5645",
            ("queue id", "1vDxxs-00002Q-18", "2025-10-29 04:39:16", True),
        ),
    ],
)
def test_one_hint(tag: str | None, body: str, expected: tuple[str, str, str, bool]) -> None:
    """A queue id, a Message-ID of the MTA's own, a receiver's clock."""
    assert [expected] == _said(tag, body)


def test_notices_have_an_id_of_their_own() -> None:
    """Both ids of the line hold a time; that of the notice is made as the line is written."""
    assert _said(None, "v4VEHCk6017038: v4VEHFk5017041: DSN: User unknown") == [
        ("queue id", "v4VEHCk6017038", "2017-05-31 14:17:12", False),
        ("queue id", "v4VEHFk5017041", "2017-05-31 14:17:15", True),
    ]
    assert _said("postfix/bounce", "812502822A4: sender non-delivery notification: 4dcbxC3KbgzMp55") == [
        ("queue id", "4dcbxC3KbgzMp55", "2025-12-25 17:54:55", True)
    ]


def test_ids_of_other_servers_are_replies() -> None:
    """What the receiver queued it as."""
    found = _said(
        "sendmail", "5BRAe0er000235: to=w@x.example, stat=Sent (5BRAe1kB000236 Message accepted for delivery)"
    )

    assert [(kind, fresh) for kind, _, _, fresh in found] == [("queue id", False), ("reply", True)]


@pytest.mark.parametrize(
    ("tag", "body"),
    [
        ("postfix/cleanup", "812502822A4: message-id=<20241030121716.999992822A4@spam.example>"),
        ("postfix/cleanup", "812502822A4: message-id=<20249930121716.812502822A4@mail.meadow.example>"),
        ("postfix/smtpd", "5BE661010181: client=h.example[192.0.2.1]"),
        ("mta/smtpd", "5B16611018123456: client=h.example[192.0.2.1]"),
        ("postfix/smtpd", "NOQUEUE: reject: RCPT from unknown"),
        ("postfix/smtpd", ""),
        ("sm-mta", "ruleset=check_rcpt, arg1=<v4V4QL1K030027@x>"),
        ("exim", "zzzzzz-00002Q-18 <= a@b.example"),
    ],
)
def test_what_holds_no_time_says_nothing(tag: str, body: str) -> None:
    """Message-IDs of others, hexadecimal ids, ids from the future."""
    assert _said(tag, body) == []


def test_a_delivery_says_how_long_the_mail_has_been_here() -> None:
    """In seconds since its arrival; looked for where Postfix writes it, not in an address."""
    relay = "relay=m[192.0.2.1]:25, conn_use=2, delay=188309, delays=1/2/3/4, dsn=4.4.2, status=deferred (x)"

    assert delay(f"48FE62822A2: to=<a@b.example>, orig_to=<c>, {relay}") == ("48FE62822A2", 188_309)
    assert delay(f'48FE62822A2: to=<"x, delay=5, "@b.example>, {relay}') is None
    assert delay("48FE62822A2: removed") is None
