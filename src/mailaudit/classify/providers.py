"""What services call a failure, in our words; asked only where the rules do not know better."""

from __future__ import annotations

from functools import cache

from mailaudit.classify.tables import read


def category(theirs: str) -> str | None:
    """Our category for a service's own word: `sparkpost:10`, `ses:Permanent/NoEmail`; None if it says nothing.

    Of several words with `/` between them, the last that is known counts.
    """
    service, colon, word = theirs.partition(":")
    if not colon:
        service, word = "", theirs
    words = _words()
    for part in (word, *reversed(word.split("/"))):
        key = _key(part)
        found = words.get((service.strip().lower(), key)) or words.get(("", key))
        if found:
            return found
    return None


@cache
def services() -> tuple[str, ...]:
    """The services whose words are known."""
    return tuple(read("providers.toml"))


def _key(word: str) -> str:
    return " ".join(word.strip().lower().replace("_", " ").replace("-", " ").split())


@cache
def _words() -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for service, table in read("providers.toml").items():
        for word, name in table.items():
            key = _key(word)
            found[service, key] = name
            if not key.isdigit():
                found.setdefault(("", key), name)
    return found
