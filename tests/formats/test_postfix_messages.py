"""Postfix's lines about lives, handshakes and nothing at all say what Postfix's sources and manuals say."""

from __future__ import annotations

from typing import Any

import pytest
from tests.formats.lines import Told

from mailaudit.model.acts import BEGIN, END, HELD_AT_ONCE, IDENT, QUEUED, TOLD

ID = "4F1A2B3C01"


def told(daemon: str, *bodies: str) -> Told:
    """What lines of a daemon say."""
    return Told("postfix", *bodies, tag=f"postfix/{daemon}")


# -- the life of a message ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("daemon", "text", "expected"),
    [
        (
            "smtpd",
            "client=mx.x[192.0.2.1]",
            {"act": BEGIN, "client_host": "mx.x", "client_ip": "192.0.2.1", "origin": "smtp"},
        ),
        ("smtpd", "client=unknown[2001:db8::1]:4000", {"act": BEGIN, "client_ip": "2001:db8::1", "origin": "smtp"}),
        (
            "smtpd",
            "client=mx.x[192.0.2.1], sasl_method=PLAIN, sasl_username=joe@x",
            {"act": BEGIN, "sasl_user": "joe@x"},
        ),
        (
            "smtpd",
            "client=localhost[127.0.0.1], orig_queue_id=0F5383D, orig_client=mx.x[192.0.2.1]",
            {"act": BEGIN, "previous_id": "0F5383D", "client_host": "mx.x", "client_ip": "192.0.2.1"},
        ),
        ("qmqpd", "client=mx.x[192.0.2.1]", {"act": BEGIN, "client_ip": "192.0.2.1"}),
        ("pickup", "uid=33 from=<www-data>", {"act": BEGIN, "origin": "local"}),
        ("pickup", "uid=0 from=<root> orig_id=0F5383D", {"act": BEGIN, "previous_id": "0F5383D"}),
        ("cleanup", "message-id=<s1.7@x>", {"act": IDENT, "message_id": "s1.7@x"}),
        (
            "cleanup",
            "message-id=2021-01-25 10:00:05.006274",
            {"act": IDENT, "message_id": "2021-01-25 10:00:05.006274"},
        ),
        ("cleanup", "message-id=<a@b>+29A6", {"act": IDENT, "message_id": "a@b"}),
        ("cleanup", "message-id=", {"act": IDENT, "message_id": ""}),
        (
            "qmgr",
            "from=<a@x>, size=992, nrcpt=2 (queue active)",
            {"act": QUEUED, "sender": "a@x", "size": 992, "nrcpt": 2},
        ),
        ("qmgr", "from=<>, size=992, nrcpt=1 (queue active)", {"act": QUEUED, "sender": ""}),
        (
            "qmgr",
            'from=<"a>, size=1"@x>, size=992, nrcpt=1 (queue active)',
            {"act": QUEUED, "sender": '"a>, size=1"@x', "size": 992},
        ),
        ("qmgr", "removed", {"act": END}),
        ("cleanup", "removed (canceled)", {"act": TOLD}),
        ("cleanup", "removed (discarded)", {"act": END}),
        ("postsuper", "removed", {"act": END}),
        ("postsuper", "requeued", {"act": END}),
    ],
)
def test_what_a_line_does_in_a_life(daemon: str, text: str, expected: dict[str, Any]) -> None:
    """Beginnings, names and ends, as linking must know them."""
    (row,) = told(daemon, f"{ID}: {text}").messages

    assert {name: row.get(name) for name in expected} == expected


