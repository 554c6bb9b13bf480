"""Who answers for which domain: a file of resellers, their customers and these customers' domains.

    # reseller > customer > domain          settings of that level, inherited by those below
    Acme Hosting                            notify=noc@acme.example
    Acme Hosting > Smith Ltd                threshold=80 notify=it@smith.example,tickets@smith.example
    Acme Hosting > Smith Ltd > smith.example
    Acme Hosting > Smith Ltd > smith.test   window=50 max_failures=2

Or CSV with the columns reseller, customer, domain and, where needed, those of the settings.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from mailaudit.advise.mail_flow import Limits
from mailaudit.errors import UsageError, nearest
from mailaudit.model.addresses import address as checked
from mailaudit.read import by_hand

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LEVELS = ("reseller", "customer", "domain")
BETWEEN = " > "
SETTINGS = ("threshold", "warning", "window", "max_failures", "notify")


@dataclass(slots=True)
class Level:
    """A reseller, a customer or a domain."""

    path: tuple[str, ...]
    settings: dict[str, str] = field(default_factory=dict)
    notify: tuple[str, ...] = ()
    """Addresses told of changes of this level's own state."""

    @property
    def kind(self) -> str:
        """What it is: reseller, customer or domain."""
        return LEVELS[len(self.path) - 1]

    @property
    def name(self) -> str:
        """Its path as people write it."""
        return BETWEEN.join(self.path)


@dataclass(frozen=True, slots=True)
class Mapping:
    """All levels of a file, those above before those below."""

    levels: dict[tuple[str, ...], Level]

    @property
    def domains(self) -> list[str]:
        """The domains, each once."""
        return list(dict.fromkeys(path[-1] for path in self.levels if len(path) == len(LEVELS)))

    def under(self, path: tuple[str, ...]) -> set[str]:
        """The domains that belong to a level."""
        return {other[-1] for other in self.levels if len(other) == len(LEVELS) and other[: len(path)] == path}

    def limits(self, path: tuple[str, ...], usual: Limits) -> Limits:
        """What holds for a level: its own settings, else those above, else the usual ones."""
        found: dict[str, str] = {}
        for length in range(1, len(path) + 1):
            found |= self.levels[path[:length]].settings
        return Limits(
            window=int(found.get("window", usual.window)),
            threshold=Fraction(found.get("threshold", usual.threshold)),
            warning=Fraction(found["warning"]) if "warning" in found else usual.warning,
            max_failures=int(found["max_failures"]) if "max_failures" in found else usual.max_failures,
        )

    def within(self, name: str) -> Mapping:
        """The named level, those below it, and those above it (which have only these domains then)."""
        wanted = _parts(name)
        found = [path for path in self.levels if path[-len(wanted) :] == wanted]
        if not found:
            names = [*(BETWEEN.join(path) for path in self.levels), *(path[-1] for path in self.levels)]
            raise UsageError(f"the mapping file has no level {name!r}", hint=nearest(name, names))
        kept = {path: level for path, level in self.levels.items() if any(path[: len(top)] == top for top in found)}
        for path in list(kept):
            for length in range(1, len(path)):
                kept.setdefault(path[:length], self.levels[path[:length]])
        return Mapping({path: level for path, level in self.levels.items() if path in kept})


