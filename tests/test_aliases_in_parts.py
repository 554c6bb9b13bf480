"""Aliases and .forward files of which one part is delivered here, refused or waits, while others go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.program import rows

if TYPE_CHECKING:
    from pathlib import Path

BEGIN = """
smtpd[1]: 4jbl2d6xfGzMKf5: client=app.src.example[192.0.2.21]
cleanup[2]: 4jbl2d6xfGzMKf5: message-id=<m1@src.example>
qmgr[3]: 4jbl2d6xfGzMKf5: from=<app@src.example>, size=320, nrcpt=1 (queue active)
"""
END = "qmgr[3]: 4jbl2d6xfGzMKf5: removed\n"
ONWARD = """
cleanup[2]: 4jbl2d6zqRzMKf7: message-id=<m1@src.example>
qmgr[3]: 4jbl2d6zqRzMKf7: from=<app@src.example>, size=450, nrcpt=1 (queue active)
smtp[5]: 4jbl2d6zqRzMKf7: to=<ann@dst.example>, orig_to=<team@here.example>, relay=mx.dst.example[198.51.100.7]:25, \
delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 ok)
qmgr[3]: 4jbl2d6zqRzMKf7: removed
"""


def here(status: str, dsn: str, said: str) -> str:
    """A line of local(8) about the alias."""
    return (
        "local[4]: 4jbl2d6xfGzMKf5: to=<team@here.example>, relay=local, delay=0.06, delays=0.03/0/0/0.02, "
        f"dsn={dsn}, status={status} ({said})\n"
    )


FORWARDED = here("sent", "2.0.0", "forwarded as 4jbl2d6zqRzMKf7")


def outcomes(folder: Path, text: str) -> list[tuple[str, str]]:
    """Recipients and how they ended, of a log whose lines are a second apart."""
    log = folder / "mail.log"
    lines = [line for line in text.splitlines() if line]
    log.write_text("".join(f"2026-03-07T12:23:{n:02}+00:00 mail postfix/{line}\n" for n, line in enumerate(lines)))
    return sorted((row["recipient"], row["outcome"]) for row in rows("log", log))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (here("bounced", "5.7.0", "permission denied"), [("team@here.example", "bounced")]),
        (here("sent", "2.0.0", "delivered to mailbox"), [("team@here.example", "delivered")]),
        (here("sent", "2.0.0", "delivered to command: cat"), []),
    ],
)
def test_what_is_kept_or_refused_here_stands_beside_what_goes_on(
    said: str, expected: list[tuple[str, str]], tmp_path: Path
) -> None:
    """A mailbox is a recipient, and a part that failed was told to the sender; a program is none."""
    assert outcomes(tmp_path, BEGIN + said + FORWARDED + END + ONWARD) == [("ann@dst.example", "delivered"), *expected]


def test_an_alias_of_which_a_part_waits_to_the_end_is_given_up(tmp_path: Path) -> None:
    """Each attempt delivered the other part again; what waited was returned to the sender."""
    attempt = here("sent", "2.0.0", "delivered to command: cat") + here("deferred", "4.3.0", "temporary failure")
    expired = "qmgr[3]: 4jbl2d6xfGzMKf5: from=<app@src.example>, status=expired, returned to sender\n"

    assert outcomes(tmp_path, BEGIN + attempt + attempt + expired + END) == [("team@here.example", "expired")]
    assert outcomes(tmp_path, BEGIN + attempt + here("sent", "2.0.0", "delivered to mailbox") + expired + END) == [
        ("team@here.example", "delivered")
    ]
