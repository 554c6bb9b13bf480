"""Cells that hold a list or an object: JSON where the format has it, else JSON in a text; for people their members."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Nested:
    """A list or an object in one cell."""

    value: list[Any] | dict[str, Any]

    def __str__(self) -> str:
        """The members with commas between them; an object's as `name=value`."""
        if isinstance(self.value, dict):
            return ", ".join(f"{name}={member}" for name, member in self.value.items())
        return ", ".join(str(member) for member in self.value)