@pytest.mark.parametrize(
    ("daemon", "text", "event", "more"),
    [
        ("qmgr", "from=<a@x>, status=expired, returned to sender", "expired", {}),
        ("qmgr", "from=<a@x>, status=force-expired, returned to sender", "expired", {}),
        (
            "bounce",
            "sender non-delivery notification: 0F5383D",
            "notified",
            {"notice": "failure", "next_id": "0F5383D"},
        ),
        ("bounce", "sender delay notification: 0F5383D", "notified", {"notice": "delay"}),
        ("bounce", "sender delivery status notification: 0F5383D", "notified", {"notice": "success"}),
        ("bounce", "postmaster non-delivery notification: 0F5383D", "notified", {"notice": "failure"}),
        ("postsuper", "placed on hold", "held", {}),
        ("postsuper", "released from hold", "released", {}),
        ("postsuper", "removed", "deleted", {}),
    ],
)
def test_facts_about_a_whole_message(daemon: str, text: str, event: str, more: dict[str, str]) -> None:
    """They name no recipient and are no attempt."""
    (row,) = told(daemon, f"{ID}: {text}").deliveries

    assert row["event"] == event
    assert "recipient" not in row
    assert row["attempted"] is False
    assert {name: row.get(name) for name in more} == more


def test_a_transaction_without_a_queue_file_begins_no_life() -> None:
    """A before-queue filter is handed the mail while it comes in."""
    found = told("smtpd", "NOQUEUE: client=mx.x[192.0.2.1]")

    assert found.counts == {"client": 1}
    assert sum(frame.height for frame in found.facts.messages) == 0


def test_a_held_message_tells_its_sender() -> None:
    """It may never reach the queue manager, which would name the sender otherwise."""
    found = told(
        "cleanup", f"{ID}: hold: header Subject: x from mx.x[192.0.2.1]; from=<a@x> to=<b@y> proto=ESMTP helo=<mx.x>"
    )

    assert [(row["act"], row["sender"]) for row in found.messages] == [(HELD_AT_ONCE, "a@x")]
    assert [(row["event"], row["recipient"]) for row in found.deliveries] == [("held", "b@y")]


# -- handshakes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("daemon", "text", "expected"),
    [
        (
            "smtp",
            (
                "Untrusted TLS connection established to mx.x[192.0.2.1]:25: TLSv1.3 with cipher "
                "TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519"
            ),
            {
                "direction": "out",
                "level": "Untrusted",
                "peer": "mx.x",
                "peer_ip": "192.0.2.1",
                "version": "TLSv1.3",
                "cipher": "TLS_AES_256_GCM_SHA384",
            },
        ),
        (
            "smtpd",
            "Anonymous TLS connection established from unknown[2001:db8::1]: TLSv1.2 with cipher AES256 (256/256 bits)",
            {"direction": "in", "level": "Anonymous", "peer": None, "peer_ip": "2001:db8::1"},
        ),
        (
            "smtp",
            "Verified TLS connection reused to mx.x[192.0.2.1]:25: TLSv1.3 with cipher X (1/1 bits)",
            {"direction": "out", "level": "Verified"},
        ),
        (
            "smtpd",
            "TLS connection established from mx.x[192.0.2.1]: TLSv1 with cipher ADH (256/256 bits)",
            {"direction": "in", "level": ""},
        ),
    ],
)
def test_handshakes(daemon: str, text: str, expected: dict[str, str | None]) -> None:
    """Both directions, old and new versions."""
    (row,) = told(daemon, text).tls

    assert {name: row.get(name) for name in expected} == expected


# -- lines that say nothing of mail ------------------------------------------------------------------------------------

