"""Logs in which a relay of lines cut the daemon's name off (rsyslog, RFC 5424): each line still tells what it told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.program import rows

if TYPE_CHECKING:
    from pathlib import Path

REFUSED = """
4jbgD155WNzJr38: client=c21.client.example[192.0.2.21]
4jbgD155WNzJr38: message-id=<m1@src.example>
4jbgD155WNzJr38: milter-reject: END-OF-MESSAGE from c21.client.example[192.0.2.21]: 4.7.1 Try again later; \
from=<app@src.example> to=<ann@dst.example> proto=ESMTP helo=<c21.client.example>
4jbgD155WNzJr38: removed (canceled)
"""
DISCARDED = """
4jbg9Y61DfzJqs1: client=c21.client.example[192.0.2.21]
4jbg9Y61DfzJqs1: message-id=<m2@src.example>
4jbg9Y61DfzJqs1: from=<app@src.example>, size=305, nrcpt=1 (queue active)
4jbg9Y61DfzJqs1: to=<ann@dst.example>, relay=none, delay=0, delays=0/0/0/0, dsn=2.0.0, status=sent (silently)
4jbg9Y61DfzJqs1: removed
"""


@pytest.mark.parametrize("name", ["postfix", "postfix-out"])
def test_what_was_refused_is_no_mail_and_what_was_discarded_is_not_delivered(name: str, tmp_path: Path) -> None:
    """The words alone tell a canceled mail from one that left the queue, and discard(8) from other agents."""
    log = tmp_path / "mail.log"
    lines = (REFUSED + DISCARDED).strip().splitlines()
    log.write_text(
        "".join(f"<22>1 2026-03-07T12:23:37.1+00:00 mail {name} 418 - -  {line}\n" for line in lines if line)
    )

    assert [(row["queue_id"], row["recipient"], row["outcome"]) for row in rows("log", log)] == [
        ("4jbg9Y61DfzJqs1", "ann@dst.example", "discarded")
    ]


def test_what_the_queue_manager_put_off_is_no_attempt(tmp_path: Path) -> None:
    """Its own words tell a transport that was put off (defer_transports) from a server that was asked."""
    log = tmp_path / "mail.log"
    lines = [
        "4jbg9Y61DfzJqs1: from=<app@src.example>, size=305, nrcpt=1 (queue active)",
        "4jbg9Y61DfzJqs1: to=<ann@dst.example>, relay=none, delay=0.2, dsn=4.3.2, status=deferred (deferred transport)",
    ]
    log.write_text("".join(f"<22>1 2026-03-07T12:23:37.1+00:00 mail postfix 418 - -  {line}\n" for line in lines))

    assert [(row["outcome"], row["attempts"]) for row in rows("log", log)] == [("deferred", 0)]
