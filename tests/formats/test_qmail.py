"""qmail's lines: whose they are, what they say of mail, and that nobody else's words pass for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.formats.lines import Told
from tests.program import mailaudit, rows

from mailaudit.formats.qmail import TOO_LONG
from mailaudit.model.acts import BEGIN, END, QUEUED

if TYPE_CHECKING:
    from pathlib import Path

DENY = "tcpserver: deny 4712 mx.shop.example:198.51.100.7"
WHO = "from <a@x.example::> remote <x.example:unknown:192.0.2.1> rcpt <b@y.example>"
IPV6 = "2001:db8::5"
AFTER = "after_I_sent_the_message./Remote_host_said:"
TAI = "@400000006957279f0002654f"


def told(*bodies: str) -> Told:
    """What lines of qmail say."""
    return Told("qmail", *bodies, tag="qmail")


def result(word: str, text: str) -> dict[str, Any]:
    """What one result says."""
    (row,) = told(f"delivery 5: {word}: {text}").deliveries
    return row


# -- whose lines -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "form", "kind"),
    [
        (f"{TAI} new msg 93", "qmail", "new"),
        (f"{TAI} status: local 0/10 remote 1/20", "qmail", "status"),
        (f"{TAI} delivery 5: success: did_1+0+0/", "qmail", "delivery"),
        (f"{TAI} tcpserver: status: 1/20", "qmail", "session"),
        ("2026-01-02 03:04:05.670252500 end msg 93", "qmail", "end"),
        ("Jan  2 03:04:05 mx qmail: 1767319445.123456 end msg 93", "qmail", "end"),
        ("Jan  2 03:04:05 mx mail: 1767319445.123456 end msg 93", None, "other_program"),
        ("Jan  2 03:04:05 mx send: 1767319445.123456 end msg 93", "qmail", "end"),
        ("Jan  2 03:04:05 mx smtpd: 1767319445.123456 tcpserver: end 4712 status 0", "qmail", "session"),
        ("Jan  2 03:04:05 mx smtpd: afb176d8f080f7de smtp disconnected reason=quit", "opensmtpd", "disconnect"),
        # Other programs under multilog keep their names.
        (f"{TAI} postfix/smtpd[77]: connect from unknown[192.0.2.1]", "postfix", "connect"),
        (f"{TAI} mx postfix/qmgr[77]: 4E10ABCDE: removed", "postfix", "removed"),
        ("2026-01-02 03:04:05.123 1abcde-000123-AB Completed", "exim", "completed"),
    ],
)
def test_lines_are_told_by_stamp_and_text(line: str, form: str | None, kind: str, tmp_path: Path) -> None:
    """multilog names neither host nor program, and what looks like a name is part of the text."""
    log = tmp_path / "current"
    log.write_text(f"{line}\n" * 2)

    assert {(row.get("format"), row["kind"]) for row in rows("records", log)} == {(form, kind)}


def test_tai64n_is_ten_seconds_ahead_of_utc(tmp_path: Path) -> None:
    """And leap seconds are not in it: it is made of what the system's clock says."""
    log = tmp_path / "current"
    log.write_text("@400000003e382910351ebf4c new msg 93\n")

    assert [row["time"] for row in rows("records", log)] == ["2003-01-29T19:18:30.891207Z"]


def test_splogger_knows_the_time_that_syslog_does_not(tmp_path: Path) -> None:
    """Its own stamp is the line's time; year and offset of the stamps in front follow, other programs' among them."""
    log = tmp_path / "mail.log"
    log.write_text(
        "Jul  1 08:04:05 mx qmail: 1277964245.123456 new msg 93\n"
        "Jul  1 08:04:06 mx postfix/qmgr[7]: 4E10ABCDE: removed\n"
        "Jul  1 08:04:07 mx qmail: 1277964247.999999 end msg 93\n"
    )
    found = {row["line"]: row["time"] for row in rows("records", log)}

    assert found == {1: "2010-07-01T06:04:05.123456Z", 2: "2010-07-01T06:04:06Z", 3: "2010-07-01T06:04:07.999999Z"}
    assert "offset +02:00 (from 2 stamps of splogger's)" in mailaudit("inspect", log).out


def test_what_splogger_folded_is_one_line(tmp_path: Path) -> None:
    """Syslog takes no long lines; the rest has the same stamp and a plus sign."""
    log = tmp_path / "mail.log"
    log.write_text(
        "Jul  1 08:04:05 mx qmail: 1277964245.123456 delivery 5: failure: Remote_host_said:_550_5.1.1\n"
        "Jul  1 08:04:05 mx qmail: 1277964245.123456+_no_such_user/\n"
        "Jul  1 08:04:06 mx qmail: 1277964245.999999+_of_another_line/\n"
    )
    first, second, third = rows("records", log)

    assert first["reply"] == "Remote_host_said:_550_5.1.1_no_such_user/"
    assert [second["kind"], third["kind"]] == ["joined", "rest"]


