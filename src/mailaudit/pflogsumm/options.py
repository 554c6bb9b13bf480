"""pflogsumm's options, as people have them in their scripts."""

from __future__ import annotations

import datetime as dt
import re
import shlex
from calendar import monthrange
from dataclasses import dataclass, replace
from typing import Any

from mailaudit.errors import UsageError

VERSIONS = ("1.1.5", "1.3.0")
ALL = -1
"""A limit that is none."""


@dataclass(frozen=True, slots=True)
class Options:
    """What pflogsumm is asked for. A detail of 0 leaves its section out; ALL shows it whole."""

    version: str = VERSIONS[0]
    hosts: int = ALL
    users: int = ALL
    bounce_detail: int = ALL
    deferral_detail: int = ALL
    reject_detail: int = ALL
    smtp_detail: int = ALL
    smtpd_warning_detail: int = ALL
    quiet: bool = False
    ignore_case: bool = False
    iso_date_time: bool = False
    no_no_msg_size: bool = False
    problems_first: bool = False
    rej_add_from: bool = False
    smtpd_stats: bool = False
    verbose_msg_detail: bool = False
    zero_fill: bool = False
    uucp_mung: bool = False
    mailq: bool = False
    verp_mung: int = 0
    """0: not; 1: the mail's number becomes ID; 2: the recipient is left out, too."""
    syslog_name: str = ""
    """What is looked for beside `postfix`."""
    day: str = ""
    """today or yesterday; 1.3.0 knows more, see `dates`."""
    # 1.3.0 alone:
    expired_detail: int = ALL
    warning_detail: int = ALL
    pscrn_detail: int = ALL
    pscrn_stats: bool = False
    ssl_tls_stats: bool = False
    rej_add_to: bool = False
    use_orig_to: bool = False
    srs_mung: bool = False
    dow0mon: bool = False
    """Weeks begin with Monday."""
    columns: int = 80
    """The width of the page, by which long texts are cut; 0: they are not."""
    suppress: frozenset[str] = frozenset()
    """Sections that are left out."""

    @property
    def newer(self) -> bool:
        """Whether 1.3.0 is asked for."""
        return self.version != VERSIONS[0]


NUMBERS = {
    "-h": "hosts",
    "-u": "users",
    "--bounce-detail": "bounce_detail",
    "--deferral-detail": "deferral_detail",
    "--reject-detail": "reject_detail",
    "--smtp-detail": "smtp_detail",
    "--smtpd-warning-detail": "smtpd_warning_detail",
    "--detail": "detail",
}
FLAGS = {
    "-q": "quiet",
    "-i": "ignore_case",
    "--ignore-case": "ignore_case",
    "--iso-date-time": "iso_date_time",
    "--no-no-msg-size": "no_no_msg_size",
    "--problems-first": "problems_first",
    "--rej-add-from": "rej_add_from",
    "--smtpd-stats": "smtpd_stats",
    "--verbose-msg-detail": "verbose_msg_detail",
    "--zero-fill": "zero_fill",
    "-m": "uucp_mung",
    "--uucp-mung": "uucp_mung",
    "--mailq": "mailq",
}
NEWER_NUMBERS = {
    **NUMBERS,
    "--smtpd-warning-detail": "warning_detail",
    "--warning-detail": "warning_detail",
    "--expired-detail": "expired_detail",
    "--pscrn-detail": "pscrn_detail",
    "--colwidth": "columns",
}
NEWER_FLAGS = {
    **FLAGS,
    "--pscrn-stats": "pscrn_stats",
    "--ssl-tls-stats": "ssl_tls_stats",
    "--rej-add-to": "rej_add_to",
    "--use-orig-to": "use_orig_to",
    "--srs-mung": "srs_mung",
    "--dow0mon": "dow0mon",
}
NEWER = {"--host-cnt": "-h", "--user-cnt": "-u", "--quiet": "-q", "--date-range": "-d"}
"""Long names that 1.3.0 has for short ones."""
SECTIONS = ("host/domain", "per-hour", "rdns-warnings", "size-detail")
"""What `--suppress` may leave out."""


