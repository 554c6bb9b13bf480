"""Postfix's lines about messages and recipients say what Postfix's sources and manuals say."""

from __future__ import annotations

from typing import Any

import pytest
from tests.formats.lines import Told

from mailaudit.formats import formats
from mailaudit.model.acts import BEGIN, END, HELD, IDENT, QUEUED, TOLD

ID = "4F1A2B3C01"


def told(daemon: str, *bodies: str) -> Told:
    """What lines of a daemon say."""
    return Told("postfix", *bodies, tag=f"postfix/{daemon}")


def only(text: str, daemon: str = "smtp") -> dict[str, Any]:
    """The delivery on a line with a queue id."""
    found = told(daemon, f"{ID}: {text}")

    assert found.unparsed == []
    (row,) = found.deliveries
    return row


# -- whose lines -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tag", "instance", "service", "daemon"),
    [
        ("postfix/smtp", "postfix", None, "smtp"),
        ("postfix-out/smtp", "postfix-out", None, "smtp"),
        ("postfix/submission/smtpd", "postfix", "submission", "smtpd"),
        ("postfix-out/10025/smtpd", "postfix-out", "10025", "smtpd"),
        ("mail/smtp", "mail", None, "smtp"),
        ("/postfix-script", "postfix", None, "postfix-script"),
        ("postfix/policy-spf", "postfix", None, "policy-spf"),
        ("postfix", "postfix", None, "postfix"),
    ],
)
def test_postfixs_programs_are_claimed(tag: str, instance: str, service: str | None, daemon: str) -> None:
    """Any syslog_name will do, as long as the last part is one of Postfix's daemons."""
    program = formats()["postfix"].claims(tag)

    assert program is not None
    assert (program.instance, program.service, program.daemon) == (instance, service, daemon)


@pytest.mark.parametrize(
    "tag", [None, "smtpd", "sendmail", "opendkim", "dovecot/auth", "other/postgrey", "other/policy"]
)
def test_other_programs_are_not_claimed(tag: str | None) -> None:
    """Other programs' policy services count as Postfix's only under Postfix's own name."""
    assert formats()["postfix"].claims(tag) is None


@pytest.mark.parametrize(
    "queue_id",
    ["0F5383D", "4F1A2B3C01", "3mPVKl0Mhjz7sXv", "BABABABABA", "65AFB8B5", "a1b2c3d4e5", "4ZqkPs5rRgz1L"],
)
def test_queue_ids_of_every_shape(queue_id: str) -> None:
    """Short, long, and made anonymous."""
    found = told("qmgr", f"{queue_id}: removed")

    assert [row["queue_id"] for row in found.messages] == [queue_id]


# -- deliveries --------------------------------------------------------------------------------------------------------


def test_a_delivery_line_has_all_its_fields() -> None:
    """With every key that Postfix 3.11 writes."""
    row = only(
        "to=<b@dst.example>, orig_to=<list@src.example>, relay=mx.dst.example[203.0.113.25]:25, conn_use=3, delay=2.1, "
        "delays=0.3/0.01/0.9/0.89, tls=secure, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as A1B2C3)"
    )

    assert row == {
        "no": 1,
        "tag": "postfix/smtp",
        "queue_id": ID,
        "recipient": "b@dst.example",
        "original_recipient": "list@src.example",
        "relay_host": "mx.dst.example",
        "relay_ip": "203.0.113.25",
        "relay_port": 25,
        "delay": 2.1,
        "delay_a": 0.3,
        "delay_b": 0.01,
        "delay_c": 0.9,
        "delay_d": 0.89,
        "tls": "secure",
        "enhanced_status": "2.0.0",
        "event": "delivered",
        "raw_event": "sent",
        "smtp_code": 250,
        "reply": "250 2.0.0 Ok: queued as A1B2C3",
        "next_id": "A1B2C3",
        "attempted": True,
    }


