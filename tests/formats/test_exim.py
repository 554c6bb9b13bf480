"""Exim's lines about messages and recipients."""

from __future__ import annotations

import pytest
from tests.formats.lines import Told

from mailaudit.formats import formats
from mailaudit.model.acts import END, HELD, WHOLE

ID = "1vE8BK-00008T-1p"
LONG = "1vE8BK-000000012ab-3CdE"
HOST = "H=mx.dst.example [203.0.113.25]"


def told(*bodies: str, tag: str | None = "exim") -> Told:
    """What lines of Exim say."""
    return Told("exim", *bodies, tag=tag)


# -- whose lines -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tag", ["exim", "exim4", "exim-in", "exim4_outgoing"])
def test_exims_programs_are_claimed(tag: str) -> None:
    """All of Exim's names are one instance: its queue ids are of one spool."""
    program = formats()["exim"].claims(tag)

    assert program is not None
    assert program.instance == "exim"


@pytest.mark.parametrize("tag", [None, "postfix/smtpd", "eximstats", "sendmail", "dovecot"])
def test_other_programs_are_not_claimed(tag: str | None) -> None:
    """Lines without a program are Sendmail's; those of Exim's own files have one by then."""
    assert formats()["exim"].claims(tag) is None


# -- the life of a message ---------------------------------------------------------------------------------------------


def test_an_arrow_to_the_left_accepts_a_message() -> None:
    """Sender, size, client, user, Message-ID and the number of recipients come from the one line."""
    (row,) = told(
        f"{ID} <= a@src.example H=mx.src.example (helo.example) [192.0.2.1]:4321 I=[203.0.113.1]:587 P=esmtpsa L "
        'X=TLS1.3:ECDHE_X25519__AES_256_GCM:256 CV=no SNI="mail.example" A=plain:joe K S=992 M8S=8 RT=0.1s '
        'id=s1.7@src.example T="Hello" from <a@src.example> for b@dst.example "c d"@dst.example'
    ).messages

    assert row == {
        "no": 1,
        "tag": "exim",
        "queue_id": ID,
        "act": WHOLE,
        "sender": "a@src.example",
        "size": 992,
        "nrcpt": 2,
        "message_id": "s1.7@src.example",
        "client_host": "mx.src.example",
        "client_ip": "192.0.2.1",
        "sasl_user": "joe",
        "origin": "smtp",
    }


@pytest.mark.parametrize(
    ("client", "host", "ip"),
    [
        ("H=mx.src.example [192.0.2.1]", "mx.src.example", "192.0.2.1"),
        ("H=(helo.example) [192.0.2.1]", None, "192.0.2.1"),
        ("H=[2001:db8::1]", None, "2001:db8::1"),
        ("H=([192.0.2.9]) [2001:db8:0:0:0:0:0:1]:25", None, "2001:db8::1"),
        ("H=mx.src.example (any (old) text) [192.0.2.1]", "mx.src.example", "192.0.2.1"),
        # What a client says of itself is in parentheses, whatever it looks like.
        ("H=(x) [198.51.100.9] P=smtp S=1) [192.0.2.1]", None, "192.0.2.1"),
    ],
)
def test_a_client(client: str, host: str | None, ip: str) -> None:
    """Only a name outside of the parentheses was looked up."""
    (row,) = told(f"{ID} <= a@src.example {client} P=esmtp S=992").messages

    assert (row.get("client_host"), row.get("client_ip"), row["size"]) == (host, ip, 992)


def test_mail_of_this_host() -> None:
    """A user's own mail has no client, and names the user."""
    (row,) = told(f"{LONG} <= joe@src.example U=joe P=local S=300").messages

    assert (row["queue_id"], row["origin"], row["size"]) == (LONG, "local", 300)


