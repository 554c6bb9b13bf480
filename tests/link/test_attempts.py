"""qmail's deliveries are those of the message that the number and the inode meant at that time."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.effort import examples
from tests.link.qmail_send import FORWARDS, HERE, LOCAL, REMOTE, SECOND, VIRTUAL, Recipient, Server, ends

from mailaudit import flow
from mailaudit.model.request import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Written = Callable[[Iterable[tuple[int, str]]], str]

BEGIN = 1_767_319_445 * SECOND
DAY = 86_400 * SECOND
ROME = ZoneInfo("Europe/Rome")
ADDRESSES = [
    *(f"{name}@far.example" for name in REMOTE),
    *(f"{name}@{HERE}" for name in (*LOCAL, *FORWARDS)),
    *(f"{name}@{VIRTUAL}" for name in ("ann", "gone", "both", "eve")),
]


def simulated(seed: int, days: int, messages: int) -> Server:
    """A server that was in use for some days, and was started again now and then."""
    random = Random(seed)  # noqa: S311 - traffic
    server = Server(random, BEGIN)
    for number in range(messages):
        to = random.sample(ADDRESSES, random.choice([1, 1, 2, 3, 5]))
        sender = random.choice(
            [f"news-{number}@list.example", f"joe-{number}@{HERE}", "nobody@far.example", f"gone@{HERE}"]
        )
        server.at(BEGIN + random.randrange(days * DAY), lambda sender=sender, to=to: server.submit(sender, to))  # type: ignore[misc]
    for _ in range(3):
        server.at(BEGIN + random.randrange(days * DAY), server.stop)
    server.run(BEGIN + days * DAY)
    return server


def multilog(lines: Iterable[tuple[int, str]]) -> str:
    """The lines as multilog writes them."""
    return "".join(f"@{(1 << 62) + 10 + us // SECOND:016x}{us % SECOND * 1000 + 7:08x} {text}\n" for us, text in lines)


def splogger(lines: Iterable[tuple[int, str]]) -> str:
    """The lines as they come through splogger and syslog, long ones folded."""
    found = []
    for us, text in lines:
        stamp = dt.datetime.fromtimestamp(us // SECOND, ROME).strftime("%b %e %H:%M:%S")
        for at in range(0, len(text), 799):
            joint = "+" if at else " "
            found.append(f"{stamp} mx qmail: {us // SECOND}.{us % SECOND:06}{joint}{text[at : at + 799]}\n")
    return "".join(found)


def read(path: Path, size: int | None = None) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Recipients of users' mail, and notices with what they are about."""
    with flow.read(Request((str(path),), block_size=size)) as run:
        recipients = run.engine.rows(
            "select size, sender, recipient, outcome, attempts, cast(round(delay * 1000) as bigint) "
            "from recipients where role = 'user'"
        )
        notices = run.engine.rows(
            "select p.size, c.size, c.sender from edges e join lives p on p.key = e.parent_key "
            "join lives c on c.key = e.child_key where e.kind = 'notice'"
        )
    return sorted(recipients, key=repr), sorted(notices, key=repr)


def truth(server: Server) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """The same as the model knows it; who is reached on two ways is one recipient."""
    reached: dict[tuple[int, str, str], list[tuple[int, Recipient]]] = {}
    for message in server.messages:
        if message.role == "user" and message.seen:
            for one, _ in ends(message):
                reached.setdefault((message.size, message.sender, one.address), []).append((message.accepted_us, one))
    recipients = []
    for who, ways in reached.items():
        accepted_us, last = max(ways, key=lambda way: (way[1].done, way[1].settled_us or 0))
        took = None if last.settled_us is None else round((last.settled_us - accepted_us) / 1000)
        recipients.append((*who, last.outcome, sum(one.tries for _, one in ways), took))
    notices = [
        (message.parent.size, message.size, message.sender)
        for message in server.messages
        if message.role == "notice" and message.seen and message.parent
    ]
    return sorted(recipients, key=repr), sorted(notices, key=repr)


def check(server: Server, log: Path, size: int | None) -> None:
    """Compares answer and model."""
    (found, notices), (recipients, written) = read(log, size), truth(server)

    assert [row[:5] for row in found] == [row[:5] for row in recipients]
    settled = {row[:5]: row[5] for row in recipients if row[5] is not None}
    wrong = [row for row in found if row[:5] in settled and abs(row[5] - settled[row[:5]]) > 1]
    assert wrong == []
    assert notices == written


@pytest.mark.parametrize("written", [multilog, splogger])
@pytest.mark.parametrize("size", [None, 6_000, 60_001])
def test_every_recipient_ends_as_it_did(written: Written, size: int | None, tmp_path: Path) -> None:
    """Numbers and inodes come back at once, starts and results stand far apart: nobody gets another's result."""
    server = simulated(1, 8, 25)
    log = tmp_path / "current"
    log.write_text(written(server.lines))

    check(server, log, size)


@settings(max_examples=examples(10), deadline=None)
@given(
    seed=st.integers(0, 1 << 32),
    size=st.sampled_from([None, 3_000, 20_000]),
    written=st.sampled_from([multilog, splogger]),
)
def test_any_traffic_is_told_apart(seed: int, size: int | None, written: Written) -> None:
    """Whatever happens on the server, and wherever blocks end."""
    server = simulated(seed, 8, 8)
    with TemporaryDirectory() as folder:
        log = Path(folder) / "current"
        log.write_text(written(server.lines))
        check(server, log, size)
