"""Who had a message sent: no provider has a field for it, so senders put it into their variables or tags."""

from __future__ import annotations

import json
from typing import Any

import orjson

KEYS = ("raised_by", "raised-by", "raisedby", "user", "user_id", "created_by")
"""Names of variables that say it, the first one that is there; and prefixes of tags, with a colon."""
ELSEWHERE = ("any", "sender", "sasl_user", "client")
"""Keys that mean no variable."""


def keys(asked: str) -> tuple[str, ...]:
    """The names to look for, when this key was asked for."""
    return KEYS if asked in ELSEWHERE else (asked.lower(),)


def raised_by(variables: str | None, tags: str | None, names: tuple[str, ...]) -> str | None:
    """Who it was, as variables (an object) and tags (a list) say, both as JSON texts."""
    if variables:
        given: dict[str, Any] = {name.lower(): value for name, value in _loaded(variables).items()}
        for name in names:
            if given.get(name) not in (None, "", [], {}):
                return str(given[name])
    for tag in _loaded(tags) if tags else ():
        name, colon, value = str(tag).partition(":")
        if colon and name.lower() in names and value:
            return value.strip()
    return None


def _loaded(text: str) -> Any:  # noqa: ANN401 (whatever JSON holds)
    """The value of a JSON text."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return json.loads(text)  # takes numbers of any size
