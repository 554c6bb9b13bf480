"""An outline of a whole file from some places in it: how often the year turns, and what ids say anywhere.

A log without evidence in its first block is dated from its end, which comes last. Where the bytes can be reached in any
order (a plain file), a look at both ends and some places between them costs milliseconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from mailaudit.link.survey import survey
from mailaudit.read.blocks import Block
from mailaudit.read.heads import heads
from mailaudit.read.lines import lines

if TYPE_CHECKING:
    from mailaudit.link.survey import Survey
    from mailaudit.read.sources import Source

_ENDS = 64 << 10
_PLACES = 30
_PLACE = 16 << 10


def sample(source: Source, now: float | None = None) -> Survey | None:
    """The outline of a plain file; None for what is compressed, is no file, or has no stamp in the places looked at."""
    data = looked_at(source)
    if not data:
        return None
    found = heads(lines(Block(source.number, 0, data, 1, 0)))
    return survey(found.frame, now, beside=found.beside) if len(found.frame) else None


def looked_at(source: Source) -> bytes:
    """Whole lines from both ends of a plain file and some places between; nothing of what is compressed or no file."""
    if source.compression or source.size is None:
        return b""
    with source.open() as stream:
        if not stream.seekable():
            return b""
        return b"".join(_whole_lines(stream, start, size) for start, size in _places(source.size))


def _places(size: int) -> list[tuple[int, int]]:
    """Where to look: offset and number of bytes, in the order of the file and without overlap."""
    if size <= 2 * _ENDS + _PLACES * _PLACE:
        return [(0, size)]
    between = size - 2 * _ENDS
    middle = [(_ENDS + between * place // _PLACES, _PLACE) for place in range(_PLACES)]
    return [(0, _ENDS), *middle, (size - _ENDS, _ENDS)]


def _whole_lines(stream: BinaryIO, start: int, size: int) -> bytes:
    stream.seek(start)
    data = stream.read(size)
    first = data.find(b"\n") + 1 if start else 0
    return data[first : data.rfind(b"\n") + 1]
