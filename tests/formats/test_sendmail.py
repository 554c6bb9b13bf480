"""Sendmail's lines say what they say in sendmail's own sources: one case for each form and each trap."""

from __future__ import annotations

from typing import Any

import pytest
from tests.formats.lines import Told

from mailaudit.formats import formats
from mailaudit.model.acts import END, TOLD, WHOLE

ID = "v4V4QL1K030027"
REAL = "mailer=esmtp, pri=30000, relay=mx.dst.example. [203.0.113.25]"


def told(*bodies: str, tag: str | None = "sm-mta") -> Told:
    """What lines of sendmail say; a body without a queue id gets one."""
    return Told("sendmail", *bodies, tag=tag)


def to(text: str) -> list[dict[str, Any]]:
    """The deliveries of one `to=` line."""
    found = told(f"{ID}: {text}")

    assert found.unparsed == []
    return found.deliveries


def only(text: str) -> dict[str, Any]:
    """The delivery of a `to=` line with one recipient."""
    (row,) = to(text)
    return row


# -- whose lines -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "tag", ["sendmail", "sm-mta", "sm-msp-queue", "sm-acceptingconnections", "MTA", "MSP", "sendmail-out", None]
)
def test_sendmails_programs_are_claimed(tag: str | None) -> None:
    """All of sendmail's names are one instance, since its programs share no queue id."""
    program = formats()["sendmail"].claims(tag)

    assert program is not None
    assert (program.instance, program.service) == ("sendmail", None)


@pytest.mark.parametrize("tag", ["postfix/sendmail", "postfix/smtpd", "sshd", "smtpd", "exim", "dovecot"])
def test_other_programs_are_not_claimed(tag: str) -> None:
    """Postfix has a command named sendmail, which is not ours."""
    assert formats()["sendmail"].claims(tag) is None


# -- the life of a message ---------------------------------------------------------------------------------------------


def test_a_from_line_accepts_a_message() -> None:
    """Sender, size, recipients, Message-ID and client come from the one line."""
    (row,) = told(
        f"{ID}: from=<a@src.example>, size=992, class=0, nrcpts=2, msgid=<s1.7@src.example>, bodytype=8BITMIME, "
        "proto=ESMTP, daemon=MTA, tls_verify=NO, auth=PLAIN, relay=mx.src.example [192.0.2.1]"
    ).messages

    assert row == {
        "no": 1, "time_us": 0, "floating": 0, "host": "mx", "tag": "sm-mta", "queue_id": ID, "act": WHOLE,
        "sender": "a@src.example", "size": 992, "nrcpt": 2, "message_id": "s1.7@src.example",
        "client_host": "mx.src.example", "client_ip": "192.0.2.1", "origin": "smtp",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("relay", "host", "ip", "origin"),
    [
        ("mx.src.example [192.0.2.1]", "mx.src.example", "192.0.2.1", "smtp"),
        ("[192.0.2.1]", None, "192.0.2.1", "smtp"),
        ("unknown [192.0.2.1]", None, "192.0.2.1", "smtp"),
        ("mx.src.example [192.0.2.1] (may be forged)", "mx.src.example", "192.0.2.1", "smtp"),
        ("IDENT:joe@mx.src.example [192.0.2.1]", "mx.src.example", "192.0.2.1", "smtp"),
        ("[IPv6:2001:db8::1]", None, "2001:db8::1", "smtp"),
        ("mx.src.example [IPv6:2001:db8:0:0:0:0:0:1]", "mx.src.example", "2001:db8:0:0:0:0:0:1", "smtp"),
        ("root@localhost", None, None, "local"),
        ("#7#@localhost", None, None, "local"),
        ("localhost [127.0.0.1]", "localhost", "127.0.0.1", "smtp"),
        ("[RESPONSE]", None, None, None),
    ],
)
def test_the_client_is_read_from_relay(relay: str, host: str | None, ip: str | None, origin: str | None) -> None:
    """Names are names, addresses are plain, and `user@localhost` is the sendmail command."""
    (row,) = told(f"{ID}: from=<a@src.example>, size=992, class=0, nrcpts=1, msgid=<1@x>, relay={relay}").messages

    assert (row.get("client_host"), row.get("client_ip"), row.get("origin")) == (host, ip, origin)


@pytest.mark.parametrize(
    "numbers", ["size=0, class=0, nrcpts=0", "size=0, class=0, nrcpts=1", "size=99, class=0, nrcpts=0"]
)
def test_a_transaction_without_a_message_accepts_nothing(numbers: str) -> None:
    """No size or no recipient: the line tells who the sender of a refusal was, and no more."""
    (row,) = told(f"{ID}: from=<a@src.example>, {numbers}, proto=ESMTP, daemon=MTA, relay=[192.0.2.1]").messages

    assert (row["act"], row["sender"], row["client_ip"]) == (TOLD, "a@src.example", "192.0.2.1")


