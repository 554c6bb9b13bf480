"""Bloomreach's cumulative bounce logic (requirements C4.08 to C4.13), example by example and against a plain model."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.advise import plain_cumulative

from mailaudit.advise.cumulative import PERMANENT, TEMPORARY, Fact, Rule, Spared, Suppression, simulate
from mailaudit.model.times import DAY

if TYPE_CHECKING:
    from collections.abc import Iterable

RULE = Rule()
HOUR = DAY // 24


def story(text: str) -> list[Fact]:
    """Facts from words such as `soft@3`: sent and softly bounced on day 3; `alive@4`, `sent@10` …; `+`: no send."""
    facts = []
    for message, word in enumerate(text.split()):
        kind, _, day = word.partition("@")
        when = int(float(day) * DAY)
        if kind in {"soft", "invalid", "sent"}:
            facts.append(Fact(when, (message, 0), "ann@b.example", "sent", message))
        if kind != "sent":
            facts.append(Fact(when, (message, 1), "ann@b.example", kind.lstrip("+"), message, f"said {kind}"))  # type: ignore[arg-type]
    return facts


def states(text: str, day: float, rule: Rule = RULE) -> list[Suppression]:
    """What holds on a day."""
    held, _ = simulate(story(text), rule, int(day * DAY))
    return held[0] if held else []


def spared(text: str, day: float = 1000) -> list[tuple[float, str]]:
    """Day and state of the sends that would not have been made."""
    return [(one.sent.time_us / DAY, one.state) for one in simulate(story(text), RULE, int(day * DAY))[1]]


def test_three_within_seven_days_suppress_for_seven_days_from_the_last() -> None:
    """Bounces on days 0, 3, 6: until day 13."""
    (found,) = states("soft@0 soft@3 soft@6", 7)

    assert (found.state, found.reason) == ("temporary", TEMPORARY)
    assert (found.since_us, found.until_us) == (6 * DAY, 13 * DAY)
    assert [fact.time_us // DAY for fact in found.facts] == [0, 3, 6]


def test_a_send_within_that_time_is_suppressed() -> None:
    """Day 10: suppressed, with the moment until which that is valid."""
    _, (saved,) = simulate(story("soft@0 soft@3 soft@6 sent@10"), RULE, 11 * DAY)

    assert saved == Spared(saved.sent, "temporary", TEMPORARY, 13 * DAY)


def test_one_more_soft_bounce_after_it_is_permanent_at_the_next_attempt() -> None:
    """Day 14 bounces: nothing yet; the send of day 20 is suppressed for good."""
    before = "soft@0 soft@3 soft@6 sent@10 soft@14"
    (due,) = states(before, 19)
    assert (due.state, due.until_us) == ("due", None)
    assert spared(before) == [(10, "temporary")]

    (found,) = states(before + " sent@20 sent@21", 21)
    assert (found.state, found.reason, found.since_us) == ("permanent", PERMANENT, 20 * DAY)
    assert [fact.time_us // DAY for fact in found.facts] == [0, 3, 6, 14]
    assert spared(before + " sent@20 sent@21") == [(10, "temporary"), (20, "permanent"), (21, "permanent")]


def test_the_end_of_the_pause_is_not_in_it() -> None:
    """A send exactly seven days after the last soft bounce is made; a soft bounce then is one after the suppression."""
    assert spared("soft@0 soft@3 soft@6 sent@13") == []
    assert spared("soft@0 soft@3 soft@6 sent@12.99") == [(12.99, "temporary")]
    assert states("soft@0 soft@3 soft@6 soft@13", 13)[0].state == "due"


def test_three_in_eight_days_do_not_but_five_do() -> None:
    """Days 0, 3, 8: no; with days 20 and 40 it is the fifth: until day 47."""
    assert [one.state for one in states("soft@0 soft@3 soft@8", 9)] == ["watched"]
    assert [one.state for one in states("soft@0 soft@3 soft@8 soft@20", 21)] == ["watched"]
    (found,) = states("soft@0 soft@3 soft@8 soft@20 soft@40", 41)
    assert (found.state, found.until_us) == ("temporary", 47 * DAY)


def test_exactly_seven_days_are_within() -> None:
    """Seven times 24 hours between the first and the third are still within; a microsecond more is not."""
    assert states("soft@0 soft@3 soft@7", 7)[0].state == "temporary"
    facts = [*story("soft@0 soft@3"), Fact(7 * DAY + 1, (9,), "ann@b.example", "soft", 9)]
    assert simulate(facts, RULE, 8 * DAY)[0][0][0].state == "watched"


@pytest.mark.parametrize("word", ["+alive@4", "+alive@5"])
def test_a_sign_of_life_in_between_begins_anew(word: str) -> None:
    """Days 0, 3, delivered on 4 (or opened on 5), 6: no."""
    assert [one.state for one in states(f"soft@0 soft@3 {word} soft@6", 7)] == ["watched"]
    assert len(states(f"soft@0 soft@3 {word} soft@6", 7)[0].facts) == 1


def test_a_sign_of_life_ends_a_suppression_too() -> None:
    """An open during the pause: the address works, the next send is made."""
    assert states("soft@0 soft@3 soft@6 +alive@8", 9) == []
    assert spared("soft@0 soft@3 soft@6 +alive@8 sent@9") == []


def test_a_message_counts_once() -> None:
    """Three soft bounces of one message are one."""
    facts = [Fact(day * DAY, (day,), "ann@b.example", "soft", 1) for day in (0, 1, 2)]

    assert simulate(facts, RULE, 3 * DAY)[0][0][0].state == "watched"


def test_a_message_on_its_way_moves_the_end() -> None:
    """Sent before the suppression, bounced softly during it: seven days from that bounce, and no permanent one."""
    facts = [
        *story("soft@0 soft@3 soft@6"),
        Fact(5 * DAY, (8, 0), "ann@b.example", "sent", 8),
        Fact(10 * DAY, (8, 1), "ann@b.example", "soft", 8),
    ]
    ((found,),), _ = simulate(facts, RULE, 11 * DAY)

    assert (found.state, found.until_us) == ("temporary", 17 * DAY)


def test_the_address_must_be_the_same() -> None:
    """Another address begins its own count."""
    facts = [*story("soft@0 soft@3"), Fact(6 * DAY, (9,), "ann@c.example", "soft", 9)]

    assert [one.state for held in simulate(facts, RULE, 7 * DAY)[0] for one in held] == ["watched", "watched"]


def test_what_is_certain_counts_at_once() -> None:
    """Invalid, complained, unsubscribed: from then on, whatever comes later; who subscribes again gets mail again."""
    assert spared("invalid@1 sent@2") == [(2, "invalid")]
    assert spared("+complained@1 sent@2") == [(2, "complained")]
    assert spared("+unsubscribed@1 sent@2 +resubscribed@3 sent@4") == [(2, "unsubscribed")]
    (found,) = states("invalid@1 +alive@5", 6)
    assert (found.state, found.since_us, found.alive_us) == ("invalid", DAY, 5 * DAY)


def test_transactional_mail_is_always_tried() -> None:
    """It is never spared; its soft bounces count like others."""
    facts = story("soft@0 soft@3 soft@6")
    sends = [
        Fact(10 * DAY, (9, 0), "ann@b.example", "sent", 9, transactional=True),
        Fact(10 * DAY, (9, 1), "ann@b.example", "soft", 9),
    ]
    ((found,),), saved = simulate(facts + sends, RULE, 11 * DAY)

    assert saved == []
    assert found.until_us == 17 * DAY


def test_the_numbers_can_be_set() -> None:
    """Two within a day, a pause of an hour."""
    rule = Rule(few=2, within_us=DAY, many=9, pause_us=HOUR)

    assert states("soft@0 soft@1", 1, rule)[0].until_us == DAY + HOUR
    assert states("soft@0 soft@1.1", 2, rule)[0].state == "watched"


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                (
                    "sent",
                    "sent",
                    "soft",
                    "soft",
                    "soft",
                    "alive",
                    "invalid",
                    "complained",
                    "unsubscribed",
                    "resubscribed",
                )
            ),
            st.integers(0, 30),
            st.integers(0, 6),
            st.booleans(),
        ),
        max_size=30,
    )
)
def test_the_same_sends_are_spared_as_by_the_plain_model(drawn: list[tuple[str, int, int, bool]]) -> None:
    """On any order of facts, with equal times, repeated messages and results without a send."""
    facts = [
        Fact(
            day * DAY,
            (place,),
            "ann@b.example",
            kind,
            message if kind != "sent" else place + 100,
            transactional=exempt and kind == "sent",
        )  # type: ignore[arg-type]
        for place, (kind, day, message, exempt) in enumerate(drawn)
    ]
    # A result may belong to one of the sends before it.
    sends = [fact for fact in facts if fact.kind == "sent"]
    facts = [_of_a_send(fact, [sent for sent in sends if sent.time_us <= fact.time_us]) for fact in facts]
    ordered = sorted(facts, key=lambda fact: fact.order)

    _, found = simulate(facts, RULE, 1000 * DAY)

    assert {one.sent.message: one.state for one in found} == plain_cumulative.spared(ordered, RULE)


KINDS = ("sent", "soft", "soft", "soft", "alive", "invalid", "complained", "unsubscribed", "resubscribed")


@st.composite
def stories(draw: st.DrawFn) -> list[Fact]:
    """Up to eight messages to two addresses: each is sent and ends so, some facts stand without a send."""
    facts = []
    for message in range(draw(st.integers(0, 8))):
        address = draw(st.sampled_from(("ann@b.example", "bob@b.example")))
        day, kind = draw(st.integers(0, 30)), draw(st.sampled_from(KINDS))
        if draw(st.booleans()) or kind == "sent":
            facts.append(Fact(day * DAY, (message, 0), address, "sent", message))
        if kind != "sent":
            later = draw(st.sampled_from((0, 1, DAY, 3 * DAY)))
            facts.append(Fact(day * DAY + later, (message, 1), address, kind, message))  # type: ignore[arg-type]
    return facts


def told(facts: Iterable[Fact], as_of_us: int) -> tuple[list[list[Suppression]], list[Spared]]:
    """What holds and what is spared; a send that is told twice is spared once."""
    held, saved = simulate(facts, RULE, as_of_us)
    return held, list({one.sent: one for one in saved}.values())


@given(stories(), st.data(), st.integers(0, 45))
def test_neither_order_nor_repetition_of_the_facts_matters(facts: list[Fact], data: st.DataObject, day: int) -> None:
    """Any permutation of the facts, with any of them twice, has the same answer."""
    twice = data.draw(st.lists(st.sampled_from(facts), max_size=5)) if facts else []
    shuffled = data.draw(st.permutations([*facts, *twice]))

    assert told(shuffled, day * DAY) == told(facts, day * DAY)


@given(stories(), st.integers(0, 45))
def test_later_facts_do_not_change_an_earlier_moment(facts: list[Fact], day: int) -> None:
    """`--as-of` looks at what was known then."""
    then = day * DAY

    assert simulate(facts, RULE, then) == simulate([fact for fact in facts if fact.time_us <= then], RULE, then)


@given(stories(), st.integers(0, 45))
def test_the_same_addresses_are_suppressed_as_by_the_plain_model(facts: list[Fact], day: int) -> None:
    """An address is held back at a moment exactly if the plain model would not make a send then."""
    then = day * DAY + 7  # no fact is of this very microsecond
    held = {each[0].address for each in simulate(facts, RULE, then)[0] if each[0].state != "watched"}
    for address in ("ann@b.example", "bob@b.example"):
        own = sorted(
            (fact for fact in facts if fact.address == address and fact.time_us <= then), key=lambda fact: fact.order
        )
        attempt = Fact(then, (999,), address, "sent", 999)

        assert (address in held) == (999 in plain_cumulative.spared([*own, attempt], RULE))


def _of_a_send(fact: Fact, sends: list[Fact]) -> Fact:
    """The fact as a result of one of the sends, if its number says so."""
    if fact.kind == "sent" or not sends or fact.message > 3:
        return fact
    return replace(fact, message=sends[fact.message % len(sends)].message)
