"""Questions that are asked at the same time."""

from __future__ import annotations

import threading

import pytest

from mailaudit.measure.engine import Engine
from mailaudit.store.temporary import TemporaryStore

ENDLESS = "select count(*) from range(1000000000000) a, range(1000000000000) b where a.range = -b.range - 1"


def test_nobody_waits_for_the_others_after_ctrl_c() -> None:
    """What stops the first question ends the one beside it, which would take years, and those that wait."""
    asked: list[str] = []
    begun = threading.Event()

    with Engine(TemporaryStore()) as engine:
        engine.finish()

        def stopped() -> None:
            begun.wait()
            raise KeyboardInterrupt

        def endless() -> None:
            asked.append("endless")
            begun.set()
            engine.rows(ENDLESS)

        with pytest.raises(KeyboardInterrupt):
            engine.together([stopped, endless, endless, endless])

    assert len(asked) <= 2  # two are asked at the same time