QUIET = (
    ("smtpd", "connect from mx.x[192.0.2.1]"),
    ("smtpd", "disconnect from mx.x[192.0.2.1] ehlo=1 auth=0/1 quit=1 commands=2/3"),
    ("smtpd", "lost connection after DATA (7774180 bytes) from unknown[192.0.2.1]"),
    ("smtpd", "lost connection after UNKNOWN from unknown[2001:db8::1]"),
    ("smtpd", "timeout after END-OF-MESSAGE from unknown[192.0.2.1]"),
    ("smtpd", "too many errors after AUTH from unknown[192.0.2.1]"),
    ("smtpd", "improper command pipelining after EHLO from unknown[192.0.2.1]: MAIL FROM:<>\\nRCPT TO:<b@x>\\r\\n"),
    (
        "smtpd",
        "improper command pipelining after CONNECT from unknown[192.0.2.1]: GET /?to=<b@x>&status=sent HTTP/1.1\\r\\n",
    ),
    ("smtpd", "SSL_accept error from unknown[192.0.2.1]: lost connection"),
    ("smtpd", "warning: non-SMTP command from unknown[192.0.2.1]: GET / HTTP/1.1"),
    ("smtpd", "warning: hostname x.example does not resolve to address 192.0.2.1: Name or service not known"),
    ("smtpd", "fatal: no SASL authentication mechanisms"),
    ("smtpd", "table hash:/etc/postfix/virtual(0,lock|fold_fix) has changed -- restarting"),
    ("smtpd", "smtpd_check_rewrite: trying: permit_inet_interfaces"),
    ("smtpd", "< unknown[192.0.2.1]: EHLO mx.x"),
    ("smtpd", "> unknown[192.0.2.1]: 250-PIPELINING"),
    ("smtp", "connect to mx.x[192.0.2.1]:25: No route to host"),
    ("smtp", "enabling PIX workarounds: disable_esmtp delay_dotcrlf for mx.x[192.0.2.1]:25"),
    ("smtp", "enabling PIX <CRLF>.<CRLF> workaround for mx.x[192.0.2.1]:25"),
    ("smtp", "host mx.x[192.0.2.1] said: 450 4.7.1 Greylisted, status=sent (in reply to RCPT TO command)"),
    ("smtp", "host mx.x[192.0.2.1] refused to talk to me: 421 busy"),
    ("smtp", "lost connection with mx.x[192.0.2.1] while receiving the initial server greeting"),
    (
        "smtp",
        "conversation with mx.x[192.0.2.1] timed out while sending end of data -- message may be sent more than once",
    ),
    ("smtp", "certificate verification failed for mx.x[192.0.2.1]:25: untrusted issuer /CN=x"),
    ("smtpd", "client certificate verification failed for x.y[192.0.2.1]: certificate not yet valid"),
    (
        "smtp",
        "TLSRPT: status=failure, domain=x.example, receiving_mx=mx.x[192.0.2.1], failure_type=starttls-not-supported",
    ),
    ("lmtp", "connect to mx.x[private/dovecot-lmtp]: No such file or directory"),
    ("postscreen", "CONNECT from [192.0.2.1]:53024 to [192.0.2.10]:25"),
    ("postscreen", "PASS OLD [2001:db8::1]:52237"),
    ("postscreen", "PREGREET 6 after 1.2 from [192.0.2.1]:43421: GET /?to=<b@x> HTTP/1.1\\r\\n"),
    ("postscreen", "HANGUP after 0 from [192.0.2.1]:54017 in tests before SMTP handshake"),
    ("postscreen", "NON-SMTP COMMAND from [192.0.2.1]:45284 after CONNECT: GET http://x/ HTTP/1.1"),
    ("postscreen", "COMMAND TIME LIMIT from [192.0.2.1]:51799 after CONNECT"),
    ("postscreen", "DATA without valid RCPT from [192.0.2.1]:39117"),
    ("postscreen", "BDAT without valid RCPT from [192.0.2.1]:39117"),
    ("postscreen", "entering STRESS mode with 80 connections"),
    ("postscreen", "DENYLISTED [192.0.2.1]:53024"),
    ("postscreen", "DISCONNECT [192.0.2.1]:43421"),
    ("postscreen", "cache btree:/var/lib/postfix/postscreen_cache full cleanup: retained=242 dropped=7 entries"),
    ("tlsproxy", "CONNECT from [192.0.2.1]:51637"),
    ("tlsproxy", "DISCONNECT [192.0.2.1]:51637"),
    ("tlsproxy", "TLS handshake failed for service=smtpd peer=[192.0.2.1]:51637"),
    ("dnsblog", "addr 2001:db8::1 listed by domain list.dnsbl.example as 127.0.5.1"),
    ("anvil", "statistics: max connection count 1 for (127.0.0.1:2525:127.0.0.1) at Oct 26 19:46:00"),
    ("scache", "statistics: domain lookup hits=0 miss=1 success=0%"),
    ("verify", "cache btree:/var/lib/postfix/verify_cache full cleanup: retained=1 dropped=0 entries"),
    ("trivial-rewrite", "warning: do not list domain x.example in BOTH mydestination and virtual_alias_domains"),
    ("qmgr", "skipped, still being delivered"),
    ("qmgr", "warning: bounce_queue_lifetime is larger than maximal_queue_lifetime - adjusting bounce_queue_lifetime"),
    ("master", "daemon started -- version 3.11.0, configuration /etc/postfix"),
    ("master", "terminating on signal 15"),
    ("master", "warning: process /usr/lib/postfix/sbin/smtpd pid 12 exit status 1"),
    ("postfix-script", "starting the Postfix mail system"),
    ("postfix-script", "waiting for the Postfix mail system to terminate"),
    ("postdrop", "warning: uid=0: File too large"),
    ("sendmail", "fatal: root(0): message file too big"),
    ("policy-spf", "Policy action=550 Please see http://x/?to=<b@x>;status=sent"),
    ("bounce", "sender notification failed to a@x: queue file write error"),
)


