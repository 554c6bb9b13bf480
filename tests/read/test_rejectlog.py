"""Exim's rejectlog beside its mainlog: each refusal once, and the headers behind it are no lines of mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.program import mailaudit

if TYPE_CHECKING:
    from pathlib import Path

REFUSED = "2025-10-29 09:25:{second:02d} H=a.example [203.0.113.15] F=<c@a.example> rejected RCPT <r@b.example>: no\n"
AFTER_DATA = (
    "2025-10-29 09:26:38 1vE6BG-00005q-1X H=a.example [203.0.113.15] F=<c@a.example> rejected after DATA: no pills\n"
)
HEADERS = (
    "Envelope-from: <c@a.example>\n"
    "Envelope-to: <r@b.example>\n"
    "P Received: from a.example ([203.0.113.15])\n"
    "\tby b.example with esmtp (Exim 4.96)\n"
    "  Subject: pills\n"
    "F From: c@a.example\n"
    "----------------------------------------------------------------------------------------\n"
)
ARRIVED = (
    "2025-10-29 09:30:00 1vE6FB-00006q-1X <= a@a.example H=a.example [203.0.113.15] P=esmtp S=100 id=1@a.example\n"
)


@pytest.mark.parametrize("before", [0, 1, 3])
@pytest.mark.parametrize("after", [0, 1])
@pytest.mark.parametrize("beside", [True, False])
def test_each_refusal_counts_once(tmp_path: Path, before: int, after: int, *, beside: bool) -> None:
    """With mainlog or without, wherever in rejectlog the headers stand."""
    refused = [REFUSED.format(second=second) for second in range(before + after)]
    main, reject = tmp_path / "mainlog", tmp_path / "rejectlog"
    main.write_text("".join([*refused[:before], AFTER_DATA, *refused[before:], ARRIVED]))
    reject.write_text("".join([*refused[:before], AFTER_DATA, HEADERS, *refused[before:]]))

    said = mailaudit("stats", "--table", "own_rejects", "--format", "json", *([main] if beside else []), reject)

    assert said.code == 0, said.err
    assert sum(row["refused"] for row in said.rows("own_rejects")) == before + after + 1
    assert [one["unparsed"] for one in said.document["inputs"]] == [0] * (1 + beside)
