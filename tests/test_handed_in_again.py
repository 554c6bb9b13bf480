"""Filters that hand mail in again in uncommon ways, and lists that divide it: each mail is one, with its recipients."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mailaudit import flow, lookup
from mailaudit.model.request import Request

if TYPE_CHECKING:
    from pathlib import Path

ROWS = "select recipient, original_recipient, outcome, queue_ids from recipients where role = 'user' order by 1, 4"


def rows(folder: Path, text: str) -> list[tuple[object, ...]]:
    """Recipient, its first address, outcome and queue ids, of a log of one second."""
    path = folder / "mail.log"
    lines = text.strip().splitlines()
    path.write_text(
        "".join(f"2026-03-07T12:23:{37 + n // 10}.{n % 10}+00:00 mail {line}\n" for n, line in enumerate(lines))
    )
    with flow.read(Request((str(path),))) as run:
        return run.engine.rows(ROWS)


def accepted(queue_id: str, message_id: str = "<m1@app.example>", sender: str = "web@src.example") -> str:
    """A message that a client of the net handed in, with two recipients."""
    return f"""
postfix/smtpd[1]: {queue_id}: client=app.src.example[192.0.2.21]
postfix/cleanup[2]: {queue_id}: message-id={message_id}
postfix/qmgr[3]: {queue_id}: from=<{sender}>, size=391, nrcpt=2 (queue active)"""


def again(queue_id: str, known: str = "", message_id: str = "<m1@app.example>", sender: str = "web@src.example") -> str:
    """What a filter on the same machine handed in."""
    return f"""
postfix/smtpd[5]: {queue_id}: client=localhost[127.0.0.1]{known}
postfix/cleanup[2]: {queue_id}: message-id={message_id}
postfix/qmgr[3]: {queue_id}: from=<{sender}>, size=591, nrcpt=1 (queue active)"""


def line(queue_id: str, recipient: str, relay: str, said: str, *, program: str = "smtp", status: str = "sent") -> str:
    """A delivery."""
    how = f"delay=0.1, delays=0.1/0/0/0, dsn=2.0.0, status={status} ({said})"
    return f"\npostfix/{program}[4]: {queue_id}: to=<{recipient}>, relay={relay}, {how}"


def end(queue_id: str) -> str:
    """The end of a life."""
    return f"\npostfix/qmgr[3]: {queue_id}: removed"


OUT = "mx.dst.example[198.51.100.7]:25"


def test_a_filter_that_answers_before_it_hands_in_again(tmp_path: Path) -> None:
    """It names no id; the same Message-ID and sender from this machine is the same mail, and its delivery counts."""
    scanned = line("A00001", "ann@dst.example", "127.0.0.1[127.0.0.1]:10028", "250 2.0.0 taken for scanning")
    back = again("B00001") + line("B00001", "ann@dst.example", OUT, "450 later", status="deferred")

    found = rows(tmp_path, accepted("A00001") + scanned + end("A00001") + back)

    assert found == [("ann@dst.example", None, "deferred", "A00001 B00001")]


def test_a_list_that_sends_on_in_its_own_name_is_another_mail(tmp_path: Path) -> None:
    """The program took the mail; what it sends with the same Message-ID but its own sender is not the first mail."""
    took = line("A00001", "list@dst.example", "lists", "delivered via lists service", program="pipe")
    sent = again("B00001", sender="list-bounces@dst.example") + line("B00001", "ann@dst.example", OUT, "250 ok")

    found = rows(tmp_path, accepted("A00001") + took + end("A00001") + sent + end("B00001"))

    assert [(row[0], row[3]) for row in found] == [("ann@dst.example", "B00001"), ("list@dst.example", "A00001")]


def test_a_pipe_that_hands_in_by_smtp(tmp_path: Path) -> None:
    """The child begins before the line that says that the pipe has done its work."""
    back = again("B00001")
    piped = line(
        "A00001", "ann@dst.example", "filter", "delivered via filter service (queued as B00001)", program="pipe"
    )
    sent = line("B00001", "ann@dst.example", OUT, "550 no", status="bounced")

    found = rows(tmp_path, accepted("A00001") + back + piped + end("A00001") + sent + end("B00001"))

    assert found == [("ann@dst.example", None, "bounced", "A00001 B00001")]


def test_a_mail_without_message_id_gets_one_on_its_way(tmp_path: Path) -> None:
    """The reply names the next id; the first life has an empty Message-ID and the next one its own."""
    passed = line("A00001", "ann@dst.example", "127.0.0.1[127.0.0.1]:10036", "250 2.0.0 Ok: queued as B00001")
    back = again("B00001", message_id="<2026.B00001@mail.example>")
    sent = line("B00001", "ann@dst.example", OUT, "250 ok")

    found = rows(tmp_path, accepted("A00001", message_id="<>") + back + passed + end("A00001") + sent + end("B00001"))

    assert found == [("ann@dst.example", None, "delivered", "A00001 B00001")]


def test_a_copy_for_each_recipient(tmp_path: Path) -> None:
    """Each recipient's line leads to the copy that has this recipient, and only the copies' lines decide."""
    first = "".join(
        line("A00001", f"{who}@dst.example", "127.0.0.1[127.0.0.1]:10039", "250 split") for who in ("ann", "bob")
    )
    known = ", orig_queue_id=A00001, orig_client=app.src.example[192.0.2.21]"
    ann = line("B00001", "ann@dst.example", OUT, "250 ok")
    bob = line("C00001", "bob@dst.example", OUT, "550 no", status="bounced")

    found = rows(
        tmp_path,
        accepted("A00001") + again("B00001", known) + again("C00001", known) + first + end("A00001") + ann + bob,
    )

    assert [row[:3] for row in found] == [("ann@dst.example", None, "delivered"), ("bob@dst.example", None, "bounced")]


def test_a_chain_of_filters_hands_on_the_first_id(tmp_path: Path) -> None:
    """XFORWARD names the first id at every step, but the second life's own line names the third."""
    known = ", orig_queue_id=A00001, orig_client=app.src.example[192.0.2.21]"
    first = line("A00001", "list@dst.example", "127.0.0.1[127.0.0.1]:10032", "250 2.0.0 Ok: queued as B00001")
    second = line("B00001", "list@dst.example", "127.0.0.1[127.0.0.1]:10034", "250 2.0.0 Ok: queued as C00001")
    third = line("C00001", "ann@dst.example>, orig_to=<list@dst.example", OUT, "250 ok")
    text = accepted("A00001") + again("B00001", known) + first + end("A00001") + again("C00001", known)

    found = rows(tmp_path, text + second + end("B00001") + third + end("C00001"))

    assert found == [("ann@dst.example", "list@dst.example", "delivered", "A00001 B00001 C00001")]


