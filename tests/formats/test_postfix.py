"""Postfix's lines about messages and recipients say what Postfix's sources and manuals say."""

from __future__ import annotations

from typing import Any

import pytest
from tests.formats.lines import Told

from mailaudit.formats import formats

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
        ("postfix.service", "postfix", None, "postfix"),
        ("postfix@-.service", "postfix", None, "postfix"),
        (r"postfix@postfix\x2dout.service", "postfix-out", None, "postfix"),
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
    "tag", [None, "smtpd", "sendmail", "opendkim", "dovecot/auth", "other/postgrey", "other/policy", "postfwd2/master"]
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
        # info_log_address_format = internal
        ("to=<a<b>@x>, relay=none, delay=1, delays=1/0/0/0, dsn=5.1.1, status=bounced (no)", "a<b>@x", None, "bounced"),
        (
            (
                "to=<a>, status=sent@x>, orig_to=<c>, relay=z@x>, relay=none, delay=1, delays=1/0/0/0, dsn=5.1.1, "
                "status=bounced (no)"
            ),
            "a>, status=sent@x",
            "c>, relay=z@x",
            "bounced",
        ),
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
        ("mx.x[fe80::1%eth0]:25", "mx.x", "fe80::1%eth0", 25),
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
        (
            "smtp",
            "mx.x[192.0.2.1]:25",
            "250 2.0.0 6ARN9wBW000237 Message accepted for delivery",
            "delivered",
            "6ARN9wBW000237",
        ),
        (
            "smtp",
            "127.0.0.1[127.0.0.1]:10024",
            "250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 6ARN9wBW000237 Message accepted for delivery",
            "relayed",
            "6ARN9wBW000237",
        ),
        ("smtp", "mx.x[192.0.2.1]:25", "250 5c1a9d3e Message accepted for delivery", "delivered", "5c1a9d3e"),
        ("smtp", "localhost[::1]:10024", "250 2.0.0 Ok: queued as A1B2C3D4", "relayed", "A1B2C3D4"),
        ("lmtp", "127.0.0.1[127.0.0.1]:24", "250 2.0.0 <b@x> qYyyBMsl9FRuZQAAA15QOA Saved", "delivered", None),
        ("local", "local", "forwarded as A1B2C3D4", "expanded", "A1B2C3D4"),
        ("local", "local", "delivered to mailbox", "delivered", None),
        ("discard", "none", "dst.example", "discarded", None),
        ("smtp", "127.0.0.1[127.0.0.1]:10024", "250 2.5.0 Ok, id=07-1, BOUNCE", "bounced", None),
        (
            "lmtp",
            "127.0.0.1[127.0.0.1]:10024",
            "250 2.5.0 Ok <b@x>, DSN was sent (554 5.7.0 Bounce, id=00197-02 - spam)",
            "bounced",
            "00197-02",
        ),
        (
            "lmtp",
            "127.0.0.1[127.0.0.1]:10024",
            "250 2.5.0 Ok <b@x>, DSN suppressed (554 5.7.0 Bounce, id=00197-02 - spam)",
            "discarded",
            "00197-02",
        ),
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


@pytest.mark.parametrize("behind", ["", " 7", " 1234"])
def test_a_number_that_a_relay_of_lines_appends_is_not_of_the_reply(behind: str) -> None:
    """The reply ends with the line's last bracket; brackets of its own stay, and a cut line keeps what it has."""
    line = "to=<b@dst.example>, relay=mx.example[203.0.113.9]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent "

    assert only(f"{line}(250 Ok (queued)){behind}")["reply"] == "250 Ok (queued)"
    assert only(f"{line}(250 Ok: 12 of 1")["reply"] == "250 Ok: 12 of 1"


@pytest.mark.parametrize(
    "address", ['"odd, jr"@dst.example', '"x>, relay=y, delay=1, dsn=2.0.0, status=sent (b"@dst.example']
)
def test_keys_of_later_versions_may_stand_behind_any_address(address: str) -> None:
    """A quoted address may hold commas and brackets, and unknown keys may stand anywhere between the known ones."""
    keys = "relay=mx.example[203.0.113.9]:25, way=a b, conn_use=2, delay=1, new=7, dsn=4.2.0, status=deferred (later)"

    row = only(f"to=<{address}>, orig_to=<{address}>, other=x, {keys}")

    assert (row["recipient"], row["original_recipient"], row["event"]) == (address, address, "deferred")
    assert (row["relay_host"], row["enhanced_status"], row["reply"]) == ("mx.example", "4.2.0", "later")


def test_no_status_inside_a_reply_is_believed() -> None:
    """A line that someone shortened has no relay: what a hostile reply says of one is part of the reply."""
    row = only("to=<a@dst.example>, status=deferred (no, relay=x.example, delay=1, dsn=2.0.0, status=sent (250 ok)")

    assert (row["event"], row.get("relay_host"), row.get("enhanced_status")) == ("deferred", None, None)
