"""Whose lines of a service are is known of a whole log, not of the block in which they stand."""

from __future__ import annotations

import datetime as dt
import gzip
from typing import TYPE_CHECKING

import pytest

from mailaudit import flow
from mailaudit.formats import formats
from mailaudit.link import instances
from mailaudit.model.request import Request
from mailaudit.read.sources import find

if TYPE_CHECKING:
    from pathlib import Path

SENT = "relay=mx.example[203.0.113.9]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 Ok)"


def mail(instance: str, queue_id: str, *, deliver: str) -> list[str]:
    """A mail of one instance, delivered by a daemon with this tag."""
    return [
        f"{instance}/smtpd[9]: {queue_id}: client=c.example[192.0.2.7]",
        f"{instance}/cleanup[9]: {queue_id}: message-id=<{queue_id}@{instance}.example>",
        f"{instance}/qmgr[9]: {queue_id}: from=<a@{instance}.example>, size=100, nrcpt=1 (queue active)",
        f"{deliver}[9]: {queue_id}: to=<b@dst.example>, {SENT}",
        f"{instance}/qmgr[9]: {queue_id}: removed",
    ]


def claimed(*tags: str) -> dict[str | None, object]:
    """Programs by tag."""
    return {tag: formats()["postfix"].claims(tag) for tag in tags}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("Feb  3 06:26:22 mx postfix-out/qmgr[9]: ABCDEF1: removed", {"postfix-out"}),
        ("2026-02-03T06:26:22+01:00 mx postfix/cleanup[9]: ABCDEF1: message-id=<>", {"postfix"}),
        ("<22>1 2026-02-03T06:26:22Z mx postfix-in/oqmgr 9 - - ABCDEF1: removed", {"postfix-in"}),
        ('{"SYSLOG_IDENTIFIER":"postfix-out/qmgr","MESSAGE":"ABCDEF1: removed"}', {"postfix-out"}),
        ("Feb  3 06:26:22 mx postfix/relay/smtp[9]: ABCDEF1: to=<a@b.example>", set()),
        ("Feb  3 06:26:22 mx postfix/smtp[9]: ABCDEF1: to=<postfix-out/qmgr@b.example>, relay=x", set()),
    ],
)
def test_tags_of_own_daemons_are_found_in_any_prefix(tmp_path: Path, line: str, found: set[str]) -> None:
    """Not what stands in a line's text."""
    path = tmp_path / "mail.log"
    path.write_text(line + "\n")

    assert instances.sampled(find([str(path)]).sources) == found


def test_a_service_is_its_only_owners_unless_another_block_knows_more() -> None:
    """An instance that is known from elsewhere counts like one of the block's own."""
    programs = claimed("postfix-out/qmgr", "postfix/relay/smtp")

    assert instances.named(programs)["postfix/relay/smtp"] == "postfix-out"
    assert instances.named(programs, {"postfix"})["postfix/relay/smtp"] == "postfix"
    assert instances.named(claimed("postfix/relay/smtp"), {"postfix-out"})["postfix/relay/smtp"] == "postfix-out"


@pytest.mark.parametrize(
    ("tags", "known", "instance"),
    [
        (("postfix-slow/smtp", "postfix/qmgr"), (), "postfix"),
        (("turtle/smtp", "postfix/qmgr"), (), "postfix"),
        (("postfix-slow/smtp",), ("postfix",), "postfix"),
        (("postfix-out-slow/smtp", "postfix/qmgr", "postfix-out/cleanup"), (), "postfix-out"),
        (("postfix-slow/smtp", "postfix/qmgr", "postfix-out/cleanup"), (), "postfix"),
        (("turtle/smtp", "postfix/qmgr", "postfix-out/cleanup"), (), "turtle"),
        (("postfix-slow/smtp",), (), "postfix-slow"),
        (("postfix-out/smtp", "postfix-out/qmgr"), ("postfix",), "postfix-out"),
    ],
)
def test_a_name_without_daemons_of_its_own_is_a_service(
    tags: tuple[str, ...], known: tuple[str, ...], instance: str
) -> None:
    """`syslog_name=postfix-slow` for one delivery agent makes no instance."""
    assert instances.named(claimed(*tags), known)[tags[0]] == instance


def test_another_server_on_the_host_is_no_service_of_postfix() -> None:
    """Whether Postfix is known from another block or not."""
    programs = {tag: formats()["sendmail"].claims(tag) for tag in ("sm-mta", "sendmail")}

    assert set(instances.named(programs, {"postfix"}).values()) == {"sendmail"}


@pytest.mark.parametrize("block_size", [200, 500, 1 << 20])
@pytest.mark.parametrize("name", ["mail.log", "mail.log.gz"])
def test_blocks_of_any_size_say_the_same(tmp_path: Path, block_size: int, name: str) -> None:
    """`postfix` and `postfix-out` give out one id, and `postfix/relay/smtp` stands beside lines of the other only."""
    lines = [
        *mail("postfix", "4F1A2B3C01", deliver="postfix/smtp"),
        *mail("postfix", "4F1A2B3C02", deliver="postfix/relay/smtp")[:3],
        *mail("postfix-out", "4F1A2B3C02", deliver="postfix-out/smtp")[:3],
        mail("postfix", "4F1A2B3C02", deliver="postfix/relay/smtp")[3],
        *mail("postfix-out", "4F1A2B3C02", deliver="postfix-out/smtp")[4:],
    ]
    path = tmp_path / name
    data = "".join(f"Feb  3 06:26:22 mx {line}\n" for line in lines).encode()
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    request = Request(paths=(str(path),), year=2026, input_tz=dt.UTC, block_size=block_size)
    with flow.read(request) as run:
        sql = "select l.queue_id, l.sender from deliveries d join lives l on l.key = d.key order by 1"
        found = run.engine.rows(sql)

    assert found == [("4F1A2B3C01", "a@postfix.example"), ("4F1A2B3C02", "a@postfix.example")]
