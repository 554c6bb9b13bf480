"""Replies as receivers word them, and the category that each means (several where the words leave it open)."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailaudit import classify

LINES = Path(__file__).with_name("replies.tsv").read_text(encoding="utf-8").splitlines()
REPLIES = [tuple(line.split("\t")) for line in LINES]


@pytest.mark.parametrize(("meant", "reply"), REPLIES)
def test_a_reply_means_what_it_says(meant: str, reply: str) -> None:
    """By the words, whatever code stands before them."""
    assert classify.verdict(reply).category in meant.split(",")
