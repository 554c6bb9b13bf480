"""Rows that are kept are the rows themselves, however few are brought out at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.effort import examples

from mailaudit.measure import kept
from mailaudit.measure.engine import Engine
from mailaudit.store.temporary import TemporaryStore

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """An engine with nothing in its tables."""
    with Engine(TemporaryStore()) as found:
        found.finish()
        yield found


@given(
    values=st.lists(st.tuples(st.integers(0, 9), st.text(max_size=3)), max_size=40),
    many=st.integers(0, 50),
    taken=st.integers(1, 50),
    cut=st.slices(45),
)
@settings(max_examples=examples(80), deadline=None)
def test_kept_rows_are_the_rows(
    engine: Engine, values: list[tuple[int, str]], many: int, taken: int, cut: slice
) -> None:
    """In their order, with what is done to each, as often as they are asked for; what orders them need not be shown."""
    engine.table("many", ("number bigint", "word varchar", "hidden bigint"), [(*row, -row[0]) for row in values])
    expected = [(number, f"<{word}>") for number, word in sorted(values, key=lambda row: (-row[0], row[1].encode()))]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kept, "MANY", many)
        patch.setattr(kept, "TAKEN", taken)
        found = kept.rows(engine, '"number", "word"', "select * from many", "hidden, word, number")
        found = kept.changed(
            kept.changed(found, lambda row: (row[0], row[1] + ">")), lambda row: (row[0], "<" + row[1])
        )

        assert list(found) == list(found) == expected
        assert list(found[cut]) == expected[cut]
        assert isinstance(found, kept.Kept) == (len(values) > many)
        assert [found[at] for at in range(len(found))] == expected
        with pytest.raises(IndexError):
            found[len(found)]