@pytest.mark.parametrize(
    ("text", "sender", "message_id"),
    [
        ("from=<>, size=992, class=0, nrcpts=1, msgid=<1@x>, relay=[192.0.2.1]", "", "1@x"),
        ("from=root, size=992, class=0, nrcpts=1, msgid=<1@x>, relay=root@localhost", "root", "1@x"),
        ("from=<NONE>, size=992, class=0, nrcpts=1, relay=root@localhost", None, None),
        ("from=a@src.example", "a@src.example", None),
        ("from=<a@src.example>", "a@src.example", None),
        ("from=<a@x>, size=9, class=-60, pri=300, nrcpts=1, msgid=<1@x>, relay=[192.0.2.1]", "a@x", "1@x"),
        (
            'from=<"odd, size=0"@x>, size=992, class=0, nrcpts=1, msgid=<1@x>, relay=[192.0.2.1]',
            '"odd, size=0"@x',
            "1@x",
        ),
        ('from=<un"balanced@x>, size=992, class=0, nrcpts=1, msgid=<1@x>, relay=[192.0.2.1]', 'un"balanced@x', "1@x"),
        (
            "from=<a@x>, size=992, class=0, nrcpts=1, msgid=<cut-after-a-hundred-ch, proto=ESMTP, relay=[192.0.2.1]",
            "a@x",
            "cut-after-a-hundred-ch",
        ),
        ("from=<a@x>, size=992, class=0, nrcpts=1, msgid=<1@x>, newkey=7, relay=[192.0.2.1]", "a@x", "1@x"),
        (
            "from=<a@x>, size=992, class=0, nrcpts=1, msgid=<a, relay=[198.51.100.9], b@x>, "
            "proto=SMTP, relay=[192.0.2.1]",
            "a@x",
            "a, relay=[198.51.100.9], b@x",
        ),
    ],
)
def test_senders_of_every_shape(text: str, sender: str | None, message_id: str | None) -> None:
    """Brackets may lack, quotes may hold anything, and what is unknown stays unknown."""
    (row,) = told(f"{ID}: {text}").messages

    assert (row["act"], row.get("sender"), row.get("message_id")) == (WHOLE, sender, message_id)
    assert row.get("client_ip") in {None, "192.0.2.1"}


def test_done_ends_a_message_and_gives_up_what_is_still_deferred() -> None:
    """With NOTIFY=NEVER an expiry leaves no other trace than `done`."""
    found = told(f"{ID}: done; delay=3+00:18:14, ntries=120")

    assert [row["act"] for row in found.messages] == [END]
    assert [(row["event"], row["raw_event"], row["attempted"]) for row in found.deliveries] == [
        ("expired", "done", False)
    ]


# -- deliveries: fields ------------------------------------------------------------------------------------------------


def test_a_delivery_line_has_all_its_fields() -> None:
    """The host loses its final dot, delays are seconds, and no code is invented for `Sent`."""
    row = only(
        f"to=<b@dst.example>, delay=1+02:03:04, xdelay=00:00:02, {REAL}, dsn=2.0.0, stat=Sent (Ok: queued as A1B2C3)"
    )

    assert row == {
        "no": 1, "time_us": 0, "floating": 0, "host": "mx", "tag": "sm-mta", "queue_id": ID,
        "recipient": "b@dst.example", "relay_host": "mx.dst.example", "relay_ip": "203.0.113.25",
        "delay": 86_400 + 7_384, "delay_d": 2, "enhanced_status": "2.0.0", "raw_event": "Sent", "event": "delivered",
        "reply": "Ok: queued as A1B2C3", "next_id": "A1B2C3", "attempted": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("value", "recipients"),
    [
        ("<a@x>", ["a@x"]),
        ("<a@x>,<b@y>,<c@z>", ["a@x", "b@y", "c@z"]),
        ("anna", ["anna"]),
        ("anna,ben@x", ["anna", "ben@x"]),
        ('<"odd name, jr"@x>', ['"odd name, jr"@x']),
        ('<"a, stat=Sent"@x>,<b@x>', ['"a, stat=Sent"@x', "b@x"]),
        ('"two words"@x,b@x', ['"two words"@x', "b@x"]),
        (r'<"a\"b, c"@x>,<d@x>', [r'"a\"b, c"@x', "d@x"]),
        ("<@relay1,@relay2:a@x>,<b@x>", ["@relay1,@relay2:a@x", "b@x"]),
        ("<a@x>,<b@x>...", ["a@x", "b@x"]),
        (r"\joe", ["joe"]),
        ("/dev/null", ["/dev/null"]),
        ('"|/usr/bin/vacation joe"', ["|/usr/bin/vacation joe"]),
        ('"|exec /usr/bin/procmail -t, -a x",ben', ["|exec /usr/bin/procmail -t, -a x", "ben"]),
        ("<>", [""]),
    ],
)
def test_one_row_for_each_recipient(value: str, recipients: list[str]) -> None:
    """Commas part recipients, but not inside quotes and routes."""
    rows = to(f"to={value}, delay=00:00:03, xdelay=00:00:02, {REAL}, dsn=2.0.0, stat=Sent (ok)")

    assert [row["recipient"] for row in rows] == recipients
    assert {row["event"] for row in rows} == {"delivered"}
    assert {row["queue_id"] for row in rows} == {ID}


