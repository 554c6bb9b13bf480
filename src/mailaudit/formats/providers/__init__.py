"""Providers of mail sending and mail systems whose exports are records.

To add one: a module with a `PROVIDER`, a fixture folder, and its name in `NAMES` (docs/how-to/adding-a-provider.md).
"""

from __future__ import annotations

import functools
import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mailaudit.formats.providers.shape import Provider, Shape

NAMES = (
    "mailgun",
    "sendgrid",
    "ses",
    "postmark",
    "sparkpost",
    "mandrill",
    "brevo",
    "mailjet",
    "resend",
    "mailersend",
    "smtp2go",
    "elasticemail",
    "bloomreach",
    "microsoft365",
    "exchange",
    "google",
    "powermta",
    "kumomta",
    "momentum",
)


@functools.cache
def providers() -> dict[str, Provider]:
    """The providers by name."""
    from mailaudit.formats import foreign  # noqa: PLC0415 (it knows this list)

    ours = {name: importlib.import_module(f"mailaudit.formats.providers.{name}").PROVIDER for name in NAMES}
    return ours | foreign()[1]


@functools.cache
def shapes() -> dict[str, tuple[Provider, Shape]]:
    """All shapes of records by format id, each with its provider."""
    return {shape.name: (provider, shape) for provider in providers().values() for shape in provider.shapes}


def chosen(word: str | None) -> tuple[tuple[Provider, Shape], ...]:
    """The shapes that records may have: all, those of a provider, one by its format id, or one that a file declares."""
    if word is None:
        return tuple(found for found in shapes().values() if not found[1].asked)
    if word.endswith(".toml"):
        from mailaudit.formats.providers.declared import declared  # noqa: PLC0415 (only where one is declared)

        return (declared(word),)
    if word in shapes():
        return (shapes()[word],)
    return tuple((whose, shape) for whose, shape in shapes().values() if whose.name == word and not shape.asked)
