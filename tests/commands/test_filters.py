"""Every filter goes with every answer that has filters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .conftest import REALSENDER

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Result

FILTERS = {
    "--sender": "yourcompany.com",
    "--recipient": "recipient@",
    "--domain": "yourcustomer.com",
    "--host": "rs336",
    "--status": "bounced,expired",
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
    assert run("health", "--status", "bounced", REALSENDER).code == 3
