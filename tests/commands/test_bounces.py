"""`mailaudit bounces`: failures by domain, code and reply."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mailaudit.classify.templates import template

from .conftest import POSTFIX, REALSENDER

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Result


def test_bounces_group_what_differs_by_names_only(run: Callable[..., Result]) -> None:
    """Recipients add up to the failures of the log; the example is the earliest; who was told is said."""
    groups = run("bounces", "--format", "json", POSTFIX).rows("bounces")
    failed = run("log", "--format", "json", "--status", "bounced,expired", POSTFIX).rows("log")

    assert sum(group["recipients"] for group in groups) == len(failed)
    assert all(group["first"] <= group["last"] for group in groups)
    assert all(group["category"] and group["type"] for group in groups)
    for group in groups:
        assert (group["told_whom"] is None) <= (group["told"] < group["recipients"])
        assert any(
            (row["queue_id"], row["recipient"], row["finished_at"])
            == (group["queue_id"], group["recipient"], group["first"])
            for row in failed
        )


def test_bounces_count_at_the_time_of_the_failure(run: Callable[..., Result]) -> None:
    """Not when the mail was accepted: the expired excerpt failed four hours after that."""
    options = ("--format", "json", "--since", "2017-05-25 13:00", "--until", "2017-05-25 14:00")
    groups = run("bounces", *options, REALSENDER).rows("bounces")

    assert [(group["outcome"], group["told_whom"]) for group in groups] == [("expired", "sender@yourcompany.com")]


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        (
            "host a.example[192.0.2.1] said: 550-5.1.1 No such user. 550 5.1.1 See https://x.example/ g9-2002 - gsmtp",
            "550 5.1.1 No such user. See <url> <id> - gsmtp",
        ),
        ("452 4.1.1 <a@b.example> 4.2.2 mailbox full", "452 4.1.1 <address> 4.2.2 mailbox full"),
        ("connect to mx.b.example[2001:db8::1]:25: Connection refused", "connect to <host>: Connection refused"),
        (
            "550 5.4.1 Recipient address rejected: Access denied. AS(201806281) [DB5.prod.protection.outlook.com]",
            "550 5.4.1 Recipient address rejected: Access denied. AS(<n>) [<host>]",
        ),
        ("User unknown", "User unknown"),
        ("450 4.2.0 try again in 300 seconds", "450 4.2.0 try again in <n> seconds"),
    ],
)
def test_a_reply_without_what_differs(reply: str, text: str) -> None:
    """Addresses, hosts, URLs, ids and numbers go; codes and words stay."""
    assert text == template(reply)


def test_upper_and_lower_case_are_one_address(run: Callable[..., Result], tmp_path: Path) -> None:
    """Who failed as Bob@ and as bob@ is one address, and mail that BOB@ took later says that it lives."""
    log = tmp_path / "mail.log"
    failed = "dsn=5.1.1, status=bounced (host mx.far.example[198.51.100.4] said: 550 5.1.1 no such user)"
    tries = (
        ("Bob@Far.example", failed),
        ("bob@far.example", failed),
        ("BOB@far.example", "dsn=2.0.0, status=sent (ok)"),
    )
    log.write_text(
        "".join(
            f"May  4 10:0{at}:00 mx postfix/{line}\n"
            for at, (address, end) in enumerate(tries)
            for line in (
                f"pickup[1]: AB{at}21C2D30: uid=0 from=<ann>",
                f"qmgr[2]: AB{at}21C2D30: from=<ann@src.example>, size=900, nrcpt=1 (queue active)",
                (
                    f"smtp[3]: AB{at}21C2D30: to=<{address}>, relay=mx.far.example[198.51.100.4]:25, delay=1, "
                    f"delays=0/0/1/0, {end}"
                ),
                f"qmgr[2]: AB{at}21C2D30: removed",
            )
        )
    )

    done = run("bounces", "--addresses", "--year", "2026", "--input-tz", "UTC", "--format", "json", log)
    (row,) = done.rows("addresses")
    assert (row["recipient"], row["failures"]) == ("bob@far.example", 2)
    assert row["delivered_since"] == "2026-05-04T10:02:00Z"
