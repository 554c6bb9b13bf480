"""Mail that goes from server to server within one log: what the last of them did with it is what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.program import rows

if TYPE_CHECKING:
    from pathlib import Path


def written(folder: Path, text: str) -> Path:
    """A log of one second."""
    log = folder / "mail.log"
    log.write_text("".join(f"2026-03-07T12:23:37+00:00 mail {line}\n" for line in text.strip().splitlines()))
    return log


def outcomes(log: Path) -> list[tuple[str, str, str]]:
    """Recipient, outcome and queue ids."""
    return sorted((row["recipient"], row["outcome"], row["queue_ids"]) for row in rows("log", log))


def handed_to_the_next(middle: str) -> str:
    """A server that hands a mail for two to the next, which does with it what `middle` says."""
    how = "delay=0.2, delays=0/0.1/0/0.1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4jbgDw4lJFzJr8F)"
    return f"""
postfix-in/smtpd[4]: 589DF222347: client=c21.client.example[192.0.2.21]
postfix-in/cleanup[5]: 589DF222347: message-id=<m1@src.example>
postfix-in/qmgr[3]: 589DF222347: from=<app@src.example>, size=305, nrcpt=2 (queue active)
postfix-out/smtpd[6]: 4jbgDw4lJFzJr8F: client=unknown[198.51.100.1]
{middle}
postfix-in/smtp[7]: 589DF222347: to=<ann@dst.example>, relay=198.51.100.3[198.51.100.3]:2525, {how}
postfix-in/smtp[7]: 589DF222347: to=<bob@dst.example>, relay=198.51.100.3[198.51.100.3]:2525, {how}
postfix-in/qmgr[3]: 589DF222347: removed"""


def test_the_next_server_holds_the_mail(tmp_path: Path) -> None:
    """The recipients of mail that waits on the next server are held, whichever of them its line names."""
    who = "from=<app@src.example> to=<ann@dst.example> proto=ESMTP helo=<in.src.example>"
    log = handed_to_the_next(
        f"""
postfix-out/smtpd[6]: 4jbgDw4lJFzJr8F: hold: END-OF-MESSAGE from unknown[198.51.100.1]: <app@src.example>: no; {who}
postfix-out/cleanup[8]: 4jbgDw4lJFzJr8F: message-id=<m1@src.example>""".strip()
    )

    ids = "589DF222347 4jbgDw4lJFzJr8F"

    assert outcomes(written(tmp_path, log)) == [("ann@dst.example", "held", ids), ("bob@dst.example", "held", ids)]


def test_the_next_server_throws_the_mail_away(tmp_path: Path) -> None:
    """Mail that the next server took and discarded was delivered to nobody."""
    who = "from=<app@src.example> proto=ESMTP helo=<in.src.example>"
    log = handed_to_the_next(
        f"""
