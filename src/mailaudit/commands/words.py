"""Kinds of option values: words of a closed list, zones, sizes, lengths, times; a mistyped one gets a suggestion."""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from mailaudit.commands import dates
from mailaudit.errors import UsageError, nearest
from mailaudit.measure.filters import check_code
from mailaudit.model import statuses
from mailaudit.model.addresses import address
from mailaudit.model.times import SECOND

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def like(word: str, known: Iterable[str]) -> str:
    """The hint for an unknown word as a sentence: what is wrong with an option is told in one line."""
    hint = nearest(word, known)
    return hint[0].upper() + hint[1:]


class Words(click.ParamType[tuple[str, ...]]):
    """One word of a closed list, or several with commas between."""

    def __init__(
        self,
        name: str,
        known: Callable[[], Iterable[str]] | None,
        *,
        single: bool = False,
        more: Callable[[], Iterable[str]] | None = None,
    ) -> None:
        """Takes the known words, and `more` that are looked for only where those do not do."""
        self.name = name
        self.known = known
        self.single = single
        self.more = more

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401
        """The words; fails with the nearest known ones."""
        if isinstance(value, tuple):
            return value
        words = tuple(word.strip() for word in str(value).split(",") if word.strip())
        known = list(self.known()) if self.known else None
        if self.more and known is not None and any(word not in known for word in words):
            known += self.more()
        for word in words:
            if known is not None and word not in known:
                self.fail(f"{word!r} is no {self.name}. {like(word, known)}", param, ctx)
        if self.single:
            return words[0] if words else self.fail("needs a word", param, ctx)
        return words

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """The known words that begin like this; after a comma, the next one."""
        del ctx, param
        done, comma, last = incomplete.rpartition(",")
        known = [*(self.known() if self.known else ()), *(self.more() if self.more else ())]
        return [CompletionItem(f"{done}{comma}{word}") for word in known if word.startswith(last)]


class Status(Words):
    """Words for how a message stands: ours, and those of the service whose vocabulary is asked for."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401
        """The words; fails with whose word it is, or the nearest known ones."""
        if isinstance(value, tuple):
            return value
        vocabulary = str(ctx.params.get("vocabulary", statuses.NATIVE)) if ctx else statuses.NATIVE
        given = tuple(word.strip() for word in str(value).split(",") if word.strip())
        for word in given:
            if word in statuses.STATUSES or statuses.origins(vocabulary, word):
                continue
            known = dict.fromkeys((*statuses.words(vocabulary), *statuses.STATUSES))
            self.fail(f"{word!r} is no status. {_whose(word) or like(word, known)}", param, ctx)
        return given


def _whose(word: str) -> str:
    """A sentence that says which service calls a status so, and what it is here; empty if it is nearly ours."""
    if word.lower() in statuses.STATUSES:
        return ""
    for vocabulary, title in statuses.TITLES.items():
        if found := statuses.origins(vocabulary, word):
            ours = dict.fromkeys(status for status, _, _ in found)
            return f"{title} says so (log --vocabulary {vocabulary}); here it is {' or '.join(ours)}."
    return ""


class NameOrFile(Words):
    """One word of a closed list, or the name of a file with a certain ending."""

    def __init__(self, name: str, known: Callable[[], Iterable[str]], ending: str) -> None:
        super().__init__(name, known, single=True)
        self.ending = ending

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401
        """The word or the file's name; fails with the nearest known ones."""
        if isinstance(value, str) and value.endswith(self.ending):
            return value
        return super().convert(value, param, ctx)


class Zone(click.ParamType[dt.tzinfo]):
    """A time zone: `Europe/Rome`, `UTC`, `+02:00`, `local`."""

    name = "zone"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.tzinfo:  # noqa: ANN401
        """The zone of that name."""
        if isinstance(value, dt.tzinfo):
            return value
        if found := re.fullmatch(r"(?:UTC|GMT)?([+-])(\d\d?):?(\d\d)?", value):
            minutes = int(found[2]) * 60 + int(found[3] or 0)
            if minutes < 24 * 60:
                return dt.timezone(dt.timedelta(minutes=minutes if found[1] == "+" else -minutes))
        if value.upper() in {"UTC", "Z"}:
            return dt.UTC
        if value.lower() == "local":
            return local_zone()
        try:
            return zoneinfo.ZoneInfo(value)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            names = {name.lower(): name for name in zoneinfo.available_timezones()}
            if value.lower() in names:
                return zoneinfo.ZoneInfo(names[value.lower()])
            cities = {name.rpartition("/")[2]: full for name, full in names.items()}
            near = get_close_matches(value.lower(), [*names, *cities], n=3)
            full = list(dict.fromkeys(names.get(name) or cities[name] for name in near))
            hint = f" Did you mean {' or '.join(full)}?" if full else " Use a name such as Europe/Rome, UTC or +02:00."
            self.fail(f"{value!r} is no time zone.{hint}", param, ctx)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """The zone names that begin like this."""
        del ctx, param
        return [CompletionItem(name) for name in sorted(zoneinfo.available_timezones()) if name.startswith(incomplete)]


