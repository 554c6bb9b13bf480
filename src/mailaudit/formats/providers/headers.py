"""What is to be said of a header that is of no known export: which of its columns are not known, and what was expected.

Consoles name columns in the language of whoever exports. Translations are only read where their maker documents them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailaudit.formats.providers.shape import Columns, Shape, lacking, names_of, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST = 8
"""Columns that are named at most."""
_WAY_OUT = "a file that declares them makes it readable (--input-format FILE.toml)"


def unknown(names: Sequence[str], shapes: Sequence[Shape]) -> str:
    """Says of columns that are of no export what is not known about them, and what the nearest export has instead."""
    found = names_of(tuple(names))
    near, missing = _nearest(found, shapes)
    if near is None:
        return f"the columns {_listed(names)} are of no known export; {_WAY_OUT}"
    known = {plain(name) for shape in shapes for group in _groups(shape) for name in group.split("|")}
    others = [name for name in found.values() if plain(name) not in known]
    expected = " and ".join(f"`{group.split('|')[0]}`" for group in missing)
    return f"nearly the columns of {near.name}, but none is {expected}; not known: {_listed(others)}; {_WAY_OUT}"


def _groups(shape: Shape) -> list[str]:
    """The columns that a shape of cells must have, in groups of which one is enough."""
    groups = shape.signature.groups if isinstance(shape.signature, Columns) else ()
    return [group for group in groups if not group.startswith("!")]


def _nearest(found: dict[str, str], shapes: Sequence[Shape]) -> tuple[Shape | None, list[str]]:
    """The shape that lacks the fewest columns, if it has more than it lacks, and those that it lacks."""
    best: tuple[Shape | None, list[str]] = (None, [])
    for shape in shapes:
        wanted = _groups(shape)
        missing = lacking(wanted, found)
        if 0 < 2 * len(missing) < len(wanted) and (best[0] is None or len(missing) < len(best[1])):
            best = shape, missing
    return best


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(f"`{name[:40]}`" for name in names[:_MOST])
    return f"{shown} …" if len(names) > _MOST else shown or "none"
