"""OpenSMTPD's lines: whose they are, what they say of mail, and that nobody else's words pass for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.formats.lines import Told
from tests.program import rows

from mailaudit.model.acts import RANDOM, TOLD

if TYPE_CHECKING:
    from pathlib import Path

EVPID = "4dc6266404042b9c"
SESSION = "afb176df681cde02"


def told(*bodies: str, tag: str | None = "smtpd") -> Told:
    """What lines of OpenSMTPD say."""
    return Told("opensmtpd", *bodies, tag=tag)


def delivery(
    result: str = "Ok",
    stat: str = "250 2.0.0 Ok",
    *,
    to: str = "b@dst.example",
    relay: str = "203.0.113.25 (mx.dst.example)",
) -> str:
    """A try to deliver over the network."""
    return (
        f"{SESSION} mta delivery evpid={EVPID} from=<a@src.example> to=<{to}> rcpt=<-> "
        f'source="192.0.2.10" relay="{relay}" delay=1h2m3s result="{result}" stat="{stat}"'
    )


# -- whose lines -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tag", "body", "form"),
    [
        ("smtpd", delivery(), "opensmtpd"),
        ("smtpd", "info: OpenSMTPD 7.4.0 starting", "opensmtpd"),
        ("smtpd", "smtp-in: New session 427e7493ebe154ae from host mx.src.example [192.0.2.1]", "opensmtpd"),
        ("mail", delivery(), "opensmtpd"),
        # A relay of lines cut `postfix/` off: only a word of another server.
        ("smtpd", "connect from mx.src.example[192.0.2.1]", None),
        ("smtpd", "NOQUEUE: reject: RCPT from mx.src.example[192.0.2.1]: 554 5.7.1 <b@dst.example>: no", None),
        ("postfix/smtpd", "connect from mx.src.example[192.0.2.1]", "postfix"),
        ("rspamd", f"looked at {SESSION} smtp message", None),
    ],
)
def test_lines_are_told_by_what_they_look_like(tag: str, body: str, form: str | None, tmp_path: Path) -> None:
    """The name alone proves nothing, and under any other name its lines are still its own."""
    log = tmp_path / "mail.log"
    log.write_text(f"Mar  1 09:00:01 mx {tag}[147]: {body}\n")

    (row,) = rows("records", log)
    assert row.get("format") == form


# -- deliveries --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("result", "stat", "event"),
    [
        ("Ok", "250 2.0.0 Ok", "delivered"),
        ("TempFail", "421 4.7.0 later", "deferred"),
        ("PermFail", "550 5.1.1 nobody", "bounced"),
        ("LoopDetected", "Loop detected", "bounced"),
        ("PermFail", '550 no" result="Ok" stat="250 Ok', "bounced"),
        ("Unheard", "250 Ok", "other"),
    ],
)
def test_the_servers_own_word_decides(result: str, stat: str, event: str) -> None:
    """Whatever the remote says in its reply, `result="Ok"` among it."""
    (row,) = told(delivery(result, stat)).deliveries

    assert (row["event"], row["raw_event"], row["reply"]) == (event, result, stat)


def test_a_delivery_names_message_recipient_relay_and_delay() -> None:
    """The message is the first half of the envelope's id."""
    (row,) = told(delivery("TempFail", "450 4.2.0 <b@dst.example>: Greylisted")).deliveries

    assert row == {
        "no": 1,
        "tag": "smtpd",
        "queue_id": EVPID[:8],
        "recipient": "b@dst.example",
        "event": "deferred",
        "raw_event": "TempFail",
        "attempted": True,
        "relay_host": "mx.dst.example",
        "relay_ip": "203.0.113.25",
        "local_ip": "192.0.2.10",
        "smtp_code": 450,
        "enhanced_status": "4.2.0",
        "reply": "450 4.2.0 <b@dst.example>: Greylisted",
        "delay": 3723.0,
        "event_id": EVPID,
    }


@pytest.mark.parametrize(
    ("relay", "host", "ip"),
    [
        ("[2001:db8::25] (mx.dst.example)", "mx.dst.example", "2001:db8::25"),
        ("203.0.113.25 (203.0.113.25)", None, "203.0.113.25"),
        ("203.0.113.25 (<unknown>)", None, "203.0.113.25"),
        ("dst.example", "dst.example", None),
    ],
)
def test_relays_have_a_name_an_address_or_both(relay: str, host: str | None, ip: str | None) -> None:
    """An address that stands for a name is none."""
    (row,) = told(delivery(relay=relay)).deliveries

    assert (row.get("relay_host"), row.get("relay_ip")) == (host, ip)


def test_a_line_that_is_cut_in_its_reply_is_read() -> None:
    """A relay of lines keeps so many bytes: the decision stands before the reply."""
    (row,) = told(delivery("PermFail", "550 5.1.1 a long story")[:-9]).deliveries

    assert (row["event"], row["reply"]) == ("bounced", "550 5.1.1 a lo")


def test_without_a_connection_there_is_no_relay() -> None:
    """The domain that was looked up answered nothing."""
    line = delivery("TempFail", "No MX found for domain", relay="dst.example").replace('"192.0.2.10"', '"-"')
    (row,) = told(line).deliveries

    assert (row.get("relay_host"), row.get("relay_ip"), row.get("local_ip"), row["attempted"]) == (
        None,
        None,
        None,
        True,
    )


