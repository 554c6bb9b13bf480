"""OpenSMTPD names client and user on other lines of a session than its messages, refusals and handshakes."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from mailaudit import flow
from mailaudit.model.request import Request

REAL = Path(__file__).resolve().parents[2] / "fixtures" / "opensmtpd" / "every-path" / "input.log.gz"
ASKED = (
    "select queue_ids, recipient, outcome, attempts, client_ip, sender, origin, role from recipients order by all",
    "select line, phase, client_ip, client_host, sasl_user, cause from refusals order by all",
    "select line, direction, peer, peer_ip, version, level from tls order by all",
)

LINES = (
    "h smtpd[9]: aaaaaaaa00000001 smtp connected address=192.0.2.1 host=one.example",
    "h smtpd[9]: aaaaaaab00000002 smtp connected address=[2001:db8::2] host=<unknown>",
    "h smtpd[9]: aaaaaaaa00000001 smtp tls ciphers=TLSv1.3:TLS_AES_256_GCM_SHA384:256",
    "h smtpd[9]: aaaaaaaa00000001 smtp authentication user=joe result=ok",
    "h smtpd[9]: aaaaaaab00000002 smtp authentication user=root result=permfail",
    'h smtpd[9]: aaaaaaab00000002 smtp failed-command command="AUTH LOGIN (password)" result="535 Failed"',
    'h smtpd[9]: aaaaaaab00000002 smtp failed-command command="RCPT TO:<x@h.example>" result="550 Invalid recipient"',
    "h smtpd[9]: aaaaaaaa00000001 smtp message msgid=11111111 size=9 nrcpt=1 proto=ESMTP",
    "h smtpd[9]: aaaaaaaa00000001 smtp envelope evpid=1111111100000001 from=<a@one.example> to=<x@far.example>",
    # The same session's number on another host is another session.
    "other smtpd[9]: aaaaaaaa00000001 smtp message msgid=22222222 size=9 nrcpt=1 proto=ESMTP",
    "other smtpd[9]: aaaaaaaa00000001 smtp envelope evpid=2222222200000001 from=<b@one.example> to=<x@far.example>",
    "h smtpd[9]: aaaaaaad00000004 mta connecting address=smtp+tls://203.0.113.25:25 host=mx.far.example",
    "h smtpd[9]: aaaaaaad00000004 mta tls ciphers=TLSv1.2:ECDHE-RSA-AES256-GCM-SHA384:256",
    'h smtpd[9]: aaaaaaad00000004 mta server-cert-check result="success"',
    "h smtpd[9]: aaaaaaac00000003 smtp connected address=local host=h.example",
    "h smtpd[9]: aaaaaaac00000003 smtp message msgid=33333333 size=9 nrcpt=1 proto=ESMTP",
    "h smtpd[9]: aaaaaaac00000003 smtp envelope evpid=3333333300000001 from=<c@h.example> to=<x@far.example>",
    "h smtpd[9]: aaaaaaac00000003 smtp message msgid=44444444 size=9 nrcpt=1 proto=ESMTP",
    "h smtpd[9]: aaaaaaac00000003 smtp envelope evpid=4444444400000001 from=<> to=<c@h.example>",
)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Sessions of two clients and of the machine itself."""
    path = tmp_path / "mail.log"
    path.write_text("".join(f"Jan  2 03:04:{n:02} {line}\n" for n, line in enumerate(LINES)))
    return path


@pytest.mark.parametrize("size", [None, 1, 200, 350])
def test_clients_and_users_are_those_of_the_session(log: Path, size: int | None) -> None:
    """Wherever blocks end, messages, refusals and handshakes are of the client that opened their session."""
    with flow.read(Request((str(log),), year=2026, block_size=size)) as run:
        messages = run.engine.rows(
            "select queue_id, client_host, client_ip, sasl_user, origin, role from lives order by queue_id"
        )
        refusals = run.engine.rows("select phase, client_host, client_ip, sasl_user from refusals order by line")
        handshakes = run.engine.rows("select direction, peer, peer_ip, version, level from tls order by line")

    assert messages == [
        ("11111111", "one.example", "192.0.2.1", "joe", "smtp", "user"),
        ("22222222", None, None, None, "smtp", "user"),
        ("33333333", None, None, None, "local", "user"),
        ("44444444", None, None, None, None, "notice"),
    ]
    assert refusals == [("AUTH", None, "2001:db8::2", "root"), ("RCPT", None, "2001:db8::2", None)]
    assert handshakes == [
        ("in", "one.example", "192.0.2.1", "TLSv1.3", None),
        ("out", "mx.far.example", "203.0.113.25", "TLSv1.2", "Verified"),
    ]


@cache
def told(size: int | None) -> list[list[tuple[Any, ...]]]:
    """What a real log says, read in blocks of so many bytes."""
    with flow.read(Request((str(REAL),), block_size=size)) as run:
        return [run.engine.rows(sql) for sql in ASKED]


@pytest.mark.parametrize("size", [5_000, 60_001])
def test_a_real_log_says_the_same_wherever_blocks_end(size: int) -> None:
    """Sessions, lives and notices go on in the next block."""
    assert told(size) == told(None)