@pytest.mark.parametrize(
    ("text", "recipient", "original", "event"),
    [
        ("to=<b@x>, relay=none, delay=1, delays=1/0/0/0, dsn=4.4.1, status=deferred (no)", "b@x", None, "deferred"),
        ("to=<b@x>, relay=none, delay=1, status=bounced (old, without dsn and delays)", "b@x", None, "bounced"),
        (
            "to=b@x, orig_to=root@localhost, relay=local, delay=1, delays=1/0/0/0, dsn=2.0.0, status=sent (ok)",
            "b@x",
            "root@localhost",
            "delivered",
        ),
        (
            "to=<b@x>, orig_to=<root>, relay=local, delay=1, delays=1/0/0/0, dsn=2.0.0, status=sent (ok)",
            "b@x",
            "root",
            "delivered",
        ),
        (
            'to=<"a, status=sent (b>"@x>, relay=none, delay=1, delays=1/0/0/0, dsn=5.1.1, status=bounced (no)',
            '"a, status=sent (b>"@x',
            None,
            "bounced",
        ),
        ("to=<a b@x>, relay=none, delay=1, delays=1/0/0/0, dsn=5.1.1, status=bounced (no)", "a b@x", None, "bounced"),
        ('to=<a"b@x>, relay=none, delay=1, delays=1/0/0/0, dsn=5.1.1, status=bounced (no)', 'a"b@x', None, "bounced"),
        (
            "to=<b@x>, relay=none, delay=1, new=key, delays=1/0/0/0, other=1, dsn=5.1.1, status=bounced (no)",
            "b@x",
            None,
            "bounced",
        ),
        ("to=<b@x>, relay=none, delay=1, delays=1/0/0/0, dsn=4.7.1, status=deferred", "b@x", None, "deferred"),
        (
            "to=<b@x>, relay=none, delay=1, delays=1/0/0/0, dsn=4.7.1, status=deferred (cut in the mid",
            "b@x",
            None,
            "deferred",
        ),
        (
            "to=<b@x>, relay=none, delay=1e+02, delays=1e+02/0/0/0, dsn=4.7.1, status=SOFTBOUNCE (no)",
            "b@x",
            None,
            "deferred",
        ),
        (
            "to=<b@x>, relay=x[192.0.2.1]:25, delay=1, delays=1/0/0/0, dsn=2.1.5, status=deliverable (250 ok)",
            "b@x",
            None,
            "other",
        ),
        (
            "to=<b@x>, relay=x[192.0.2.1]:25, delay=1, delays=1/0/0/0, dsn=5.1.1, status=undeliverable (550)",
            "b@x",
            None,
            "other",
        ),
    ],
)
def test_recipients_of_every_shape(text: str, recipient: str, original: str | None, event: str) -> None:
    """Quoted, unbalanced, without brackets, cut, old and new: the recipient and Postfix's own word come out."""
    row = only(text)

    assert (row["recipient"], row.get("original_recipient"), row["event"]) == (recipient, original, event)


@pytest.mark.parametrize(
    ("relay", "host", "ip", "port"),
    [
        ("mx.x[192.0.2.1]:25", "mx.x", "192.0.2.1", 25),
        ("mx.x[192.0.2.1]", "mx.x", "192.0.2.1", None),
        ("mx.x:25", "mx.x", None, 25),
        ("[192.0.2.1]:25", None, "192.0.2.1", 25),
        ("mx.x[2001:db8::1]:25", "mx.x", "2001:db8::1", 25),
        ("mx.x[private/dovecot-lmtp]", "mx.x", None, None),
        ("dovecot", "dovecot", None, None),
        ("none", None, None, None),
    ],
)
def test_who_answered(relay: str, host: str | None, ip: str | None, port: int | None) -> None:
    """A socket is no address, and `none` is nobody."""
    row = only(f"to=<b@x>, relay={relay}, delay=1, delays=1/0/0/0, dsn=2.0.0, status=sent (250 ok)")

    assert (row.get("relay_host"), row.get("relay_ip"), row.get("relay_port")) == (host, ip, port)


