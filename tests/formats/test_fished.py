"""Forms of lines that public logs, tests of other tools and forum posts held and nothing here understood at first.

Forms are theirs; every name, address and number is made up.
"""

from __future__ import annotations

import pytest
from tests.formats.lines import Told

ID = "4F1A2B3C01"
SM = "v4V4QL1K030027"
CLIENT = "c.example[192.0.2.1]"


def test_a_client_that_names_the_server_it_wants_has_its_handshake_counted() -> None:
    """With SNI, Postfix writes `from client to name:`."""
    found = Told(
        "postfix",
        f"Anonymous TLS connection established from {CLIENT} to mx.dst.example: TLSv1.3 with cipher "
        "TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519 server-signature ECDSA (P-256)",
        tag="postfix/smtpd",
    )

    assert [(row["peer"], row["version"], row["direction"]) for row in found.tls] == [("c.example", "TLSv1.3", "in")]


@pytest.mark.parametrize(
    "body",
    [
        f"{ID}: SMTPUTF8 is required, but was not offered by host {CLIENT}",
        f"{ID}: message size 20480000 exceeds size limit 10240000 of server {CLIENT}",
        f"{ID}: Host or domain name not found. Name service error for name=dst.example type=MX: Host not found",
        f"{ID}: non-ESMTP response from {CLIENT}: 220 hello",
        f"{ID}: unable to look up host dst.example: Name or service not known",
    ],
)
def test_why_one_host_failed_while_another_is_tried(body: str) -> None:
    """Smtp(8) gives any reason that a delivery may have after the queue id alone; none of them is an outcome."""
    found = Told("postfix", body, tag="postfix/smtp")

    assert (found.counts, found.deliveries) == ({"session_failed": 1}, [])


@pytest.mark.parametrize(
    ("command", "address", "column"), [("MAIL", "a b@src.example", "sender"), ("RCPT", '"b@dst.example', "recipient")]
)
def test_an_address_that_nobody_can_read_is_a_refusal(command: str, address: str, column: str) -> None:
    """Only a warning tells it; what the client wrote does not decide the cause."""
    found = Told(
        "postfix",
        f"warning: Illegal address syntax from {CLIENT} in {command} command: <{address}>",
        tag="postfix/submission/smtpd",
    )
    (row,) = found.refusals

    assert (row["event"], row["phase"], row["cause"], row["client_ip"], row[column]) == (
        "rejected",
        command,
        "syntax",
        "192.0.2.1",
        address,
    )


@pytest.mark.parametrize(
    ("action", "told"), [("reject", (1, [])), ("discard", (0, ["discarded"])), ("hold", (0, ["held"]))]
)
def test_a_check_whose_line_was_cut_within_the_header(action: str, told: tuple[int, list[str]]) -> None:
    """What was done stands at the beginning."""
    found = Told("postfix", f"{ID}: {action}: header Subject: Buy pills from c.exam", tag="postfix/cleanup")

    assert (len(found.refusals), [row["event"] for row in found.deliveries]) == told


def test_an_address_in_angle_brackets_within_angle_brackets() -> None:
    """VRFY has it so, and so have logs that someone made anonymous."""
    told = Told(
        "postfix",
        f"NOQUEUE: reject: VRFY from {CLIENT}: 450 4.1.2 <<b@d>>: Recipient address rejected: Domain not found; "
        "to=<<b@d>> proto=SMTP helo=<c>",
        tag="postfix/smtpd",
    )
    sent = Told(
        "postfix",
        f"{ID}: to=<joe@<my domain>>, relay=mx.dst.example[192.0.2.1]:25, delay=1, delays=1/0/0/0, dsn=5.1.0, "
        "status=bounced (host mx.dst.example[192.0.2.1] said: 550 no (in reply to MAIL FROM command))",
        tag="postfix/smtp",
    )

    assert [(row["recipient"], row["helo"]) for row in told.refusals] == [("<b@d>", "c")]
    assert [(row["recipient"], row["event"]) for row in sent.deliveries] == [("joe@<my domain>", "bounced")]


@pytest.mark.parametrize(
    "body",
    [
        "DIGEST-MD5 common mech free",
        "sql_select option missing",
        "could not find auxprop plugin, was searching for 'sasldb'",
        "pam_unix(smtp:auth): authentication failure; logname= uid=0 user=joe",
        "nss_ldap: reconnected to LDAP server ldap://ldap.example after 1 attempt",
    ],
)
@pytest.mark.parametrize(("form", "tag"), [("postfix", "postfix/smtpd"), ("sendmail", "sm-mta")])
def test_a_line_of_a_library(form: str, tag: str, body: str) -> None:
    """It stands under the name of the program that loaded it, and is no noise: a client's words may be in it."""
    assert Told(form, body, tag=tag).counts == {"library": 1}


@pytest.mark.parametrize(
    ("daemon", "body", "kind"),
    [
        ("dnsblog", "addr 192.0.2.1 blocked by domain zen.dnsbl.example as 127.0.0.11", "dnsblog"),
        ("smtp", "Peer cert verify depth=2 /C=US/O=Authority", "certificate"),
        ("smtpd", "cannot load RSA certificate and key data", "daemon_note"),
        ("smtpd", "premature end-of-input on private/anvil socket while reading input attribute name", "daemon_note"),
    ],
)
def test_a_line_of_an_old_postfix(daemon: str, body: str, kind: str) -> None:
    """Before 2.3, with the TLS patch."""
    assert Told("postfix", body, tag=f"postfix/{daemon}").counts == {kind: 1}


