"""The block list that a reply names: `zen.spamhaus.org`, `S3150`, `TSS04`, `CXBL`."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from mailaudit.classify.marks import CALLED, TOKENS
from mailaudit.classify.tables import BlockList, lists

_MARK = re.compile(r"\{([^{}]+)\}")


@lru_cache(maxsize=10_000)
def named_list(text: str) -> str | None:
    """The list named in a reading's text; a name of a known list goes before a token, a token before any other host."""
    marks = [mark for mark in _MARK.findall(text) if not mark.startswith(("/", "?", "&", "refused to"))]
    named = [re.sub(f"^{CALLED}", "", mark).removeprefix("www.") for mark in marks]
    known = [name for name in named if _known().search(name)]
    zones = [name for name in known if "." in name and name.count(".") > 1]
    tokens = [name.upper() for name in named if re.fullmatch(TOKENS, name)]
    others = [name for name in named if "." in name]
    return next(iter((*zones, *tokens, *known, *others)), None)


@cache
def _known() -> re.Pattern[str]:
    return re.compile("|".join(found.words for found in lists()))


def about(name: str) -> BlockList | None:
    """What is known of a list of this name."""
    return next((found for found in lists() if re.search(found.words, name.lower())), None)
