"""Where this machine keeps its mail log when nobody says: the usual files, else the journal."""

from __future__ import annotations

import getpass
import os
import shutil
import stat
import subprocess
import weakref
from pathlib import Path
from typing import TYPE_CHECKING

from mailaudit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mailaudit.read.streams import Readable

USUAL = (
    "mail.log*",
    "maillog*",
    "mail",
    "mail-[0-9]*",
    "mail/mail.log*",
    "exim4/mainlog*",
    "exim/mainlog*",
    "exim/main.log*",
    "exim/exim_main.log*",
    "exim_mainlog*",
    "smtpd.log*",
    "qmail/current",
    "qmail/qmail-send/current",
)
"""Below /var/log: Debian, Red Hat and BSD, SUSE, Mageia, Exim's own (four places), others."""

_UNITS = (
    "postfix.service",
    "postfix@-.service",
    "sendmail.service",
    "exim4.service",
    "exim.service",
    "opensmtpd.service",
)
JOURNALCTL = (
    "journalctl",
    "--no-pager",
    "--quiet",
    "--all",
    "--output=json",
    "SYSLOG_FACILITY=2",
    *(word for unit in _UNITS for word in ("+", f"_SYSTEMD_UNIT={unit}")),
)
"""Everything of syslog's facility mail, and what the units of the mail servers print."""


def usual(log_directory: str) -> list[str]:
    """The usual mail logs of the first kind that is there, rotated ones too."""
    for pattern in USUAL:
        if found := [str(path) for path in Path(log_directory).glob(pattern) if path.is_file()]:
            return sorted(found)
    return []


def journal(command: Sequence[str] = JOURNALCTL) -> Readable:
    """The journal's mail records, one JSON object a line, as they come.

    Raises `InputError` if there is no journal, or nothing in it that may be read.
    """
    if not shutil.which(command[0]):
        raise InputError(
            "there is no mail log in /var/log, and no journal", hint="name the log: mailaudit stats /path/to/mail.log"
        )
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # noqa: S603
    return _Journal(process)


class _Journal:
    """The output of journalctl; its failure is an error, and so is a journal without mail."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._any = False
        self._stop = weakref.finalize(self, _stop, process)

    def read(self, size: int, /) -> bytes:
        """Bytes as they come; nothing at the end only."""
        data = os.read(self._process.stdout.fileno(), size) if self._process.stdout and self._stop.alive else b""
        self._any = self._any or bool(data)
        if not data and self._stop.alive:
            self._finish()
        return data

    def close(self) -> None:
        """Ends journalctl."""
        self._stop()

    def _finish(self) -> None:
        said = self._process.stderr.read().decode("utf-8", "replace").strip() if self._process.stderr else ""
        code = self._process.wait()
        self._stop()
        if not self._any:
            raise InputError(
                "there is no mail log in /var/log, and the journal has no mail records that you may read"
                + (f"; journalctl says: {said}" if said and code else ""),
                hint=_elsewhere(),
            )


def _elsewhere() -> str:
    """The command to type when the journal holds no mail that this user may see."""
    named = "name the log: mailaudit stats /path/to/mail.log"
    if os.geteuid() == 0:
        return named
    return f"read it as root: sudo mailaudit stats — or join the group that may: {join('systemd-journal')} — or {named}"


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ends journalctl if it still runs, and closes its pipes."""
    process.kill()
    process.communicate()


def join(group: str) -> str:
    """The command that lets the user read what a group may read."""
    return f"sudo usermod -aG {group} {_user()} (then log in again)"


def refusal(path: str, error: OSError) -> InputError:
    """Why a file cannot be read, and what to do about it."""
    hint = None
    if isinstance(error, PermissionError):
        hint = f"read it as root: sudo mailaudit … {path}"
        if group := _reading_group(path):
            hint = f"its group {group} may read it: {join(group)}; or {hint}"
    return InputError(f"{path} cannot be read: {error.strerror or error}", hint=hint)


def _reading_group(path: str) -> str | None:
    """The group that may read a file, if a group may."""
    try:
        there = Path(path)
        return there.group() if there.stat().st_mode & stat.S_IRGRP else None
    except (OSError, KeyError, NotImplementedError):
        return None


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "$USER"
