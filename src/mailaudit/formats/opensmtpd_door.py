"""What OpenSMTPD refused at the door: a command of a client, and what it was told."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import polars as pl

from mailaudit.formats import refusal

if TYPE_CHECKING:
    from mailaudit.formats.table import Facts, Records

PHASES = {
    "": "CONNECT",
    "EHLO": "HELO",
    "HELO": "HELO",
    "STARTTLS": "STARTTLS",
    "AUTH": "AUTH",
    "MAIL": "MAIL",
    "RCPT": "RCPT",
    "DATA": "DATA",
    ".": "END-OF-MESSAGE",
    "VRFY": "VRFY",
    "EXPN": "EXPN",
    "ETRN": "ETRN",
}
"""First word of a command → phase."""
_NO_COMMAND = "UNKNOWN"
_SPELLED = re.compile(rb"\\(?:M-.|\\)")
_BYTES = {b"\\\\": b"\\"}
_NOBODY = r"^5[0-9][0-9] (?:5\.[0-9]\.[0-9]:? )?Invalid recipient"
"""What it says of an unknown user; and in the same words of what a rule rejects, or of mail that it may not relay."""


def door(records: Records, found: Facts) -> None:
    """The commands that it refused; what a client sends becomes nothing but an address or a name."""
    if (rows := records.get("refused", "refused_on")) is not None:
        rows = rows.with_columns(_plain(rows["command"]))
        command = pl.col("command")
        word = command.str.to_uppercase().str.extract(r"^([A-Z.]*)(?: |:|$)").fill_null("?")
        phase = word.replace_strict(PHASES, default=_NO_COMMAND, return_dtype=pl.String)
        rows = rows.with_columns(phase.alias("phase"))
        rows = rows.with_columns(
            pl.when(pl.col("phase") == "AUTH")
            .then(pl.lit("auth"))
            .when((pl.col("phase") == "RCPT") & pl.col("reply").str.contains(_NOBODY))
            .then(pl.lit("user_unknown"))
            .otherwise(pl.lit("reject"))
            .alias("action"),
            _address("MAIL", r"(?i)^MAIL +FROM: *<([^<>]*)>").alias("sender"),
            _address("RCPT", r"(?i)^RCPT +TO: *<([^<>]*)>").alias("recipient"),
            _address("HELO", r"(?i)^(?:EHLO|HELO) +(.*?) *$").alias("helo"),
        )
        unknown = pl.col("raw_event") == "user_unknown"
        found.refusals.append(
            refusal.rows(rows.drop("command")).with_columns(
                pl.when(unknown).then(pl.lit("unknown_user")).otherwise(pl.col("cause")).alias("cause")
            )
        )
    if (rows := records.get("bad_input", "bad_input_on")) is not None:
        rows = rows.with_columns(pl.lit("reject").alias("action"), pl.lit(_NO_COMMAND).alias("phase"))
        found.refusals.append(refusal.rows(rows))


def _plain(commands: pl.Series) -> pl.Series:
    r"""What clients sent, where characters beyond ASCII are spelled out (vis(3)): `j\M-C\M-<rgen`."""
    spelled = commands.filter(commands.str.contains("\\", literal=True)).unique().to_list()
    return commands.replace(spelled, [_unspelled(command) for command in spelled]) if spelled else commands


def _unspelled(text: str) -> str:
    data = _SPELLED.sub(lambda found: _BYTES.get(found[0]) or bytes([found[0][-1] | 0x80]), text.encode())
    return data.decode(errors="replace")


def _address(phase: str, pattern: str) -> pl.Expr:
    return pl.when(pl.col("phase") == phase).then(pl.col("command").str.extract(pattern))
