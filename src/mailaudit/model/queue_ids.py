"""Queue ids that carry a time say when they were made, in UTC; most MTAs' ids do.

Sendmail (8.12 and later), 14 characters, `YMDhmsNNPPPPPP` in base 60: year modulo 60, month, day, hour, minute,
second, a sequence number and the process id in decimal. Postfix with `enable_long_queue_ids`: six or more characters of
Unix seconds and four of microseconds in base 52, `z`, the inode in base 51. Exim: six characters of Unix seconds in
base 62, then process id and fraction. multilog's TAI64N stamps are not ids, but are read in the same way.

Postfix's short ids, the default, hold microseconds and an inode only: no time is to be gained from them.
"""

from __future__ import annotations

import re
from calendar import isleap, timegm

_BASE60 = {c: n for n, c in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwx")}
_BASE52 = {c: n for n, c in enumerate("0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz")}
_BASE62 = {c: n for n, c in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")}

SENDMAIL_ID = r"[0-9A-Za-x]{8}[0-9]{6,7}"
LONG_POSTFIX_ID = r"[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z]{10,14}z[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-y]{1,13}"
EXIM_ID = r"[0-9A-Za-z]{6}-(?:[0-9A-Za-z]{6}-[0-9A-Za-z]{2}|[0-9A-Za-z]{11}-[0-9A-Za-z]{4})"

_SENDMAIL = re.compile(SENDMAIL_ID)
_LONG_POSTFIX = re.compile(LONG_POSTFIX_ID)
_EXIM = re.compile(EXIM_ID)
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def sendmail_time(queue_id: str, now: int) -> int | None:
    """Unix seconds at which a Sendmail id was made, or None if it is none; of the years it can mean, the last by `now`.

    A process that takes several messages may keep the time of its first one in all their ids.

    >>> sendmail_time("v4V4QL1K030027", 1_800_000_000)  # 2017-05-31 04:26:21
    1496204781
    """
    if not _SENDMAIL.fullmatch(queue_id):
        return None
    year, month, day, hour, minute, second = (_BASE60[c] for c in queue_id[:6])
    if month > 11 or not 1 <= day <= _DAYS[month] or hour > 23 or minute > 59 or second > 59:  # noqa: PLR2004 - a calendar
        return None
    if (month, day) == (1, 29) and not isleap(1900 + year):  # sixty years are a multiple of four
        return None
    year += 1900
    latest = timegm((year, month + 1, day, hour, minute, second))
    while True:
        following = timegm((year + 60, month + 1, day, hour, minute, second))
        if following > now + 86_400:
            return latest
        latest, year = following, year + 60


def long_postfix_time(queue_id: str) -> float | None:
    """Unix seconds at which Postfix made the queue file of a long id, or None if it is no long id.

    >>> long_postfix_time("3mPVKl0Mhjz7sXv")  # 2015-07-05 12:52:11.053285
    1436100731.053285
    """
    if not _LONG_POSTFIX.fullmatch(queue_id):
        return None
    stamp = queue_id[: queue_id.rindex("z")]
    micros = _number(stamp[-4:], _BASE52, 52)
    if micros >= 1_000_000:  # noqa: PLR2004 - microseconds of a second
        return None
    return _number(stamp[:-4], _BASE52, 52) + micros / 1_000_000


def exim_time(queue_id: str) -> int | None:
    """Unix seconds at which Exim made an id, or None if it is none: base 62, not that of case-blind systems.

    >>> exim_time("1Ov4tU-0000Nz-Rm")  # 2010-09-13 09:00:08
    1284368408
    """
    if not _EXIM.fullmatch(queue_id):
        return None
    return _number(queue_id[:6], _BASE62, 62)


def _number(digits: str, alphabet: dict[str, int], base: int) -> int:
    number = 0
    for digit in digits:
        number = number * base + alphabet[digit]
    return number
