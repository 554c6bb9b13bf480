"""Addresses that mail can be written to, and what is said of others."""

from __future__ import annotations

import pytest

from mailaudit.errors import UsageError
from mailaudit.model.addresses import address as checked


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
    assert checked(given) == taken


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        ("ann", "ann@example.com"),
        ("", "name@example.com"),
        ("Ann <ann@example.com>", "only the address: ann@example.com"),
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
        checked(given)

    assert hint in (raised.value.hint or "")


@pytest.mark.parametrize(
    "address",
    [
        "0",
        "1",
        "root",
        "a@b@c.example",
        "a b@c.example",
        "a@c.example\nBcc: x@y.example",
        "<a@b.example>",
        "a@",
        "@b.example",
        ".a@b.example",
        "a@-b.example",
        "x" * 65 + "@b.example",
        "a@b.example,c@d.example",
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    """Never mail to 0 or 1, and no header can be smuggled in."""
    with pytest.raises(UsageError, match=r"mail address|more than one"):
        checked(address)


@pytest.mark.parametrize(
    "address", ["a@b.example", "first.last+tag@sub.b-c.example", "o'neil@b.example", "root@localhost"]
)
def test_what_is_an_address_is_taken(address: str) -> None:
    """Plain addresses, as RFC 5321 has them."""
    assert checked(address) == address
