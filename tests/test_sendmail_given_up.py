"""Mail that a Sendmail gives up or lets go in uncommon ways."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.program import rows

if TYPE_CHECKING:
    from pathlib import Path

ID = "6ARJbGk4000160"
FROM = (
    f"{ID}: from=<app@src.example>, size=116, class=0, nrcpts=2, msgid=<m1@src.example>, proto=ESMTP, daemon=MTA, "
    "relay=c21.client.example [192.0.2.21]"
)
PUT_ASIDE = [
    FROM,
    f"{ID}: to=<ann@dst.example>, delay=00:00:00, mailer=esmtp, pri=60116, quarantine=odd, stat=quarantined",
    f"{ID}: to=<bob@dst.example>, delay=00:00:00, mailer=esmtp, pri=60116, quarantine=odd, stat=quarantined",
    f"{ID}: unquarantine",
]
TRY = "delay=00:01:49, xdelay=00:00:00, mailer=esmtp, pri=150116, relay=mx.dst.example. [198.51.100.7]"
TRIED = [
    f"{ID}: to=<bob@dst.example>, {TRY}, dsn=4.7.1, reply=450 4.7.1 later, stat=Deferred: 450 4.7.1 later",
    f"{ID}: to=<ann@dst.example>, {TRY}, dsn=2.0.0, stat=Sent (ok)",
]
NOTICE = f"{ID}: 6ARJd5Pq000667: DSN: MX list for src.example. points back to mx.src.example"


def outcomes(folder: Path, *lines: str) -> list[tuple[str, str]]:
    """Recipients and how they ended, of a log of one second."""
    log = folder / "mail.log"
    log.write_text("".join(f"2026-11-27T20:39:05+01:00 mail sm-mta[9]: {line}\n" for line in lines))
    return sorted((row["recipient"] or "", row["outcome"]) for row in rows("log", log))


def test_mail_that_was_let_go_and_tried_at_once_waits(tmp_path: Path) -> None:
    """Of two lines of one second the later one decides: it was let go, then put off."""
    assert outcomes(tmp_path, *PUT_ASIDE, *TRIED) == [("ann@dst.example", "delivered"), ("bob@dst.example", "deferred")]


def test_a_notice_of_failure_about_mail_that_nobody_refused_gives_up_who_waits(tmp_path: Path) -> None:
    """Some other trouble of the same queue run stands in it instead of the age of the mail."""
    found = outcomes(tmp_path, *PUT_ASIDE, *TRIED, NOTICE)

    assert found == [("ann@dst.example", "delivered"), ("bob@dst.example", "expired")]


def test_local_mail_to_addresses_that_are_none_has_bounced(tmp_path: Path) -> None:
    """No line names a recipient, and sendmail counts none; the notice to the sender tells."""
    found = outcomes(
        tmp_path,
        f"{ID}: from=app@src.example, size=74, class=0, nrcpts=0, msgid=<m2@src.example>, relay=root@localhost",
        f"{ID}: 6ARJbGk5000160: DSN: undisclosed:;... List:; syntax illegal for recipient addresses",
    )

    assert found == [("", "bounced")]


def test_mail_that_waited_for_a_name_server_tells_that_cause(tmp_path: Path) -> None:
    """Of what could not be looked up a line has nothing but `queued` and a code."""
    log = tmp_path / "mail.log"
    lines = [
        FROM,
        f"{ID}: to=<ann@dst.example>, delay=00:00:00, mailer=esmtp, pri=60116, dsn=4.4.3, stat=queued",
        f"{ID}: 6ARJd5Pq000667: DSN: Cannot send message for 5 days",
    ]
    log.write_text("".join(f"2026-11-27T20:39:05+01:00 mail sm-mta[9]: {line}\n" for line in lines))

    assert [(row["outcome"], row["category"]) for row in rows("log", log)] == [("expired", "dns_failure")]


def test_the_end_of_mail_that_began_before_the_log_gives_nobody_up(tmp_path: Path) -> None:
    """`done` alone tells neither who was meant nor how it ended."""
    assert outcomes(tmp_path, f"{ID}: done; delay=00:00:09, ntries=1") == [("", "unknown")]
