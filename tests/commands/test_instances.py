"""Whose lines are whose, where a host runs more than one Postfix."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from .test_postfix_stories import SENT, WAITS, sent

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Result

SHORT, LONG = "4F1A2B3C01", "4fjtlm0y2YzJbGq"


def mail(instance: str, queue_id: str, recipient: str, *, deliver: str) -> list[str]:
    """A mail of one instance, whose delivery has a tag of its own."""
    sent = "delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 Ok)"
    return [
        f"{instance}/smtpd[9]: {queue_id}: client=c.example[192.0.2.7]",
        f"{instance}/cleanup[9]: {queue_id}: message-id=<{recipient}>",
        f"{instance}/qmgr[9]: {queue_id}: from=<a@{instance}.example>, size=100, nrcpt=1 (queue active)",
        f"{deliver}[9]: {queue_id}: to=<{recipient}>, relay=mx.example[203.0.113.9]:25, {sent}",
        f"{instance}/qmgr[9]: {queue_id}: removed",
    ]


def outcomes(run: Callable[..., Result], path: Path, lines: list[str]) -> list[tuple[str, str, str]]:
    """Sender, recipient and outcome of each row."""
    path.write_text("".join(f"Feb  3 06:26:22 mx {line}\n" for line in lines))
    rows = [json.loads(line) for line in run("log", "--format", "jsonl", path).out.splitlines()]
    return sorted((row["sender"], row["recipient"], row["outcome"]) for row in rows)


@pytest.mark.parametrize("queue_id", [SHORT, LONG])
def test_a_service_named_in_master_cf_belongs_to_the_only_instance(
    run: Callable[..., Result], tmp_path: Path, queue_id: str
) -> None:
    """Debian's master.cf says `postfix/relay/smtp` under any syslog_name (a real log of `postfix-out`)."""
    lines = mail("postfix-out", queue_id, "b@dst.example", deliver="postfix/relay/smtp")

    assert outcomes(run, tmp_path / "mail.log", lines) == [("a@postfix-out.example", "b@dst.example", "delivered")]


def test_of_two_instances_long_queue_ids_tell_whose_it_is(run: Callable[..., Result], tmp_path: Path) -> None:
    """A long id comes only once, so the tag is not needed."""
    one = mail("postfix", "4fjtlm0y2YzJbGr", "b@dst.example", deliver="postfix/smtp")
    two = mail("postfix-out", LONG, "c@dst.example", deliver="postfix/relay/smtp")

    assert outcomes(run, tmp_path / "mail.log", one + two) == [
        ("a@postfix-out.example", "c@dst.example", "delivered"),
        ("a@postfix.example", "b@dst.example", "delivered"),
    ]


def test_instances_may_give_out_the_same_short_id(run: Callable[..., Result], tmp_path: Path) -> None:
    """Each has a queue of its own: two mails at once under one short id are two."""
    one = mail("postfix-in", SHORT, "b@dst.example", deliver="postfix-in/smtp")
    two = mail("postfix-out", SHORT, "c@dst.example", deliver="postfix-out/smtp")
    both = [line for pair in zip(one, two, strict=True) for line in pair]

    assert outcomes(run, tmp_path / "mail.log", both) == [
        ("a@postfix-in.example", "b@dst.example", "delivered"),
        ("a@postfix-out.example", "c@dst.example", "delivered"),
    ]


def test_services_of_two_instances_log_under_the_name_of_one(run: Callable[..., Result], tmp_path: Path) -> None:
    """Debian's master.cf has `relay/smtp` log as `postfix/relay/smtp`, also in the instance `postfix-out`.

    Its mail is that of its queue id, though a later mail has the same id, and a line of that may come first in a file.
    """
    texts = [
        "postfix/smtpd[9]: 4F1A2B3C01: client=c.example[192.0.2.7]",
        "postfix/cleanup[9]: 4F1A2B3C01: message-id=<m1@src.example>",
        "postfix/qmgr[9]: 4F1A2B3C01: from=<a@src.example>, size=100, nrcpt=2 (queue active)",
        "postfix/127.0.0.1:10030/smtpd[9]: 4F1A2B3C02: client=localhost[127.0.0.1]",
        "postfix-out/cleanup[9]: 4F1A2B3C02: message-id=<m1@src.example>",
        *(
            f"postfix/smtp[9]: 4F1A2B3C01: to=<{who}@dst.example>, relay=127.0.0.1[127.0.0.1]:10030, {SENT} "
            "(250 2.0.0 Ok: queued as 4F1A2B3C02)"
            for who in "bd"
        ),
        "postfix/qmgr[9]: 4F1A2B3C01: removed",
        "postfix-out/qmgr[9]: 4F1A2B3C02: from=<a@src.example>, size=300, nrcpt=2 (queue active)",
        f"postfix/relay/{sent('4F1A2B3C02', 'b@dst.example')}",
        f"postfix-out/smtp[9]: 4F1A2B3C02: to=<d@dst.example>, relay=none, {WAITS} (Host not found, try again)",
        "postfix-out/qmgr[9]: 4F1A2B3C02: from=<a@src.example>, size=300, nrcpt=2 (queue active)",
        f"postfix/relay/{sent('4F1A2B3C02', 'd@dst.example')}",
        "postfix-out/qmgr[9]: 4F1A2B3C02: removed",
        "postfix/127.0.0.1:10030/smtpd[9]: 4F1A2B3C02: client=localhost[127.0.0.1]",
        "postfix-out/cleanup[9]: 4F1A2B3C02: message-id=<m2@src.example>",
        "postfix-out/qmgr[9]: 4F1A2B3C02: from=<e@src.example>, size=300, nrcpt=1 (queue active)",
        f"postfix/relay/{sent('4F1A2B3C02', 'f@dst.example')}",
        "postfix-out/qmgr[9]: 4F1A2B3C02: removed",
    ]
    path = tmp_path / "mail.log"
    path.write_text("".join(f"2026-01-02T03:{at:02}:00+00:00 mx {text}\n" for at, text in enumerate(texts)))

    found = [json.loads(line) for line in run("log", "--format", "jsonl", path).out.splitlines()]
    traced = run("trace", "--format", "jsonl", "4F1A2B3C01", path)

    assert [(row["queue_ids"], row["sender"], row["recipient"], row["outcome"], row["attempts"]) for row in found] == [
        ("4F1A2B3C01 4F1A2B3C02", "a@src.example", "b@dst.example", "delivered", 1),
        ("4F1A2B3C01 4F1A2B3C02", "a@src.example", "d@dst.example", "delivered", 2),
        ("4F1A2B3C02", "e@src.example", "f@dst.example", "delivered", 1),
    ]
    assert traced.code == 0