def test_a_list_too_long_for_a_line_goes_on_in_the_next() -> None:
    """Sendmail writes `[more]` after the comma where it parted the list."""
    rest = f"delay=00:00:03, xdelay=00:00:02, {REAL}, dsn=2.0.0, stat=Sent (ok)"
    found = told(f"{ID}: to=<a@x>,<b@x>, [more], {rest}", f"{ID}: to=<c@x>, {rest}")

    assert [row["recipient"] for row in found.deliveries] == ["a@x", "b@x", "c@x"]


@pytest.mark.parametrize(
    ("keys", "host", "ip"),
    [
        ("mailer=esmtp, pri=1, relay=mx.dst.example. [203.0.113.25]", "mx.dst.example", "203.0.113.25"),
        (
            "mailer=esmtp, pri=1, relay=mx.dst.example. [IPv6:2001:db8:5:0:0:0:0:25]",
            "mx.dst.example",
            "2001:db8:5:0:0:0:0:25",
        ),
        ("mailer=esmtp, pri=1, relay=dst.example.", "dst.example", None),
        ("mailer=relay, pri=1, relay=[192.0.2.7] [192.0.2.7]", "192.0.2.7", "192.0.2.7"),
        ("mailer=esmtp, pri=1", None, None),
        ("mailer=local, pri=1", "local", None),
        ("mailer=local, pri=1, relay=local", "local", None),
        ("mailer=*file*, pri=1", "*file*", None),
        ("mailer=prog, pri=1", "prog", None),
    ],
)
def test_who_answered(keys: str, host: str | None, ip: str | None) -> None:
    """A host for mailers that speak to one, the mailer itself for local ones, and nothing where nobody answered."""
    row = only(f"to=<b@dst.example>, delay=00:00:03, xdelay=00:00:02, {keys}, dsn=2.0.0, stat=Sent")

    assert (row.get("relay_host"), row.get("relay_ip")) == (host, ip)


def test_the_alias_behind_a_pipe_is_its_original_recipient() -> None:
    """On programs and files the controlling address is what was written to; elsewhere it is the local sender."""
    pipe = only(
        'to="|/usr/local/bin/robot", ctladdr=<robot@src.example> (8/0), delay=00:00:00, '
        "xdelay=00:00:00, mailer=prog, pri=31008, dsn=2.0.0, stat=Sent"
    )
    sent = only(
        f"to=<b@dst.example>, ctladdr=<a@src.example> (33/33), delay=00:00:03, xdelay=00:00:02, "
        f"{REAL}, dsn=2.0.0, stat=Sent (ok)"
    )

    assert (pipe["recipient"], pipe["original_recipient"]) == ("|/usr/local/bin/robot", "robot@src.example")
    assert "original_recipient" not in sent


# -- deliveries: what became of the recipients -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("end", "event", "raw_event"),
    [
        ("dsn=2.0.0, stat=Sent", "delivered", "Sent"),
        ("dsn=2.6.0, stat=Sent (<a@b> [InternalId=1, Hostname=x] Queued mail -> 250 2.1.5)", "delivered", "Sent"),
        ("dsn=4.0.0, stat=Deferred", "deferred", "Deferred"),
        ("dsn=4.0.0, stat=Deferred: Connection timed out with mx.dst.example.", "deferred", "Deferred"),
        ("dsn=4.4.3, stat=queued", "pending", "queued"),
        ("dsn=5.1.1, stat=User unknown", "bounced", "User unknown"),
        ("dsn=5.0.0, stat=Service unavailable", "bounced", "Service unavailable"),
        ("dsn=5.1.2, stat=Host unknown (Name server: dst.example: host not found)", "bounced", "Host unknown"),
        ("dsn=5.6.0, stat=Data format error", "bounced", "Data format error"),
        ("dsn=5.3.0, stat=unknown mailer error 1", "bounced", "unknown mailer error"),
        ("dsn=5.2.0, stat=Can't create output", "bounced", "Can't create output"),
        ("dsn=4.3.0, stat=Can't create output", "deferred", "Can't create output"),
        ("dsn=5.4.7, stat=Message could not be delivered for 5 days", "expired", "Message could not be delivered"),
        ("dsn=5.3.5, stat=Local configuration error", "bounced", "Local configuration error"),
        ("dsn=5.7.1, stat=550 5.7.1 No", "bounced", "failed"),
        ("stat=Sent", "delivered", "Sent"),
        ("stat=Deferred: 451 later", "deferred", "Deferred"),
        ("stat=User unknown", "bounced", "User unknown"),
    ],
)
def test_what_became_of_it(end: str, event: str, raw_event: str) -> None:
    """Sendmail's words decide; where they only name a failure, dsn= tells whether it is final."""
    row = only(f"to=<b@dst.example>, delay=00:00:03, xdelay=00:00:02, {REAL}, {end}")

    assert (row["event"], row["raw_event"]) == (event, raw_event)


