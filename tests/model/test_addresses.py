"""Addresses that mail can be written to, and what is said of others."""

from __future__ import annotations

import pytest

from mailaudit.errors import UsageError
from mailaudit.model.addresses import address


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        (" ann@example.com ", "ann@example.com"),
        ("ann+tag@mail.example.com", "ann+tag@mail.example.com"),
        ("ann@bücher.example", "ann@xn--bcher-kva.example"),
    ],
)
def test_addresses(given: str, taken: str) -> None:
    """Domains are written in ASCII."""
    assert address(given) == taken


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        ("ann", "ann@example.com"),
        ("", "name@example.com"),
        ("Ann <ann@example.com>", "Only the address: ann@example.com"),
        ("ann@example.com, bob@example.com", "once for each"),
        ("ann\r\nBcc: bob@example.com", "before the @"),
        (".ann@example.com", "before the @"),
        ("ann@example.com\r\nBcc:", "after the @"),
        ("ann@192.0.2.1", "after the @"),
        ("ann@-x.example", "after the @"),
    ],
)
def test_what_is_none(given: str, hint: str) -> None:
    """Names, lists, and what would be another header of the message are refused with what to do."""
    with pytest.raises(UsageError) as raised:
        address(given)

    assert hint in (raised.value.hint or "")
