"""What services call a failure, in our words; asked only where the rules do not know better."""

from __future__ import annotations

from functools import cache

from mailaudit.classify.tables import read


def category(theirs: str) -> str | None:
    """Our category for a service's own word: `sparkpost:10`, `ses:Permanent/NoEmail`, `postmark:HardBounce`."""
    service, colon, word = theirs.partition(":")
    if not colon:
        service, word = "", theirs
    words = _words()
    key = " ".join(word.strip().lower().replace("_", " ").replace("-", " ").split())
    return words.get((service.strip().lower(), key)) or words.get(("", key))


@cache
def _words() -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for service, table in read("providers.toml").items():
        for word, name in table.items():
            key = " ".join(word.lower().replace("_", " ").replace("-", " ").split())
            found[service, key] = name
            if not key.isdigit():
                found.setdefault(("", key), name)
    return found
