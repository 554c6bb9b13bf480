"""Sendmail's `to=` lines: a row per recipient, with what became of it and why."""

from __future__ import annotations

from typing import Any

import pytest
from tests.formats.lines import Told

ID = "v4V4QL1K030027"
REAL = "mailer=esmtp, pri=30000, relay=mx.dst.example. [203.0.113.25]"


def told(*bodies: str, tag: str | None = "sm-mta") -> Told:
    """What lines of sendmail say."""
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


# -- deliveries: fields ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dsn", "remote", "reply"),
    [
        ("5.7.1", "550 5.7.1 Access denied", "550 5.7.1 Access denied"),
        ("5.2.1", "550 5.2.1 Mailbox disabled", "550 5.2.1 Mailbox disabled"),
        ("5.1.1", "550 no", "550 no (User unknown)"),
    ],
)
def test_user_unknown_is_not_added_where_the_remote_names_another_cause(dsn: str, remote: str, reply: str) -> None:
    """Sendmail says so of any refusal of a recipient; the remote's own code tells which it was."""
    assert only(f"to=<b@dst.example>, {REAL}, dsn={dsn}, reply={remote}, stat=User unknown")["reply"] == reply


def test_a_delivery_line_has_all_its_fields() -> None:
    """The host loses its final dot, delays are seconds, and no code is invented for `Sent`."""
    row = only(
        f"to=<b@dst.example>, delay=1+02:03:04, xdelay=00:00:02, {REAL}, dsn=2.0.0, stat=Sent (Ok: queued as A1B2C3)"
    )

    assert row == {
        "no": 1,
        "tag": "sm-mta",
        "queue_id": ID,
        "recipient": "b@dst.example",
        "relay_host": "mx.dst.example",
        "relay_ip": "203.0.113.25",
        "delay": 86_400 + 7_384,
        "delay_d": 2,
        "enhanced_status": "2.0.0",
        "raw_event": "Sent",
        "event": "delivered",
        "reply": "Ok: queued as A1B2C3",
        "next_id": "A1B2C3",
        "attempted": True,
    }


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
        (r'<"a\\"b"@x>,<"c<d>"@x>,<"e,f"@x>', [r'"a\\"b"@x', '"c<d>"@x', '"e,f"@x']),
        ("<@relay1,@relay2:a@x>,<b@x>", ["@relay1,@relay2:a@x", "b@x"]),
        ("<a@x>,<b@x>...", ["a@x", "b@x"]),
        (r"\joe", ["joe"]),
        (r"\\joe", ["joe"]),
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
        ("mailer=esmtp, pri=1, relay=[ipv6:2001:db8::25]", "2001:db8::25", "2001:db8::25"),
        ("mailer=esmtp, pri=1, relay=mx.dst.example. [203.0.113.25]", "mx.dst.example", "203.0.113.25"),
        (
            "mailer=esmtp, pri=1, relay=mx.dst.example. [IPv6:2001:db8:5:0:0:0:0:25]",
            "mx.dst.example",
            "2001:db8:5::25",
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
        ("dsn=2.0.0, reply=554 5.5.0 no DATA, stat=Service unavailable", "bounced", "Service unavailable"),
        # A real line: the sender set a time limit (RFC 2852) that the next host cannot promise to keep to.
        ("dsn=2.0.0, stat=Service unavailable", "bounced", "Service unavailable"),
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
        ("[127.0.1.1] [127.0.1.1]", "relayed"),
        ("mx.dst.example. [127.223.153.114]", "delivered"),  # made up, but no host of ours
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
        (
            "Sent (from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 6ARNcfCC000237 Message accepted for delivery)",
            "6ARNcfCC000237",
        ),
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


@pytest.mark.parametrize(
    ("said", "event"),
    [
        ("Ok, id=00199-07, BOUNCE", "bounced"),
        ("Ok <b@dst.example>, DSN was sent (554 5.7.0 Bounce, id=00199-07 - spam)", "bounced"),
        ("Ok, id=00199-07, DISCARD(bounce.suppressed)", "discarded"),
        ("Ok <b@dst.example>, DSN suppressed (554 5.7.0 Bounce, id=00199-07 - spam)", "discarded"),
        ("Ok, discarded, id=00195-04 - INFECTED: Eicar-Test", "discarded"),
    ],
)
def test_what_amavis_took_and_kept(said: str, event: str) -> None:
    """It answers that it took the mail; what it says further is what became of it."""
    how = "delay=00:00:01, xdelay=00:00:01, mailer=relay, pri=30115, relay=[127.0.0.1] [127.0.0.1], dsn=2.0.0"

    assert only(f"to=<b@dst.example>, {how}, stat=Sent ({said})")["event"] == event


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
            "550 no, stat=Deferred: wait",
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
        (
            "delay=00:04:00, xdelay=00:00:00, mailer=esmtp, pri=35992, relay=mx.dst.example., dsn=4.3.0, stat=Deferred",
            False,
        ),
        (
            (
                "delay=00:04:00, xdelay=00:00:00, mailer=esmtp, pri=35992, relay=mx.dst.example., "
                "dsn=4.4.1, stat=Deferred: Connection refused by mx.dst.example."
            ),
            False,
        ),
        (
            (
                "delay=00:04:00, xdelay=00:00:00, mailer=esmtp, pri=35992, relay=mx.dst.example. "
                "[203.0.113.25], dsn=4.4.1, stat=Deferred: Connection refused by mx.dst.example."
            ),
            True,
        ),
        (
            (
                "delay=00:04:00, xdelay=00:00:00, mailer=esmtp, pri=35992, relay=mx.dst.example., "
                "dsn=4.4.3, stat=Deferred: Name server: mx.dst.example.: host name lookup failure"
            ),
            True,
        ),
        ("dsn=4.0.0, stat=Deferred", True),
    ],
)
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
