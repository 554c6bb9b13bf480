"""A packed log that ends too early: what is missing from an answer is told."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest
from tests.program import mailaudit

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "command", ["inspect", "stats", "log", "events", "bounces", "queue", "records", "records --unparsed"]
)
def test_data_that_end_too_early_are_told_once(command: str, tmp_path: Path) -> None:
    """Whatever is asked."""
    log = tmp_path / "mail.log.gz"
    log.write_bytes(gzip.compress(b"May 10 08:00:03 mx1 postfix/qmgr[9]: 4E10ABCDEF: removed\n" * 50)[:-9])

    said = mailaudit(*command.split(), log)

    assert said.err.count("the gz data end too early") == 1