postfix-out/smtpd[6]: 4jbgDw4lJFzJr8F: discard: END-OF-MESSAGE from unknown[198.51.100.1]: <app@src.example>: no; {who}
postfix-out/cleanup[8]: 4jbgDw4lJFzJr8F: message-id=<m1@src.example>
postfix-out/cleanup[8]: 4jbgDw4lJFzJr8F: removed (discarded)""".strip()
    )

    ids = "589DF222347 4jbgDw4lJFzJr8F"

    assert outcomes(written(tmp_path, log)) == [
        ("ann@dst.example", "discarded", ids),
        ("bob@dst.example", "discarded", ids),
    ]


DIVIDED = """
sendmail[145]: 6ARHPJtr000145: from=<app@src.example>, size=102, class=0, nrcpts=2, msgid=<m1@src.example>, \
proto=ESMTP, daemon=MTA, relay=c21.client.example [192.0.2.21]
sendmail[145]: 6ARHPJtr000145: split: maxrcpts=1, rcpts=2, count=1, id=6ARHPJts000145
sendmail[152]: 6ARHPJTq000152: from=<app@src.example>, size=313, class=0, nrcpts=1, msgid=<m1@src.example>, \
proto=ESMTP, daemon=MTA, relay=[198.51.100.3]
sendmail[150]: 6ARHPJ8O000150: from=<app@src.example>, size=313, class=0, nrcpts=1, msgid=<m1@src.example>, \
proto=ESMTP, daemon=MTA, relay=[198.51.100.3]
sendmail[151]: 6ARHPJts000145: to=<bob@dst.example>, delay=00:00:00, xdelay=00:00:00, mailer=esmtp, pri=180102, \
relay=[198.51.100.3] [198.51.100.3], dsn=2.0.0, stat=Sent (6ARHPJTq000152 Message accepted for delivery)
sendmail[151]: 6ARHPJts000145: done; delay=00:00:00, ntries=1
sendmail[148]: 6ARHPJtr000145: to=<ann@dst.example>, delay=00:00:00, xdelay=00:00:00, mailer=esmtp, pri=180102, \
relay=[198.51.100.3] [198.51.100.3], dsn=2.0.0, stat=Sent (6ARHPJ8O000150 Message accepted for delivery)
sendmail[148]: 6ARHPJtr000145: done; delay=00:00:00, ntries=1
sendmail[161]: 6ARHPJTq000152: to=<bob@dst.example>, delay=00:00:00, xdelay=00:00:00, mailer=esmtp, pri=60313, \
relay=mx.dst.example. [203.0.113.10], dsn=2.0.0, stat=Sent (Ok: queued as S1)
sendmail[164]: 6ARHPJ8O000150: to=<ann@dst.example>, delay=00:00:00, xdelay=00:00:00, mailer=esmtp, pri=60313, \
relay=mx.dst.example. [203.0.113.10], dsn=2.0.0, stat=Sent (Ok: queued as S2)
"""


def test_the_parts_of_a_divided_message_are_followed(tmp_path: Path) -> None:
    """Sendmail names no Message-ID of a part of an envelope: it is that of the whole."""
    found = outcomes(written(tmp_path, DIVIDED))

    assert [row[:2] for row in found] == [("ann@dst.example", "delivered"), ("bob@dst.example", "delivered")]
    assert {row[2] for row in found} == {"6ARHPJtr000145 6ARHPJ8O000150 6ARHPJts000145 6ARHPJTq000152"}


def test_mail_that_sendmail_is_done_with_has_not_expired(tmp_path: Path) -> None:
    """From LogLevel 10 on each mail ends with `done`, which tells of an end only where somebody still waited."""
    assert "expired" not in {row["event"] for row in rows("events", written(tmp_path, DIVIDED))}


def test_a_notice_on_its_way_through_other_servers_is_no_users_mail(tmp_path: Path) -> None:
    """Sendmail names no Message-ID of its own notices, but their queue id stands in it."""
    log = written(
        tmp_path,
        """
sendmail[178]: 6ARHPKeJ000178: from=<bad@src.example>, size=102, class=0, nrcpts=1, msgid=<m1@src.example>, \
proto=ESMTP, daemon=MTA, relay=c21.client.example [192.0.2.21]
sendmail[282]: 6ARHPKeJ000178: to=<ann@dst.example>, delay=00:00:02, xdelay=00:00:00, mailer=esmtp, pri=30102, \
relay=[198.51.100.2] [198.51.100.2], dsn=5.0.0, reply=550 5.7.1 Access denied, stat=Service unavailable
sendmail[282]: 6ARHPKeJ000178: 6ARHPLgi000282: DSN: Service unavailable
sendmail[283]: 6ARHPLAC000283: from=<>, size=1983, class=0, nrcpts=1, \
msgid=<202603071223.6ARHPLgi000282@in.src.example>, \
proto=ESMTP, daemon=MTA, relay=[198.51.100.2]
sendmail[282]: 6ARHPLgi000282: to=<bad@src.example>, delay=00:00:00, xdelay=00:00:00, mailer=esmtp, pri=31376, \
relay=[198.51.100.2], dsn=2.0.0, stat=Sent (6ARHPLAC000283 Message accepted for delivery)
sendmail[292]: 6ARHPLAC000283: to=<bad@src.example>, delay=00:00:00, xdelay=00:00:00, mailer=esmtp, pri=31983, \
relay=mx.src.example. [203.0.113.28], dsn=2.0.0, stat=Sent (Ok: queued as S3)
""",
    )

    assert outcomes(log) == [("ann@dst.example", "bounced", "6ARHPKeJ000178")]


def test_a_milter_that_puts_mail_aside_and_then_refuses_it(tmp_path: Path) -> None:
    """The client was told that its mail is refused: it is no mail, whatever another milter wanted done with it."""
    log = written(
        tmp_path,
        """