@pytest.mark.parametrize(
    ("relay", "stat", "event", "next_id"),
    [
        ("192.0.2.10 (mx.src.example)", "250 2.0.0 a1b5c2f3 Message accepted for delivery", "relayed", "a1b5c2f3"),
        (
            "127.0.0.1 (localhost)",
            "250 2.0.0 from MTA: 250 2.0.0: a1b5c2f3 Message accepted for delivery",
            "relayed",
            "a1b5c2f3",
        ),
        ("127.0.0.1 (localhost)", "250 2.0.0 <b@dst.example> Saved", "delivered", None),
        # A tunnel on this machine leads to another server.
        ("127.0.0.1 (localhost)", "250 2.0.0 Ok: queued as 4E10ABCDE1", "delivered", "4E10ABCDE1"),
        ("203.0.113.25 (mx.dst.example)", "250 2.0.0 a1b5c2f3 Message accepted for delivery", "delivered", "a1b5c2f3"),
    ],
)
def test_mail_to_itself_goes_on(relay: str, stat: str, event: str, next_id: str | None) -> None:
    """To its own address, or to a filter on the same machine that names the next id."""
    line = delivery(stat=stat, relay=relay)
    line = line.replace('"192.0.2.10"', '"127.0.0.1"') if relay.startswith("127.") else line
    (row,) = told(line).deliveries

    assert (row["event"], row.get("next_id")) == (event, next_id)


@pytest.mark.parametrize(
    ("body", "event", "attempted"),
    [
        ("relay: Expire for {}: {}, rcpt=<->, delay=4d0s, stat=Envelope expired", "expired", False),
        ("relay: Remove for {}: {}, rcpt=<->, delay=5s, stat=Removed by administrator", "deleted", False),
        ("relay: Ok for {}: {}, relay=203.0.113.25 (mx.dst.example) delay=2s, stat=250 Ok", "delivered", True),
    ],
)
def test_the_queues_own_decisions_are_no_attempts(body: str, event: str, *, attempted: bool) -> None:
    """The same shape of line told of all deliveries before 5.9."""
    (row,) = told(body.format(EVPID, "from=<a@src.example>, to=<b@dst.example>")).deliveries

    assert (row["event"], row["attempted"], row["recipient"]) == (event, attempted, "b@dst.example")


def test_a_mailbox_here_is_local() -> None:
    """The words of the program that delivers run to the end of the line."""
    (row,) = told(
        f"{SESSION} mda delivery evpid={EVPID} from=<a@src.example> to=<ben@src.example> "
        'rcpt=<team@src.example> user=ben delay=0s result=TempFail stat=Error ("mail.local: result=Ok stat=Delivered")'
    ).deliveries

    assert (row["event"], row["relay_host"], row["original_recipient"]) == ("deferred", "local", "team@src.example")


# -- messages ----------------------------------------------------------------------------------------------------------


def test_a_message_and_its_envelopes_accept_it() -> None:
    """The message's line has its size, the envelopes' lines its sender and whom it is for."""
    found = told(
        f"{SESSION} smtp message msgid=4dc62664 size=979 nrcpt=2 proto=ESMTP",
        f"{SESSION} smtp envelope evpid={EVPID} from=<a@src.example> to=<b@dst.example>",
    )

    assert [(row["act"], row.get("size"), row.get("sender")) for row in found.messages] == [
        (RANDOM, 979, None),
        (TOLD, None, "a@src.example"),
    ]
    (row,) = found.deliveries
    assert (row["event"], row["recipient"], row["attempted"]) == ("pending", "b@dst.example", False)


# -- the door ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "reply", "what"),
    [
        (
            "RCPT TO:<b@dst.example>",
            "550 Invalid recipient: <b@dst.example>",
            ("RCPT", "user_unknown", "unknown_user", 550),
        ),
        ("AUTH LOGIN (password)", "535 Authentication failed", ("AUTH", "auth", "auth", 535)),
        (
            "EHLO bad_helo!",
            "501 5.5.4 Invalid command arguments: Invalid domain name",
            ("HELO", "reject", "syntax", 501),
        ),
        ("GET / HTTP/1.1", "500 5.5.1 Invalid command: Command unrecognized", ("UNKNOWN", "reject", "syntax", 500)),
        ("", "550 no rDNS please fix", ("CONNECT", "reject", "policy", 550)),
        ("DATA", "451 Try again later", ("DATA", "reject", "policy", 451)),
        ('RCPT TO:<x" result="250 Ok">', "550 Invalid recipient: <x>", ("RCPT", "user_unknown", "unknown_user", 550)),
    ],
)
def test_a_failed_command_is_a_refusal(command: str, reply: str, what: tuple[str, str, str, int]) -> None:
    """The answer is the server's, which stands last; what the client sent holds no answers."""
    (row,) = told(f'{SESSION} smtp failed-command command="{command}" result="{reply}"').refusals

    assert (row["phase"], row["raw_event"], row["cause"], row["smtp_code"]) == what
    assert row["reply"] == reply


def test_what_is_sent_to_log_in_is_not_kept() -> None:
    """A client may send its password with the command."""
    (row,) = told(
        f'{SESSION} smtp failed-command command="AUTH PLAIN AGFubgBzZWNyZXQ=" result="503 5.5.1 Invalid command"'
    ).refusals

    assert "AGFubgBzZWNyZXQ" not in repr(row)


def test_addresses_that_are_not_ascii_are_read() -> None:
    """Each byte beyond ASCII is spelled with letters of its own."""
    (row,) = told(
        rf'{SESSION} smtp failed-command command="MAIL FROM:<j\M-C\M-<rgen\\x@src.example>" result="553 5.1.0 Sender"'
    ).refusals

    assert row["sender"] == "jürgen\\x@src.example"


def test_names_of_hosts_prove_nothing() -> None:
    """Whoever owns a name may put quotes and brackets into it: such a line is left over, and counted."""
    found = told(delivery("PermFail", "550 no", relay='203.0.113.25 (x" delay=1s result="Ok" stat="250)'))

    assert found.unparsed == [1]
    assert found.deliveries == []
