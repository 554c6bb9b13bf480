"""Every filter goes with every answer that has filters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .conftest import REALSENDER

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Result

FILTERS = {
    "--sender": "yourcompany.com",
    "--recipient": "recipient@",
    "--domain": "yourcustomer.com",
    "--host": "rs336",
    "--status": "bounced,expired",
    "--outcome": "bounced,expired",
    "--code": "4xx",
    "--relay": "mx",
    "--sasl-user": "ann",
    "--text": "full",
    "--raised-by": "sender@",
}


@pytest.mark.parametrize(("command", "option"), [("report", "--status"), *(("summary", option) for option in FILTERS)])
def test_pages_of_some_mail(run: Callable[..., Result], command: str, option: str) -> None:
    """What is counted as failed on a page is what `log` lists with the same filter."""
    listed = run("log", option, FILTERS[option], "--format", "json", REALSENDER).rows("log")
    done = run(command, option, FILTERS[option], "--format", "json", REALSENDER)
    volume = {row["name"]: row["now"] for row in done.rows("volume")}

    assert done.code == 0, done.err
    assert volume["bounced"] == sum(row["outcome"] == "bounced" for row in listed)
    assert volume["expired"] == sum(row["outcome"] == "expired" for row in listed)


def test_the_state_is_judged_by_all_mail(run: Callable[..., Result]) -> None:
    """A choice of failures alone would always be bad: `health` refuses it, a page judges without it."""
    everything = run("summary", "--format", "json", REALSENDER).rows("health")
    failures = run("summary", "--status", "bounced", "--format", "json", REALSENDER).rows("health")

    assert failures == everything
    assert run("summary", "--outcome", "bounced", "--format", "json", REALSENDER).rows("health") == everything
    for option in ("--status", "--outcome"):
        assert run("health", option, "bounced", REALSENDER).code == 3


@pytest.mark.parametrize("typed", ["2001:db8:0:0:0:0:0:2", "2001:db8::2", "=2001:DB8:0::2", "2001:db8:"])
def test_an_address_is_found_however_it_is_written(run: Callable[..., Result], tmp_path: Path, typed: str) -> None:
    """Sendmail writes all groups of an IPv6 address, Postfix as few as will do: it is one host."""
    log = tmp_path / "mail.log"
    log.write_text(
        "Nov 27 10:00:00 mx sm-mta[1]: 5ARA00aa000001: from=<a@src.example>, size=10, class=0, nrcpts=1, "
        "msgid=<1@src.example>, proto=ESMTP, daemon=MTA, relay=h.src.example [IPv6:2001:db8:0:0:0:0:0:1]\n"
        "Nov 27 10:00:01 mx sm-mta[2]: 5ARA00aa000001: to=<b@dst.example>, delay=00:00:01, xdelay=00:00:01, "
        "mailer=esmtp, pri=1, relay=m.dst.example. [IPv6:2001:db8:0:0:0:0:0:2], dsn=2.0.0, stat=Sent (ok)\n"
    )

    listed = run("log", "--relay", typed, "--format", "json", log).rows("log")
    assert [row["recipient"] for row in listed] == ["b@dst.example"]