sendmail[231]: 6ARHNcPd000231: from=<app@src.example>, size=136, class=0, nrcpts=1, msgid=<m1@src.example>, \
proto=ESMTP, daemon=MTA, relay=c21.client.example [192.0.2.21]
sendmail[231]: 6ARHNcPd000231: milter=m1, quarantine=odd
sendmail[231]: 6ARHNcPd000231: Milter: data, reject=554 5.7.1 Command rejected
sendmail[231]: 6ARHNcPd000231: to=<ann@dst.example>, delay=00:00:01, pri=60136, stat=Command rejected
""",
    )

    assert outcomes(log) == []


def test_what_a_milter_adds_may_hold_or_refuse_the_mail(tmp_path: Path) -> None:
    """`milter_header_checks` act on headers that a milter adds as header checks do on those of the mail."""
    who = "from=<app@src.example> to=<ann@dst.example> proto=ESMTP helo=<c21.client.example>"
    log = written(
        tmp_path,
        f"""
postfix/smtpd[4]: 4jbgD16pB8zJr3w: client=c21.client.example[192.0.2.21]
postfix/cleanup[5]: 4jbgD16pB8zJr3w: message-id=<m1@src.example>
postfix/cleanup[5]: 4jbgD16pB8zJr3w: milter-header-hold: header X-Added: yes from a.example[192.0.2.21]; {who}: odd
""",
    )

    assert outcomes(log) == [("ann@dst.example", "held", "4jbgD16pB8zJr3w")]


def test_mail_of_this_host_that_a_milter_refuses_has_a_sender(tmp_path: Path) -> None:
    """Such mail is returned before the queue manager sees it: the refusal alone names its sender."""
    log = written(
        tmp_path,
        """
postfix/pickup[2]: 4jbgD20kwnzJqrM: uid=0 from=<root@src.example>
postfix/cleanup[4]: 4jbgD20kwnzJqrM: message-id=<m1@src.example>
postfix/cleanup[4]: 4jbgD20kwnzJqrM: milter-reject: END-OF-MESSAGE from localhost[127.0.0.1]: 5.7.1 Command rejected; \
from=<root@src.example> to=<ann@dst.example>
postfix/cleanup[4]: 4jbgD20kwnzJqrM: to=<ann@dst.example>, relay=none, delay=0, delays=0/0/0/0, dsn=5.7.1, \
status=bounced (Command rejected)
postfix/cleanup[4]: 4jbgD20kwnzJqrM: removed (discarded)
""",
    )

    assert [(row["sender"], row["outcome"]) for row in rows("log", log)] == [("root@src.example", "bounced")]


def test_postfix_hands_to_a_sendmail_that_writes_into_the_same_log(tmp_path: Path) -> None:
    """What Sendmail did with the mail is what became of it, whatever server named it first."""
    how = (
        "delay=0.2, delays=0/0.1/0/0.1, dsn=2.0.0, status=sent (250 2.0.0 627CNbT4000274 Message accepted for delivery)"
    )
    log = f"""
postfix/smtpd[4]: 589DF222347: client=c21.client.example[192.0.2.21]
postfix/cleanup[5]: 589DF222347: message-id=<m1@src.example>
postfix/qmgr[3]: 589DF222347: from=<app@src.example>, size=305, nrcpt=1 (queue active)
sendmail[6]: 627CNbT4000274: from=<app@src.example>, size=405, class=0, nrcpts=1, msgid=<m1@src.example>, \
proto=ESMTP, daemon=MTA, relay=mail.src.example [198.51.100.1]
postfix/smtp[7]: 589DF222347: to=<ann@dst.example>, relay=198.51.100.2[198.51.100.2]:25, {how}
postfix/qmgr[3]: 589DF222347: removed
sendmail[8]: 627CNbT4000274: to=<ann@dst.example>, delay=00:00:01, xdelay=00:00:01, mailer=esmtp, pri=120405, \
relay=mx.dst.example. [203.0.113.7], dsn=5.1.1, stat=User unknown
"""

    assert outcomes(written(tmp_path, log)) == [("ann@dst.example", "bounced", "589DF222347 627CNbT4000274")]