def local_zone() -> dt.tzinfo:
    """The machine's zone, by name where it has one, so that summer time is right in every month."""
    import os  # noqa: PLC0415
    from pathlib import Path  # noqa: PLC0415

    name = os.environ.get("TZ", "").removeprefix(":")
    if not name:
        target = str(Path("/etc/localtime").resolve())
        name = target.partition("zoneinfo/")[2] or "UTC"
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return dt.datetime.now().astimezone().tzinfo or dt.UTC


class Size(click.ParamType[int]):
    """Bytes, with an optional unit: `512M`, `2G`, `1.5 GiB`."""

    name = "size"
    UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}  # noqa: RUF012 (read only)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:  # noqa: ANN401
        """The number of bytes."""
        if isinstance(value, int):
            return value
        found = re.fullmatch(r"(\d+(?:\.\d+)?) ?([KMGT]?)(?:I?B)?", value.strip().upper())
        if not found:
            self.fail(f"{value!r} is no size. Write it like 512M or 2G.", param, ctx)
        return int(float(found[1]) * self.UNITS[found[2]])


class Length(click.ParamType[int]):
    """A length of time, in µs: `90s`, `30m`, `2h`, `7d`, `1w`."""

    name = "time"
    SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}  # noqa: RUF012 (read only)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:  # noqa: ANN401
        """The length in µs."""
        if isinstance(value, int):
            return value
        found = re.fullmatch(r"(\d{1,6}) ?([smhdw])(?:[a-z]*)?", value.strip().lower())
        if not found or not int(found[1]):
            self.fail(f"{value!r} is no length of time. Write it like 30m, 2h or 7d.", param, ctx)
        return int(found[1]) * self.SECONDS[found[2]] * SECOND


class Address(click.ParamType[str]):
    """A mail address."""

    name = "address"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401
        """The address, if it is one."""
        try:
            return address(str(value))
        except UsageError as error:
            self.fail(f"{error.text}: {error.hint}", param, ctx)


class Moment(click.ParamType[str]):
    """A time in words; what it means is known once the zone of the report is."""

    name = "when"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401
        """The words, if they name a time."""
        try:
            dates.moment(value, dt.UTC, dt.datetime.now(dt.UTC))
        except UsageError as error:
            self.fail(f"{error.text}: {error.hint}" if error.hint else error.text, param, ctx)
        return str(value)


class AsOf(Moment):
    """A moment in words, or `end`: that of the logs."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401
        """The words, if they name a time."""
        return dates.END if str(value).strip().lower() == dates.END else super().convert(value, param, ctx)


class Number(click.ParamType[int]):
    """A whole number of at least `least`; what is more than anybody means is refused, too."""

    name = "number"
    MOST = 1_000_000_000

    def __init__(self, least: int, most: int = MOST) -> None:
        self.least = least
        self.most = most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:  # noqa: ANN401
        """The number."""
        try:
            number = int(str(value))
        except ValueError:
            self.fail(f"{value!r} is no whole number.", param, ctx)
        if not self.least <= number <= self.most:
            self.fail(f"{number} is out of range: {self.least} to {self.most}.", param, ctx)
        return number


class Code(click.ParamType[str]):
    """A reply code or an enhanced status code, part of one, or both: `550`, `4xx`, `5.1.1`, `5.7.x`, `550 5.1.1`."""

    name = "code"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401
        """The code, if it is one."""
        try:
            check_code(str(value))
        except UsageError as error:
            self.fail(f"{error.text}: {error.hint}", param, ctx)
        return str(value)
