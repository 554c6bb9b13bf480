"""Whether mail flows: the state of all mail and of the domains with most of it, by the rule of `health`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailaudit.advise.flows import Checks, flows, members
from mailaudit.advise.mail_flow import Limits
from mailaudit.measure import results

if TYPE_CHECKING:
    from mailaudit.advise.flows import Flow
    from mailaudit.measure.choose import Options
    from mailaudit.measure.engine import Engine

DOMAINS = 200
"""Domains that are judged on a page: those with most results. `mailaudit health` judges all."""


def states(engine: Engine, options: Options) -> list[Flow]:
    """Returns the state of all mail, then those of the domains, the worst first.

    What is chosen by how it ended says nothing of the state: it is judged by what became of all mail.
    """
    choice = results.Choice(
        options.filters.without_end(),
        "attempt",
        "recipient_domain",
        options.since_us,
        options.until_us,
        options.notices,
    )
    results.prepare(engine, choice)
    results.judged_by(engine, members(results.subjects(engine)[:DOMAINS], None))
    limits = Limits()
    return flows(results.windows(engine, limits.window), {}, None, limits, Checks(None), "domain")
