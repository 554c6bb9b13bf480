"""Why a server refused mail at its door: told by its own words, not by those of clients."""

from __future__ import annotations

import polars as pl
import pytest

from mailaudit.formats import refusal

SAID = (
    ("450 4.2.0 <ann@dst.example>: Recipient address rejected: Greylisted for 300 seconds", "greylisting"),
    ("554 5.7.1 <greylist@dst.example>: Relay access denied", "relay"),
    ("554 5.7.1 <nospam@dst.example>: Recipient address rejected: Access denied", "policy"),
    (
        "550 5.1.1 <header@dst.example>: Recipient address rejected: User unknown in local recipient table",
        "unknown_user",
    ),
    ("450 4.7.1 <hostname>: Helo command rejected: Host not found", "helo"),
    ("554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.dnsbl.example", "blocklist"),
    ("454 4.7.1 <a@greylist.example>: Recipient address rejected: policy", "policy"),
    ("", "policy"),
    (None, "policy"),
)


@pytest.mark.parametrize("copies", [1, refusal.FEW], ids=["few", "many"])
def test_causes(copies: int) -> None:
    """Few replies are looked at one by one, many at once; both find the same."""
    filler = [f"554 5.7.1 number {at}x: no" for at in range(copies - 1)]
    found = refusal.causes(pl.Series("reply", [*(reply for reply, _ in SAID), *filler], dtype=pl.String)).to_list()

    assert found[: len(SAID)] == [cause for _, cause in SAID]
    assert set(found[len(SAID) :]) <= {"policy"}
