"""Log formats do not know each other, and their tables are what they say."""

from __future__ import annotations

import itertools

import grimp
import pytest

from mailaudit.formats import NAMES, formats


def test_formats_do_not_see_each_other() -> None:
    """No module of one format imports one of another, not even by a third; `‹name›` and `‹name›_…` are one format's."""
    graph = grimp.build_graph("mailaudit")
    modules = sorted(graph.find_children("mailaudit.formats"))
    parts = {name: {m for m in modules if f"{m.rpartition('.')[2]}_".startswith(f"{name}_")} for name in NAMES}
    chains = [
        chain
        for one, other in itertools.permutations(NAMES, 2)
        for importer, imported in itertools.product(parts[one], parts[other])
        if (chain := graph.find_shortest_chain(importer, imported))
    ]

    assert chains == []


@pytest.mark.parametrize("name", NAMES)
def test_a_format_has_the_name_it_is_listed_by(name: str) -> None:
    """The word in the list, the module and the format's own name are one."""
    assert formats()[name].name == name