def test_a_status_left_over_from_another_try_does_not_deliver() -> None:
    """A real line of sendmail 8.17: dsn= and reply= of an accepted recipient, on a message that stays in the queue."""
    row = only(
        f"to=<b@dst.example>, delay=00:27:42, xdelay=00:00:00, {REAL}, dsn=2.0.0, reply=250 2.0.0 OK  1767456984 "
        "dm8jiicgi8qmiyz0cysgxhtb.501 - gsmtp, stat=Deferred: 421-4.7.28 Gmail has detected an unusual rate"
    )

    assert row["event"] == "deferred"
    assert "next_id" not in row


@pytest.mark.parametrize(
    ("relay", "event"),
    [
        ("[127.0.0.1] [127.0.0.1]", "relayed"),
        ("localhost [IPv6:0:0:0:0:0:0:0:1]", "relayed"),
        ("localhost.", "relayed"),
        ("smarthost.example. [203.0.113.7]", "delivered"),
    ],
)
def test_a_submission_handed_to_the_daemon_is_relayed(relay: str, event: str) -> None:
    """The same mail comes again under the id that the daemon gave it; a smart host elsewhere is a delivery."""
    row = only(
        f"to=b@dst.example, ctladdr=root (0/0), delay=00:00:01, xdelay=00:00:01, mailer=relay, "
        f"pri=30120, relay={relay}, "
        "dsn=2.0.0, stat=Sent (601NoTS7003569 Message accepted for delivery)"
    )

    assert (row["event"], row["next_id"]) == (event, "601NoTS7003569")


@pytest.mark.parametrize(
    ("stat", "next_id"),
    [
        ("Sent (Ok: queued as C05A07C2CA0)", "C05A07C2CA0"),
        ("Sent (Requested mail action okay, completed: id=2u59eyxxtb4nxazg)", "2u59eyxxtb4nxazg"),
        ("Sent (OK id=1Ov4tU-0000Nz-Rm)", "1Ov4tU-0000Nz-Rm"),
        ("Sent (OK id=1tGxAB-000000012ab-3CdE)", "1tGxAB-000000012ab-3CdE"),
        ("Sent (Message accepted for delivery)", None),
        ("Sent (ok dirdel 8/0)", None),
        ("Sent (OK  1767037744 l5owmhr1zs4jkeljr24iu7h2.643 - gsmtp)", None),
        ("Deferred: 451 try again, queued as C05A07C2CA0", None),
    ],
)
def test_the_id_at_the_next_host(stat: str, next_id: str | None) -> None:
    """Only an accepting reply names an id, and only in the forms that mail servers use."""
    row = only(f"to=<b@dst.example>, delay=00:00:03, xdelay=00:00:02, {REAL}, dsn=2.0.0, stat={stat}")

    assert row.get("next_id") == next_id


# -- deliveries: replies -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("end", "code", "reply"),
    [
        ("dsn=2.0.0, stat=Sent (535 bytes)", None, "535 bytes"),
        (
            "dsn=4.0.0, stat=Deferred: 421 b@dst.example Service not available - too busy",
            421,
            "421 b@dst.example Service not available - too busy",
        ),
        ("dsn=4.0.0, stat=Deferred: 421-4.7.28 Too fast", 421, "421-4.7.28 Too fast"),
        (
            "dsn=4.0.0, stat=Deferred: Connection timed out with 550.example.",
            None,
            "Connection timed out with 550.example.",
        ),
        ("dsn=4.0.0, stat=Deferred: 550 5.7.1 later", 550, "550 5.7.1 later"),
        ("dsn=4.0.0, stat=Deferred", None, None),
        ("dsn=5.1.1, stat=User unknown", None, "User unknown"),
        (
            "dsn=5.1.1, reply=550 5.1.1 No such user, sorry, stat=User unknown",
            550,
            "550 5.1.1 No such user, sorry (User unknown)",
        ),
        (
            "dsn=5.2.0, reply=550 High probability of spam, stat=Service unavailable",
            550,
            "550 High probability of spam (Service unavailable)",
        ),
        (
            "dsn=4.2.0, reply=450 4.2.0 Wait, please, stat=Deferred: 450 4.2.0 Wait, please",
            450,
            "450 4.2.0 Wait, please",
        ),
        (
            "dsn=4.0.0, reply=421 Closing, stat=Deferred: Connection reset by mx.dst.example.",
            421,
            "421 Closing (Connection reset by mx.dst.example.)",
        ),
        ("dsn=4.0.0, ntries=3, stat=Deferred: 421 Closing", 421, "421 Closing"),
        ("dsn=4.0.0, ntries=3, stage=client RCPT, reply=421 Closing, stat=Deferred: 421 Closing", 421, "421 Closing"),
        ("dsn=4.0.0, reply=421 Closing, ntries=3, stat=Deferred: 421 Closing", 421, "421 Closing"),
    ],
)
def test_replies_and_their_codes(end: str, code: int | None, reply: str | None) -> None:
    """The remote's words come first, sendmail's own follow where they say something else; no code is invented."""
    row = only(f"to=<b@dst.example>, delay=00:00:03, xdelay=00:00:02, {REAL}, {end}")

    assert (row.get("smtp_code"), row.get("reply")) == (code, reply)


