"""Bloomreach's bands and matrices, edge by edge (requirements C4.14 to C4.21, C4.6)."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from mailaudit.advise import error_texts, volumes
from mailaudit.advise.bands import band
from mailaudit.advise.matrices import Provider, findings
from mailaudit.advise.sendings import Sending, unimproved
from mailaudit.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("delivered", "state"),
    [
        (10_000, "healthy"), (9901, "healthy"), (9900, "monitor"), (9800, "monitor"), (9799, "investigate"),
        (9500, "investigate"), (9499, "now"), (0, "now"),
    ],
)  # fmt: skip
def test_the_bands_have_exact_edges(delivered: int, state: str) -> None:
    """99.00 % is to be monitored, 98.00 too, 97.99 to be investigated, 95.00 too, 94.99 now."""
    assert band(delivered, 10_000) == state
    assert band(0, 0) is None


def provider(name: str, *, soft: int = 0, hard: int = 0, of: int = 10_000) -> Provider:
    """So many soft and hard bounces of the recipients."""
    return Provider(name, of - soft - hard, soft, hard)


@pytest.mark.parametrize(
    ("soft", "expected"),
    [
        ((49, 0), None), ((50, 0), "SA"), ((200, 0), "SA"), ((201, 0), "SC"), ((50, 50), "SB"), ((199, 60), "SB"),
        ((200, 60), "SC"), ((201, 60), "SC"), ((500, 500), "SC"), ((120, 49), "SA"),
    ],
)  # fmt: skip
def test_soft_bounces(soft: tuple[int, int], expected: str | None) -> None:
    """One provider from 0.5 to 2 %: SA; several below 2 %: SB; above: SC. At exactly 2 %: one SA, several SC, noted."""
    found = findings([provider("One", soft=soft[0]), provider("Two", soft=soft[1])])

    assert [one.id for one in found] == ([expected] if expected else [])
    assert bool(found and found[0].note) == (soft == (200, 60))


@pytest.mark.parametrize(
    ("hard", "expected", "noted"),
    [
        ((49, 0), None, False), ((50, 0), "HA", False), ((100, 0), "HA", False), ((101, 0), "HB", True),
        ((150, 0), "HB", True), ((151, 0), "HB", False), ((51, 51), "HC", False), ((900, 60), "HC", False),
        ((300, 50), "HC", True),
    ],
)  # fmt: skip
def test_hard_bounces(hard: tuple[int, int], expected: str | None, noted: bool) -> None:  # noqa: FBT001
    """One provider from 0.5 to 1 %: HA; above 1.5 %: HB, and between, noted; several: HC."""
    found = findings([provider("One", hard=hard[0]), provider("Two", hard=hard[1])])

    assert [one.id for one in found] == ([expected] if expected else [])
    assert bool(found and found[0].note) == noted


def test_few_messages_are_no_rate() -> None:
    """99 recipients are none, 100 are; those affected are named, the worst first."""
    assert findings([provider("One", soft=50, of=99)]) == []
    (found,) = findings([provider("One", soft=1, of=100), provider("Two", soft=3, of=100), provider("Three", of=900)])
    assert (found.id, [one.name for one in found.providers]) == ("SC", ["Two", "One"])


def sending(day: int, delivered: int, name: str = "news@a.example", ended: int = 10_000) -> Sending:
    """A sending of a day."""
    return Sending(name, name, f"2026-03-{day:02}", day, day, ended, delivered, ended - delivered, 0, 0)


def test_no_improvement_after_three_sendings() -> None:
    """Watched on day 1, and three more that are no better; a better or a healthy one in between is an improvement."""
    poor = [sending(1, 9850), sending(2, 9840), sending(3, 9850), sending(4, 9830)]

    assert {one.day: len(four) for one, four in unimproved(poor).items()} == {"2026-03-04": 4}
    assert unimproved(poor[:3]) == {}
    assert unimproved([*poor[:2], sending(3, 9860), poor[3]]) == {}
    assert unimproved([*poor[:2], sending(3, 9950), poor[3]]) == {}
    assert unimproved([*poor[:3], sending(4, 98, ended=99)]) == {}  # too few to judge
    assert unimproved([*poor[:3], sending(4, 9830, "other@a.example")]) == {}  # another series


@pytest.mark.parametrize("text", error_texts.TEXTS, ids=lambda text: text.example)
def test_each_error_text_is_found_by_its_example(text: error_texts.ErrorText) -> None:
    """And not by the one of another line."""
    assert error_texts.known(f"550 5.0.0 {text.example} (x)") is text


def test_spf_in_all_three_wordings() -> None:
    """SPF check failed, SPF Policy Rejection, SPF Sender Invalid."""
    kinds = {
        error_texts.known(f"550 {words}")
        for words in ("SPF check failed", "SPF Policy Rejection", "SPF Sender Invalid - envelope rejected")
    }

    assert {text.kind for text in kinds if text} == {"authentication"}
    assert error_texts.known("550 5.1.1 User unknown") is None
    curly = error_texts.known("The email account you\u2019re trying to reach is disabled")
    assert curly is not None
    assert curly.kind == "recipient disabled"


def days(*numbers: int) -> dict[dt.date, int]:
    """Volumes of the days from 1 March on; 0: no mail."""
    return {dt.date(2026, 3, 1) + dt.timedelta(days=at): number for at, number in enumerate(numbers) if number}


def test_a_spike_is_more_than_twice_the_usual() -> None:
    """And at least 100 recipients more, after at least three days with mail."""
    assert [(one.day.day, one.recipients, one.usual) for one in volumes.spikes({"all": days(100, 120, 110, 221)})] == [
        (4, 221, 110)
    ]
    assert volumes.spikes({"all": days(100, 120, 110, 220)}) == []
    assert volumes.spikes({"all": days(100, 120, 0, 500)}) == []
    assert volumes.spikes({"all": days(10, 10, 10, 99)}) == []
    assert [one.usual for one in volumes.spikes({"Google": days(100, 0, 0, 200, 100, 0, 900)})] == [100]


def test_a_warm_up_beside_its_plan(tmp_path: Path) -> None:
    """Days by date or number, providers in whatever case, `all` where none is named."""
    (tmp_path / "plan.csv").write_text("day,isp,recipients\n1,google,100\n2026-03-02,,200\n3,Google,400\n4,Google,10\n")
    plan = volumes.read_plan(str(tmp_path / "plan.csv"), dt.date(2026, 3, 1))
    found = volumes.against_plan({"all": days(120, 160), "Google": days(101, 0, 320)}, plan)

    assert [(one.provider, one.day.day, one.planned, one.sent, one.state) for one in found] == [
        ("Google", 1, 100, 101, "over"), ("all", 2, 200, 160, "as planned"), ("Google", 3, 400, 320, "as planned"),
        ("Google", 4, 10, 0, "under"),
    ]  # fmt: skip


def test_a_plan_s_columns_may_have_other_names(tmp_path: Path) -> None:
    """In any order, further ones are left alone."""
    (tmp_path / "plan.csv").write_text("Volume,note,Date\n100,x,2026-03-01\n")

    assert volumes.read_plan(str(tmp_path / "plan.csv"), None) == [(dt.date(2026, 3, 1), "all", 100)]


def test_a_warm_up_by_a_factor() -> None:
    """Each day against the largest before it."""
    found = volumes.against_growth({"all": days(100, 150, 226, 50, 339)}, Fraction(3, 2))

    assert [(one.planned, one.sent, one.state) for one in found] == [
        (150, 150, "as planned"), (225, 226, "over"), (339, 50, "as planned"), (339, 339, "as planned"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a,b\n1,2\n",
        "day,recipients\nsoon,5\n",
        "day,recipients\n1,many\n",
        "day,recipients\n1,-5\n",
        "day,recipients\n1\n",
    ],
)
def test_a_plan_that_is_none_is_told_with_its_line(tmp_path: Path, text: str) -> None:
    """No line is guessed at."""
    (tmp_path / "plan.csv").write_text(text)
    with pytest.raises(UsageError, match=r"plan\.csv"):
        volumes.read_plan(str(tmp_path / "plan.csv"), dt.date(2026, 3, 1))
