"""`explain --unmatched`: what no rule is sure of, ready to be made a rule of."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.effort import examples
from tests.program import mailaudit

from mailaudit.classify.readings import reading
from mailaudit.classify.templates import template
from mailaudit.classify.unmatched import proposed

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def explained(*arguments: object) -> tuple[int, list[dict[str, Any]], str]:
    """The exit code, rows and messages of `explain`."""
    said = mailaudit("explain", "--format", "jsonl", *arguments)
    return said.code, said.lines, said.err


def test_the_most_frequent_first(tmp_path: Path) -> None:
    """Replies that differ in addresses and ids are one shape; known ones and empty lines are left out."""
    path = tmp_path / "replies.txt"
    path.write_text(
        "554 zork refuses ann@example.com\n550 5.1.1 User unknown\n\n554 zork refuses bob@example.net\n550 blub\n"
    )

    code, rows, _ = explained("--file", path, "--unmatched")

    assert code == 0
    assert [(row["replies"], row["confidence"], row["text"]) for row in rows] == [
        (2, "low", "554 zork refuses ann@example.com"),
        (1, "low", "550 blub"),
    ]


def test_its_words_make_a_rule(tmp_path: Path) -> None:
    """What is proposed, put into a file of own rules, decides such replies."""
    path, own = tmp_path / "replies.txt", tmp_path / "own.toml"
    path.write_text("554 5.7.1 zork [42] (a+b) refuses ann@example.com\n")
    _, (row,), _ = explained("--file", path, "--unmatched")
    own.write_text(f'[[rule]]\nid = "zork"\ncategory = "recipient_refused"\nwords = {json.dumps(row["words"])}\n')

    code, (again,), _ = explained("--rules", own, "554 5.7.1 zork [42] (a+b) refuses bob@example.org")

    assert (code, again["rule"], again["category"]) == (0, "zork", "recipient_refused")


def test_batches_are_put_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counts and first examples do not depend on how many lines are judged at once."""
    path = tmp_path / "replies.txt"
    path.write_text("".join(f"554 zork refuses user{n % 7}@example.com\n550 blub {n % 3}\n" for n in range(50)))
    whole = explained("--file", path, "--unmatched")
    monkeypatch.setattr("mailaudit.classify.unmatched.TOGETHER", 9)

    assert explained("--file", path, "--unmatched") == whole


def test_an_empty_file(tmp_path: Path) -> None:
    """Nothing is unmatched in nothing."""
    path = tmp_path / "replies.txt"
    path.touch()

    assert explained("--file", path, "--unmatched")[:2] == (0, [])


def test_it_needs_a_file() -> None:
    """One reply is explained, not listed."""
    code, _, message = explained("--unmatched", "550 blub")

    assert code == 2
    assert "--file FILE --unmatched" in message


@given(st.text(max_size=200))
@settings(max_examples=examples(300), deadline=None)
def test_a_proposal_finds_its_reply(reply: str) -> None:
    """Whatever a reply is, the expression proposed for it is one, and is found in it."""
    assume(not re.search(r"\{[a-z]+\}", reply, re.IGNORECASE))  # that is how a template writes an address, an id …
    words = proposed(template(reply))

    assert re.search(words, reading(reply).text)
