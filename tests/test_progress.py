"""Who reads a long log is told how far it is, within a file, too."""

from __future__ import annotations

import gzip
from pathlib import Path

from mailaudit import flow
from mailaudit.model.request import Request

FIXTURES = Path(__file__).parent.parent / "fixtures"
DATA = gzip.decompress((FIXTURES / "postfix" / "summer-time-ends" / "input.log.gz").read_bytes())


def told(*paths: Path) -> list[tuple[int, int | None]]:
    """What is told while these are read in blocks of 64 kB."""
    found: list[tuple[int, int | None]] = []
    request = Request(paths=tuple(map(str, paths)), block_size=64 << 10)
    with flow.read(request, progress=lambda done, total: found.append((done, total))):
        return found


def test_bytes_of_a_file_are_told_while_it_is_read(tmp_path: Path) -> None:
    """Of two files: the second goes on where the first ended."""
    half = DATA.index(b"\n", len(DATA) // 2) + 1
    for name, data in (("a.log", DATA[:half]), ("b.log", DATA[half:])):
        (tmp_path / name).write_bytes(data)
    steps = told(tmp_path / "a.log", tmp_path / "b.log")
    done = [step[0] for step in steps]
    assert {total for _, total in steps} == {len(DATA)}
    assert done == sorted(done)
    assert len(done) > 4
    assert half in done
    assert done[-1] == len(DATA)


def test_how_much_comes_out_of_a_packed_file_is_not_known_before(tmp_path: Path) -> None:
    """The bytes read are told without a share of anything."""
    (tmp_path / "a.log.gz").write_bytes(gzip.compress(DATA))
    steps = told(tmp_path / "a.log.gz")
    assert {total for _, total in steps} == {None}
    assert steps[-1][0] == len(DATA)