@pytest.mark.parametrize(
    ("end", "event", "reply"),
    [
        (
            "dsn=2.0.0, stat=Sent (Ok (stat=Sent, dsn=2.0.0; relay=inner[10.1.1.1]))",
            "delivered",
            "Ok (stat=Sent, dsn=2.0.0; relay=inner[10.1.1.1])",
        ),
        (
            "dsn=2.0.0, stat=Sent (550 5.1.1 User unknown, stat=Deferred)",
            "delivered",
            "550 5.1.1 User unknown, stat=Deferred",
        ),
        (
            "dsn=4.7.1, stat=Deferred: 451 no, dsn=2.0.0, stat=Sent (ok)",
            "deferred",
            "451 no, dsn=2.0.0, stat=Sent (ok)",
        ),
        (
            "dsn=4.7.1, reply=451 no, stat=Sent (ok), stat=Deferred: 451 no, stat=Sent (ok)",
            "deferred",
            "451 no, stat=Sent (ok)",
        ),
        (
            "dsn=5.7.1, reply=550 no, stat=Sent (ok), stat=Service unavailable",
            "bounced",
            "550 no, stat=Sent (ok) (Service unavailable)",
        ),
        (
            "dsn=5.7.1, reply=550 no, stat=Deferred: wait, stat=User unknown",
            "bounced",
            "550 no, stat=Deferred: wait (User unknown)",
        ),
    ],
)
def test_a_reply_cannot_change_the_outcome(end: str, event: str, reply: str) -> None:
    """Remote servers write what they like into their replies, also `, stat=Sent`."""
    row = only(f"to=<b@dst.example>, delay=00:00:03, xdelay=00:00:02, {REAL}, {end}")

    assert (row["event"], row["reply"]) == (event, reply)


@pytest.mark.parametrize(
    ("text", "attempted"),
    [
        ("delay=00:00:00, mailer=esmtp, pri=35992, dsn=4.4.3, stat=queued", False),
        ("delay=00:04:00, xdelay=00:00:00, mailer=esmtp, pri=35992, relay=mx.dst.example., dsn=4.3.0, stat=Deferred", False),
        ("delay=00:04:00, xdelay=00:00:00, mailer=esmtp, pri=35992, relay=mx.dst.example., dsn=4.4.1, stat=Deferred: Connection refused by mx.dst.example.", False),
        ("delay=00:04:00, xdelay=00:00:00, mailer=esmtp, pri=35992, relay=mx.dst.example. [203.0.113.25], dsn=4.4.1, stat=Deferred: Connection refused by mx.dst.example.", True),
        ("delay=00:04:00, xdelay=00:00:00, mailer=esmtp, pri=35992, relay=mx.dst.example., dsn=4.4.3, stat=Deferred: Name server: mx.dst.example.: host name lookup failure", True),
        ("dsn=4.0.0, stat=Deferred", True),
    ],
)  # fmt: skip
def test_a_host_remembered_as_down_is_no_attempt(text: str, attempted: bool) -> None:  # noqa: FBT001
    """A relay without address means that no connection was made: an earlier failure of the same run is repeated."""
    row = only(f"to=<b@dst.example>, {text}")

    assert row["attempted"] is attempted


def test_recipients_of_a_message_refused_after_data_are_rejected() -> None:
    """A milter's verdict at the end of DATA is repeated for each recipient, without a mailer."""
    found = told(
        f"{ID}: Milter: data, reject=550 5.7.1 Blocked by SpamAssassin",
        f"{ID}: to=<b@dst.example>,<c@dst.example>, delay=00:00:01, pri=31234, dsn=5.7.1, stat=Blocked by SpamAssassin",
    )

    assert [(row["event"], row["recipient"], row["attempted"]) for row in found.deliveries] == [
        ("rejected", "b@dst.example", False),
        ("rejected", "c@dst.example", False),
    ]
    assert [(row["event"], row["raw_event"], row["phase"], row["smtp_code"]) for row in found.refusals] == [
        ("rejected", "milter", "END-OF-MESSAGE", 550)
    ]


