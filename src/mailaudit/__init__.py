"""What happened to my mail? Statistics, traces and causes from mail logs.

For programs: `mailaudit.read("/var/log/mail.log").log()` is a pandas DataFrame; see `mailaudit.api`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mailaudit.api import read

__all__ = ["__version__", "read"]


def __getattr__(name: str) -> object:
    """Looks up `read` and `__version__` when they are first used: pandas takes a second to import."""
    if name == "read":
        from mailaudit.api import read  # noqa: PLC0415 (see above)

        return read
    if name == "__version__":
        from importlib.metadata import version  # noqa: PLC0415 (see above)

        return version("mailaudit")
    raise AttributeError(f"module 'mailaudit' has no attribute {name!r}")