def test_a_list_with_an_owner_handed_in_by_command(tmp_path: Path) -> None:
    """The server's life has no lines of its own; the copy with the owner as sender has all recipients."""
    taken = "from=ann@src.example, size=140, class=0, nrcpts=1, msgid=<m1@app.example>, relay=ann@localhost"
    server = "from=<ann@src.example>, size=440, nrcpts=2, msgid=<m1@app.example>, proto=ESMTP"
    handed = "relay=[127.0.0.1] [127.0.0.1], dsn=2.0.0, stat=Sent (62SNKMvn000015 Message accepted for delivery)"
    sent = "delay=00:00:00, mailer=esmtp, relay=mx.dst.example. [198.51.100.7], dsn=2.0.0, stat=Sent (ok)"
    text = f"""
sendmail[10]: 62SNKM3j000010: {taken}
sm-mta[15]: 62SNKMvn000015: {server}, relay=localhost [127.0.0.1]
sm-mta[15]: 62SNKMvn000015: 62SNKMvp000015: clone: owner=carl
sm-mta[15]: 62SNKMvp000015: to=bob@dst.example, ctladdr=carl (1002/1002), {sent}
sendmail[10]: 62SNKM3j000010: to=members, delay=00:00:01, mailer=relay, {handed}"""

    found = rows(tmp_path, text)

    assert [(row[0], row[2]) for row in found] == [("bob@dst.example", "delivered")]


def test_too_many_hops_fail_whoever_the_recipients_are(tmp_path: Path) -> None:
    """No line names the recipients; the notice tells that the message failed."""
    server = "from=<hops@src.example>, size=619, class=0, nrcpts=2, msgid=<m1@app.example>, relay=a.src.example"
    told = "Too many hops 21 (12 max): from <hops@src.example> via localhost, to <ann@dst.example>"
    text = f"""
sm-mta[71]: 62SNLMIN004871: {server}
sm-mta[74]: 62SNLMIN004871: SYSERR(root): {told}
sm-mta[74]: 62SNLMIN004871: 62SNMB0N007414: DSN: {told}"""

    assert [row[2] for row in rows(tmp_path, text)] == ["bounced"]