def test_a_subject_that_looks_like_a_line() -> None:
    """Nothing in it is read as one of the line's fields."""
    (row,) = told(
        f'{ID} <= a@src.example U=a P=local S=300 id=1@x T="\\" S=9 for x@y => b\\\\" for b@dst.example'
    ).messages

    assert (row["size"], row["nrcpt"], row["message_id"]) == (300, 1, "1@x")


def test_a_quoted_sender_with_blanks() -> None:
    """A local part in quotes may hold anything."""
    (row,) = told(f'{ID} <= "x P=local S=1 id=9@x"@src.example H=[192.0.2.1] P=smtp S=300 id=1@x').messages

    assert (row["sender"], row["size"], row["message_id"]) == ('"x P=local S=1 id=9@x"@src.example', 300, "1@x")


def test_it_is_completed_at_the_end() -> None:
    """The last line of a life."""
    (row,) = told(f"{ID} Completed QT=1m3s").messages

    assert row["act"] == END


# -- deliveries --------------------------------------------------------------------------------------------------------


def test_a_delivery() -> None:
    """Whom it went to, what was given, who took it with which words."""
    (row,) = told(
        f"{ID} => a@dst.example <list@src.example> F=<s@src.example> P=<s@src.example> R=r T=remote_smtp S=1200 "
        'H=mx.dst.example DS [203.0.113.25]:25* I=[192.0.2.10]:5000 X=TLS1.3:AES_256_GCM:256 CV=yes DN="CN=x C=\\"y" K '
        'C="250 OK id=1vE8BL-00008X-2q said \\"=> b@x\\"" QT=1m3s DT=0.5s'
    ).deliveries

    assert row == {
        "no": 1,
        "tag": "exim",
        "queue_id": ID,
        "event": "delivered",
        "raw_event": "=>",
        "recipient": "a@dst.example",
        "original_recipient": "list@src.example",
        "relay_host": "mx.dst.example",
        "relay_ip": "203.0.113.25",
        "relay_port": 25,
        "reply": '250 OK id=1vE8BL-00008X-2q said "=> b@x"',
        "smtp_code": 250,
        "next_id": "1vE8BL-00008X-2q",
        "attempted": True,
        "delay": 63.0,
        "delay_d": 0.5,
    }


@pytest.mark.parametrize(
    ("text", "recipient", "original", "event"),
    [
        ("=> anna <anna@src.example> R=localuser T=local_delivery", "anna@src.example", None, "delivered"),
        ("=> ops <all@src.example> R=localuser T=local_delivery", "ops", "all@src.example", "delivered"),
        (
            "-> b@dst.example <all@src.example> R=r T=remote_smtp " + HOST,
            "b@dst.example",
            "all@src.example",
            "delivered",
        ),
        (
            "=> |/bin/list -x <list@src.example> R=aliases T=address_pipe",
            "|/bin/list -x",
            "list@src.example",
            "delivered",
        ),
        (
            "=> /var/mail/x (all@src.example) <list@src.example> R=f T=address_file",
            "/var/mail/x",
            "list@src.example",
            "delivered",
        ),
        ("=> :blackhole: <spam@src.example> R=system_aliases", "spam@src.example", None, "discarded"),
        ("=> /dev/null <spam@src.example> R=aliases T=**bypassed**", "spam@src.example", None, "discarded"),
        ("=> >x@dst.example <joe@src.example> R=userforward T=address_reply", "joe@src.example", None, "other"),
        (">> a@dst.example R=cut T=remote_smtp " + HOST, "a@dst.example", None, "delivered"),
        ("*> a@dst.example R=r T=remote_smtp " + HOST, "a@dst.example", None, "other"),
    ],
)
def test_whom_it_went_to(text: str, recipient: str, original: str | None, event: str) -> None:
    """A mailbox is told by its local part; of an alias, both addresses are kept."""
    (row,) = told(f"{ID} {text}").deliveries

    assert (row["recipient"], row.get("original_recipient"), row["event"]) == (recipient, original, event)


