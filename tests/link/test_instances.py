"""Lines of a service belong to the instance of their queue id, wherever blocks and files are cut."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailaudit import flow
from mailaudit.model.request import Request

if TYPE_CHECKING:
    from pathlib import Path

Mail = tuple[str, str, list[str]]
"""Instance, number, lines."""
SERVICE = "postfix/submission/smtpd"
RELAY = "postfix/relay/smtp"
COLUMNS = "sender, recipient, outcome, client_ip, message_id, attempts, role"


def mail(instance: str, number: int, queue_id: str, *, named: bool, tries: int) -> Mail:
    """A mail of an instance, whose services name it or not."""
    smtpd = f"{instance}/smtpd" if named else SERVICE
    smtp = f"{instance}/smtp" if named else RELAY
    later = "dsn=4.7.1, status=deferred (host mx.dst.example[203.0.113.9] said: 450 4.7.1 later)"
    sent = "dsn=2.0.0, status=sent (250 2.0.0 Ok)"
    to = f"{smtp}[7]: {queue_id}: to=<r{number}@dst.example>, relay=mx.dst.example[203.0.113.9]:25, delay=1, "
    active = f"{instance}/qmgr[3]: {queue_id}: from=<s{number}@src.example>, size=9, nrcpt=1 (queue active)"
    lines = [
        f"{smtpd}[5]: {queue_id}: client=c.example[192.0.2.{number}]",
        f"{instance}/cleanup[6]: {queue_id}: message-id=<m{number}@src.example>",
    ]
    for _ in range(tries - 1):
        lines += [active, to + later]
    return instance, str(number), [*lines, active, to + sent, f"{instance}/qmgr[3]: {queue_id}: removed"]


def expected(number: str, tries: int) -> tuple[object, ...]:
    """The row of such a mail."""
    sender, recipient = f"s{number}@src.example", f"r{number}@dst.example"
    return sender, recipient, "delivered", f"192.0.2.{number}", f"m{number}@src.example", tries, "user"


@st.composite
def traffic(draw: st.DrawFn) -> tuple[list[str], list[tuple[object, ...]]]:
    """Lines of two instances, each mail's in order; an id comes back in either instance once it is free there."""
    mails, rows = [], []
    for number in range(1, draw(st.integers(1, 7)) + 1):
        instance = draw(st.sampled_from(["postfix", "postfix-out"]))
        tries = draw(st.integers(1, 3))
        mails.append(mail(instance, number, f"{number:06X}A", named=draw(st.booleans()), tries=tries))
        rows.append(expected(str(number), tries))
    left = [list(lines) for _, _, lines in mails]
    lines = []
    while any(left):
        chosen = draw(st.sampled_from([queue for queue in left if queue]))
        lines.append(chosen.pop(0))
    return lines, sorted(rows)


def read(path: Path, size: int | None = None) -> list[tuple[object, ...]]:
    """The rows of a log, read in blocks of a size."""
    with flow.read(Request(paths=(str(path),), block_size=size)) as run:
        return run.engine.rows(f"select {COLUMNS} from recipients order by all")


def written(path: Path, lines: list[str]) -> Path:
    """A log of one host, a line a second."""
    stamps = [f"Mar  2 {10 + at // 3600:02}:{at // 60 % 60:02}:{at % 60:02}" for at in range(len(lines))]
    path.write_text("".join(f"{stamp} mx {line}\n" for stamp, line in zip(stamps, lines, strict=True)))
    return path


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(log=traffic(), size=st.sampled_from([60, 150, 400, 1000]))
def test_every_mail_is_whole_at_any_block_size(
    log: tuple[list[str], list[tuple[object, ...]]], size: int, tmp_path: Path
) -> None:
    """Client, sender, retries and end are of one mail, whichever of its lines name the instance."""
    lines, rows = log
    path = written(tmp_path / "mail.log", lines)

    assert read(path) == rows
    assert read(path, size) == rows


@pytest.mark.parametrize("size", [None, 80, 500])
def test_an_id_that_the_other_instance_had_a_moment_ago(tmp_path: Path, size: int | None) -> None:
    """The life that is open is meant, not the one that is over; a beginning is of a new one."""
    first = mail("postfix-out", 1, "4F1A2B3C01", named=False, tries=2)
    second = mail("postfix", 2, "4F1A2B3C01", named=False, tries=2)
    third = mail("postfix-out", 3, "4F1A2B3C01", named=False, tries=1)
    path = written(tmp_path / "mail.log", [*first[2], *second[2], *third[2]])

    assert read(path, size) == [expected("1", 2), expected("2", 2), expected("3", 1)]


@pytest.mark.parametrize("size", [None, 80])
def test_an_instance_of_any_name_without_another(tmp_path: Path, size: int | None) -> None:
    """One instance, which is called otherwise than its services say."""
    lines = [line for number in range(1, 5) for line in mail("mta1", number, f"{number:06X}A", named=False, tries=2)[2]]
    path = written(tmp_path / "mail.log", lines)

    assert read(path, size) == [expected(str(number), 2) for number in range(1, 5)]