def test_a_cut_line_without_a_status_is_not_understood() -> None:
    """What became of the recipient is not on the line, so nothing is claimed."""
    found = told(f"{ID}: to=<b@dst.example>, delay=00:00:03, xdelay=00:00:02, mailer=esmtp, pri=300")

    assert found.unparsed == [1]
    assert found.deliveries == []


# -- notices -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "events"),
    [
        ("DSN: User unknown", [("notified", "failure")]),
        ("DSN: Return receipt", [("notified", "success")]),
        ("return to sender: User unknown", [("notified", "failure")]),
        ("postmaster notify: User unknown", [("notified", "failure")]),
        ("sender notify: Warning: could not send message for past 30 minutes", [("notified", "delay")]),
        ("sender notify: Cannot send message for 3 days", [("notified", "failure"), ("expired", None)]),
        ("sender notify: Cannot send message for 4 hours*", [("notified", "failure"), ("expired", None)]),
        ("DSN: Cannot send message within 5 days", [("notified", "failure"), ("expired", None)]),
    ],
)
def test_notices(text: str, events: list[tuple[str, str | None]]) -> None:
    """A notice is a message from nobody; `Cannot send` says besides that the queue gave up."""
    found = told(f"{ID}: v4VEHFk5017041: {text}")

    assert [(row["event"], row.get("notice")) for row in found.deliveries] == events
    assert all(row["queue_id"] == ID and "recipient" not in row and not row["attempted"] for row in found.deliveries)
    assert [row.get("next_id") for row in found.deliveries] == ["v4VEHFk5017041", None][: len(events)]
    assert [(row["queue_id"], row["sender"], row["act"]) for row in found.messages] == [("v4VEHFk5017041", "", WHOLE)]


def test_a_clone_carries_on_for_an_owner() -> None:
    """Recipients behind an owner- alias move to a message of their own."""
    found = told(f"{ID}: v4VEHFk5017041: clone: owner=owner-list")

    assert [(row["event"], row["next_id"]) for row in found.deliveries] == [("expanded", "v4VEHFk5017041")]
    assert [(row["queue_id"], row["sender"]) for row in found.messages] == [("v4VEHFk5017041", "owner-list")]


# -- the door ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "ruleset=check_rcpt, arg1=<b@dst.example>, relay=mx.src.example [192.0.2.1], reject=550 "
            "5.7.1 <b@dst.example>... Relaying denied",
            {"raw_event": "ruleset", "phase": "RCPT", "cause": "relay", "recipient": "b@dst.example", "client_host": "mx.src.example",
             "client_ip": "192.0.2.1", "smtp_code": 550, "enhanced_status": "5.7.1"},
        ),
        (
            "ruleset=check_mail, arg1=<a@src.example>, relay=[192.0.2.1], reject=451 4.1.8 Domain of "
            "sender address a@src.example does not resolve",
            {"raw_event": "ruleset", "phase": "MAIL", "cause": "sender", "sender": "a@src.example", "client_ip": "192.0.2.1", "smtp_code": 451,
             "enhanced_status": "4.1.8"},
        ),
        (
            "ruleset=check_relay, arg1=[192.0.2.1], arg2=192.0.2.1, relay=[192.0.2.1], reject=553 "
            "5.3.0 192.0.2.1 listed at zen.dnsbl.example",
            {"raw_event": "ruleset", "phase": "CONNECT", "cause": "blocklist", "client_ip": "192.0.2.1", "smtp_code": 553, "enhanced_status": "5.3.0"},
        ),
        (
            'ruleset=check_rcpt, arg1=<"x, reject=550"@dst.example>, relay=[192.0.2.1], reject=550 5.1.1 No',
            {"raw_event": "ruleset", "phase": "RCPT", "recipient": '"x, reject=550"@dst.example', "client_ip": "192.0.2.1", "smtp_code": 550},
        ),
        (
            "Milter: to=<b@dst.example>, reject=451 4.7.1 Greylisting in action, please come back in 5 minutes",
            {"raw_event": "milter", "phase": "RCPT", "cause": "greylisting", "recipient": "b@dst.example", "smtp_code": 451},
        ),
        ("Milter: from=<a@src.example>, reject=550 5.7.1 No", {"phase": "MAIL", "sender": "a@src.example", "smtp_code": 550}),
        ("Milter: helo=mx.src.example, reject=550 5.7.1 No", {"phase": "HELO", "helo": "mx.src.example"}),
        ("Milter: data, reject=554 5.7.1 Infected with Eicar", {"phase": "END-OF-MESSAGE", "cause": "content", "smtp_code": 554}),
        ("<b@dst.example>... User unknown", {"raw_event": "user_unknown", "phase": "RCPT", "cause": "unknown_user", "recipient": "b@dst.example"}),
        ("<b@dst.example>... Mailbox disabled for this recipient", {"raw_event": "reject", "phase": "RCPT", "recipient": "b@dst.example"}),
        (
            "AUTH failure (LOGIN): authentication failure (-13) SASL(-13): checkpass failed, "
            "user=joe, relay=mx.src.example [192.0.2.1]",
            {"raw_event": "auth", "phase": "AUTH", "cause": "auth", "sasl_user": "joe", "client_ip": "192.0.2.1"},
        ),
        (
            "rejecting commands from mx.src.example [192.0.2.1] due to pre-greeting traffic after 0 seconds",
            {"raw_event": "reject", "phase": "CONNECT", "cause": "syntax", "client_host": "mx.src.example", "client_ip": "192.0.2.1"},
        ),
        (
            "rejecting server EHLO from mx.src.example [192.0.2.1] due to traffic before response",
            {"raw_event": "reject", "phase": "EHLO", "cause": "syntax", "client_ip": "192.0.2.1"},
        ),
        (
            "collect: relay=mx.src.example, from=<a@src.example>, info=Bare linefeed (LF) not "
            "allowed, where=header, status=tempfail",
            {"raw_event": "reject", "phase": "DATA", "cause": "syntax", "sender": "a@src.example", "client_host": "mx.src.example",
             "reply": "Bare linefeed (LF) not allowed"},
        ),
        ("mx.src.example [192.0.2.1]: VRFY root [rejected]", {"phase": "VRFY", "recipient": "root", "client_ip": "192.0.2.1"}),
    ],
)  # fmt: skip
def test_refusals(text: str, expected: dict[str, Any]) -> None:
    """Who was refused, at which command, why and with which code: all as the line says it, nothing else."""
    found = told(f"{ID}: {text}")
    (row,) = found.refusals

    assert found.unparsed == []
    assert row["event"] == "rejected"
    assert row["queue_id"] == ID
    assert {name: row.get(name) for name in expected} == expected
    assert found.deliveries == []


