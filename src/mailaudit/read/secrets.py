"""What must never be shown of an export: signatures, tokens and links that confirm, also where the text is broken."""

from __future__ import annotations

import re
from functools import cache

SECRETS = frozenset(
    (
        "signature",
        "token",
        "signing_key",
        "api-key-id",
        "api_key_id",
        "credential_id",
        "signingcerturl",
        "subscribeurl",
        "unsubscribeurl",
        "signatureversion",
        "receipthandle",
        "x-mailgun-sid",
        "x-twilio-email-event-webhook-signature",
        "authorization",
        "password",
        "secret",
    )
)
"""Names of members in lower case."""
_NAMES = "|".join(map(re.escape, sorted(SECRETS)))


@cache
def _member() -> re.Pattern[str]:
    """A member of an object, that may stand in a text itself and may be cut; a value that is an object has members."""
    return re.compile(
        rf"""(?isx)
        ( (?P<quote>\\*["']) (?:{_NAMES}) (?P=quote) \s*:\s* )
        (?: (?P=quote) (?: (?!(?P=quote)) . )* (?:(?P=quote) | $) | [^"'{{\[\\,}}\s]+ )
        """
    )


@cache
def _pair() -> re.Pattern[str]:
    """A field of a form."""
    return re.compile(rf"(?i)((?:^|[&?\s])(?:{_NAMES})=)[^&\s]+")


def hidden(text: str) -> str:
    """The text of a record that could not be read, without the values that are secret."""
    return _pair().sub(r"\1…", _member().sub(r"\1…", text))