def test_what_happens_to_requeued_mail_is_the_fate_of_who_waited(tmp_path: Path) -> None:
    """Requeued, held and deleted before another try: the new id's lines name no recipient, the old id's do."""
    tried = line("A00001", "ann@dst.example", OUT, "250 ok") + line(
        "A00001", "bob@dst.example", OUT, "450", status="deferred"
    )
    requeued = """
postfix/postsuper[9]: A00001: requeued
postfix/pickup[6]: B00001: uid=100 from=<web@src.example> orig_id=A00001
postfix/cleanup[2]: B00001: message-id=<m1@app.example>"""
    held, deleted = (f"\npostfix/postsuper[9]: B00001: {what}" for what in ("placed on hold", "removed"))

    for said, outcome in (("", "deferred"), (held, "held"), (held + deleted, "deleted")):
        found = rows(tmp_path, accepted("A00001") + tried + requeued + said)

        assert [row[:3] for row in found] == [
            ("ann@dst.example", None, "delivered"),
            ("bob@dst.example", None, outcome),
        ]


def test_mail_that_was_only_queued_expires(tmp_path: Path) -> None:
    """Nothing was ever tried (no name could be looked up): the notice that the server gave up is an expiry."""
    queued = "delay=00:00:00, mailer=esmtp, pri=152730, dsn=4.4.3, stat=queued"
    text = f"""
sm-mta[71]: 62SNLMIN004871: from=<app@src.example>, size=619, nrcpts=2, msgid=<m1@app.example>, relay=a.src.example
sm-mta[71]: 62SNLMIN004871: to=<ann@dst.example>, {queued}
sm-mta[71]: 62SNLMIN004871: to=<bob@dst.example>, {queued}
sm-mta[74]: 62SNLMIN004871: 62SNMB0N007414: DSN: Cannot send message for 6 hours"""

    assert [(row[0], row[2]) for row in rows(tmp_path, text)] == [
        ("ann@dst.example", "expired"),
        ("bob@dst.example", "expired"),
    ]


def test_held_mail_that_is_requeued_waits_on(tmp_path: Path) -> None:
    """No delivery was ever tried, and the first id has ended: the mail is held under its second."""
    whom = "from=<web@src.example> to=<ann@dst.example> proto=ESMTP"
    held = f"hold: header Subject: x from app.src.example[192.0.2.21]; {whom}"
    text = f"""
postfix/smtpd[1]: A00001: client=app.src.example[192.0.2.21]
postfix/cleanup[2]: A00001: {held}: why
postfix/cleanup[2]: A00001: message-id=<m1@app.example>
postfix/postsuper[9]: A00001: released from hold
postfix/postsuper[9]: A00001: requeued
postfix/pickup[6]: B00001: uid=100 from=<web@src.example> orig_id=A00001
postfix/cleanup[2]: B00001: {held}: why
postfix/cleanup[2]: B00001: message-id=<m1@app.example>"""

    assert [(row[0], row[2]) for row in rows(tmp_path, text)] == [("ann@dst.example", "held")]


def test_an_id_that_was_given_out_again_at_once_has_no_part_in_the_earlier_mail(tmp_path: Path) -> None:
    """Of two mails under the id that a filter names, the one with the same Message-ID came back, not the nearest."""
    path = tmp_path / "mail.log"
    first = accepted("A00001").strip().splitlines()
    back = again("B00001", known=", orig_queue_id=A00001").strip().splitlines()
    scanned = line("A00001", "ann@dst.example", "127.0.0.1[127.0.0.1]:10028", "250 2.0.0 Ok: queued as B00001")
    other = accepted("A00001", message_id="<m2@app.example>", sender="two@src.example").strip().splitlines()
    timed = [
        *((0, text) for text in first),
        *((60, text) for text in [*back, scanned.strip(), *end("A00001").strip().splitlines()]),
        *((75, text) for text in other),
        *((80, text) for text in [line("B00001", "ann@dst.example", OUT, "250 ok").strip(), end("B00001").strip()]),
    ]
    path.write_text("".join(f"2026-03-07T12:{at // 60:02d}:{at % 60:02d}+00:00 mail {text}\n" for at, text in timed))
    with flow.read(Request((str(path),))) as run:
        sql = "select message_id, recipient, outcome, queue_ids from recipients where role = 'user' order by 1"
        found = run.engine.rows(sql)

    assert found == [
        ("m1@app.example", "ann@dst.example", "delivered", "A00001 B00001"),
        ("m2@app.example", None, "pending", "A00001"),
    ]


