"""What import-linter cannot see: questions to the tables stand in `measure/` and `stories/`, and nowhere else."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "src" / "mailaudit"
ASKING = {"measure", "stories", "store"}
"""Rooms that ask the tables."""
QUERY = re.compile(r"\s*(?:select|with|insert into|update|delete from|create (?:or replace )?(?:temp )?table)\s")
MODULES = sorted(
    path for path in PACKAGE.rglob("*.py") if path.relative_to(PACKAGE).parts[0].removesuffix(".py") not in ASKING
)


def texts(tree: ast.AST) -> list[str]:
    """All text constants of a module but its docstrings."""
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told
    ]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_query_outside_of_the_rooms_that_ask(path: Path) -> None:
    """A command that wants to know something calls a function of `measure/`, which can be tested by itself."""
    found = [text for text in texts(ast.parse(path.read_text())) if QUERY.match(text) and " from " in f"{text} "]

    assert found == []
