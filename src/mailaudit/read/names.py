"""File names of logs: which are mail logs, and what rotation says about their order.

Rotated files: a date in the name is the day of rotation; the higher a number, the older the file; without either it is
the one being written.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import PurePath

_COMPRESSED = re.compile(r"\.(?:gz|bz2|xz|zst|zstd|Z)$", re.IGNORECASE)
_DATE = re.compile(r"[-._](?P<y>(?:19|20)\d\d)-?(?P<m>[01]\d)-?(?P<d>[0-3]\d)(?:[-_T]?(?P<time>\d{2,6}))?(?=$|\.)")
_EPOCH = re.compile(r"[-.](?P<epoch>1\d{9})(?=$|\.)")
_NUMBER = re.compile(r"\.(?P<number>\d{1,3})(?=$|\.log$)")
_MULTILOG = re.compile(r"@(?P<tai>[0-9a-f]{24})\.[su]$")

_MAIL_LOG = re.compile(
    r"(?:maillog|mail|mail\.(?:log|info|warn|warning|err|notice|debug)|(?:exim_?|exim4?_)?(?:(?:main|reject|panic)_?log|main\.log)"
    r"|exim_main\.log|postfix(?:\.log)?|sendmail(?:\.log)?|smtpd?\.log|opensmtpd?\.log|mail-?server\.log|current)"
)
"""Names, without what rotation and compression add, that a directory is searched for."""


@dataclass(frozen=True, slots=True, order=True)
class Rotation:
    """What a name says about a file's place in a rotated set; sorts oldest first."""

    newest: bool
    """False for a rotated file, True for the one being written."""
    stamp: str
    """Digits of the date and time in the name; empty if there is none."""
    age: int
    """0, or minus the number in the name."""


def named(path: str) -> tuple[str, Rotation, dt.date | None]:
    """The set (directory and name without what rotation added), the place in it, and the date in the name."""
    pure = PurePath(path)
    name = _COMPRESSED.sub("", pure.name)
    stamp, date, number = "", None, 0
    if found := _DATE.search(name):
        try:
            date = dt.date(int(found["y"]), int(found["m"]), int(found["d"]))
        except ValueError:
            date = None
        else:
            stamp = f"{date:%Y%m%d}{(found['time'] or '').ljust(6, '0')}"
            name = name[: found.start()] + name[found.end() :]
    elif found := _EPOCH.search(name):
        moment = dt.datetime.fromtimestamp(int(found["epoch"]), dt.UTC)
        date, stamp = moment.date(), f"{moment:%Y%m%d%H%M%S}"
        name = name[: found.start()] + name[found.end() :]
    elif found := _MULTILOG.match(name):
        stamp, name = found["tai"], "current"
    if found := _NUMBER.search(name):
        number = int(found["number"])
        name = name[: found.start()] + name[found.end() :]
    rotation = Rotation(newest=not stamp and not number, stamp=stamp, age=-number)
    return str(pure.parent / name), rotation, date


def is_mail_log(path: str) -> bool:
    """True if the name is one that mail logs usually have."""
    base = PurePath(named(path)[0]).name
    return _MAIL_LOG.fullmatch(base) is not None