@pytest.mark.parametrize(
    ("daemon", "relay", "reply", "event", "next_id"),
    [
        ("smtp", "mx.x[192.0.2.1]:25", "250 2.0.0 Ok: queued as A1B2C3D4", "delivered", "A1B2C3D4"),
        (
            "smtp",
            "127.0.0.1[127.0.0.1]:10024",
            "250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as A1B2C3D4",
            "relayed",
            "A1B2C3D4",
        ),
        ("smtp", "localhost[::1]:10024", "250 2.0.0 Ok: queued as A1B2C3D4", "relayed", "A1B2C3D4"),
        ("lmtp", "127.0.0.1[127.0.0.1]:24", "250 2.0.0 <b@x> qYyyBMsl9FRuZQAAA15QOA Saved", "delivered", None),
        ("local", "local", "forwarded as A1B2C3D4", "expanded", "A1B2C3D4"),
        ("local", "local", "delivered to mailbox", "delivered", None),
        ("discard", "none", "dst.example", "discarded", None),
        ("smtp", "127.0.0.1[127.0.0.1]:10024", "250 2.5.0 Ok, id=07-1, BOUNCE", "bounced", None),
        ("smtp", "127.0.0.1[127.0.0.1]:10024", "250 2.5.0 Ok, id=07-1, DISCARD(bounce.suppressed)", "discarded", None),
    ],
)
def test_what_sent_means(daemon: str, relay: str, reply: str, event: str, next_id: str | None) -> None:
    """A hand-off to an own filter, an alias, a discard and what a filter sent back are no deliveries."""
    row = only(f"to=<b@x>, relay={relay}, delay=1, delays=1/0/0/0, dsn=2.0.0, status=sent ({reply})", daemon)

    assert (row["event"], row.get("next_id"), row["reply"]) == (event, next_id, reply)


@pytest.mark.parametrize(
    ("reply", "code", "attempted"),
    [
        ("host mx.x[192.0.2.1] said: 550 5.1.1 No such user (in reply to RCPT TO command)", 550, True),
        ("host mx.x[192.0.2.1] refused to talk to me: 554-blocked 554 see https://x", 554, True),
        ("connect to mx.x[192.0.2.1]:25: Connection timed out", None, True),
        ("delivery temporarily suspended: host mx.x[192.0.2.1] said: 421 wait", None, False),
        (
            "host mx.x[192.0.2.1] said: 450 :( to=<c@y>, dsn=2.0.0, status=sent (250 ok) (in reply to RCPT TO command)",
            450,
            True,
        ),
    ],
)
def test_replies_are_kept_whole(reply: str, code: int | None, *, attempted: bool) -> None:
    """Only a reply's own code counts, and no text in it changes the outcome."""
    row = only(f"to=<b@x>, relay=none, delay=1, delays=1/0/0/0, dsn=4.0.0, status=deferred ({reply})")

    assert (row["event"], row["recipient"], row["reply"]) == ("deferred", "b@x", reply)
    assert (row.get("smtp_code"), row["attempted"]) == (code, attempted)


@pytest.mark.parametrize(
    ("daemon", "reply", "attempted"),
    [
        ("error", "deferred transport", False),
        ("error", "mail transport unavailable", False),
        ("retry", "come back later", False),
        ("error", "unknown mail transport error", True),
        ("smtp", "deferred transport", True),
    ],
)
def test_what_is_put_off_is_not_tried(daemon: str, reply: str, *, attempted: bool) -> None:
    """error(8) connects to nobody; only where it speaks for an agent that broke down was something tried."""
    row = only(f"to=<b@x>, relay=none, delay=1, delays=1/0/0/0, dsn=4.3.2, status=deferred ({reply})", daemon)

    assert (row["event"], row["attempted"]) == ("deferred", attempted)


def test_what_the_error_transport_bounces_counts_as_tried() -> None:
    """A refusal is final, whoever gives it: it is the one attempt of that recipient."""
    row = only("to=<b@x>, relay=none, delay=1, delays=1/0/0/0, dsn=5.1.2, status=bounced (no such domain)", "error")

    assert (row["event"], row["attempted"]) == ("bounced", True)


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
    row = only(text, daemon)

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

    assert [(row["act"], row["sender"]) for row in found.messages] == [(HELD, "a@x")]
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
    ("postsuper", "Deleted: 1 message"),
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


def test_an_operator_may_have_mail_expire() -> None:
    """`postsuper -e` ends with a count, like its sisters."""
    found = told("postsuper", "Force-expired: 1 message")

    assert (found.unparsed, found.counts) == ([], {"super_summary": 1})
