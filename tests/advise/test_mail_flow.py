"""Mailprotector's rule: 25 results, 90 %, and what a short window proves (requirements C3.01 to C3.07)."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailaudit.advise.mail_flow import Limits, Result, judge, latest, worst
from mailaudit.model.intervals import wilson


def results(word: str) -> list[Result]:
    """A result per letter: `.` delivered, `d` deferred, `b` bounced."""
    events = {".": "delivered", "d": "deferred", "b": "bounced"}
    return [Result(at, (0, at, at), events[letter], "a.example") for at, letter in enumerate(word)]


@pytest.mark.parametrize(
    ("word", "threshold", "state", "provisional"),
    [
        ("." * 22 + "b" * 3, 90, "Bad", False),  # 88 %
        ("." * 23 + "b" * 2, 90, "Good", False),  # 92 %
        ("." * 22 + "b" * 3, 80, "Good", False),  # 88 % of 80
        ("." * 20 + "b" * 5, 80, "Good", False),  # 80 % is not below 80 %
        ("." * 19 + "b" * 6, 80, "Bad", False),
        ("....b", 90, "Good", True),  # 1 of 5
        ("bb", 90, "Good", True),
        ("bbb", 90, "Bad", False),  # 25 cannot reach 90 % any more
        ("", 90, "Unknown", False),
        ("b" * 10 + "." * 25, 90, "Good", False),  # only the latest 25 count
        ("." * 25, 100, "Good", False),
        ("." * 24 + "d", 100, "Bad", False),
    ],
)
def test_the_state_follows_from_the_latest_results(word: str, threshold: int, state: str, provisional: bool) -> None:  # noqa: FBT001
    """Bad once the failures are more than a full window may have."""
    found = judge(results(word), Limits(threshold=Fraction(threshold)))

    assert (found.state, found.provisional) == (state, provisional)


def test_most_failures_are_a_rule_of_their_own() -> None:
    """With --max-failures 2, 3 of 25 are Bad although 88 % are more than 80 %."""
    limits = Limits(threshold=Fraction(80), max_failures=2)

    assert (limits.allowed, judge(results("." * 22 + "bbb"), limits).state) == (2, "Bad")
    assert judge(results("." * 23 + "bb"), limits).state == "Good"


def test_the_numbers_beside_the_state() -> None:
    """Deferrals are told apart, and a bad flow whose latest mail went through is intermittent."""
    found = judge(results("." * 10 + "ddb" + "."), Limits())

    assert (found.results, found.failures, found.deferred, found.limits.allowed) == (14, 3, 2, 2)
    assert (found.state, found.intermittent) == ("Bad", True)


def test_the_order_is_that_of_completion_then_of_the_file() -> None:
    """A mail that was handed in early and finished late comes late; equal times keep their place in the file."""
    one, two, three = (
        Result(5, (0, 9, 9), "bounced", "a"),
        Result(5, (0, 3, 3), "delivered", "a"),
        Result(1, (0, 99, 99), "x", "a"),
    )

    assert latest([one, two, three], 2) == [two, one]


@given(st.lists(st.sampled_from(".db"), max_size=60), st.integers(1, 40), st.integers(0, 100))
def test_a_full_window_is_bad_exactly_below_the_threshold(word: list[str], window: int, threshold: int) -> None:
    """The share decides for a full window; a short one is Bad only if no later success could save it."""
    found = judge(results("".join(word)), Limits(window, Fraction(threshold)))
    held = word[-window:]
    good = held.count(".")

    if not held:
        expected = "Unknown"
    else:
        best = good + window - len(held)
        expected = "Bad" if best * 100 < threshold * window else "Good"
    assert found.state == expected


def test_warning_lies_between_good_and_bad() -> None:
    """With a warning at 96 %, two failures of 25 are a Warning, one is not."""
    limits = Limits(warning=Fraction(96))

    assert judge(results("." * 23 + "bb"), limits).state == "Warning"
    assert judge(results("." * 24 + "b"), limits).state == "Good"
    assert judge(results("." * 22 + "bbb"), limits).state == "Bad"


def test_the_worst_of_states() -> None:
    """Bad is worse than Warning, Warning than Unknown, Unknown than Good (monitoring plug-ins' order)."""
    assert worst(["Good", "Unknown", "Warning", "Bad"]) == "Bad"
    assert worst(["Good", "Unknown", "Warning"]) == "Warning"
    assert worst(["Good", "Unknown"]) == "Unknown"
    assert worst([]) == "Unknown"


def test_wilson_intervals_are_those_of_the_textbook() -> None:
    """Newcombe 1998, table I: 81/263, 15/148, 0/20, 1/29 by the score method without correction."""
    for hits, samples, low, high in (
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ):
        found = wilson(hits, samples)
        assert found is not None
        assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)
    assert wilson(0, 0) is None