def read(path: str) -> Mapping:
    """The mapping of a file; raises UsageError with the line that is wrong."""
    try:
        text = by_hand.text(path, "utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise UsageError(f"mapping file {path}: {reason}") from error
    return parse(text.splitlines(), path)


def parse(lines: Iterable[str], name: str) -> Mapping:
    """The mapping in these lines; `name` is the file's, for errors."""
    given = [
        (number, line) for number, line in enumerate(lines, 1) if line.strip() and not line.lstrip().startswith("#")
    ]
    levels: dict[tuple[str, ...], Level] = {}
    table = bool(given) and given[0][1].lower().replace(" ", "").startswith("reseller,")
    for number, path, settings in _rows(given, name) if table else _lines(given, name):
        for length in range(1, len(path) + 1):
            levels.setdefault(path[:length], Level(path[:length]))
        try:
            _set(levels[path], settings)
        except UsageError as error:
            raise UsageError(f"{name}:{number}: {error.text}", hint=error.hint) from error
    if not any(len(path) == len(LEVELS) for path in levels):
        raise UsageError(
            f"mapping file {name} names no domain", hint="write lines like: Reseller > Customer > example.com"
        )
    return Mapping(dict(sorted(levels.items())))


Found = tuple[int, tuple[str, ...], dict[str, str]]


def _lines(given: Iterable[tuple[int, str]], name: str) -> Iterator[Found]:
    for number, line in given:
        text, settings = line.split("#")[0].strip(), {}
        while found := re.search(r"(?:^|\s)(\w+)=(\S+)$", text):
            settings[found[1]] = found[2]
            text = text[: found.start()].rstrip()
        path = _parts(text)
        if not 1 <= len(path) <= len(LEVELS) or not all(path):
            raise UsageError(
                f"{name}:{number}: not understood: {line.strip()!r}",
                hint="write reseller > customer > domain, then settings such as threshold=80",
            )
        yield number, path, settings


def _rows(given: list[tuple[int, str]], name: str) -> Iterator[Found]:
    heads = [head.strip().lower() for head in next(csv.reader([given[0][1]]))]
    strange = [head for head in heads if head not in {*LEVELS, *SETTINGS}]
    if strange or heads[: len(LEVELS)] != list(LEVELS):
        raise UsageError(
            f"{name}:{given[0][0]}: the first line must name the columns reseller, customer, domain",
            hint=f"further columns may be {', '.join(SETTINGS)}",
        )
    for number, line in given[1:]:
        cells = [cell.strip() for cell in next(csv.reader([line]))]
        row = dict(zip(heads, cells, strict=False))
        path = tuple(row.get(level, "") for level in LEVELS)
        while path and not path[-1]:
            path = path[:-1]
        if not path or not all(path) or len(cells) > len(heads):
            raise UsageError(f"{name}:{number}: a level is missing in {line.strip()!r}")
        settings = {key: row[key] for key in SETTINGS if row.get(key)}
        if len(path) == len(LEVELS):
            path = (*path[:-1], path[-1].lower().rstrip("."))
        yield number, path, settings


def _parts(text: str) -> tuple[str, ...]:
    parts = tuple(" ".join(part.split()) for part in text.split(">"))
    return (*parts[:-1], parts[-1].lower().rstrip(".")) if len(parts) == len(LEVELS) else parts


def _set(level: Level, settings: dict[str, str]) -> None:
    for key, value in settings.items():
        if key not in SETTINGS:
            raise UsageError(f"unknown setting {key!r}", hint=nearest(key, SETTINGS))
        if key == "notify":
            level.notify = tuple(checked(address) for address in re.split(r"[,; ]+", value) if address)
        elif key in {"threshold", "warning"}:
            level.settings[key] = str(percent(value))
        else:
            level.settings[key] = str(whole(value, 1 if key == "window" else 0, key))


def percent(text: str) -> Fraction:
    """The per cent that a text names: `90`, `99.5`, `90%`."""
    found = re.fullmatch(r"(\d{1,3}(?:\.\d{1,9})?) ?%?", text.strip())
    if not found or Fraction(found[1]) > 100:  # noqa: PLR2004 (per cent)
        raise UsageError(f"{text!r} is no per cent", hint="write a number from 0 to 100, such as 90 or 99.5")
    value = Fraction(found[1])
    if 0 < value < 1 and "%" not in text:
        raise UsageError(f"{text!r} would be less than one per cent", hint=f"write {float(value * 100):g} or {text}%")
    return value


def whole(text: str, least: int, name: str) -> int:
    """The whole number that a text names."""
    if not re.fullmatch(r"\d{1,6}", text.strip()) or int(text) < least:
        raise UsageError(f"{name}={text!r} is no whole number of at least {least}")
    return int(text)
