"""What an answer needs besides the mail is made ready while that is read: once, and not in vain where it cannot be."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from mailaudit import flow
from mailaudit.errors import MailauditError
from mailaudit.model.request import Request

FIXTURES = Path(__file__).parent.parent / "fixtures"
DATA = gzip.decompress((FIXTURES / "postfix" / "summer-time-ends" / "input.log.gz").read_bytes())


@pytest.mark.parametrize("lines", [1, 2000], ids=["one block", "many blocks"])
def test_it_is_done_once_and_no_line_is_lost(tmp_path: Path, lines: int) -> None:
    """However few blocks there are, even fewer than threads."""
    log = tmp_path / "mail.log"
    log.write_bytes(b"".join(DATA.splitlines(keepends=True)[:lines]))
    done: list[str] = []

    with flow.read(
        Request(paths=(str(log),), block_size=16 << 10),
        meanwhile=(lambda: done.append("first"), lambda: done.append("second")),
    ) as run:
        assert done == ["first", "second"]
        assert sum(report.lines for report in run.inputs) == log.read_bytes().count(b"\n")


def test_what_goes_wrong_in_it_is_told(tmp_path: Path) -> None:
    """As if it had been done before or after; the threads end, too."""
    log = tmp_path / "mail.log"
    log.write_bytes(DATA)

    def broken() -> None:
        raise MailauditError("the plug-in is broken")

    with pytest.raises(MailauditError, match="the plug-in is broken"):
        flow.read(Request(paths=(str(log),), block_size=16 << 10), meanwhile=(broken,))
