"""The same log under several names: links, copies, compressed copies, an older copy of a log that still grows.

Only inputs whose first bytes are the same are compared, and only as far as they are the same.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from mailaudit.read.paths import JOURNAL, STDIN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mailaudit.read.sources import Candidate

_PIECE = 1 << 20


def drop(candidates: Sequence[Candidate]) -> list[tuple[Candidate, Candidate, str]]:
    """Inputs that add nothing to another one: (the one, the other, how they relate)."""
    dropped: list[tuple[Candidate, Candidate, str]] = []
    kept: list[Candidate] = []
    for one in sorted(
        candidates, key=lambda candidate: (len(candidate.look.head), candidate.compression, candidate.path)
    ):
        if not one.look.head or one.path in (STDIN, JOURNAL):
            continue
        for place, other in enumerate(kept):
            how = _relation(one, other)
            if how in {"the same as", "the beginning of"}:
                dropped.append((one, other, how))
                break
            if how == "continued by":
                dropped.append((other, one, "the beginning of"))
                kept[place] = one
                break
        else:
            kept.append(one)
    return dropped


def _relation(one: Candidate, other: Candidate) -> str | None:
    """`one` is the same as, the beginning of, or continued by `other`'s content; None if they differ."""
    if _same_file(one.path, other.path):
        return "the same as"
    shorter = min(len(one.look.head), len(other.look.head))
    if one.look.head[:shorter] != other.look.head[:shorter]:
        return None
    with one.open() as first, other.open() as second:
        left, right = _pieces(first), _pieces(second)
        mine = theirs = b""
        while True:
            mine = mine or next(left, b"")
            theirs = theirs or next(right, b"")
            if not mine or not theirs:
                break
            shorter = min(len(mine), len(theirs))
            if mine[:shorter] != theirs[:shorter]:
                return None
            mine, theirs = mine[shorter:], theirs[shorter:]
    if mine:
        return "continued by"
    return "the beginning of" if theirs else "the same as"


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    while piece := stream.read(_PIECE):
        yield piece


def _same_file(one: str, other: str) -> bool:
    try:
        return Path(one).samefile(other)
    except OSError:
        return False
