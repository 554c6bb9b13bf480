"""Small Sendmail logs, each of one thing that may happen to a mail, and the rows of `mailaudit log` they must give.

The lines are those of a Sendmail 8.17 on a lab network, whose receivers recorded what really happened.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Result

ID = "69U60UAS006518"
OTHER = "69U60UAT006518"
NOTICE = "69V91i6E016897"
DAY = "Oct 30"


def accepted(queue_id: str = ID, nrcpts: int = 1, size: int = 160) -> str:
    """The line that takes a mail in."""
    return (
        f"{DAY} 02:00:30 {queue_id}: from=<a@src.example>, size={size}, class=0, nrcpts={nrcpts}, "
        "msgid=<m1@src.example>, proto=ESMTP, daemon=MTA, relay=c.example [192.0.2.7]"
    )


def tried(
    recipient: str, rest: str, *, queue_id: str = ID, at: str = f"{DAY} 02:00:31", delay: str = "00:00:01"
) -> str:
    """An attempt at delivery over the network."""
    return (
        f"{at} {queue_id}: to=<{recipient}>, delay={delay}, xdelay=00:00:00, mailer=esmtp, pri=30000, "
        f"relay=mx.dst.example. [203.0.113.9], {rest}"
    )


LATER = "dsn=4.7.1, reply=451 4.7.1 later, stat=Deferred: 451 4.7.1 later"
SENT = "dsn=2.0.0, stat=Sent (Ok: queued as X1)"
HANDED_OVER = (
    "ctladdr=a (1/1), delay=00:00:00, xdelay=00:00:00, mailer=relay, pri=30000, relay=[127.0.0.1] [127.0.0.1], "
    f"dsn=2.0.0, stat=Sent ({OTHER} Message accepted for delivery)"
)
QUEUED = "delay=00:00:00, mailer=local, pri=30000, dsn=4.4.3, stat=queued"
NOBODY = "delay=00:00:01, mailer=local, pri=30000, dsn=5.1.1, reply=550 5.1.1 User unknown, stat=User unknown"
REFUSED = "dsn=5.1.1, reply=550 5.1.1 no"
LOOP = "aliasing/forwarding loop broken"
OTHERS_END = [
    # Another mail of this server, which tells how long it keeps mail.
    f"{DAY} 02:00:00 69U60000006000: from=<o@src.example>, size=9, class=0, nrcpts=1, relay=c.example [192.0.2.7]",
    f"Oct 31 02:30:00 69U60000006000: {NOTICE}: sender notify: Cannot send message for 1 day",
]
OTHERS_ROW = {"queue_id": "69U60000006000", "outcome": "expired"}

STORIES: dict[str, tuple[list[str], list[dict[str, Any]]]] = {
    "the notice goes to a local sender whom nobody knows: it fails under the id of the message": (
        [
            accepted(),
            tried("b@dst.example", f"{REFUSED}, stat=User unknown"),
            f"{DAY} 02:00:31 {ID}: to=<a@src.example>, {NOBODY}",
            f"{DAY} 02:00:31 {ID}: {NOTICE}: postmaster notify: User unknown",
        ],
        [{"queue_id": ID, "recipient": "b@dst.example", "outcome": "bounced", "attempts": 1}],
    ),
    "the notice goes to a sender whose alias leads to nobody": (
        [
            accepted(),
            tried("b@dst.example", f"{REFUSED}, stat=User unknown"),
            f"{DAY} 02:00:31 {ID}: to=nobodys, ctladdr=<a@src.example> (8/0), {NOBODY}",
            f"{DAY} 02:00:31 {ID}: {NOTICE}: postmaster notify: User unknown",
        ],
        [{"queue_id": ID, "recipient": "b@dst.example", "outcome": "bounced", "attempts": 1}],
    ),
    "it waits for a queue run (deferred mode), which finds what the alias leads to": (
        [
            accepted(nrcpts=2),
            f"{DAY} 02:00:30 {ID}: to=<team@src.example>, {QUEUED}",
            f"{DAY} 02:00:30 {ID}: to=<b@dst.example>, {QUEUED.replace('local', 'esmtp')}",
            f"{DAY} 02:00:31 {ID}: to=joe, delay=00:00:01, xdelay=00:00:00, mailer=local, dsn=2.0.0, stat=Sent",
            tried("b@dst.example", LATER),
        ],
        [
            {"queue_id": ID, "recipient": "joe", "outcome": "delivered", "attempts": 1},
            {"queue_id": ID, "recipient": "b@dst.example", "outcome": "deferred", "attempts": 1},
        ],
    ),
    "it waits for a queue run, in which a list gives its mail a sender of its own": (
        [
            accepted(),
            f"{DAY} 02:00:30 {ID}: to=<list@src.example>, {QUEUED}",
            f"{DAY} 02:00:31 {ID}: {OTHER}: clone: owner=list-owner",
            tried("b@dst.example", SENT, queue_id=OTHER),
        ],
        [{"queue_ids": f"{ID} {OTHER}", "recipient": "b@dst.example", "outcome": "delivered", "attempts": 1}],
    ),
    "the submission program hands it over, and it waits for a queue run": (
        [
            f"{DAY} 02:00:30 {ID}: from=a, size=100, class=0, nrcpts=1, msgid=<m1@src.example>, relay=a@localhost",
            accepted(OTHER).replace("c.example [192.0.2.7]", "localhost [127.0.0.1]"),
            f"{DAY} 02:00:30 {OTHER}: to=<joe@src.example>, {QUEUED}",
            f"{DAY} 02:00:30 {ID}: to=joe, {HANDED_OVER}",
        ],
        [{"queue_ids": f"{ID} {OTHER}", "recipient": "joe@src.example", "outcome": "pending", "attempts": 0}],
    ),
    "it waits for a queue run, in which one of two recipients is not tried": (
        [
            accepted(nrcpts=2),
            f"{DAY} 02:00:30 {ID}: to=<joe@src.example>, {QUEUED}",
            f"{DAY} 02:00:30 {ID}: to=<b@dst.example>, {QUEUED.replace('local', 'esmtp')}",
            tried("b@dst.example", LATER),
        ],
        [
            {"queue_id": ID, "recipient": "joe@src.example", "outcome": "pending", "attempts": 0},
            {"queue_id": ID, "recipient": "b@dst.example", "outcome": "deferred", "attempts": 1},
        ],
    ),
    "an envelope is split: what goes on under another id is the same mail": (
        [
            accepted(nrcpts=3),
            f"{DAY} 02:00:30 {ID}: split: maxrcpts=1, rcpts=3, count=2, ids={OTHER}; 69U60UAU006518",
            tried("b@dst.example", SENT),
            tried("c@dst.example", SENT, queue_id=OTHER),
            tried("d@dst.example", LATER, queue_id="69U60UAU006518"),
        ],
        [
            {"recipient": "b@dst.example", "outcome": "delivered", "sender": "a@src.example", "queue_id": ID},
            {"recipient": "c@dst.example", "outcome": "delivered", "sender": "a@src.example", "queue_id": ID},
            {"recipient": "d@dst.example", "outcome": "deferred", "message_id": "m1@src.example", "queue_id": ID},
        ],
    ),
    "a filter discarded it: the client was told that all is well": (
        [accepted(), f"{DAY} 02:00:30 {ID}: Milter: data, discard", f"{DAY} 02:00:30 {ID}: discarded"],
        [{"recipient": None, "outcome": "discarded", "sender": "a@src.example"}],
    ),
    "an access rule discards it, and says so only at the end": (
        [accepted(), f"{DAY} 02:00:30 {ID}: discarded"],
        [{"recipient": None, "outcome": "discarded", "client": None}],
    ),
    "the operator puts it aside": (
        [accepted(), tried("b@dst.example", LATER), f"{DAY} 02:01:53 {ID}: quarantine=by hand; to=<x@y>, stat=Sent"],
        [{"recipient": "b@dst.example", "outcome": "held", "attempts": 1}],
    ),
    "the operator lets it go again": (
        [
            accepted(),
            tried("b@dst.example", LATER),
            f"{DAY} 02:01:53 {ID}: quarantine=by hand",
            f"{DAY} 02:02:53 {ID}: unquarantine",
            tried("b@dst.example", SENT, at=f"{DAY} 02:03:00"),
        ],
        [{"recipient": "b@dst.example", "outcome": "delivered", "attempts": 2}],
    ),
    "an alias that runs in a circle: only the notice tells": (
        [accepted(), f"{DAY} 02:00:31 {ID}: {NOTICE}: DSN: {LOOP}"],
        [{"recipient": None, "outcome": "bounced", "reply": LOOP}],
    ),
    "the same with `done` (LogLevel 10 and above)": (
        [
            accepted(),
            f"{DAY} 02:00:31 {ID}: {NOTICE}: DSN: {LOOP}",
            f"{DAY} 02:00:31 {ID}: done; delay=00:00:01, ntries=1",
        ],
        [{"recipient": None, "outcome": "bounced", "reply": LOOP}],
    ),
    "too many hops, found in the queue": (
        [
            accepted(),
            f"{DAY} 02:00:30 {ID}: to=<b@dst.example>, delay=00:00:00, mailer=esmtp, pri=30593, stat=queued",
            f"{DAY} 02:00:30 {ID}: SYSERR(root): Too many hops 21 (12 max): from <a@src.example> via h, to <b@x>",
            f"{DAY} 02:00:30 {ID}: {NOTICE}: DSN: Too many hops 21 (12 max)",
        ],
        [{"recipient": "b@dst.example", "outcome": "bounced", "attempts": 0}],
    ),
    "of two recipients one is named: the notice is about the other": (
        [accepted(nrcpts=2), tried("b@dst.example", LATER), f"{DAY} 02:00:31 {ID}: {NOTICE}: DSN: {LOOP}"],
        [{"recipient": "b@dst.example", "outcome": "deferred"}],
    ),
    "a sender who wants no notice: the attempt at more than the server's limit was the last": (
        [
            accepted(),
            tried("b@dst.example", LATER),
            *OTHERS_END,
            tried("b@dst.example", LATER, at="Oct 31 05:01:55", delay="1+03:01:25"),
            accepted(OTHER),
            tried("c@dst.example", LATER, queue_id=OTHER, at="Oct 31 05:01:56", delay="06:01:25"),
            tried("c@dst.example", LATER, queue_id=OTHER, at="Oct 31 06:01:56", delay="07:01:25"),
        ],
        [
            {"queue_id": OTHER, "outcome": "deferred"},
            {"recipient": "b@dst.example", "outcome": "expired", "attempts": 2, "finished_at": "2026-10-31T09:01:55Z"},
            OTHERS_ROW,
        ],
    ),
    "the same where the log ends soon after: it may be urgent mail, which has a limit of its own, that ended sooner": (
        [
            accepted(),
            tried("b@dst.example", LATER),
            *OTHERS_END,
            tried("b@dst.example", LATER, at="Oct 31 05:01:55", delay="1+03:01:25"),
        ],
        [{"recipient": "b@dst.example", "outcome": "deferred", "attempts": 2}, OTHERS_ROW],
    ),
    "before that limit it waits": (
        [
            accepted(),
            tried("b@dst.example", LATER),
            *OTHERS_END,
            tried("b@dst.example", LATER, at="Oct 31 01:01:55", delay="23:01:25"),
        ],
        [{"recipient": "b@dst.example", "outcome": "deferred", "attempts": 2}, OTHERS_ROW],
    ),
    "a client that went away while it sent: no mail": (
        [
            f"{DAY} 02:00:37 {ID}: collect: premature EOM: unexpected close",
            f"{DAY} 02:00:37 {ID}: collect: relay=c.example, from=<a@src.example>, info=unexpected close",
            accepted(size=14),
        ],
        [],
    ),
    "a milter refuses a mail after DATA: no mail, as with Postfix": (
        [
            accepted(nrcpts=2),
            f"{DAY} 02:00:30 {ID}: Milter: data, reject=554 5.7.1 Command rejected",
            f"{DAY} 02:00:30 {ID}: to=<b@dst.example>, delay=00:00:00, pri=60194, stat=Command rejected",
            f"{DAY} 02:00:30 {ID}: to=<c@dst.example>, delay=00:00:00, pri=60194, stat=Command rejected",
        ],
        [],
    ),
    "a mail turns out too long after DATA: no mail": (
        [
            accepted(size=394627),
            f"{DAY} 02:00:30 {ID}: message size (394627) exceeds maximum (300000)",
            f"{DAY} 02:00:30 {ID}: to=<b@dst.example>, delay=00:00:00, pri=9, stat=Message exceeds maximum size (9)",
        ],
        [],
    ),
    "a milter takes a mail and throws it away": (
        [
            accepted(),
            f"{DAY} 02:00:30 {ID}: Milter: data, discard",
            f"{DAY} 02:00:30 {ID}: to=<b@dst.example>, delay=00:00:00, pri=30192, stat=discarded",
        ],
        [{"recipient": "b@dst.example", "outcome": "discarded", "attempts": 0}],
    ),
    "a milter takes the only recipient away: nobody has it, and nobody is told": (
        [
            accepted(),
            f"{DAY} 02:00:30 {ID}: Milter (lab) delete: rcpt <b@dst.example>, naddrs=1",
            f"{DAY} 02:00:30 {ID}: Milter accept: message",
            f"{DAY} 02:00:30 {ID}: done; delay=00:00:00, ntries=1",
        ],
        [
            {
                "recipient": "b@dst.example",
                "outcome": "discarded",
                "reply": "removed by milter lab",
                "attempts": 0,
            }
        ],
    ),
    "a milter puts another in the place of a recipient": (
        [
            accepted(),
            f"{DAY} 02:00:30 {ID}: Milter delete: rcpt <c@dst.example>",
            f"{DAY} 02:00:30 {ID}: Milter add: rcpt: <b@dst.example>",
            tried("b@dst.example", SENT),
        ],
        [{"recipient": "b@dst.example", "outcome": "delivered", "attempts": 1}],
    ),
    "mail that was given up shows why it was, whatever the last try was": (
        [
            accepted(),
            tried("b@dst.example", LATER),
            tried("b@dst.example", "dsn=4.7.1, stat=Deferred", at=f"{DAY} 08:00:31", delay="06:00:01"),
            f"Oct 31 02:30:00 {ID}: {NOTICE}: sender notify: Cannot send message for 1 day",
        ],
        [{"recipient": "b@dst.example", "outcome": "expired", "reply": "451 4.7.1 later", "attempts": 2}],
    ),
    "too many recipients: those that were taken are tried": (
        [
            f"{DAY} 02:00:29 {ID}: Too many recipients",
            f"{DAY} 02:00:29 {ID}: Syntax error in ORCPT parameter value",
            accepted(),
            tried("b@dst.example", SENT),
        ],
        [{"recipient": "b@dst.example", "outcome": "delivered"}],
    ),
}


def log_of(texts: list[str]) -> str:
    """A log of one sendmail; its queue ids tell year and zone."""
    return "".join(f"{text[:15]} h sm-mta[6518]: {text[16:]}\n" for text in texts)


@pytest.mark.parametrize("story", STORIES)
def test_a_story_has_its_rows(run: Callable[..., Result], tmp_path: Path, story: str) -> None:
    """As many rows as recipients, each with the fields that the story tells; every line is understood."""
    texts, expected = STORIES[story]
    path = tmp_path / "mail.log"
    path.write_text(log_of(texts))

    result = run("log", "--format", "jsonl", "--input-tz", "America/New_York", path)
    rows = sorted((json.loads(line) for line in result.out.splitlines()), key=lambda row: row["queue_id"], reverse=True)
    found = [{name: row.get(name) for name in wanted} for row, wanted in zip(rows, expected, strict=False)]

    assert (len(rows), found) == (len(expected), expected)
    assert result.code == 0
    assert run("records", "--unparsed", "--format", "jsonl", path).out == ""


NOTES = """\
Warning: program /usr/local/bin/list unsafe: No such file or directory
c.example [192.0.2.7]: Possible SMTP RCPT flood, throttling.
c.example [192.0.2.7]: probable open proxy: command=GET / HTTP/1.0\\r\\n
c.example [192.0.2.7]: SMTP violation, input too long: 3030
invalid domain name (h_e*l,o) from c.example [192.0.2.7]
makeconnection (mx.dst.example. [203.0.113.9].25 (2)) failed: Connection refused by mx.dst.example.
poststats: /var/lib/sendmail/sendmail.st: No such file or directory
engine=(null), path=(null), ispre=1, pre=0, initialized=0
tls_clt_features=empty, stat=0, relay=mx.dst.example [203.0.113.9]
alias <list@src.example> => b@dst.example, c@dst.example
forward <joe@src.example> => b@dst.example, \\\\joe
dns 66.113.0.203.rbl.example. => 127.0.0.2
  0: fl=0x8000, mode=20666: CHR: dev=0/44, ino=3, nlink=1, u/gid=0/0, size=0
 11: fl=0x2, mode=140777: SOCK localhost->[[UNIX: /dev/log]]
