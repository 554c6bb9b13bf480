"""The reference tells lives apart as the generator made them, so that it can judge others."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.effort import examples
from tests.model_reference import generate_postfix, generate_sendmail, postfix, sendmail, syslog
from tests.model_reference.generate import Plan

if TYPE_CHECKING:
    from tests.model_reference.facts import Model
    from tests.model_reference.generate import Log

MAKERS = {"postfix": (generate_postfix.generate, postfix.read), "sendmail": (generate_sendmail.generate, sendmail.read)}

plans = st.builds(
    Plan,
    seed=st.integers(0, 2**32),
    mails=st.integers(1, 80),
    hosts=st.integers(1, 3),
    ids=st.integers(1, 12),
    apart_s=st.sampled_from((2.0, 20.0, 600.0)),
    cut=st.sampled_from((0.0, 0.1, 0.3)),
    rfc3339=st.booleans(),
    crlf=st.booleans(),
)


def check(log: Log, model: Model) -> None:
    """Every life has the lines of one mail, and nothing of it is another mail's."""
    mails: dict[int, set[int | None]] = defaultdict(set)
    lives: dict[int | None, set[int]] = defaultdict(set)
    for life in model.lives:
        for fact in life.facts:
            owner = log.owners[fact.line - 1]
            mails[life.number].add(owner)
            lives[owner].add(life.number)

    assert {number: owners for number, owners in mails.items() if len(owners) != 1} == {}
    assert {owner: numbers for owner, numbers in lives.items() if len(numbers) != 1} == {}
    for number, (owner,) in mails.items():
        life = model.lives[number]
        assert owner is not None
        mail = log.mails[owner]
        assert life.sender in {None, mail.sender}
        assert life.size in {None, mail.size}
        assert life.client_ip in {None, mail.client_ip}
        assert life.sasl_user in {None, mail.sasl_user}


@pytest.mark.parametrize("mta", MAKERS)
@settings(max_examples=examples(30), deadline=None)
@given(plan=plans)
def test_lives_are_told_apart(mta: str, plan: Plan) -> None:
    """Each life of the reference is one mail of the generator, with its sender, size and client."""
    make, read = MAKERS[mta]
    log = make(plan)

    check(log, read(syslog.lines(log.data, 2025)))


def test_the_generator_makes_what_it_promises() -> None:
    """A log of some size has reused ids, retries, notices, hops, forwarded copies, decoys and lost endings."""
    log = generate_postfix.generate(Plan(seed=1, mails=300, cut=0))
    text = log.data.decode()

    for mark in ("non-delivery notification", "forwarded as", "orig_queue_id", "status=expired", "decoy", "NOQUEUE"):
        assert mark in text
    assert len({mail.queue_id for mail in log.mails}) < len(log.mails) * 0.7
