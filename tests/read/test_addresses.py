"""Addresses as columns: one way to write each, and what is none is left alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailaudit.read.addresses import shortened

if TYPE_CHECKING:
    import ipaddress


@pytest.mark.parametrize(
    ("written", "short"),
    [
        ("2001:db8:0:0:0:0:0:1", "2001:db8::1"),
        ("0:0:0:0:0:0:0:1", "::1"),
        ("2001:DB8::A", "2001:db8::a"),
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.1"),
        ("fe80::1%eth0", "fe80::1%eth0"),
        ("10:25", "10:25"),
        ("", ""),
        (None, None),
    ],
)
def test_one_way_to_write_an_address(written: str | None, short: str | None) -> None:
    """RFC 5952 4: lower case, no leading zeros, the longest run of zeros as `::`."""
    assert shortened(pl.Series([written, "192.0.2.9"], dtype=pl.String)).to_list() == [short, "192.0.2.9"]


@given(st.lists(st.ip_addresses(v=6).filter(lambda ip: ip.ipv4_mapped is None), min_size=1, max_size=20))
def test_however_it_is_written_it_is_the_same(ips: list[ipaddress.IPv6Address]) -> None:
    """All groups written out, and the short form, are one address; in a column each keeps its place."""
    expected = [ip.compressed for ip in ips]

    assert shortened(pl.Series([ip.exploded for ip in ips])).to_list() == expected
    assert shortened(pl.Series(expected)).to_list() == expected
