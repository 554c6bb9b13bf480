"""Filters given and the keys of a line in one command, where each option means: one of its values holds."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from mailaudit.model.vocabulary import TYPES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Words = tuple[tuple[str, str], ...]
"""Options, each with its value."""


def together(given: Mapping[str, Sequence[str]], keys: Words) -> list[str] | None:
    """The options that keep what the filters and every key keep; None where no options say that."""
    words: list[str] = []
    for option in dict.fromkeys([*given, *(option for option, _ in keys)]):
        claims = [[value] for name, value in keys if name == option]
        if given.get(option):
            claims.append(list(given[option]))
        values = _all_of(option, claims)
        if values is None:
            return None
        for value in values:
            words += [option, value]
    return words


def _all_of(option: str, claims: list[list[str]]) -> list[str] | None:
    """Values one of which holds where one of each claim's does."""
    if len(claims) <= 1:
        return [value for claim in claims for value in claim]
    if option == "--code":
        return [_both(codes) for codes in product(*claims)]
    says = IMPLIED.get(option, _same)
    for key, *others in claims:
        if not others and all(any(says(key, value) for value in claim) for claim in claims):
            return [key]
    return None


def _both(codes: Sequence[str]) -> str:
    whole = "=" if any(code.startswith("=") for code in codes) else ""
    parts = dict.fromkeys(part for code in codes for part in code.removeprefix("=").split())
    return whole + " ".join(parts)


def _same(key: str, value: str) -> bool:
    return key.lower() == value.lower()


def _contains(key: str, value: str) -> bool:
    """What the key keeps contains the value: `=a@b.example` is known whole, `@b.example` is the end of it."""
    key, value = key.lower(), value.lower()
    return key == value or (value[:1] != "=" and value not in {"", "<>"} and value in key.removeprefix("="))


def _sender(key: str, value: str) -> bool:
    if value.startswith("@"):
        return key.lower().endswith(value.lower())
    return _contains(key, value)


def _domain(key: str, value: str) -> bool:
    name, value = key.lower(), value.lower().lstrip("@").rstrip(".")
    return name == value.removeprefix(".") or (value.startswith(".") and name.endswith(value))


def _cause(key: str, value: str) -> bool:
    """A category is of the types given, or its line would not be there; a type may be of other categories, too."""
    return key == value or (key not in TYPES and value in TYPES)


IMPLIED: dict[str, Callable[[str, str], bool]] = {
    "--sender": _sender,
    "--recipient": _contains,
    "--domain": _domain,
    "--relay": _contains,
    "--text": _contains,
    "--only": _cause,
}
"""Whether all that a key keeps, a filter's value keeps as well."""
