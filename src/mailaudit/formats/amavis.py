"""What amavis answers for mail that it took: the same words, whichever server handed it the mail and logs them.

Grammar from amavis's sources (`one_response_for_all` of `Amavis/rfc2821_2822_Tools.pm`, LMTP in `Amavis/In/SMTP.pm`).
Postfix logs the code in front of them, Sendmail does not:

    250 2.5.0 Ok, id=00197-02, BOUNCE
    250 2.5.0 Ok <b@dst.example>, DSN was sent (554 5.7.0 Bounce, id=00197-02 - spam)
    250 2.7.0 Ok, discarded, id=00197-02 - spam
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

_OF_ONE = r"^(?:250 2\.5\.0 )?Ok <.*>, DSN "
"""By LMTP it answers for each recipient."""


def bounced(reply: pl.Expr) -> pl.Expr:
    """It refused the mail and told the sender itself."""
    return reply.str.ends_with(", BOUNCE") | reply.str.contains(_OF_ONE + "was sent")


def discarded(reply: pl.Expr) -> pl.Expr:
    """It refused the mail, and nobody was told."""
    return (
        reply.str.contains("Ok, discarded", literal=True)
        | reply.str.ends_with(", DISCARD(bounce.suppressed)")
        | reply.str.contains(_OF_ONE + "suppressed")
    )