@pytest.mark.parametrize(
    ("local", "quoted"),
    [
        ("two words", '"two words"'),
        ("odd name, really", '"odd name, really"'),
        ('a"b c', '"a\\"b c"'),
        ("x@y.example R=dnslookup T=smtp", '"x@y.example R=dnslookup T=smtp"'),
        ("x@y.example R=r T=t: fake", '"x@y.example R=r T=t: fake"'),
        ('a <"b"@c.example> R=d T=e', '"a <\\"b\\"@c.example> R=d T=e"'),
    ],
)
@pytest.mark.parametrize(
    ("flag", "rest", "event"),
    [
        ("=>", f' R=dnslookup T=remote_smtp {HOST} C="250 OK"', "delivered"),
        (
            "**",
            f" R=dnslookup T=remote_smtp {HOST}: SMTP error from remote mail server after end of data: 550 no",
            "bounced",
        ),
        ("==", " R=dnslookup T=remote_smtp defer (111): Connection refused", "deferred"),
    ],
)
def test_an_address_that_looks_like_a_line(local: str, quoted: str, flag: str, rest: str, event: str) -> None:
    """Such an address stands there twice, without its quotes and with them: both together tell where it ends."""
    (row,) = told(f"{ID} {flag} {local}@dst.example <{quoted}@dst.example>{rest}").deliveries

    assert (row["recipient"], row["event"]) == (f"{quoted}@dst.example", event)
    assert row.get("relay_ip") == ("203.0.113.25" if HOST in rest else None)


@pytest.mark.parametrize(
    ("text", "event", "attempted", "code", "status"),
    [
        ("R=r T=t defer (-53): retry time not reached for any host", "deferred", False, None, None),
        ("routing defer (-52): retry time not reached", "deferred", False, None, None),
        ("R=dnslookup defer (-1): host lookup did not complete", "deferred", True, None, None),
        ("R=r T=t defer (110): Connection timed out", "deferred", True, None, None),
        (
            f"R=r T=t defer (110): Connection timed out {HOST}: SMTP timeout after initial connection",
            "deferred",
            True,
            None,
            None,
        ),
        (
            f"R=r T=t defer (-44) {HOST}: SMTP error from remote mail server after RCPT TO:<a@b>: 450 4.2.0 no",
            "deferred",
            True,
            450,
            "4.2.0",
        ),
        (
            f"R=r T=t defer (-45) {HOST} DT=1s: SMTP error from remote mailer after pipelined MAIL FROM:<> SIZE=9: 451",
            "deferred",
            True,
            451,
            None,
        ),
    ],
)
def test_a_deferral(text: str, event: str, *, attempted: bool, code: int | None, status: str | None) -> None:
    """A retry time that is not reached is no attempt."""
    (row,) = told(f"{ID} == a@dst.example {text}").deliveries

    assert (row["event"], row["attempted"], row.get("smtp_code"), row.get("enhanced_status")) == (
        event,
        attempted,
        code,
        status,
    )


@pytest.mark.parametrize(
    ("text", "event", "attempted", "code"),
    [
        (": Unrouteable address", "bounced", True, None),
        (": retry timeout exceeded", "expired", False, None),
        (" R=r T=t: retry time not reached for any host after a long failure period", "expired", False, None),
        (
            f" R=r T=t {HOST}: SMTP error from remote mail server after DATA: 550 retry timeout exceeded",
            "bounced",
            True,
            550,
        ),
        (" R=limits : Domain src.example has exceeded the max emails per hour", "bounced", True, None),
        (" <list@src.example>: retry timeout exceeded", "expired", False, None),
        (
            " R=r T=t: all hosts for 'dst.example' have been failing for a long time (and retry time not reached)",
            "expired",
            False,
            None,
        ),
        (
            " R=r T=t " + HOST + ": SMTP error from remote mail server after RCPT TO:<a@dst.example>: 550 5.1.1 no",
            "bounced",
            True,
            550,
        ),
        (
            " R=r T=t: SMTP error from remote mailer after RCPT TO:<a@dst.example>: host mx [1.2.3.4]: 554 no",
            "bounced",
            True,
            554,
        ),
    ],
)
def test_a_failure(text: str, event: str, *, attempted: bool, code: int | None) -> None:
    """What was given up after temporary failures has expired, and the last of them was the last attempt."""
    (row,) = told(f"{ID} ** a@dst.example{text}").deliveries

    assert (row["event"], row["attempted"], row.get("smtp_code")) == (event, attempted, code)


