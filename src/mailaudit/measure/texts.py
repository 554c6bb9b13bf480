"""The query texts: .sql files of this package, with what their heads declare."""

from __future__ import annotations

from importlib import resources


def statements(name: str) -> list[str]:
    """Returns the statements of one .sql file of this package, in order.

    A statement ends with a semicolon at the end of a line, and only there.
    """
    text = resources.files("mailaudit.measure").joinpath(name).read_text(encoding="utf-8")
    return [part for part in (text.strip() + "\n").split(";\n") if part.strip()]
