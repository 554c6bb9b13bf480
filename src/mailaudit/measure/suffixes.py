"""Registered domains by the public suffix list: mx1.mail.example.co.uk belongs to example.co.uk.

Only the part of the list that registries keep: the other part (hosting companies that hand out names below their own)
would make every customer machine of a cloud an organisation of its own. The rules are read from the data file of the
publicsuffixlist package; its own parser takes 0.1 s, this takes a tenth of that.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

_NAME = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)+")
_ADDRESS = re.compile(r"[0-9.]+")


@cache
def rules() -> frozenset[str]:
    """Returns the rules as the list writes them, with names in their ASCII form."""
    spec = find_spec("publicsuffixlist")
    folder = next(iter(spec.submodule_search_locations or ()), None) if spec else None
    if folder is None:
        return frozenset()
    text = (Path(folder) / "public_suffix_list.dat").read_text(encoding="utf-8")
    text = text.partition("===BEGIN ICANN DOMAINS===")[2].partition("===END ICANN DOMAINS===")[0]
    found = (line.strip() for line in text.splitlines())
    return frozenset(line if line.isascii() else _ascii(line) for line in found if line and not line.startswith("//"))


def _ascii(name: str) -> str:
    return ".".join(
        label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii") for label in name.split(".")
    )


@lru_cache(maxsize=100_000)
def registered_domain(name: str) -> str | None:
    """Returns the domain that was registered to get this name; None for addresses, single words and public suffixes."""
    host = name.partition("[")[0].rstrip(".").lower()
    if not _NAME.fullmatch(host) or _ADDRESS.fullmatch(host):
        return None
    labels = host.split(".")
    suffix = _suffix_length(labels)
    return ".".join(labels[-suffix - 1 :]) if len(labels) > suffix else None


def _suffix_length(labels: list[str]) -> int:
    """How many labels the longest rule covers; an unlisted top level is a suffix of its own."""
    known = rules()
    for start in range(len(labels)):
        candidate = ".".join(labels[start:])
        if "!" + candidate in known:
            return len(labels) - start - 1
        if candidate in known:
            return len(labels) - start
        parent = candidate.partition(".")[2]
        if parent and "*." + parent in known:
            return len(labels) - start
    return 1