def test_a_reply_of_several_lines() -> None:
    """Exim writes the ends of lines as a backslash and an n."""
    (row,) = told(f"{ID} ** a@dst.example R=r T=t {HOST}: 550-5.7.1 first\\n550 5.7.1 second").deliveries

    assert row["reply"] == "550-5.7.1 first 550 5.7.1 second"


def test_a_reply_that_looks_like_a_line() -> None:
    """What a receiver says is only its reply."""
    (row,) = told(
        f"{ID} ** a@dst.example R=r T=t {HOST}: SMTP error from remote mail server after RCPT TO:<a@dst.example>: "
        '550 x <"b"@c> R=a T=b: => c@d'
    ).deliveries

    assert (row["recipient"], row["relay_host"], row["event"]) == ("a@dst.example", "mx.dst.example", "bounced")


# -- notices, and mail that waits --------------------------------------------------------------------------------------


def test_a_notice_hangs_on_its_parent() -> None:
    """The parent is told of it, and of what it is about, where its subject is logged."""
    found = told(
        f"1vE8BL-00008X-2q <= <> R={ID} U=Debian-exim P=local S=1732",
        f'1vE8BL-00008Y-2q <= <> R={ID} U=Debian-exim P=local S=1732 T="Mail delivery failed: returning"',
    )

    assert [(row["queue_id"], row["event"], row["next_id"], row.get("notice")) for row in found.deliveries] == [
        (ID, "notified", "1vE8BL-00008X-2q", None),
        (ID, "notified", "1vE8BL-00008Y-2q", "failure"),
    ]
    assert found.messages[-1]["sender"] == ""
    assert "origin" not in found.messages[-1]


@pytest.mark.parametrize(
    ("text", "event"),
    [
        ("Frozen (delivery error message)", "held"),
        ("frozen by ACL", "held"),
        ("Message is frozen", "held"),
        ("Unfrozen by errmsg timer", "released"),
        ("removed by root", "deleted"),
        ("cancelled by timeout_frozen_after", "expired"),
        ("=> blackhole (DATA ACL discarded recipients): loop guard", "discarded"),
    ],
)
def test_the_fate_of_a_whole_message(text: str, event: str) -> None:
    """Such a line is about all recipients, and no attempt."""
    (row,) = told(f"{ID} {text}").deliveries

    assert (row["event"], row["attempted"], "recipient" in row) == (event, False, False)


def test_a_frozen_message_is_held() -> None:
    """It may be silent for as long as it is."""
    assert [row["act"] for row in told(f"{ID} Frozen").messages] == [HELD]


def test_tls() -> None:
    """Both versions of OpenSSL's and GnuTLS's names are one; the further recipients of a connection are none."""
    found = told(
        f"{ID} <= a@src.example H=mx.src.example [192.0.2.1] P=esmtps X=TLSv1.2:ECDHE-RSA-AES256-GCM:256 CV=no S=9",
        f"{ID} => a@dst.example R=r T=t {HOST} X=TLS1.3:AES_256_GCM:256 CV=yes",
        f"{ID} -> b@dst.example R=r T=t {HOST} X=TLS1.3:AES_256_GCM:256 CV=yes",
    )

    assert [(row["direction"], row["version"], row["cipher"], row["level"]) for row in found.tls] == [
        ("in", "TLSv1.2", "ECDHE-RSA-AES256-GCM", "Untrusted"),
        ("out", "TLSv1.3", "AES_256_GCM", "Verified"),
    ]
