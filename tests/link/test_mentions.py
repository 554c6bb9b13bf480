"""What the lines of a block say of messages."""

from __future__ import annotations

import polars as pl
import pytest

from mailaudit.link.mentions import by_tag


@pytest.mark.parametrize("count", [0, 1, 3, 200])
def test_few_and_many_tags_get_their_values(count: int) -> None:
    """A chain of tests for few, a map for many; a line without a tag has a value, too."""
    values: dict[str | None, str | None] = {f"p{number}/smtp": f"p{number}" for number in range(count)}
    values |= {None: "sendmail", "postfix": None}
    frame = pl.DataFrame({"tag": list(values)}, schema={"tag": pl.String})

    found = frame.select(by_tag(values).alias("value"))["value"].to_list()

    assert found[:-2] == list(values.values())[:-2]
    assert found[-1] is None
