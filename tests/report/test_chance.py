"""Intervals against published values, and what is called a change."""

from __future__ import annotations

import pytest

from mailaudit.advise.bands import band
from mailaudit.model.intervals import Z95, wilson
from mailaudit.report import bands
from mailaudit.report.chance import counts_differ, difference, rates_differ


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),  # Newcombe 1998 (Statistics in Medicine 17:857), table I, method 3
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_interval_is_the_published_one(part: int, whole: int, low: float, high: float) -> None:
    """Newcombe's examples, to four digits."""
    assert wilson(part, whole) == pytest.approx((low, high), abs=6e-5)


def test_interval_of_nothing_is_none() -> None:
    """No mail, no rate."""
    assert wilson(0, 0) is None
    assert rates_differ(0, 0, 1, 2) is None


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [
        ((56, 70, 48, 80), 0.0524, 0.3339),  # Newcombe 1998 (Statistics in Medicine 17:873), table II, method 10
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((10, 10, 0, 10), 0.6075, 1.0000),
    ],
)
def test_interval_of_a_difference_is_the_published_one(
    counts: tuple[int, int, int, int], low: float, high: float
) -> None:
    """Newcombe's examples of the hybrid score interval."""
    assert difference(*counts, z=Z95) == pytest.approx((low, high), abs=6e-5)


@pytest.mark.parametrize(
    ("now", "before", "changed"),
    [
        (3, 1, False),  # a few may do that by chance
        (20, 5, True),
        (5, 20, True),
        (0, 0, False),
        (1, 0, False),
        (12, 0, True),
        (100_900, 100_000, False),  # too little to be worth telling, though no chance: bursts do that
        (120_000, 100_000, True),
    ],
)
def test_counts_change_where_the_numbers_carry_it(now: int, before: int, changed: bool) -> None:  # noqa: FBT001
    """Neither chance nor a hundredth is a change."""
    assert counts_differ(now, before) is changed


def test_a_longer_month_has_more_mail() -> None:
    """1000 mails a day in February and in March: nothing has changed; 1200 a day are a change."""
    assert not counts_differ(31_000, 28_000, 31, 28)
    assert not counts_differ(28_000, 31_000, 28, 31)
    assert counts_differ(37_200, 28_000, 31, 28)


@pytest.mark.parametrize(
    ("delivered", "ended", "word"),
    [
        (9901, 10_000, "healthy"),
        (9900, 10_000, "monitor"),
        (9800, 10_000, "monitor"),
        (9799, 10_000, "investigate"),
        (9500, 10_000, "investigate"),
        (9499, 10_000, "now"),
        (0, 10, "now"),
        (0, 0, None),
    ],
)
def test_bands_end_where_the_contract_says(delivered: int, ended: int, word: str | None) -> None:
    """98 and 99 % are to be monitored, 95 % is to be investigated."""
    assert band(delivered, ended) == word


def test_few_numbers_do_not_carry_a_bad_rate() -> None:
    """One failure of ten is 90 %, and says next to nothing."""
    assert not bands.carried(9, 10)
    assert bands.carried(900, 1000)
