"""`mailaudit retries`: timelines, the policy that they show, greylisting."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mailaudit.errors import UsageError
from mailaudit.stories.policies import BULK, NORMAL, UNKNOWN, Policy, Seen, fitting, from_file, recognised

from .conftest import REALSENDER

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Result


def test_retries_show_the_policy(run: Callable[..., Result]) -> None:
    """The excerpts follow the normal policy, with queue runs at minute 2 of every 10, and not the bulk one."""
    rows = {row["what"]: row for row in run("retries", "--format", "json", REALSENDER).rows("policy")}

    assert rows["retry every"]["seen"] == "10 m 20 s (10 m 1 s to 10 m 39 s)"
    assert (rows["retry every"]["fits_normal"], rows["retry every"]["fits_bulk"]) == ("yes", "no")
    assert (rows["gives up after"]["fits_normal"], rows["gives up after"]["fits_bulk"]) == ("yes", "no")
    assert rows["queue run"]["seen"] == "at minute 2 of every 10 (:02, :12 …), 4 of 5 retries"
    assert rows["retry every"]["compared_with"] == "10 m"


def test_greylisting_has_a_cost(run: Callable[..., Result]) -> None:
    """One recipient was greylisted and got the mail 11 m 40 s after the first refusal."""
    rows = run("retries", "--format", "json", REALSENDER).rows("greylisting")

    assert rows == [{"outcome": "delivered", "recipients": 1, "median_wait": 700.0, "total_wait": 700.0}]


def test_waits_of_each_retried_recipient(run: Callable[..., Result]) -> None:
    """First wait, later ones, elapsed time, and where the policy was not kept."""
    rows = {row["queue_id"]: row for row in run("retries", "--format", "json", REALSENDER).rows("retries")}
    bulk = {
        row["queue_id"]: row
        for row in run("retries", "--format", "json", "--policy", "bulk", REALSENDER).rows("retries")
    }

    assert rows["v4V6w3jN001390"]["waits"] == "1 s, 3 m 58 s, 10 m 39 s"
    assert (rows["v4V6w3jN001390"]["first_wait"], rows["v4V6w3jN001390"]["median_wait"]) == (238.0, 639.0)
    assert (
        rows["v4P7Hc6P011481"]["deviations"]
        == "no delay warning in these logs, though the policy normal warns after 30 min"
    )
    assert bulk["v4P7Hc6P011481"]["deviations"] is None


@pytest.mark.parametrize(
    ("seen", "policy"),
    [
        (Seen([], [600, 610, 590], [], []), NORMAL),
        (Seen([], [1800, 1790], [], []), BULK),
        (Seen([], [], [], [14887]), NORMAL),
        (Seen([], [1800, 1790], [1900], []), UNKNOWN),
        (Seen([], [4000, 4100, 4200], [], [432000]), UNKNOWN),
        (Seen([], [600], [], []), UNKNOWN),
        (Seen([], [], [], []), UNKNOWN),
    ],
)
def test_a_policy_is_recognised_by_what_it_does(seen: Seen, policy: Policy) -> None:
    """Enough retries at its interval, an end at its time, and nothing that it never does."""
    assert policy == recognised(seen)


def test_a_policy_from_a_file(tmp_path: Path) -> None:
    """Lengths of time in words; what is left out is never done."""
    path = tmp_path / "ours.toml"
    path.write_text('retry = "5 m"\ngive_up = "5 d"\n')

    assert from_file(str(path)) == Policy("ours", 300, None, 432_000)


@pytest.mark.parametrize("text", ["retry = ", "retry = 'soon'", "retries = '5 m'", "retry = 0"])
def test_a_wrong_policy_file_is_told(tmp_path: Path, text: str) -> None:
    """What is no TOML, no length of time, or an unknown key is an error that names the file."""
    path = tmp_path / "ours.toml"
    path.write_text(text)

    with pytest.raises(UsageError, match=r"ours\.toml"):
        from_file(str(path))


@pytest.mark.parametrize(
    ("wait", "retry", "count"), [(14885, 600, 24), (1200, 600, 1), (1201, 600, 2), (600, 600, 0), (10, 600, 0)]
)
def test_attempts_that_would_fit(wait: float, retry: int, count: int) -> None:
    """Strictly between the two that are in the log."""
    assert count == fitting(wait, retry)
