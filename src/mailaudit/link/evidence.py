"""What a line of a mail log says about when it was written, besides its stamp.

* Queue ids that hold a time: the message came in then, so the line is not older. On lines that are written as a
  message comes in (Postfix `client=`, Sendmail `from=`, Exim `<=`) both are the same but for seconds: such evidence is
  *fresh*.
* Replies of receivers that name their own clock: Gmail's `250 2.0.0 OK  1766821400 … - gsmtp`, and queue ids of the
  receiving server in `queued as …`, `OK id=…`, `(… Message accepted for delivery)`. Fresh, but somebody else's clock.
* Message-IDs that Postfix makes for mail without one: `message-id=<20241030121716.812502822A4@…>`, UTC, known to be
  its own by the queue id. Fresh.
* splogger's own stamp behind syslog's. Fresh.
* `delay=`: the line's time less the message's arrival, so two lines of one message tell how the clock moved between.

Every one of them is a hint. Ids are reused, edited and anonymised, and replies are what a stranger says.
"""

from __future__ import annotations

import re
from calendar import timegm
from typing import Literal, NamedTuple

from mailaudit.model.queue_ids import EXIM_ID, LONG_POSTFIX_ID, SENDMAIL_ID, exim_time, long_postfix_time, sendmail_time

Kind = Literal["queue id", "message-id", "reply", "stamp", "splogger"]


class Hint(NamedTuple):
    """A time (µs of UTC) found in a line, where it stands, and whether the line was written within seconds of it."""

    kind: Kind
    token: str
    utc_us: int
    fresh: bool


_ID = re.compile(r"(?:\[\d+\] )?([0-9A-Za-z-]{6,26}):? ")
_BIRTHS = ("client=", "uid=", "message-id=", "from=", "<= ")
_HEX = re.compile(r"[0-9A-F]+")
_CHILD = re.compile(rf"(?:clone[: ]+)?({SENDMAIL_ID})[:,] |.*notification: ({LONG_POSTFIX_ID})$")
_OWN_MESSAGE_ID = re.compile(r"message-id=<(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)\.([0-9A-Za-z]+)@")
_REPLY = re.compile(
    rf"OK {{1,2}}(?:DMARC:\w+ )?(\d{{10}}) \S+ - gsmtp"
    rf"|queued as ({LONG_POSTFIX_ID})\b"
    rf"|OK id=({EXIM_ID})\b"
    rf"|\(({SENDMAIL_ID}) Message accepted",
)
_DELAY = re.compile(
    r"""to=<[^>"]*>(?:, orig_to=<[^>"]*>)?, relay=[^ ]*, (?:conn_use=\d+, )?delay=(\d{1,8})(?:\.\d+)?, """,
)
_OLDEST = 631_152_000  # 1990: no mail log that is younger than syslog's format is older
_DAY = 86_400


def hints(tag: str | None, body: str, now: int) -> list[Hint]:
    """Times a line names; `now` (Unix seconds) tells which century a Sendmail id means."""
    found: list[Hint] = []
    match = _ID.match(body)
    if not match:
        return found
    token, rest = match[1], body[match.end() :]
    seconds = _seconds(tag, token, now)
    refused = rest.startswith("H=") and " rejected " in rest  # Exim, at the end of a message that it was just sent
    _add(found, "queue id", token, seconds, now, fresh=refused or rest.startswith(_BIRTHS))
    if rest.startswith("message-id=<"):
        _own_message_id(token, rest, now, found)
    elif not rest.startswith(_BIRTHS):
        child = _CHILD.match(rest)
        if child:
            name = child[1] or child[2]
            _add(found, "queue id", name, sendmail_time(name, now) if child[1] else long_postfix_time(name), now)
        if "250 " in rest or "Sent (" in rest:
            _replies(rest, now, found)
    return found


def delay(body: str) -> tuple[str, int] | None:
    """Queue id and whole seconds since arrival of a Postfix delivery line, if the line tells them."""
    if ", delay=" not in body:
        return None
    match = _ID.match(body)
    if not match:
        return None
    spent = _DELAY.match(body, match.end())
    return (match[1], int(spent[1])) if spent else None


def _seconds(tag: str | None, token: str, now: int) -> float | None:
    if "-" in token:
        return exim_time(token)
    if tag is not None and "postfix" in tag:
        return long_postfix_time(token)
    if tag is None or "sendmail" in tag or tag.startswith("sm-") or not _HEX.fullmatch(token):
        # A Postfix id under a name of the administrator's own: hexadecimal ones would often pass for Sendmail's.
        seconds = sendmail_time(token, now)
        return long_postfix_time(token) if seconds is None else seconds
    return None


def _own_message_id(token: str, rest: str, now: int, found: list[Hint]) -> None:
    match = _OWN_MESSAGE_ID.match(rest)
    if match and match[7] == token:
        year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
        if 1 <= month <= 12 and 1 <= day <= 31:  # noqa: PLR2004 - a calendar
            _add(found, "message-id", token, timegm((year, month, day, hour, minute, second)), now)


def _replies(rest: str, now: int, found: list[Hint]) -> None:
    match = _REPLY.search(rest)
    if not match:
        return
    gmail, postfix, exim, sendmail = match.groups()
    if gmail:
        _add(found, "reply", gmail, int(gmail), now)
    elif postfix:
        _add(found, "reply", postfix, long_postfix_time(postfix), now)
    elif exim:
        _add(found, "reply", exim, exim_time(exim), now)
    else:
        _add(found, "reply", sendmail, sendmail_time(sendmail, now), now)


def _add(found: list[Hint], kind: Kind, token: str, seconds: float | None, now: int, *, fresh: bool = True) -> None:
    """Keeps a time that can be one: ids of other kinds and anonymised ones give times of any age, and of the future."""
    if seconds is not None and _OLDEST <= seconds <= now + _DAY:
        found.append(Hint(kind, token, int(seconds * 1_000_000), fresh))