def test_no_code_is_invented_for_user_unknown() -> None:
    """The line does not name the code that the client was told."""
    (row,) = told(f"{ID}: <b@dst.example>... User unknown").refusals

    assert not {"smtp_code", "enhanced_status"} & row.keys()


@pytest.mark.parametrize(
    ("text", "event"),
    [
        ("ruleset=check_rcpt, arg1=<b@dst.example>, relay=[192.0.2.1], discard", "discarded"),
        ("ruleset=check_mail, arg1=<a@src.example>, relay=[192.0.2.1], quarantine=Suspect", "held"),
        ("Milter: data, discard", "discarded"),
        ("milter=clamav, quarantine=Eicar found", "held"),
    ],
)
def test_a_verdict_may_accept_a_message_only_to_hold_or_lose_it(text: str, event: str) -> None:
    """The client was told yes, so this is no refusal but the fate of the message."""
    found = told(f"{ID}: {text}")

    assert [(row["event"], row.get("recipient")) for row in found.deliveries] == [(event, None)]
    assert found.refusals == []


def test_a_quarantined_recipient_is_held() -> None:
    """`stat=quarantined` in the queue: nothing was tried, nothing is lost."""
    row = only(
        "to=<b@dst.example>, delay=00:00:01, mailer=esmtp, pri=30000, quarantine=Eicar found, "
        "dsn=4.7.1, stat=quarantined"
    )

    assert (row["event"], row["attempted"]) == ("held", False)


def test_a_check_of_a_server_that_we_speak_to_is_no_refusal() -> None:
    """tls_server looks at the other side of our own connection; the `to=` line tells what came of it."""
    found = told(
        f"{ID}: ruleset=tls_server, arg1=SOFTWARE, relay=mx.dst.example, reject=403 4.7.0 TLS handshake failed."
    )

    assert found.unparsed == []
    assert found.refusals == []


def test_a_login_tells_the_user() -> None:
    """AUTH=server with a queue id says who sent the message."""
    (row,) = told(
        f"{ID}: AUTH=server, relay=mx.src.example [192.0.2.1], authid=joe@src.example, mech=PLAIN, bits=0"
    ).messages

    assert (row["act"], row["sasl_user"]) == (TOLD, "joe@src.example")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("STARTTLS=client, relay=mx.dst.example., version=TLSv1.3, verify=FAIL, cipher=AES256, bits=256/256",
         {"direction": "out", "peer": "mx.dst.example", "level": "FAIL", "version": "TLSv1.3", "cipher": "AES256"}),
        ("STARTTLS=server, relay=mx.src.example [192.0.2.1], version=TLSv1.2, verify=NO, cipher=AES256, bits=256/256",
         {"direction": "in", "peer": "mx.src.example", "peer_ip": "192.0.2.1", "level": "NO", "version": "TLSv1.2", "cipher": "AES256"}),
    ],
)  # fmt: skip
def test_handshakes(text: str, expected: dict[str, str]) -> None:
    """Both directions, with the peer's name and, where it is on the line, its address."""
    (row,) = told(text).tls

    assert {
        name: row[name] for name in row.keys() & {"direction", "peer", "peer_ip", "level", "version", "cipher"}
    } == expected