MCI@0x5645fd456758: flags=6006c<CACHED,ESMTP>, errno=0, phase=client MAIL, mailer=esmtp, status=4.1.8, rstatus=450 4.1.8
SYSERR(root): timeout writing message to mx.dst.example.
clt_features=TEMPFAIL, host=mx.dst.example, status=skipped
aliasing/forwarding loop broken: loopb (3 aliases deep; 10 max)
mx.dst.example: SMTP DATA-1 protocol error: 250 ok
"""


def test_what_sendmail_says_of_itself_changes_no_outcome(run: Callable[..., Result], tmp_path: Path) -> None:
    """Lines of all log levels up to 14 are understood, and none of them is taken for a fact about its mail."""
    of_mails = {f"69U60UAS{number:06}": note for number, note in enumerate(NOTES.splitlines())}
    path = tmp_path / "mail.log"
    path.write_text(
        "".join(
            log_of(
                [
                    accepted(queue_id).replace("<m1@", f"<{queue_id}@"),
                    f"{DAY} 02:00:30 {queue_id}: {note}",
                    tried("b@dst.example", SENT, queue_id=queue_id),
                ]
            )
            for queue_id, note in of_mails.items()
        )
    )

    rows = [json.loads(line) for line in run("log", "--format", "jsonl", path).out.splitlines()]
    found = [(of_mails[row["queue_id"]], row["recipient"], row["outcome"], row["attempts"]) for row in rows]

    assert found == [(note, "b@dst.example", "delivered", 1) for note in of_mails.values()]
    assert run("records", "--unparsed", "--format", "jsonl", path).out == ""


def test_sendmail_may_log_under_any_name(run: Callable[..., Result], tmp_path: Path) -> None:
    """`sendmail -L smtp-in7` is known by what its lines say; milters that name its queue ids are others."""
    tls = "STARTTLS=server, relay=c.example [192.0.2.7], version=TLSv1.3, verify=NO, cipher=X, bits=256/256"
    refused = "reject=550 5.7.1 <x@y.example>... Relaying denied"
    texts = [
        accepted(),
        f"{DAY} 02:00:30 {tls}",
        tried("b@dst.example", SENT),
        f"{DAY} 02:00:31 {OTHER}: ruleset=check_rcpt, arg1=<x@y.example>, relay=d.example [192.0.2.8], {refused}",
    ]
    milters = [
        f"{DAY} 02:00:30 h opendkim[9]: {ID}: DKIM-Signature field added (s=a, d=src.example)\n",
        f"{DAY} 02:00:30 h milter-greylist[9]: {ID}: addr c.example[192.0.2.7] from <a@src.example>\n",
        f"{DAY} 02:00:30 h mimedefang.pl[9]: {ID}: to=<b@dst.example>, from=<a@src.example>, stat=looked at\n",
    ]
    usual, other = tmp_path / "usual", tmp_path / "other"
    usual.write_text(log_of(texts) + "".join(milters))
    other.write_text(usual.read_text().replace(" sm-mta[", " smtp-in7["))

    def rows(path: Path, *options: str) -> list[dict[str, Any]]:
        said = run("log", "--include-rejects", "--format", "jsonl", *options, path)
        return [json.loads(line) for line in said.out.splitlines()]

    assert [row["outcome"] for row in rows(other)] == ["delivered", "rejected"]
    assert rows(other) == rows(other, "--input-format", "sendmail") == rows(usual)
    programs = [json.loads(line).get("program") for line in run("events", "--format", "jsonl", other).out.splitlines()]
    assert set(programs) - {None} == {"smtp-in7"}
    counts = [run("stats", "--format", "json", path).document["inputs"][0] for path in (usual, other)]
    assert [{name: one[name] for name in ("parsed", "noise", "unparsed")} for one in counts] == [
        {"parsed": 4, "noise": 3, "unparsed": 0}
    ] * 2
    assert run("trace", ID, other).code == 0
