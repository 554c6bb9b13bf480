"""Charts: their numbers are those of the tables beside them, in the same order, and every bar can be seen."""

from __future__ import annotations

import re

import pytest

from mailaudit.model.page import Chart
from mailaudit.writers.charts import svg


def texts(drawn: str) -> list[str]:
    """The texts of a picture, in the order in which they stand in it."""
    return re.findall(r"<text[^>]*>([^<]+)</text>", drawn)


def bars(drawn: str) -> list[float]:
    """The heights of the bars."""
    return [float(found) for found in re.findall(r'<rect(?=[^>]*class="rect)[^>]*height="([0-9.]+)"', drawn)]


@pytest.mark.parametrize(
    ("delivered", "ended", "word"),
    [
        (77, 87, "88.51 %"),
        (841, 1070, "78.60 %"),
        (98_999, 100_000, "98.99 %"),
        (99, 100, "99.00 %"),
        (7, 7, "100.00 %"),
    ],
)
def test_rates_are_rounded_as_in_tables(delivered: int, ended: int, word: str) -> None:
    """Rounded to two digits; only what is short of a band's end is not carried onto it."""
    chart = Chart("bands", "Rates", ("Google",), (("rate", (100 * delivered / ended,)),), "per cent")

    assert word in texts(svg(chart, 1))


def test_bars_that_lie_are_read_from_above() -> None:
    """The first row of the table is the uppermost bar."""
    chart = Chart("bands", "Rates", ("one", "two"), (("rate", (96.5, 97.5)),), "per cent")
    drawn = svg(chart, 1)
    places = {text: float(y) for y, text in re.findall(r'<text[^>]* y="([0-9.]+)"[^>]*>(one|two)</text>', drawn)}

    assert places["one"] < places["two"]


def test_a_logarithm_has_powers_of_ten_and_a_bar_for_the_least() -> None:
    """Labels in between would lie on one another, and a bar that begins at its own value is none."""
    chart = Chart("bars", "Delays", ("half", "90 %", "longest"), (("s", (1.0, 818.0, 26264.0)),), "seconds")
    drawn = svg(chart, 1)

    labels = {float(text) for text in texts(drawn) if re.fullmatch(r"[0-9.]+", text)} - {818.0, 26264.0}
    assert {1, 10, 100, 1000, 10_000} <= labels <= {10.0**power for power in range(-1, 6)}
    assert len(bars(drawn)) == 3
    assert min(bars(drawn)) > 5


def test_what_one_points_at_says_what_it_is() -> None:
    """Place, series and number; the library's name is told to nobody."""
    series = (("delivered", (5.0, 7.0)), ("failed", (1.0, 2.0)))
    drawn = svg(Chart("stacked", "Days", ("Monday", "Tuesday"), series, "recipients"), 1)
    titles = re.findall(r"<title>([^<]*)</title>", drawn)

    assert {"Monday: delivered: 5", "Monday: failed: 1", "Tuesday: failed: 2"} <= set(titles)
    assert "Pygal" not in drawn
    assert 'aria-label="Days (recipients)"' in drawn


def test_nothing_is_no_logarithm() -> None:
    """A delay of 0 s is drawn, too."""
    chart = Chart("bars", "Delays", ("half", "longest"), (("s", (0.0, 2.0)),), "seconds")

    assert "2" in texts(svg(chart, 1))
