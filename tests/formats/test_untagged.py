"""Lines that do not say which program wrote them, as containers and some relays of lines leave them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.program import rows

if TYPE_CHECKING:
    from pathlib import Path

EXIM = (
    "1vE4Iw-00003n-1j <= ann@src.example H=mx.src.example [192.0.2.1] P=esmtp S=992 id=m1@src.example",
    '1vE4Iw-00003n-1j => bob@dst.example R=dnslookup T=remote_smtp H=mx.dst.example [198.51.100.7] C="250 OK"',
    "1vE4Iw-00003n-1j Completed",
)
SENDMAIL = (
    (
        "6ARJbGk4000160: from=<ann@src.example>, size=116, class=0, nrcpts=1, msgid=<m1@src.example>, proto=ESMTP, "
        "daemon=MTA, relay=mx.src.example [192.0.2.1]"
    ),
    (
        "6ARJbGk4000160: to=<bob@dst.example>, delay=00:00:01, xdelay=00:00:01, mailer=esmtp, pri=30116, "
        "relay=mx.dst.example. [198.51.100.7], dsn=2.0.0, stat=Sent (ok)"
    ),
)
OPENSMTPD = (
    "afb176d71b93b1e3 smtp connected address=192.0.2.1 host=mx.src.example",
    "afb176d71b93b1e3 smtp message msgid=211a37b3 size=992 nrcpt=1 proto=ESMTP",
    "afb176d71b93b1e3 smtp envelope evpid=211a37b300250595 from=<ann@src.example> to=<bob@dst.example>",
    (
        "afb176d91b93b1e5 mta delivery evpid=211a37b300250595 from=<ann@src.example> to=<bob@dst.example> rcpt=<-> "
        'source="192.0.2.10" relay="198.51.100.7 (mx.dst.example)" delay=1s result="Ok" stat="250 ok"'
    ),
)

LOCAL = {
    "exim": (
        "1vE4Ix-00003n-1j <= ann@src.example H=mx.src.example [192.0.2.1] P=esmtp S=992 id=m2@src.example",
        "1vE4Ix-00003n-1j => eve <eve@here.example> R=localuser T=local_delivery",
    ),
    "sendmail": (
        (
            "6ARJbGk5000160: from=<ann@src.example>, size=116, class=0, nrcpts=1, msgid=<m2@src.example>, proto=ESMTP, "
            "daemon=MTA, relay=mx.src.example [192.0.2.1]"
        ),
        (
            "6ARJbGk5000160: to=<eve@here.example>, delay=00:00:01, xdelay=00:00:01, mailer=local, pri=30116, "
            "relay=local, dsn=2.0.0, stat=Sent"
        ),
    ),
    "smtpd": (
        "afb176d71b93b1e4 smtp message msgid=311a37b3 size=992 nrcpt=1 proto=ESMTP",
        "afb176d71b93b1e4 smtp envelope evpid=311a37b300250595 from=<ann@src.example> to=<eve@here.example>",
        (
            "afb176d91b93b1e6 mda delivery evpid=311a37b300250595 from=<ann@src.example> to=<eve@here.example> "
            "rcpt=<-> user=eve delay=1s result=Ok stat=Delivered"
        ),
    ),
}
"""Mail that stays here: beside it the other is seen to go on."""


@pytest.mark.parametrize("lines", [EXIM, SENDMAIL, OPENSMTPD], ids=["exim", "sendmail", "opensmtpd"])
@pytest.mark.parametrize(
    "around",
    ["2026-11-27T20:39:05.1Z {}", "2026-11-27T20:39:05.1Z stdout F {}", "2026-11-27T20:39:05Z mx mailer[7]: {}"],
    ids=["kubectl", "cri", "another name"],
)
def test_what_lines_say_tells_whose_they_are(tmp_path: Path, lines: tuple[str, ...], around: str) -> None:
    """Nothing but the program's name is lost."""
    log = tmp_path / "log"
    log.write_text("".join(around.format(line) + "\n" for line in lines))

    assert [(row["sender"], row["recipient"], row["outcome"]) for row in rows("log", log)] == [
        ("ann@src.example", "bob@dst.example", "delivered")
    ]


@pytest.mark.parametrize(
    ("name", "lines"), [("exim", EXIM), ("sendmail", SENDMAIL), ("smtpd", OPENSMTPD)], ids=["exim", "sendmail", "smtpd"]
)
def test_mail_goes_where_it_goes_whether_its_program_is_named_or_not(
    tmp_path: Path, name: str, lines: tuple[str, ...]
) -> None:
    """The format tells which program it was."""
    directions = []
    for tag in (f"{name}[7]: ", ""):
        log = tmp_path / "log"
        log.write_text("".join(f"2026-11-27T20:39:05.1Z stdout F {tag}{line}\n" for line in (*lines, *LOCAL[name])))
        directions.append(rows("stats", "--table", "direction", log))

    assert directions[0] == directions[1]