def read(text: str, version: str) -> Options:
    """The options in a line such as `-u 5 -h 5 --problems-first`; raises UsageError for others."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise UsageError(f"--profile-options {text!r}: {error}") from None
    newer = version != VERSIONS[0]
    numbers, flags = (NEWER_NUMBERS, NEWER_FLAGS) if newer else (NUMBERS, FLAGS)
    given: dict[str, Any] = {}
    while words:
        word, equals, value = words.pop(0).partition("=")
        # Both programs take underscores for dashes.
        name = word.replace("_", "-") if word.startswith("--") else word
        name = NEWER.get(name, name) if newer or name != "--date-range" else name
        if name == "--verp-mung":
            given["verp_mung"] = max(1, _number(name, value)) if equals else 1
        elif name == "--syslog-name":
            given["syslog_name"] = value if equals else words.pop(0) if words else ""
        elif name == "--suppress" and newer:
            given["suppress"] = _sections(value if equals else words.pop(0) if words else "")
        elif name in flags and not equals:
            given[flags[name]] = True
        elif name in numbers or name == "-d":
            if not equals:
                value = words.pop(0) if words else ""
            given["day" if name == "-d" else numbers[name]] = (
                _day(value, newer=newer) if name == "-d" else _number(name, value)
            )
        else:
            more = ("--suppress",) if newer else ()
            known = " ".join(["-d", *numbers, *flags, "--verp-mung", "--syslog-name", *more])
            instead = "Its detail of each message is `mailaudit log`. " if name == "-e" else ""
            raise UsageError(f"pflogsumm's option {word} is not taken over", hint=f"{instead}These are: {known}")
    detail = given.pop("detail", None)
    if detail is not None:
        limits = [name for name in numbers.values() if name not in {"detail", "columns"}]
        given = {**dict.fromkeys(limits, detail), **given}
    return replace(Options(version=version), **given)


def _number(name: str, value: str) -> int:
    try:
        return int(value)
    except ValueError:
        raise UsageError(f"pflogsumm's {name} needs a number, not {value!r}") from None


def _sections(value: str) -> frozenset[str]:
    found = frozenset(value.split())
    if unknown := sorted(found.difference(SECTIONS)):
        raise UsageError(f"pflogsumm's --suppress has no {unknown[0]!r}", hint=f"These are: {' '.join(SECTIONS)}")
    return found


def _day(value: str, *, newer: bool) -> str:
    """The words of a range of days, made sure to be some."""
    words = " ".join(value.replace("_", " ").split())
    if newer:
        dates(words, dt.date(2026, 1, 1), monday=False)
    elif words not in {"today", "yesterday"}:
        raise UsageError(f"pflogsumm's -d is today or yesterday, not {value!r}")
    return words


def dates(words: str, today: dt.date, *, monday: bool) -> tuple[dt.date, dt.date]:
    """The first and the last day of a range in words: `last week`, `2026-05`, `2026-05-01 to 2026-05-07`.

    Weeks begin with Sunday unless `monday`. Raises UsageError for other words.
    """
    number = today.weekday() if monday else today.isoweekday() % 7
    week, month = today - dt.timedelta(days=number), today.replace(day=1)
    named = {
        "today": (today, today),
        "yesterday": (today - dt.timedelta(days=1),) * 2,
        "this week": (week, week + dt.timedelta(days=6)),
        "last week": (week - dt.timedelta(days=7), week - dt.timedelta(days=1)),
        "this month": _month(month),
        "last month": _month(month - dt.timedelta(days=1)),
    }
    if words in named:
        return named[words]
    found = re.fullmatch(r"(\d{4}-\d\d(?:-\d\d)?)(?: (?:(?:to|-) )?(\d{4}-\d\d(?:-\d\d)?))?", words)
    try:
        if found:
            first, last = _days_of(found[1]), _days_of(found[2] or found[1])
            if first[0] <= last[1]:
                return first[0], last[1]
    except ValueError:
        pass
    raise UsageError(
        f"pflogsumm's -d does not know {words!r}",
        hint=f"{', '.join(named)}, a month or a day (2026-05, 2026-05-31), or two of these with `to` between them",
    )


def _days_of(text: str) -> tuple[dt.date, dt.date]:
    """The first and the last day of a month, or of a day."""
    if text.count("-") > 1:
        return (dt.date.fromisoformat(text),) * 2
    return _month(dt.date.fromisoformat(f"{text}-01"))


def _month(day: dt.date) -> tuple[dt.date, dt.date]:
    return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])
