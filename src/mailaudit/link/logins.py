"""Sendmail's logins: who handed a message in, told by another line of the same session.

`AUTH=server` names the user, the client and the process, but no queue id; the messages of the session have ids that
end in the number of that process.  So a message from the same address, by the same process, within the hour is that
user's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from mailaudit.model.acts import WHOLE
from mailaudit.model.times import HOUR

if TYPE_CHECKING:
    from mailaudit.link.mentions import Mentions

"""No session lasts longer (sendmail's own time-out for a command); process numbers come back."""
KEPT = 100_000
"""Sessions remembered at most."""
PROCESS = re.compile(r"^(?:.{8}|[A-X][A-Z]{2})0*([0-9]+)$")
"""A queue id, and at its end the number of the process that gave it out."""

_Key = tuple[str | None, str]
"""Host and process."""
_Login = tuple[int, int, str | None, str | None, str | None, str]
"""Line number, time, host, process, address, user."""


@dataclass(slots=True)
class Logins:
    """The latest login of each process, carried from block to block."""

    known: dict[_Key, tuple[int, str | None, str]] = field(default_factory=dict)

    def name(self, mentions: Mentions, logins: pl.DataFrame | None) -> None:
        """Adds the users of a block's messages to what is told of them, and remembers its logins.

        `mentions`: placed ones; `logins`: `no`, `time_us`, `host`, `pid`, `client_ip`, `sasl_user`.
        """
        if not self.known and logins is None:
            return
        found = self._walk(mentions, logins)
        if len(self.known) > KEPT:
            late = sorted(self.known.items(), key=lambda item: item[1][0])
            self.known = dict(late[KEPT // 2 :])
        if not found:
            return
        users = pl.DataFrame(found, schema={"row": pl.UInt32, "sasl_user": pl.String}, orient="row")
        if (told := mentions.values.get("sasl_user")) is not None:
            users = pl.concat([told, users.join(told, on="row", how="anti")])
        mentions.values["sasl_user"] = users

    def _walk(self, mentions: Mentions, logins: pl.DataFrame | None) -> list[tuple[int, str]]:
        """Row and user of each message whose session has a login before it."""
        messages: list[tuple[int, int, str | None, str, str, int]] = []
        if (clients := mentions.values.get("client_ip")) is not None:
            whole = mentions.marks.filter(pl.col("act") == WHOLE).select("row")
            accepted = clients.join(whole, on="row")
            accepted = accepted.hstack(mentions.rows[accepted["row"]].select("no", "time_us", "host", "queue_id"))
            messages = accepted.select("no", "time_us", "host", "queue_id", "client_ip", "row").sort("no").rows()
        waiting = [] if logins is None else _in_order(logins)[::-1]
        found = []
        for no, time_us, host, queue_id, ip, row in messages:
            while waiting and waiting[-1][0] < no:
                self._remember(waiting.pop())
            process = PROCESS.match(queue_id)
            login = self.known.get((host, process[1])) if process else None
            if login is not None and login[1] == ip and 0 <= time_us - login[0] <= HOUR:
                found.append((row, login[2]))
        while waiting:
            self._remember(waiting.pop())
        return found

    def remember(self, logins: pl.DataFrame) -> None:
        """Remembers the logins of a block without messages."""
        for login in _in_order(logins):
            self._remember(login)

    def _remember(self, login: _Login) -> None:
        _, time_us, host, pid, ip, user = login
        if pid is not None:
            self.known[host, pid.lstrip("0")] = (time_us, ip, user)


def _in_order(logins: pl.DataFrame) -> list[_Login]:
    rows: list[_Login] = logins.select("no", "time_us", "host", "pid", "client_ip", "sasl_user").sort("no").rows()
    return rows