def test_a_log_that_begins_in_the_midst_has_the_message_id_of_what_came_back(tmp_path: Path) -> None:
    """The lines that told it of the first queue id are in an earlier file."""
    scanned = line("A00001", "ann@dst.example", "127.0.0.1[127.0.0.1]:10028", "250 2.0.0 Ok: queued as B00001")
    back = again("B00001", known=", orig_queue_id=A00001")
    log = back + scanned + end("A00001") + line("B00001", "ann@dst.example", OUT, "250 ok") + end("B00001")
    path = tmp_path / "mail.log"
    path.write_text("".join(f"2026-03-07T12:23:37+00:00 mail {text}\n" for text in log.strip().splitlines()))
    with flow.read(Request((str(path),))) as run:
        found = run.engine.rows("select message_id, queue_ids from recipients where role = 'user'")

    assert found == [("m1@app.example", "A00001 B00001")]


def submitted(queue_id: str, message_id: str, sender: str, recipient: str) -> str:
    """A message that a program of this machine handed in with sendmail(1), and its delivery."""
    return f"""
postfix/pickup[6]: {queue_id}: uid=99 from=<{sender}>
postfix/cleanup[2]: {queue_id}: message-id={message_id}
postfix/qmgr[3]: {queue_id}: from=<{sender}>, size=591, nrcpt=1 (queue active)""" + line(
        queue_id, recipient, OUT, "250 ok"
    )


@pytest.mark.parametrize(
    "given",
    ["<>", "<20260307122337.{}@mail.example>", "<{}@mail.example>"],
    ids=["handed in with -G", "named by its queue id", "the same since 3.10"],
)
def test_mail_without_a_message_id_is_followed_through_a_program(tmp_path: Path, given: str) -> None:
    """Sender and recipient are all that is the same; mail of other senders, or to others, is other mail."""
    took = line("A00001", "ann@dst.example", "filter", "delivered via filter service", program="pipe")
    others = submitted("C00001", given.format("C00001"), "root@mail.example", "ann@dst.example")
    back = submitted("B00001", given.format("B00001"), "web@src.example", "ann@dst.example")

    found = rows(tmp_path, accepted("A00001", message_id="<>") + took + others + back)

    assert [(row[0], row[3]) for row in found] == [("ann@dst.example", "A00001 B00001"), ("ann@dst.example", "C00001")]
    for token in ("A00001", "B00001"):
        with pytest.raises(lookup.ReadAll):
            lookup.read_about(Request((str(tmp_path / "mail.log"),)), token)


def test_mail_to_another_recipient_is_not_what_the_program_took(tmp_path: Path) -> None:
    """The same sender may write to somebody else at the same moment."""
    took = line("A00001", "ann@dst.example", "dovecot", "delivered via dovecot service", program="pipe")
    other = submitted("B00001", "<20260307122337.B00001@mail.example>", "web@src.example", "ben@dst.example")

    found = rows(tmp_path, accepted("A00001", message_id="<>") + took + other)

    assert [(row[0], row[3]) for row in found] == [("ann@dst.example", "A00001"), ("ben@dst.example", "B00001")]


@pytest.mark.parametrize("given", ["<20260307122337.B00001@mail.example>", "<B00001@mail.example>"])
def test_a_notice_is_told_by_its_message_id_where_its_sender_is_not_in_the_log(tmp_path: Path, given: str) -> None:
    """Nobody brought it, and its Message-ID was given together with its queue id: it is no user's mail."""
    text = f"postfix/cleanup[2]: B00001: message-id={given}" + line("B00001", "web@src.example", OUT, "250 ok")

    assert rows(tmp_path, text) == []
    assert rows(tmp_path, text.replace("B00001@", "own@")) == [("web@src.example", None, "delivered", "B00001")]


def test_a_filter_that_names_the_next_id_may_give_the_mail_a_new_message_id(tmp_path: Path) -> None:
    """The id that it names, on the same machine and with the same sender, is enough."""
    taken = line("A00001", "ann@dst.example", "127.0.0.1[127.0.0.1]:10025", "250 2.0.0 Ok: queued as B00001")
    back = again("B00001", message_id="<scanned.1@filter.example>") + line("B00001", "ann@dst.example", OUT, "250 ok")

    found = rows(tmp_path, accepted("A00001") + taken + end("A00001") + back + end("B00001"))

    assert found == [("ann@dst.example", None, "delivered", "A00001 B00001")]