@pytest.mark.parametrize(
    ("daemon", "body"),
    [
        ("smtpd", f"{ID}: client={CLIENT}"),
        ("cleanup", f"{ID}: message-id=<s1.7@src.example>"),
        ("qmgr", f"{ID}: from=<a@src.example>, size=992, nrcpt=1 (queue active)"),
        ("smtp", f"{ID}: to=<b@dst.example>, relay=none, delay=1, delays=1/0/0/0, dsn=4.4.1, status=deferred (no)"),
        ("bounce", f"{ID}: sender non-delivery notification: 4F1A2B3C02"),
        ("smtpd", f"NOQUEUE: reject: RCPT from {CLIENT}: 554 5.7.1 <b@x>: Relay access denied; from=<a@x> to=<b@x>"),
        (
            "postscreen",
            "NOQUEUE: reject: RCPT from [192.0.2.1]:4000: 550 5.7.1 no; from=<a@x>, to=<b@x>, proto=SMTP, helo=<c>",
        ),
        (
            "cleanup",
            f"{ID}: reject: header Subject: x from {CLIENT}; from=<a@x> to=<b@x> proto=ESMTP helo=<c>: 5.7.1 no",
        ),
        ("qmgr", f"{ID}: removed"),
        ("smtpd", f"warning: {CLIENT}: SASL LOGIN authentication failed: UGFzc3dvcmQ6"),
    ],
)
def test_a_tag_without_the_daemon_means_any(daemon: str, body: str) -> None:
    """RFC 5424's APP-NAME is cut at the slash by rsyslog: the text alone must tell the kind and its fields."""
    cut, whole = (Told("postfix", body, tag=tag) for tag in ("postfix", f"postfix/{daemon}"))

    def rows(found: Told) -> list[dict[str, object]]:
        facts = found.messages + found.deliveries + found.refusals
        return [{name: value for name, value in row.items() if name != "tag"} for row in facts]

    assert cut.counts == whole.counts
    assert rows(cut) == rows(whole)


@pytest.mark.parametrize(
    ("body", "host", "cause"),
    [
        (f"{SM}: Milter: connect: host=c.example, addr=192.0.2.1, rejecting commands", "c.example", "policy"),
        (f"{SM}: Milter: connect: host=[192.0.2.1], addr=192.0.2.1, temp failing commands", None, "policy"),
        ("NOQUEUE: Milter: connect: host=c.example, addr=192.0.2.1, reject=421 4.7.0 no", "c.example", "policy"),
        ("NOQUEUE: tcpwrappers (c.example, 192.0.2.1) rejection", "c.example", "policy"),
        (f"{SM}: c.example [192.0.2.1]: probable open proxy: command=POST / HTTP/1.0", "c.example", "policy"),
    ],
)
def test_a_client_that_sendmail_sent_away_at_once(body: str, host: str | None, cause: str) -> None:
    """With name and address, though each of these lines writes them in another way."""
    (row,) = Told("sendmail", body, tag="sm-mta").refusals

    assert (row["event"], row["phase"], row.get("client_host"), row["client_ip"], row["cause"]) == (
        "rejected",
        "CONNECT",
        host,
        "192.0.2.1",
        cause,
    )


def test_too_long_a_header_is_refused() -> None:
    """The client of the message is told so after DATA."""
    (row,) = Told(
        "sendmail",
        f"{SM}: headers too large (32768 max) from c.example [192.0.2.1] during message collect",
        tag="sm-mta",
    ).refusals

    assert (row["event"], row["phase"], row["cause"], row["client_ip"]) == (
        "rejected",
        "END-OF-MESSAGE",
        "size",
        "192.0.2.1",
    )


def test_a_client_without_a_relay_is_named_by_the_argument() -> None:
    """Check_relay's first argument is the client; the second may be a block list's answer."""
    (row,) = Told(
        "sendmail", "ruleset=check_relay, arg1=c.example, arg2=127.0.0.2, reject=553 5.3.0 Spam blocked", tag="sm-mta"
    ).refusals

    assert (row["client_host"], row.get("client_ip")) == ("c.example", None)


def test_an_author_that_is_not_believed_is_no_refusal() -> None:
    """trust_auth only decides whether AUTH= in MAIL is passed on; the mail is taken."""
    found = Told(
        "sendmail",
        f"{SM}: ruleset=trust_auth, arg1=<a@src.example>, relay=c.example [192.0.2.1], reject=550 5.7.1 no",
        tag="sm-mta",
    )

    assert (found.counts, found.refusals) == ({"ruleset": 1}, [])


@pytest.mark.parametrize(
    "stat", ["Sent (Ok: queued as A1B2C3)", "Sent (x, relay=evil.example. [192.0.2.66], dsn=5.0.0, stat=no)"]
)
def test_a_key_that_nobody_knows_hides_no_other(stat: str) -> None:
    """Keys behind it are read; those in the relay's own words are none."""
    (row,) = Told(
        "sendmail",
        f"{SM}: to=<b@dst.example>, delay=00:00:01, xdelay=00:00:01, mailer=esmtp, tls_verify=OK, pri=30009, "
        f"relay=mx.dst.example. [192.0.2.1], dsn=2.0.0, stat={stat}",
        tag="sm-mta",
    ).deliveries

    assert (row["event"], row["relay_host"], row["relay_ip"], row["enhanced_status"]) == (
        "delivered",
        "mx.dst.example",
        "192.0.2.1",
        "2.0.0",
    )