# -- messages ----------------------------------------------------------------------------------------------------------


def test_a_message_is_an_inode_from_new_to_end() -> None:
    """Who sent it, how large it is and which process queued it stand on one line."""
    said = told("new msg 93", "info msg 93: bytes 1204 from <a_b@src.example> qp 4711 uid 7791", "end msg 93").messages

    assert [(row["act"], row["queue_id"]) for row in said] == [(BEGIN, "93"), (QUEUED, "93"), (END, "93")]
    assert {name: said[1][name] for name in ("sender", "size", "handed_as", "origin")} == {
        "sender": "a_b@src.example",
        "size": 1204,
        "handed_as": "qp 4711",
        "origin": "smtp",
    }


@pytest.mark.parametrize(
    ("sender", "uid", "origin"),
    [("a@src.example", 0, "local"), ("a@src.example", 7791, "smtp"), ("", 7796, None), ("#@[]", 7796, None)],
)
def test_only_roots_mail_was_surely_handed_in_here(sender: str, uid: int, origin: str | None) -> None:
    """As which user the SMTP server runs, no line says; what has no sender may be a notice made here."""
    (said,) = told(f"info msg 93: bytes 12 from <{sender}> qp 4711 uid {uid}").messages

    assert said.get("origin") == origin


def test_mail_without_a_sender_is_a_notice_unless_its_user_sends_other_mail(tmp_path: Path) -> None:
    """Bounces that come in are users' mail: the SMTP server brought them."""
    log = tmp_path / "current"
    log.write_text(
        f"{TAI} info msg 93: bytes 12 from <a@src.example> qp 1 uid 7791\n{TAI} end msg 93\n"
        f"{TAI} new msg 94\n{TAI} info msg 94: bytes 13 from <> qp 2 uid 7791\n{TAI} end msg 94\n"
        f"{TAI} new msg 95\n{TAI} info msg 95: bytes 14 from <> qp 3 uid 7796\n{TAI} end msg 95\n"
    )

    assert {row["queue_id"] for row in rows("log", log)} == {"93", "94"}


# -- deliveries --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "recipient", "original", "host"),
    [
        ("remote b_c@dst.example", "b_c@dst.example", None, None),
        ("local eve@shop.example", "eve@shop.example", None, "local"),
        ("local club.example-eve@club.example", "eve@club.example", "club.example-eve@club.example", "local"),
        ("local Club.Example-eve@club.example", "eve@club.example", "Club.Example-eve@club.example", "local"),
        ("local club.example-@club.example", "club.example-@club.example", None, "local"),
        ("remote club.example-eve@club.example", "club.example-eve@club.example", None, None),
    ],
)
def test_a_start_names_the_recipient(start: str, recipient: str, original: str | None, host: str | None) -> None:
    """That of a virtual domain without the name of its user in front, where that is the domain's."""
    (row,) = told(f"starting delivery 5: msg 93 to {start}").deliveries

    assert (row["queue_id"], row["recipient"], row.get("original_recipient"), row.get("relay_host")) == (
        "93",
        recipient,
        original,
        host,
    )
    assert (row["event"], row["attempted"]) == ("pending", False)


