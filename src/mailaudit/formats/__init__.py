"""Log formats. To add one: a module with a `FORMAT`, a fixture folder, and its name in `NAMES`."""

from __future__ import annotations

import functools
import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mailaudit.formats.table import Format

NAMES = ("postfix", "sendmail")


@functools.cache
def formats() -> dict[str, Format]:
    """The formats by name, in the order in which they may claim a line."""
    return {name: importlib.import_module(f"mailaudit.formats.{name}").FORMAT for name in NAMES}
