"""What Postfix's delivery agents write of each attempt, and of the hosts that they tried before.

Grammar from smtp(8), lmtp(8), local(8), virtual(8), pipe(8), error(8) and their sources; the module `postfix_kinds` has
all the others.
"""

from __future__ import annotations

from mailaudit.formats.postfix_patterns import (
    DELIVERS,
    DELIVERY,
    DELIVERY_INTERNAL,
    DELIVERY_LOOSE,
    DELIVERY_OPEN,
    DELIVERY_QUOTED,
    DELIVERY_SHORT,
)
from mailaudit.formats.table import Kind

TRIES = (
    # -- deliveries
    Kind(
        "delivery",
        DELIVERS,
        ("to=<",),
        "to=<a@dst.example>, relay=mx.dst.example[203.0.113.25]:25, delay=2.1, delays=0.3/0/0.9/0.9, dsn=2.0.0, "
        "status=sent (250 2.0.0 Ok: queued as A1B2C3)",
        DELIVERY,
        queue_id=True,
    ),
    Kind(
        "delivery",
        DELIVERS,
        ("to=<",),
        'to=<"a, status=sent (b>"@dst.example>, relay=none, delay=2.1, delays=0.3/0/0.9/0.9, '
        "dsn=4.4.1, status=deferred (connect to x[192.0.2.1]:25: Connection refused)",
        DELIVERY_QUOTED,
        queue_id=True,
    ),
    Kind(
        "delivery",
        DELIVERS,
        ("to=<",),
        'to=<"a, b"@dst.example>, orig_to=<"c, d">, new=key, relay=none, delay=2.1, dsn=4.4.1, status=deferred (x)',
        DELIVERY_OPEN,
        queue_id=True,
    ),
    Kind(
        "delivery",
        DELIVERS,
        ("to=<",),
        "to=<a>, status=sent@dst.example>, relay=none, delay=2.1, delays=0.3/0/0.9/0.9, dsn=4.4.1, status=deferred (x)",
        DELIVERY_INTERNAL,
        queue_id=True,
    ),
    Kind(
        "delivery",
        DELIVERS,
        ("to=",),
        "to=a@dst.example, new=key, relay=none, delay=2.1, dsn=4.4.1, status=deferred (connect to "
        "x[192.0.2.1]:25: Connection ref",
        DELIVERY_LOOSE,
        queue_id=True,
    ),
    Kind(
        "delivery",
        DELIVERS,
        ("to=<",),
        "to=<a@dst.example>, status=deferred (delivery temporarily suspended: connect to x[192.0.2.1]:25: refused)",
        DELIVERY_SHORT,
        queue_id=True,
    ),
    # -- one host failed, another is tried, or the attempt's own line follows: no outcome
    Kind(
        "host_failed",
        ("smtp", "lmtp"),
        ("host ",),
        "host mx.example[192.0.2.1] said: 450 4.7.1 Greylisted (in reply to RCPT TO command)",
        r"^host (?<relay_host>[^\[ ]*)\[(?<relay_ip>[^\]]*)\](?::[0-9]+)? "
        r"(?:said|refused to talk to me): (?<reply>.*)$",
    ),
    Kind(
        "connection_failed",
        ("smtp", "lmtp"),
        ("connect to ", "lost connection with ", "conversation with "),
        "connect to mx.example[192.0.2.1]:25: Connection refused",
        r"^(?<what>connect to|lost connection with|conversation with) (?<relay_host>[^\[ "
        r"]*)\[(?<relay_ip>[^\]]*)\](?::[0-9]+)?:? ?(?<reply>.*)$",
    ),
    Kind(
        "session_failed",
        ("smtp", "lmtp"),
        (
            "Cannot start TLS",
            "TLS is required",
            "TLS was required",
            "SASL authentication failed",
            "SASL [CACHED] authentication failed",
            "client TLS configuration problem",
            "mail for ",
            "SMTPUTF8 is required",
            "message size ",
            "Host or domain name not found",
            "Name service error for ",
            "unable to look up host ",
            "network address conversion failed",
            "Domain ",
            "no TLSA records found",
            "TLSA lookup error for ",
            "non-SMTP response from ",
            "non-ESMTP response from ",
        ),
        "Cannot start TLS: handshake failure",
        r"^(?<reply>.*)$",
    ),
)
