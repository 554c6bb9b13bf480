"""pflogsumm's options, as people have them in their scripts."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, fields, replace
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
    """today or yesterday."""


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
NEWER = {"--host-cnt": "-h", "--user-cnt": "-u", "--quiet": "-q"}
"""Long names that 1.3.0 has for short ones."""


def read(text: str, version: str) -> Options:
    """The options in a line such as `-u 5 -h 5 --problems-first`; raises UsageError for others."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise UsageError(f"--profile-options {text!r}: {error}") from None
    given: dict[str, Any] = {}
    while words:
        word, equals, value = words.pop(0).partition("=")
        # Both programs take underscores for dashes.
        name = word.replace("_", "-") if word.startswith("--") else word
        name = NEWER.get(name, name)
        if name == "--verp-mung":
            given["verp_mung"] = max(1, _number(name, value)) if equals else 1
        elif name == "--syslog-name":
            given["syslog_name"] = value if equals else words.pop(0) if words else ""
        elif name in FLAGS and not equals:
            given[FLAGS[name]] = True
        elif name in NUMBERS or name == "-d":
            if not equals:
                value = words.pop(0) if words else ""
            given["day" if name == "-d" else NUMBERS[name]] = _day(value) if name == "-d" else _number(name, value)
        else:
            known = " ".join(["-d", *NUMBERS, *FLAGS, "--verp-mung", "--syslog-name"])
            instead = "Its detail of each message is `mailaudit log`. " if name == "-e" else ""
            raise UsageError(f"pflogsumm's option {word} is not taken over", hint=f"{instead}These are: {known}")
    detail = given.pop("detail", None)
    if detail is not None:
        limits = [field.name for field in fields(Options) if field.name in NUMBERS.values()]
        given = {**dict.fromkeys(limits, detail), **given}
    return replace(Options(version=version), **given)


def _number(name: str, value: str) -> int:
    try:
        return int(value)
    except ValueError:
        raise UsageError(f"pflogsumm's {name} needs a number, not {value!r}") from None


def _day(value: str) -> str:
    if value not in {"today", "yesterday"}:
        raise UsageError(f"pflogsumm's -d is today or yesterday, not {value!r}")
    return value
