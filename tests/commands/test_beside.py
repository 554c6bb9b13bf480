"""Backscatter and possible duplicates: logs composed so that what is in them is known."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from tests.commands.maillog import stamp

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.commands.conftest import Result

    Run = Callable[..., Result]

OURS = ("127.0.0.1", "::1", "10.1.2.3", "192.168.1.9", "172.16.0.9", "172.31.255.1", "fd00::17", "fe80::1")
OTHERS = ("203.0.113.5", "198.51.100.20", "172.15.0.1", "172.32.0.1", "11.10.0.1", "2001:db8::5", "192.169.0.1")
NOBODY = "dsn=5.1.1, status=bounced (host in[192.0.2.3] said: 550 5.1.1 User unknown (in reply to RCPT TO command))"
ANSWERS = {
    "sent": "dsn=2.0.0, status=sent (250 2.0.0 Ok)",
    "bounced": "dsn=5.1.1, status=bounced (host mx[192.0.2.4] said: 550 5.1.1 Unknown)",
    "deferred": "dsn=4.3.2, status=deferred (host mx[192.0.2.4] said: 421 4.3.2 Busy)",
}


@dataclass(frozen=True)
class Case:
    """A mail that fails, and the notice about it."""

    client: str
    user: bool
    notice_to: str
    program: str
    relay: str
    answer: str

    @property
    def counts(self) -> bool:
        """A stranger brought it, and the notice goes to an address elsewhere."""
        return self.client in OTHERS and not self.user and self.program == "smtp"


def bounced(number: int, case: Case) -> list[tuple[float, str]]:
    """The lines of the mail and of its notice, with their seconds."""
    at, one, two = 60.0 * number, f"4b{number:04X}Q2mz1{number:03X}", f"4b{number:04X}Q9mz2{number:03X}"
    login = ", sasl_method=PLAIN, sasl_username=ann" if case.user else ""
    return [
        (at, f"smtpd[7]: {one}: client=host.example[{case.client}]{login}"),
        (at, f"cleanup[8]: {one}: message-id=<{number}@x.example>"),
        (at, f"qmgr[9]: {one}: from=<{case.notice_to}>, size=900, nrcpt=1 (queue active)"),
        (at + 1, f"smtp[10]: {one}: to=<u@inside.example>, relay=in[192.0.2.3]:25, delay=1, {NOBODY}"),
        (at + 2, f"cleanup[8]: {two}: message-id=<n{number}@mx1>"),
        (at + 2, f"bounce[11]: {one}: sender non-delivery notification: {two}"),
        (at + 2, f"qmgr[9]: {two}: from=<>, size=2900, nrcpt=1 (queue active)"),
        (at + 2, f"qmgr[9]: {one}: removed"),
        (
            at + 3,
            f"{case.program}[12]: {two}: to=<{case.notice_to}>, relay={case.relay}, delay=1, {ANSWERS[case.answer]}",
        ),
        *([(at + 3, f"qmgr[9]: {two}: removed")] if case.answer != "deferred" else []),
    ]


def log(path: Path, found: list[tuple[float, str]]) -> Path:
    """The file with these lines, by time."""
    found = sorted(found, key=lambda item: item[0])
    path.write_text("".join(f"{stamp(at)} mx1 postfix/{text}\n" for at, text in found))
    return path


@pytest.mark.parametrize("seed", range(3))
def test_backscatter(run: Run, tmp_path: Path, seed: int) -> None:
    """Notices to addresses elsewhere about mail of strangers, not of our users and networks."""
    dice = random.Random(seed)  # noqa: S311 (mail, not secrets)
    ways = (("smtp", "mx.far.example[192.0.2.4]:25"), ("local", "local"), ("lmtp", "inside[/run/lmtp]"))
    cases = []
    for client in (*OURS, *OTHERS) * 3:
        program, relay = dice.choice((ways[0], *ways))
        victim = f"v{dice.randrange(3)}@d{dice.randrange(3)}.example"
        cases.append(Case(client, dice.random() < 0.2, victim, program, relay, dice.choice(list(ANSWERS))))
    dice.shuffle(cases)
    expected: dict[str, list[Any]] = defaultdict(lambda: [0, set(), 0])
    for case in cases:
        if case.counts:
            of = expected[case.notice_to.rpartition("@")[2]]
            of[0] += 1
            of[1].add(case.notice_to)
            of[2] += case.answer != "sent"
    path = log(tmp_path / "log", [line for number, case in enumerate(cases) for line in bounced(number, case)])
    rows = run("bounces", "--table", "backscatter", "--format", "json", path).rows("backscatter")

    assert len(expected) == 3
    assert {row["domain"]: (row["notices"], row["addresses"], row["refused"]) for row in rows} == {
        domain: (notices, len(people), refused) for domain, (notices, people, refused) in expected.items()
    }


def given(number: int, message_id: str, recipient: str, *answers: str) -> list[tuple[float, str]]:
    """A message and its attempts, ten minutes apart."""
    at, queue_id = 7.0 * number, f"4c{number:04X}Q2mz1{number:03X}"
    found = [
        (at, f"smtpd[7]: {queue_id}: client=pc.a.example[192.0.2.10]"),
        (at, f"cleanup[8]: {queue_id}: message-id=<{message_id}>"),
        (at, f"qmgr[9]: {queue_id}: from=<shop@a.example>, size=900, nrcpt=1 (queue active)"),
    ]
    for turn, answer in enumerate(answers):
        found.append(
            (
                at + 600 * turn + 1,
                f"smtp[10]: {queue_id}: to=<{recipient}>, relay=mx[192.0.2.4]:25, delay=1, delays=0/0/0/1, {answer}",
            )
        )
    if "status=deferred" not in answers[-1]:
        found.append((at + 600 * len(answers) - 599, f"qmgr[9]: {queue_id}: removed"))
    return found


BROKEN = (
    "dsn=4.4.2, status=deferred (lost connection with mx[192.0.2.4] while sending end of data -- message may be sent "
    "more than once)"
)
TIMED_OUT = (
    "dsn=4.4.2, status=deferred (conversation with mx[192.0.2.4] timed out while sending end of data -- message may be "
    "sent more than once)"
)


@pytest.mark.parametrize("seed", range(3))
def test_duplicates(run: Run, tmp_path: Path, seed: int) -> None:
    """Delivered twice to one address under one Message-ID, or once after a connection broke at the end of the data."""
    dice = random.Random(seed)  # noqa: S311 (mail, not secrets)
    sent, busy, failed = ANSWERS["sent"], ANSWERS["deferred"], ANSWERS["bounced"]
    lives: list[tuple[str, str, tuple[str, ...]]] = []
    for number in range(40):
        message_id, recipient = f"{number}@a.example", f"u{number % 7}@b.example"
        ways: dict[str, list[tuple[str, str, tuple[str, ...]]]] = {
            "once": [(message_id, recipient, (sent,))],
            "twice": [(message_id, recipient, (sent,))] * 2,
            "thrice": [(message_id, recipient, (busy, sent))] * 3,
            "others": [(message_id, f"{at}@c.example", (sent,)) for at in range(3)],
            "other id": [(f"{at}.{message_id}", recipient, (sent,)) for at in range(2)],
            "broken": [(message_id, recipient, (BROKEN, TIMED_OUT, sent))],
            "both": [(message_id, recipient, (BROKEN, sent)), (message_id, recipient, (sent,))],
            "busy": [(message_id, recipient, (busy, sent))],
            "never": [(message_id, recipient, (BROKEN, failed))],
            "fails": [(message_id, recipient, (sent,)), (message_id, recipient, (failed,))],
        }
        lives += dice.choice(list(ways.values()))
    expected: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for message_id, recipient, answers in lives:
        if answers[-1] == sent:
            expected[recipient, message_id][0] += 1
            expected[recipient, message_id][1] += sum("more than once" in answer for answer in answers)
    order = list(range(len(lives)))
    dice.shuffle(order)
    lines = [line for number, at in enumerate(order) for line in given(number, *lives[at][:2], *lives[at][2])]
    rows = run("bounces", "--table", "duplicates", "--format", "json", log(tmp_path / "log", lines)).rows("duplicates")

    assert {
        (row["recipient"], row["message_id"]): (row["deliveries"], row["why"], len(row["queue_ids"].split()))
        for row in rows
    } == {
        key: (times + unsure, "delivered" if times > 1 else "unsure", times)
        for key, (times, unsure) in expected.items()
        if times + unsure > 1
    }
    assert len(rows) > 5
