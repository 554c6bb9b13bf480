"""Log formats. To add one: a module with a `FORMAT`, a fixture folder, and its name in `NAMES`.

Other packages add theirs by entry points (docs/how-to/writing-a-plug-in.md); they claim lines after ours.
"""

from __future__ import annotations

import functools
import importlib
from typing import TYPE_CHECKING

from mailaudit import plugins

if TYPE_CHECKING:
    from mailaudit.formats.providers.shape import Provider
    from mailaudit.formats.table import Format

NAMES = ("postfix", "sendmail", "exim", "opensmtpd", "qmail", "dovecot")


@functools.cache
def formats() -> dict[str, Format]:
    """The formats by name, in the order in which they may claim a line."""
    ours = {name: importlib.import_module(f"mailaudit.formats.{name}").FORMAT for name in NAMES}
    return ours | foreign()[0]


@functools.cache
def foreign() -> tuple[dict[str, Format], dict[str, Provider]]:
    """The log formats and the providers that other packages add."""
    found = plugins.found("formats")
    if not found:
        return {}, {}
    from mailaudit.formats import providers  # noqa: PLC0415 (providers know this list)
    from mailaudit.formats.plugged import taken  # noqa: PLC0415 (only where there are any)
    from mailaudit.formats.table import Format  # noqa: PLC0415 (the same)

    plugins.refuse_names("formats", (*NAMES, *providers.NAMES, "mails"))
    every = {name: taken(one) for name, one in found.items()}
    logs = {name: one for name, one in every.items() if isinstance(one, Format)}
    return logs, {name: one for name, one in every.items() if not isinstance(one, Format)}