@pytest.mark.parametrize(
    ("word", "text", "event", "code", "status", "ip"),
    [
        ("success", "192.0.2.5_accepted_message./Remote_host_said:_250_ok/", "delivered", 250, None, "192.0.2.5"),
        ("success", "2001:db8::5_accepted_message./Remote_host_said:_250_2.0.0/", "delivered", 250, "2.0.0", IPV6),
        (
            "failure",
            "192.0.2.5_does_not_like_recipient./Remote_host_said:_550-5.1.1_no/550_5.1.1_no/Giving_up_on_192.0.2.5./",
            "bounced",
            550,
            "5.1.1",
            "192.0.2.5",
        ),
        ("failure", "Sorry,_no_mailbox_here_by_that_name._(#5.1.1)/", "bounced", None, "5.1.1", None),
        ("deferral", "Connected_to_192.0.2.5_but_connection_died._(#4.4.2)/", "deferred", None, "4.4.2", "192.0.2.5"),
        (
            "failure",
            f"Connected_to_192.0.2.5_but_greeting_failed./Remote_host_said:_421_busy/{TOO_LONG}/",
            "expired",
            421,
            None,
            "192.0.2.5",
        ),
        ("success", "did_1+0+0/", "delivered", None, None, None),
        ("success", "did_0+0+1/", "delivered", None, None, None),
        ("success", "did_0+0+0/", "discarded", None, None, None),
        ("success", "did_0+1+0/qp_4803/", "expanded", None, None, None),
        # What a remote host says is nobody's decision but its own.
        ("success", "192.0.2.1_accepted_message./Remote_host_said:_2/did_0+0+0/", "delivered", None, None, "192.0.2.1"),
        ("failure", f"192.0.2.5_failed_{AFTER}_550_192.0.2.9_accepted_message./", "bounced", 550, None, "192.0.2.5"),
    ],
)  # fmt: skip
def test_a_result_is_qmails_word_with_the_relays_answer(
    word: str, text: str, event: str, code: int | None, status: str | None, ip: str | None
) -> None:
    """Codes stand in what the remote host said, or behind qmail's own sentence."""
    row = result(word, text)

    assert (row["event"], row["raw_event"], row.get("smtp_code"), row.get("enhanced_status"), row.get("relay_ip")) == (
        event,
        word,
        code,
        status,
        ip,
    )


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("did_1+0+0/", "did 1+0+0"),
        (
            f"192.0.2.5_failed_{AFTER}_554-5.7.1_No/554_5.7.1_see_http://x/a_b/",
            "192.0.2.5 failed after I sent the message. Remote host said: 554-5.7.1 No 554 5.7.1 see http://x/a b",
        ),
        ("Remote_host_said:_550_<a_b@x.example>_is_unknown/", "Remote host said: 550 <a_b@x.example> is unknown"),
        ("", ""),
    ],
)
def test_the_text_is_shown_readably(text: str, reply: str) -> None:
    """Blanks and line ends come back where they must have been; slashes of its own and addresses stay."""
    assert result("failure", text)["reply"] == reply


def test_a_mailbox_that_forwards_got_it_and_sent_a_copy() -> None:
    """One line tells both; the copy is a message that the named process queued."""
    first, second = told("delivery 5: success: did_1+1+0/qp_4803/").deliveries

    assert {(row["event"], row["attempted"], row.get("next_id")) for row in (first, second)} == {
        ("delivered", True, None),
        ("expanded", False, "qp 4803"),
    }


def test_a_report_that_is_mangled_is_a_deferral() -> None:
    """qmail-send will try again."""
    (row,) = told("delivery 5: report mangled, will defer").deliveries

    assert (row["event"], row["reply"]) == ("deferred", "report mangled, will defer")


def test_results_of_deliveries_that_began_before_are_told_of(tmp_path: Path) -> None:
    """Nothing tells whose they were."""
    log = tmp_path / "current"
    log.write_text(
        f"{TAI} delivery 4: success: did_1+0+0/\n{TAI} starting delivery 5: msg 93 to local eve@shop.example\n"
        f"{TAI} delivery 5: success: did_1+0+0/\n{TAI} delivery 5: success: did_1+0+0/\n"
    )

    assert [(row["queue_id"], row["recipient"]) for row in rows("log", log)] == [("93", "eve@shop.example")]
    assert "2 results of deliveries are left out" in mailaudit("stats", log).err


def test_several_queues_count_their_deliveries(tmp_path: Path) -> None:
    """IndiMail names the queue at the end of the line."""
    log = tmp_path / "current"
    log.write_text(
        f"{TAI} info msg 93: bytes 12 from <a@src.example> qp 1 uid 7791 queue1\n"
        f"{TAI} info msg 94: bytes 12 from <c@src.example> qp 2 uid 7791 slowq\n"
        f"{TAI} starting delivery 1: msg 93 to remote b@dst.example queue1\n"
        f"{TAI} starting delivery 1: msg 94 to remote d@dst.example slowq\n"
        f"{TAI} status: local 0/10 remote 1/20 queue1\n"
        f"{TAI} delivery 1: failure: no_(#5.1.1)/ queue1\n"
        f"{TAI} delivery 1: success: Remote_host_said:_250_ok/ slowq\n"
    )

    assert [(row["sender"], row["recipient"], row["outcome"]) for row in rows("log", log)] == [
        ("a@src.example", "b@dst.example", "bounced"),
        ("c@src.example", "d@dst.example", "delivered"),
    ]


def test_who_is_tried_at_the_end_of_the_log_waits(tmp_path: Path) -> None:
    """A first attempt is pending, a later one leaves the last answer standing."""
    log = tmp_path / "current"
    log.write_text(
        f"{TAI} info msg 93: bytes 12 from <a@src.example> qp 1 uid 7791\n"
        f"{TAI} starting delivery 1: msg 93 to remote b@dst.example\n{TAI} delivery 1: deferral: later/\n"
        f"{TAI} starting delivery 2: msg 93 to remote b@dst.example\n"
        f"{TAI} starting delivery 3: msg 93 to remote c@dst.example\n"
    )

    assert [(row["recipient"], row["outcome"], row["attempts"]) for row in rows("log", log)] == [
        ("b@dst.example", "deferred", 1),
        ("c@dst.example", "pending", 0),
    ]