# -- lines that say nothing of mail ------------------------------------------------------------------------------------

QUIET = (
    "lost input channel from mx.src.example [192.0.2.1] to MTA after rcpt",
    "mx.src.example [192.0.2.1] did not issue MAIL/EXPN/VRFY/ETRN during connection to MTA",
    "[192.0.2.1] did not issue MAIL/EXPN/VRFY/ETRN during connection to MTA-v6",
    "timeout waiting for input from mx.dst.example. during client greeting",
    "collect: premature EOM: Connection reset by mx.src.example",
    "collect: unexpected close on connection from mx.src.example, sender=<a@src.example>",
    "Authentication-Warning: mx.src.example: www-data set sender to a@src.example using -f",
    "runqueue: Flushing queue from 601KhTQv003428 (pri 30000, LA 0, 1 of 1)",
    "SYSERR(root): timeout writing message to mx.dst.example.",
    "gethostbyaddr(192.0.2.1) failed: 1",
    "mx.src.example [192.0.2.1]: possible SMTP attack: command=AUTH, count=5",
    "mx.src.example [192.0.2.1]: VRFY root",
    "STARTTLS: read error=syscall error (-1), errno=104, "
    "get_error=error:00000000:lib(0):func(0):reason(0), retry=99, ssl_err=5",
    "STARTTLS=server, error: accept failed=-1, reason=no shared cipher, SSL_error=1, errno=0, "
    "retry=-1, relay=mx.src.example [192.0.2.1]",
    "AUTH: available mech=LOGIN PLAIN, allowed mech=LOGIN PLAIN",
    "Milter: no active filter",
    "Milter (clamav): error connecting to filter: Connection refused by /run/clamav/milter.sock",
    "Milter add: header: X-Spam-Status: No, to=<b@dst.example>, stat=Sent",
    "Milter accept: message",
    "alias database /etc/mail/aliases rebuilt by root",
    "/etc/mail/aliases: 40 aliases, longest 10 bytes, 400 bytes total",
    "rejecting connections on daemon MTA: load average: 12",
    "starting daemon (8.17.1.9): SMTP+queueing@00:10:00",
    "restarting /usr/sbin/sendmail-mta due to signal",
    "<-- RCPT TO:<b@dst.example>",
    "user 33 changed syslog label",
)  # fmt: skip


@pytest.mark.parametrize("text", QUIET)
def test_a_quiet_line_is_known_and_says_nothing(text: str) -> None:
    """Known by name and counted, with no fact about mail, whether it has a queue id or not."""
    found = told(f"{ID}: {text}", f"NOQUEUE: {text}", text)

    assert sum(found.counts.values()) == 3
    assert found.unparsed == []
    assert (found.messages, found.deliveries, found.refusals, found.tls) == ([], [], [], [])


def test_lines_that_are_none_of_sendmails_stay_unparsed() -> None:
    """There is no catch-all."""
    found = told(
        "something new", f"{ID}: something new", f"{ID}: to nobody in particular", "to=<b@dst.example>, stat=Sent"
    )

    assert found.unparsed == [1, 2, 3, 4]


# -- a log without program names ---------------------------------------------------------------------------------------


def test_a_log_of_a_relay_service_without_tags() -> None:
    """No program, no angle brackets, hardly any key: queue id, address, dsn= and stat=."""
    lines = (
        "v4P7Hc6P011481: from=sender@yourcompany.example",
        "v4P7Hc6P011481: to=recipient@yourcustomer.example, dsn=4.1.1, stat=Deferred: 452 4.1.1 "
        "recipient@yourcustomer.example 4.2.2 mailbox full",
        "v4P7Hc6P011481: v4PBPko0020848: sender notify: Cannot send message for 4 hours*",
        "v4VEHCk6017038: to=recipient@yourcustomer.example, dsn=5.1.1, stat=User unknown",
        "v4V4QL1K030027: to=recipient@yourcustomer.example, dsn=2.0.0, stat=Sent (Message accepted for delivery)",
    )  # fmt: skip
    found = told(*lines, tag=None)

    assert found.unparsed == []
    assert [row["sender"] for row in found.messages if row["queue_id"] == "v4P7Hc6P011481"] == [
        "sender@yourcompany.example"
    ]
    assert [
        (row["no"], row["event"], row.get("smtp_code"), row.get("enhanced_status")) for row in found.deliveries
    ] == [
        (2, "deferred", 452, "4.1.1"),
        (3, "notified", None, None),
        (3, "expired", None, None),
        (4, "bounced", None, "5.1.1"),
        (5, "delivered", None, "2.0.0"),
    ]
