"""Small Postfix logs, each of one thing that may happen to a mail, and the rows of `mailaudit log` they must give."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Result

CLIENT = "smtpd[9]: 4F1A2B3C01: client=c.example[192.0.2.7]"
ID = "cleanup[9]: 4F1A2B3C01: message-id=<m1@src.example>"
ACTIVE = "qmgr[9]: 4F1A2B3C01: from=<a@src.example>, size=100, nrcpt=1 (queue active)"
REMOVED = "qmgr[9]: 4F1A2B3C01: removed"
FIELDS = "from=<a@src.example> to=<b@dst.example> proto=ESMTP helo=<c.example>"
DISCARDING = "milter triggers DISCARD action; from=<a@src.example> proto=ESMTP helo=<c.example>"
WAITS = "delay=1, delays=0.1/0.1/0/0, dsn=4.4.3, status=deferred"
QUEUED = "250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as"
SENT = "delay=1, delays=0.1/0.1/0.4/0.4, dsn=2.0.0, status=sent"

TO_ANOTHER_QUEUE = [
    CLIENT,
    ID,
    ACTIVE,
    f"smtp[9]: 4F1A2B3C01: to=<b@dst.example>, relay=127.0.0.1[127.0.0.1]:10074, {SENT} (250 Ok: queued as 4F00000009)",
    REMOVED,
]
"""Mail that a filter takes whose own queue these logs do not know."""


def sent(queue_id: str, recipient: str) -> str:
    """A delivery to another server."""
    return f"smtp[9]: {queue_id}: to=<{recipient}>, relay=mx.example[203.0.113.9]:25, {SENT} (250 Ok: queued as X)"


def second(queue_id: str) -> list[str]:
    """The lines of a mail that begins with its Message-ID: a forwarded copy of the first."""
    active = f"qmgr[9]: {queue_id}: from=<a@src.example>, size=120, nrcpt=1 (queue active)"
    return [f"cleanup[9]: {queue_id}: message-id=<m1@src.example>", active]


def bounced() -> list[str]:
    """A mail up to its failure."""
    said = "(host mx.example[203.0.113.9] said: 550 5.1.1 no (in reply to RCPT TO command))"
    head = "smtp[9]: 4F1A2B3C01: to=<b@dst.example>, relay=mx.example[203.0.113.9]:25, delay=1, delays=0.1/0.1/0.4/0.4"
    return [CLIENT, ID, ACTIVE, f"{head}, dsn=5.1.1, status=bounced {said}"]


NOTICE = "bounce[9]: 4F1A2B3C01: sender non-delivery notification: 4F1A2B3C02"
OF_NOTICE = [
    "cleanup[9]: 4F1A2B3C02: message-id=<20260102030408.4F1A2B3C02@h.example>",
    "qmgr[9]: 4F1A2B3C02: from=<>, size=2000, nrcpt=1 (queue active)",
]
BOUNCED: list[dict[str, Any]] = [{"queue_id": "4F1A2B3C01", "recipient": "b@dst.example", "outcome": "bounced"}]

STORIES: dict[str, tuple[list[str], list[dict[str, Any]]]] = {
    "a client that went away: no mail (3.10 says so)": (
        [
            CLIENT,
            ID,
            "smtpd[9]: 4F1A2B3C01: lost connection after DATA (10 bytes) from c.example[192.0.2.7]",
            "cleanup[9]: 4F1A2B3C01: removed (canceled)",
        ],
        [],
    ),
    "a notice to the postmaster about what smtpd saw: nobody's mail": (
        [
            "cleanup[9]: 4F1A2B3C02: message-id=<20260102030408.4F1A2B3C02@h.example>",
            "qmgr[9]: 4F1A2B3C02: from=<double-bounce@h.example>, size=900, nrcpt=1 (queue active)",
            sent("4F1A2B3C02", "postmaster@dst.example"),
        ],
        [],
    ),
    "the same under another double_bounce_sender": (
        [
            "cleanup[9]: 4F1A2B3C02: message-id=<20260102030408.4F1A2B3C02@h.example>",
            "qmgr[9]: 4F1A2B3C02: from=<problems@h.example>, size=900, nrcpt=1 (queue active)",
            sent("4F1A2B3C02", "postmaster@dst.example"),
        ],
        [],
    ),
    "a mail of someone whose program gives no Message-ID: users' mail": (
        [
            "pickup[9]: 4F1A2B3C02: uid=33 from=<www>",
            "cleanup[9]: 4F1A2B3C02: message-id=<20260102030408.4F1A2B3C02@h.example>",
            "qmgr[9]: 4F1A2B3C02: from=<www@h.example>, size=900, nrcpt=1 (queue active)",
            sent("4F1A2B3C02", "b@dst.example"),
        ],
        [{"sender": "www@h.example", "recipient": "b@dst.example", "outcome": "delivered"}],
    ),
    "a header check refused it: no mail (3.10)": (
        [
            CLIENT,
            f"cleanup[9]: 4F1A2B3C01: reject: header Subject: x from c.example[192.0.2.7]; {FIELDS}: 5.7.1 no",
            "cleanup[9]: 4F1A2B3C01: removed (canceled)",
        ],
        [],
    ),
    "an access rule discarded it before its queue id (3.10)": (
        [
            f"smtpd[9]: NOQUEUE: discard: RCPT from c.example[192.0.2.7]: <b@dst.example>: triggers DISCARD; {FIELDS}",
            CLIENT,
            ID,
            "cleanup[9]: 4F1A2B3C01: removed (discarded)",
        ],
        [{"queue_id": "4F1A2B3C01", "outcome": "discarded", "attempts": 0}],
    ),
    "an access rule put it on hold before its queue id": (
        [
            f"smtpd[9]: NOQUEUE: hold: RCPT from c.example[192.0.2.7]: <b@dst.example>: triggers HOLD action; {FIELDS}",
            "smtpd[8]: 4F1A2B3C09: client=c.example[192.0.2.7]",
            CLIENT,
            ID,
            "smtpd[8]: disconnect from c.example[192.0.2.7]",
        ],
        [{"queue_id": "4F1A2B3C01", "sender": "a@src.example", "recipient": "b@dst.example", "outcome": "held"}],
    ),
    "an access rule discarded it before its queue id": (
        [
            f"smtpd[9]: NOQUEUE: discard: RCPT from c.example[192.0.2.7]: <b@dst.example>: triggers DISCARD; {FIELDS}",
            CLIENT,
            ID,
        ],
        [{"queue_id": "4F1A2B3C01", "sender": "a@src.example", "recipient": "b@dst.example", "outcome": "discarded"}],
    ),
    "a milter discarded it at MAIL FROM, before its queue id: nothing tells of its recipients": (
        [
            f"smtpd[9]: NOQUEUE: milter-discard: MAIL from c.example[192.0.2.7]: {DISCARDING}",
            CLIENT,
            "smtpd[9]: disconnect from c.example[192.0.2.7] ehlo=1 mail=1 rcpt=2 data=1 quit=1 commands=6",
        ],
        [{"queue_id": "4F1A2B3C01", "sender": "a@src.example", "outcome": "discarded", "attempts": 0}],
    ),
    "what was on hold from the door on is released": (
        [
            f"smtpd[9]: NOQUEUE: hold: RCPT from c.example[192.0.2.7]: <b@dst.example>: triggers HOLD action; {FIELDS}",
            CLIENT,
            ID,
            "postsuper[9]: 4F1A2B3C01: released from hold",
            ACTIVE,
            sent("4F1A2B3C01", "b@dst.example"),
            REMOVED,
        ],
        [{"queue_id": "4F1A2B3C01", "recipient": "b@dst.example", "outcome": "delivered", "attempts": 1}],
    ),
    "a milter discarded it (3.10)": (
        [
            CLIENT,
            ID,
            (
                "cleanup[9]: 4F1A2B3C01: milter-discard: END-OF-MESSAGE from c.example[192.0.2.7]: milter triggers "
                f"DISCARD action; {FIELDS}"
            ),
            "cleanup[9]: 4F1A2B3C01: removed (discarded)",
        ],
        [{"queue_id": "4F1A2B3C01", "recipient": "b@dst.example", "sender": "a@src.example", "outcome": "discarded"}],
    ),
    "a notice announced after its Message-ID": (
        [*bounced(), *OF_NOTICE, NOTICE, REMOVED, sent("4F1A2B3C02", "a@src.example")],
        BOUNCED,
    ),
    "a notice announced before its Message-ID (3.11)": (
        [*bounced(), NOTICE, *OF_NOTICE, REMOVED, sent("4F1A2B3C02", "a@src.example")],
        BOUNCED,
    ),
    "two aliases in one mail: each recipient by the address that led there": (
        [
            CLIENT,
            ID,
            ACTIVE,
            *second("4F1A2B3C02"),
            f"local[9]: 4F1A2B3C01: to=<one@h.example>, relay=local, {SENT} (forwarded as 4F1A2B3C02)",
            *second("4F1A2B3C03"),
            f"local[9]: 4F1A2B3C01: to=<two@h.example>, relay=local, {SENT} (forwarded as 4F1A2B3C03)",
            REMOVED,
            sent("4F1A2B3C02", "x@dst.example"),
            sent("4F1A2B3C02", "y@dst.example"),
            sent("4F1A2B3C03", "z@dst.example"),
        ],
        [
            {"recipient": "x@dst.example", "original_recipient": "one@h.example", "queue_id": "4F1A2B3C01"},
            {"recipient": "y@dst.example", "original_recipient": "one@h.example", "outcome": "delivered"},
            {"recipient": "z@dst.example", "original_recipient": "two@h.example", "outcome": "delivered"},
        ],
    ),
    "an alias behind a content filter": (
        [
            CLIENT,
            ID,
            ACTIVE,
            "smtpd[9]: 4F1A2B3C02: client=localhost[127.0.0.1], orig_queue_id=4F1A2B3C01",
            *second("4F1A2B3C02"),
            (
                f"smtp[9]: 4F1A2B3C01: to=<one@h.example>, relay=127.0.0.1[127.0.0.1]:10024, {SENT} "
                "(250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 4F1A2B3C02)"
            ),
            REMOVED,
            *second("4F1A2B3C03"),
            f"local[9]: 4F1A2B3C02: to=<one@h.example>, relay=local, {SENT} (forwarded as 4F1A2B3C03)",
            sent("4F1A2B3C03", "z@dst.example"),
        ],
        [
            {
                "recipient": "z@dst.example",
                "original_recipient": "one@h.example",
                "queue_ids": "4F1A2B3C01 4F1A2B3C02 4F1A2B3C03",
                "attempts": 1,
            }
        ],
    ),
    "a program hands it back by the sendmail command: one attempt": (
        [
            CLIENT,
            ID,
            ACTIVE,
            "pickup[9]: 4F1A2B3C02: uid=1001 from=<a@src.example>",
            *second("4F1A2B3C02"),
            f"pipe[9]: 4F1A2B3C01: to=<b@dst.example>, relay=spamassassin, {SENT} (delivered via spamassassin service)",
            REMOVED,
            sent("4F1A2B3C02", "b@dst.example"),
        ],
        [{"queue_ids": "4F1A2B3C01 4F1A2B3C02", "recipient": "b@dst.example", "outcome": "delivered", "attempts": 1}],
    ),
    "what a program handed back waits: it is not delivered": (
        [
            CLIENT,
            ID,
            ACTIVE,
            "pickup[9]: 4F1A2B3C02: uid=1001 from=<a@src.example>",
            *second("4F1A2B3C02"),
            f"pipe[9]: 4F1A2B3C01: to=<b@dst.example>, relay=spamassassin, {SENT} (delivered via spamassassin service)",
            REMOVED,
            (
                "smtp[9]: 4F1A2B3C02: to=<b@dst.example>, relay=none, delay=1, delays=0.1/0.1/0.4/0.4, dsn=4.4.1, "
                "status=deferred (connect to mx.example[203.0.113.9]:25: Connection refused)"
            ),
        ],
        [{"recipient": "b@dst.example", "outcome": "deferred", "attempts": 1}],
    ),
    "MailScanner gives it another queue id": (
        [
            CLIENT,
            f"cleanup[9]: 4F1A2B3C01: hold: header Received: from c from c.example[192.0.2.7]; {FIELDS}",
            ID,
            "MailScanner[9]: New Batch: Scanning 1 messages, 100 bytes",
            "MailScanner[9]: Requeue: 4F1A2B3C01.A1B2C to 4F1A2B3C02",
            second("4F1A2B3C02")[1],
            sent("4F1A2B3C02", "b@dst.example"),
        ],
        [{"queue_ids": "4F1A2B3C01 4F1A2B3C02", "recipient": "b@dst.example", "outcome": "delivered", "attempts": 1}],
    ),
    "it waits, and the log ends with the operator requeueing it": (
        [
            CLIENT,
            ID,
            ACTIVE,
            f"smtp[9]: 4F1A2B3C01: to=<b@dst.example>, relay=none, {WAITS} (Host not found, try again)",
            "postsuper[9]: 4F1A2B3C01: requeued",
            "postsuper[9]: Requeued: 1 message",
        ],
        [{"recipient": "b@dst.example", "outcome": "deferred", "attempts": 1, "finished_at": None}],
    ),
    "a filter with a queue of its own, whose ids are not in the log": (
        [
            *TO_ANOTHER_QUEUE,
            "smtpd[8]: 4F1A2B3C02: client=localhost[127.0.0.1]",
            *second("4F1A2B3C02"),
            sent("4F1A2B3C02", "b@dst.example"),
            "qmgr[9]: 4F1A2B3C02: removed",
        ],
        [
            {
                "queue_id": "4F1A2B3C01",
                "queue_ids": "4F1A2B3C01 4F1A2B3C02",
                "recipient": "b@dst.example",
                "outcome": "delivered",
                "attempts": 1,
            }
        ],
    ),
    "a filter with a queue of its own, from which the mail does not come back": (
        [
            *TO_ANOTHER_QUEUE,
        ],
        [{"queue_id": "4F1A2B3C01", "recipient": "b@dst.example", "outcome": "pending"}],
    ),
    "it waits, its address becomes an alias, and it is requeued": (
        [
            CLIENT,
            ID,
            ACTIVE,
            f"smtp[9]: 4F1A2B3C01: to=<b@dst.example>, relay=none, {WAITS} (no)",
            "postsuper[9]: 4F1A2B3C01: requeued",
            "pickup[9]: 4F1A2B3C02: uid=102 from=<a@src.example> orig_id=4F1A2B3C01",
            *second("4F1A2B3C02"),
            sent("4F1A2B3C02", "c@dst.example").replace(", relay", ", orig_to=<b@dst.example>, relay"),
            "qmgr[9]: 4F1A2B3C02: removed",
        ],
        [
            {
                "queue_ids": "4F1A2B3C01 4F1A2B3C02",
                "recipient": "c@dst.example",
                "original_recipient": "b@dst.example",
                "outcome": "delivered",
                "attempts": 1,
            }
        ],
    ),
    "a pipe filter and a content filter behind it, all within a second": (
        [
            CLIENT,
            ID,
            ACTIVE,
            "pickup[9]: 4F1A2B3C02: uid=65534 from=<a@src.example>",
            *second("4F1A2B3C02"),
            "smtpd[9]: 4F1A2B3C03: client=localhost[127.0.0.1]",
            f"pipe[9]: 4F1A2B3C01: to=<b@dst.example>, relay=simple, {SENT} (delivered via simple service)",
            *second("4F1A2B3C03"),
            f"smtp[9]: 4F1A2B3C02: to=<b@dst.example>, relay=127.0.0.1[127.0.0.1]:10024, {SENT} ({QUEUED} 4F1A2B3C03)",
            REMOVED,
            sent("4F1A2B3C03", "b@dst.example"),
        ],
        [
            {
                "queue_ids": "4F1A2B3C01 4F1A2B3C02 4F1A2B3C03",
                "recipient": "b@dst.example",
                "outcome": "delivered",
                "attempts": 1,
            }
        ],
    ),
    "a delivery agent logs under a name of its own": (
        [
            CLIENT,
            ID,
            ACTIVE,
            f"-slow/{sent('4F1A2B3C01', 'b@dst.example')}",
            REMOVED,
        ],
        [{"queue_id": "4F1A2B3C01", "sender": "a@src.example", "recipient": "b@dst.example", "outcome": "delivered"}],
    ),
    "MailScanner throws it away": (
        [
            CLIENT,
            f"cleanup[9]: 4F1A2B3C01: hold: header Received: from c from c.example[192.0.2.7]; {FIELDS}",
            ID,
            "MailScanner[9]: Spam Actions: message 4F1A2B3C01.A1B2C actions are store",
        ],
        [{"queue_id": "4F1A2B3C01", "recipient": "b@dst.example", "outcome": "discarded"}],
    ),
    "the discard transport is asked once": (
        [CLIENT, ID, ACTIVE, f"discard[9]: 4F1A2B3C01: to=<b@dst.example>, relay=none, {SENT} (dst.example)", REMOVED],
        [{"recipient": "b@dst.example", "outcome": "discarded", "attempts": 1}],
    ),
}


def log_of(texts: list[str]) -> str:
    """A log with a second between lines."""
    tags = (
        text if text.startswith("MailScanner") else f"postfix{text}" if text.startswith("-") else f"postfix/{text}"
        for text in texts
    )
    return "".join(f"Jan  2 03:04:{second:02d} h {text}\n" for second, text in enumerate(tags, start=5))


@pytest.mark.parametrize("story", STORIES)
def test_a_story_has_its_rows(run: Callable[..., Result], tmp_path: Path, story: str) -> None:
    """As many rows as recipients, each with the fields that the story tells; every line is understood."""
    texts, expected = STORIES[story]
    path = tmp_path / "mail.log"
    path.write_text(log_of(texts))

    result = run("log", "--format", "jsonl", path)
    rows = [json.loads(line) for line in result.out.splitlines()]
    found = [{name: row.get(name) for name in wanted} for row, wanted in zip(rows, expected, strict=False)]

    assert (len(rows), found) == (len(expected), expected)
    assert result.code == 0
    assert run("records", "--unparsed", "--format", "jsonl", path).out == ""


def test_a_reply_in_a_record_is_without_the_brackets_of_the_line(run: Callable[..., Result], tmp_path: Path) -> None:
    """Brackets of its own stay; a line that was cut before the closing one loses nothing more."""
    line = "smtp[9]: 4F1A2B3C01: to=<b@dst.example>, relay=none, delay=1, delays=0/1/0/0, dsn=4.4.1, status=deferred "
    replies = ["timed out", "timed out (host x)", "timed ou"]
    written = [f"({replies[0]})", f"({replies[1]})", f"({replies[2]}"]
    path = tmp_path / "mail.log"
    path.write_text("".join(f"2026-01-02T03:04:05+00:00 mx postfix/{line}{reply}\n" for reply in written))
    rows = [json.loads(text) for text in run("records", "--format", "jsonl", path).out.splitlines()]

    assert [row["reply"] for row in rows] == replies


def test_what_is_held_at_once_is_accepted_then(run: Callable[..., Result], tmp_path: Path) -> None:
    """A mail that waited for the operator came in when it was put on hold, not when it was released a week later."""
    times = ["Mar  1 08:00:00", "Mar  1 08:00:01", "Mar  1 08:00:02"]
    later = ["Mar  8 09:10:00", "Mar  8 09:10:01", "Mar  8 09:10:02", "Mar  8 09:10:03"]
    held = f"cleanup[9]: 4F1A2B3C01: hold: header Subject: x from c.example[192.0.2.7]; {FIELDS}"
    texts = [CLIENT, ID, held, "postsuper[9]: 4F1A2B3C01: released from hold", ACTIVE]
    texts += [sent("4F1A2B3C01", "b@dst.example"), REMOVED]
    path = tmp_path / "mail.log"
    lines = zip([*times, *later], texts, strict=True)
    path.write_text("".join(f"{time} mx postfix/{text}\n" for time, text in lines))

    (row,) = [json.loads(line) for line in run("log", "--year", "2026", "--format", "jsonl", path).out.splitlines()]

    assert (row["submitted_at"], row["finished_at"]) == ("2026-03-01T08:00:02Z", "2026-03-08T09:10:02Z")


def test_a_warning_at_the_door_refuses_nothing(run: Callable[..., Result], tmp_path: Path) -> None:
    """A rule that only warns is told as such in the story, and apart from the refusals in the summary."""
    path = tmp_path / "mail.log"
    warned = f"cleanup[9]: 4F1A2B3C01: warning: header Subject: invoice from c.example[192.0.2.7]; {FIELDS}: seen"
    lines = [CLIENT, warned, ID, ACTIVE, sent("4F1A2B3C01", "b@dst.example"), REMOVED]
    path.write_text("".join(f"2026-01-02T03:04:{at:02d}+00:00 h postfix/{line}\n" for at, line in enumerate(lines, 5)))
    timeline = run("trace", "4F1A2B3C01", "--format", "json", path).rows("timeline")
    summary = run("stats", "--table", "summary", "--format", "json", path).rows("summary")

    assert [step["event"] for step in timeline] == ["other", "accepted", "delivered", "removed"]
    assert timeline[0]["text"].startswith("marked at the door (warning at END-OF-MESSAGE)")
    assert [(row["name"], row["count"], row["unit"]) for row in summary if row["section"] == "refusals"] == [
        ("only marked", 1, "commands that were not refused")
    ]
