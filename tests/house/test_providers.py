"""Providers do not know each other; each has documentation, a fixture and fields that exist."""

from __future__ import annotations

import itertools
from pathlib import Path

import grimp
import pytest

from mailaudit.formats.providers import NAMES, providers, shapes
from mailaudit.formats.providers.shape import FIELDS, OTHER
from mailaudit.model.vocabulary import EVENTS

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "mailaudit.formats.providers"


def test_providers_do_not_see_each_other() -> None:
    """No provider's module imports another's, not even by a third."""
    graph = grimp.build_graph("mailaudit")
    chains = [
        chain
        for one, other in itertools.permutations(NAMES, 2)
        if (chain := graph.find_shortest_chain(f"{PACKAGE}.{one}", f"{PACKAGE}.{other}"))
    ]
    chains = [chain for chain in chains if PACKAGE not in chain]  # the list of all imports each

    assert chains == []


@pytest.mark.parametrize("name", NAMES)
def test_a_provider_is_complete(name: str) -> None:
    """It has the name it is listed by, a link, a fixture, and only fields that there are."""
    provider = providers()[name]

    assert provider.name == name
    assert provider.link.startswith("https://")
    assert provider.title
    assert list((ROOT / "fixtures" / name).glob("*/truth.jsonl"))
    for shape in provider.shapes:
        assert sorted(set(shape.fields) - set(FIELDS)) == []
        assert {"time", "raw_event", "event", "recipient"} <= set(shape.fields)


def test_format_ids_are_different() -> None:
    """Every shape has a name of its own, and none that of a provider."""
    names = [shape.name for provider in providers().values() for shape in provider.shapes]

    assert len(names) == len(set(names)) == len(shapes())
    assert not set(names) & set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_words_are_ours(name: str) -> None:
    """What a provider's words become are our words, or nothing."""
    module = __import__(f"{PACKAGE}.{name}", fromlist=["EVENTS"])
    words = {
        word
        for table in ("EVENTS", "STATES", "BOUNCES", "CLASSES", "CATEGORIES", "STEPS", "ACTIONS", "MAIL_EVENTS")
        for value in getattr(module, table, {}).values()
        for word in [value[-1] if isinstance(value, tuple) else value]
    }

    assert words <= {*EVENTS, OTHER, None}
