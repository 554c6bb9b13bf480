"""Silences, changes, and accounts that leave their own history."""

from __future__ import annotations

from dataclasses import replace

from mailaudit.advise.checks import History, change, inactivity
from mailaudit.advise.outliers import Period, outliers
from mailaudit.model.times import DAY

HOUR = DAY // 24
USUAL = History(1000, 0, 30 * DAY, 30, 12 * HOUR, 100, 99, 900, 891)


def test_a_silence_is_told_if_it_is_twice_the_longest_before() -> None:
    """The longest was 12 hours: 24 are not yet told, more are; without enough days nothing is."""
    assert inactivity(USUAL, 31 * DAY) is None
    found = inactivity(USUAL, 31 * DAY + HOUR)
    assert found is not None
    assert (found.check, found.value, found.limit, found.samples) == ("inactivity", 25 * 3600, 24 * 3600, 1000)
    assert inactivity(replace(USUAL, days=6), 300 * DAY) is None
    assert inactivity(replace(USUAL, results=49), 300 * DAY) is None


def test_a_limit_for_silences_needs_no_history() -> None:
    """`--inactive 2h` holds for a flow with a single result, too."""
    once = History(1, 0, 0, 1, 0, 1, 1, 0, 0)

    assert inactivity(once, 2 * HOUR, 2 * HOUR) is None
    assert inactivity(once, 2 * HOUR + 1, 2 * HOUR) is not None


def test_a_change_is_told_if_the_intervals_do_not_meet() -> None:
    """99 % before; 90 of 100 now are surely less (82.6 to 94.5 %), 97 of 100 may be chance, 20 results are too few."""
    assert change(replace(USUAL, recent=100, recent_good=90)) is not None
    assert change(replace(USUAL, recent=100, recent_good=97)) is None
    assert change(replace(USUAL, recent=20, recent_good=10)) is None
    assert change(replace(USUAL, earlier=50, earlier_good=50, recent=100, recent_good=50)) is None
    assert change(replace(USUAL, earlier_good=450, recent_good=100)) is None  # better is no trouble


def day(number: int, **counts: int) -> Period:
    """A day of an account that sends 10 messages to 20 recipients from one network."""
    usual = {"messages": 10, "recipients": 20, "failed": 0, "ended": 20, "networks": 1} | counts
    return Period("ann", "sasl_user", number * DAY, (number + 1) * DAY, **usual)


def test_an_account_is_compared_with_its_own_history() -> None:
    """After five usual days: more than twice the most so far, surely more failures, more networks."""
    history = [day(number) for number in range(5)]

    assert outliers([*history, day(5, messages=20)]) == []
    assert [one.measure for one in outliers([*history, day(5, messages=21)])] == ["messages"]
    assert [one.measure for one in outliers([*history, day(5, recipients=500, ended=500, failed=200, networks=9)])] == [
        "failure_rate",
        "networks",
        "recipients",
    ]
    assert outliers([*history[1:], day(5, messages=500)]) == []  # four days are no history


def test_an_attack_of_several_days_does_not_become_the_usual() -> None:
    """Days that were outliers are no history."""
    found = outliers([day(number) for number in range(5)] + [day(number, messages=100) for number in (5, 6, 7)])

    assert [one.period.begin_us // DAY for one in found] == [5, 6, 7]
    assert {(one.usual, one.most, one.history) for one in found} == {(10, 10, 5)}