@pytest.mark.parametrize(("daemon", "text"), QUIET)
def test_a_quiet_line_is_known_and_says_nothing(daemon: str, text: str) -> None:
    """Known by name and counted, without a fact about mail, with a queue id (as Postfix 3.10 writes) or without."""
    found = told(daemon, f"{ID}: {text}", text) if daemon != "bounce" else told(daemon, f"{ID}: {text}")

    assert found.unparsed == []
    assert (found.messages, found.deliveries, found.refusals, found.tls) == ([], [], [], [])


@pytest.mark.parametrize(
    ("daemon", "text"),
    [
        ("smtp", f"{ID}: something new"),
        ("smtp", "something new"),
        ("smtp", "to=<b@x>, relay=none, delay=1, delays=1/0/0/0, dsn=2.0.0, status=sent (no queue id)"),
        ("smtp", f"{ID}: to=<b@x>, relay=none, delay=1, delays=1/0/0/0, dsn=2.0.0"),
        ("qmgr", f"{ID}: from=<a@x>, size=99"),
        ("smtpd", "odd-id: to=<b@x>, status=sent"),
        ("smtpd", "connect from mx.x[192.0.2.1]: to=<b@x>, status=sent"),
    ],
)
def test_what_is_not_understood_stays_unparsed(daemon: str, text: str) -> None:
    """There is no catch-all, and no noise that looks like mail."""
    found = told(daemon, text)

    assert found.unparsed == [1]
    assert (found.messages, found.deliveries, found.refusals) == ([], [], [])


def test_mail_of_this_host_that_is_refused_keeps_its_sender() -> None:
    """cleanup returns it at once, so no other line tells who sent it: seen in a real log of Postfix 3.7."""
    found = told(
        "cleanup", f"{ID}: reject: header Subject: x from local; from=<a@src.example> to=<b@dst.example>: 5.7.1 No"
    )

    assert [(row["queue_id"], row["sender"], row["act"]) for row in found.messages] == [(ID, "a@src.example", TOLD)]
    assert [row["event"] for row in found.refusals] == ["rejected"]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["Force-expired: 3 messages"], "3 messages were force-expired by postsuper"),
        (["Deleted: 1 message"], "a message was deleted by postsuper"),
        ([f"{ID}: removed", "Deleted: 3 messages"], "2 messages were deleted by postsuper"),
        ([f"{ID}: removed", "Deleted: 1 message"], None),
        ([f"{ID}: released from hold", "Deleted: 1 message"], "a message was deleted by postsuper"),
        ([f"{ID}: removed", "Deleted: 1 message", "Deleted: 1 message"], "a message was deleted by postsuper"),
    ],
)
def test_messages_that_postsuper_counts_and_does_not_name(lines: list[str], said: str | None) -> None:
    """`postsuper -d ALL` logs a number only: whose mail is gone nobody can tell, so that much is said."""
    found = told("postsuper", *lines)

    assert found.unparsed == []
    assert [(kind, text.split(",")[0]) for _, kind, text in found.notices] == ([("unnamed", said)] if said else [])
