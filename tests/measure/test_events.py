"""The table of facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.program import rows

if TYPE_CHECKING:
    from pathlib import Path

LOG = (
    "Feb  3 10:00:03 mx1 postfix/smtpd[7]: 4A0000000B: client=unknown[unknown]\n"
    "Feb  3 10:00:03 mx1 postfix/qmgr[8]: 4A0000000B: from=<a@example.com>, size=9, nrcpt=2 (queue active)\n"
    "Feb  3 10:00:04 mx1 postfix/pipe[9]: 4A0000000B: to=<b@example.com>, relay=filter, delay=1, delays=0/0/1/0, "
    "dsn=2.0.0, status=sent (delivered via filter service (250 Ok: queued as 9C11111111))\n"
    "Feb  3 10:00:04 mx1 postfix/smtp[9]: 4A0000000B: to=<c@example.net>, relay=mx.example.net[192.0.2.4]:25, delay=1, "
    "delays=0/0/1/0, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 9C22222222)\n"
)


def test_what_is_not_known_is_null(tmp_path: Path) -> None:
    """A client without an address has none, and what a program of the administrator's said is no queue id."""
    path = tmp_path / "mail.log"
    path.write_text(LOG)

    accepted, piped, sent = rows("events", "--year", "2026", path)

    assert accepted["event"] == "accepted"
    assert {"client_ip", "client_host"}.isdisjoint(accepted)
    assert piped["event"] == sent["event"] == "delivered"
    assert (piped.get("next_id"), sent["next_id"]) == (None, "9C22222222")
    assert rows("log", "--recipient", "b@example.com", path)[0].get("client_ip") is None
