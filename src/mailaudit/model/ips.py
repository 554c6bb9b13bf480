"""One way to write the address of a host, whatever wrote it."""

from __future__ import annotations

import ipaddress


def shortened(ip: str) -> str:
    """Returns an IPv6 address as RFC 5952 writes it; all others stay, and so does what is no address."""
    try:
        # An IPv4 address inside one of IPv6 (`::ffff:192.0.2.1`) would be written without its dots.
        return ip if ":" not in ip or "." in ip else ipaddress.IPv6Address(ip).compressed
    except ValueError:
        return ip