def test_trace_and_log_agree(tmp_path: Path) -> None:
    """A queue id is a small number, and no line of a result names one: such logs are read whole."""
    log = tmp_path / "current"
    log.write_text(
        f"{TAI} new msg 93\n{TAI} info msg 93: bytes 12 from <a@src.example> qp 1 uid 7791\n"
        f"{TAI} starting delivery 1: msg 93 to remote b@dst.example\n"
        f"{TAI} delivery 1: failure: no_such_user_(#5.1.1)/\n{TAI} bounce msg 93 qp 2\n{TAI} end msg 93\n"
        f"{TAI} new msg 94\n{TAI} info msg 94: bytes 15 from <> qp 2 uid 7796\n"
        f"{TAI} new msg 93\n{TAI} info msg 93: bytes 13 from <c@src.example> qp 3 uid 7791\n"
    )

    for token in ("a@src.example", "b@dst.example"):
        told = mailaudit("trace", token, log).out
        assert "failure notice to a@src.example, queued as 94" in told
        assert "c@src.example" not in told
    both = mailaudit("trace", "93", log).out
    assert "a@src.example" in both
    assert "c@src.example" in both


# -- the door ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "phase", "cause", "ip"),
    [
        ("rblsmtpd: 192.0.2.1 pid 4712: 451 http://list.example/?ip=192.0.2.1", "CONNECT", "blocklist", "192.0.2.1"),
        (f"{DENY}:25 h.x.example:192.0.2.1::49152", "CONNECT", "client", "192.0.2.1"),
        (
            "qmail-smtpd: pid 100 Reject::AUTH::plain P:ESMTPSA S:192.0.2.1:unknown H:x.example ?~ 'joe'",
            "AUTH",
            "auth",
            "192.0.2.1",
        ),
        (
            "qmail-smtpd: pid 1 Reject::RCPT::Failed_Rcptto P:ESMTP S:2001:db8::1:h.x.example H:x F:a@x.example T:b@y",
            "RCPT",
            "unknown_user",
            "2001:db8::1",
        ),
        (
            f"CHKUSER rejected rcpt: {WHO} : not existing recipient",
            "RCPT",
            "unknown_user",
            "192.0.2.1",
        ),
        (
            f"CHKUSER rejected relaying: {WHO} : client not allowed to relay",
            "RCPT",
            "relay",
            "192.0.2.1",
        ),
    ],
)  # fmt: skip
def test_refusals_name_the_client(line: str, phase: str, cause: str, ip: str) -> None:
    """Whoever stands before the queue: a list, rules for addresses, or a patched SMTP server."""
    (row,) = told(line).refusals

    assert (row["event"], row["phase"], row["cause"], row["client_ip"]) == ("rejected", phase, cause, ip)


def test_what_goes_on_from_another_server_to_qmail_is_one_message(tmp_path: Path) -> None:
    """qmail-smtpd answers with the process that queued the mail, which qmail-send tells, too."""
    first, second = tmp_path / "web.log", tmp_path / "mx.log"
    web = "2026-01-02T02:11:01.200000+00:00 web postfix"
    first.write_text(
        f"{web}/qmgr[3]: 4E10ABCDE0: from=<ann@src.example>, size=900, nrcpt=1 (queue active)\n"
        f"{web}/smtp[4]: 4E10ABCDE0: to=<eve@club.example>, relay=mx.shop.example[198.51.100.7]:25, delay=0.2, "
        "delays=0.1/0/0/0.1, dsn=2.0.0, status=sent (250 ok 1767319861 qp 4713)\n"
    )
    second.write_text(
        "Jan  2 03:11:01 mx qmail: 1767319861.100105 info msg 93: bytes 1100 from <ann@src.example> qp 4713 uid 7791\n"
        "Jan  2 03:11:01 mx qmail: 1767319861.101105 starting delivery 1: msg 93 to local eve@club.example\n"
        "Jan  2 03:11:01 mx qmail: 1767319861.901105 delivery 1: failure: no_mailbox_here_by_that_name._(#5.1.1)/\n"
    )

    assert [(row["queue_ids"], row["recipient"], row["outcome"]) for row in rows("log", first, second)] == [
        ("4E10ABCDE0 93", "eve@club.example", "bounced")
    ]


def test_other_ports_are_no_mail() -> None:
    """tcpserver serves POP3 as well."""
    assert told(f"{DENY}:110 h.x.example:192.0.2.1::49152").refusals == []
