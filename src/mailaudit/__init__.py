"""What happened to my mail? Statistics, traces and causes from mail logs.

For programs: `mailaudit.read("/var/log/mail.log").log()` is a pandas DataFrame; see `mailaudit.api`.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mailaudit.api import explain, read

__all__ = ["__version__", "explain", "read"]


def __getattr__(name: str) -> object:
    """Looks up the functions and `__version__` when they are first used: pandas takes a second to import."""
    if name in {"explain", "read"}:
        from mailaudit import api  # noqa: PLC0415 (see above)

        return getattr(api, name)
    if name == "__version__":
        from importlib.metadata import version  # noqa: PLC0415 (see above)

        return version("mailaudit")
    raise AttributeError(f"module 'mailaudit' has no attribute {name!r}")


class _Package(ModuleType):
    """This package, in which `read` is the function for programs, not the room of the same name.

    The import system names a subpackage in its parent when it is imported; `from mailaudit.read import …` does not need
    that.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if name != "read" or not isinstance(value, ModuleType):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
