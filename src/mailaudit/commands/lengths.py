"""Lengths of time as option values: `30m`, `2h`, `7d`."""

from __future__ import annotations

import re
from typing import Any

import click

from mailaudit.model.times import SECOND

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


class Length(click.ParamType[int]):
    """A length of time, in µs: `90s`, `30m`, `2h`, `7d`, `1w`."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:  # noqa: ANN401
        """The length in µs."""
        if isinstance(value, int):
            return value
        found = re.fullmatch(r"(\d{1,6}) ?([smhdw])(?:[a-z]*)?", value.strip().lower())
        if not found or not int(found[1]):
            self.fail(f"{value!r} is no length of time. Write it like 30m, 2h or 7d.", param, ctx)
        return int(found[1]) * SECONDS[found[2]] * SECOND
