"""What stands between the stamp and the message: host, program and process id, in all the ways they are written.

`TAILS` is the table: a name, a pattern, an example; the first row that matches is the shape of a line. Patterns see a
line without its stamp. The frequent shapes are not cut by their pattern but by splitting whole columns, and what stands
before the process id (` mx1 postfix/smtpd`) has so few values that each is understood only once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from mailaudit.model.queue_ids import EXIM_ID
from mailaudit.read import stamps

if TYPE_CHECKING:
    from mailaudit.read.stamps import Stamp


@dataclass(frozen=True, slots=True)
class Tail:
    """One way to write what follows the stamp."""

    name: str
    pattern: str
    example: str
    fields: tuple[str | None, str | None, str | None, str]
    """Host, tag, pid and body of the example."""


BARE = Tail("bare", r" (?P<body>.*)$", " 1abc-2 Completed", (None, None, None, "1abc-2 Completed"))
EXIM = Tail(
    "exim", r" (?:\[(?P<pid>\d+)\] )?(?P<body>.*)$", " [71] 1abc-2 Completed", (None, "exim", "71", "1abc-2 Completed")
)
"""Exim's own files name neither host nor program, and are known by that: `exim` is the tag."""
MULTILOG = Tail("multilog", r" (?P<body>.*)$", " new msg 93", (None, None, None, "new msg 93"))
"""multilog puts nothing but a stamp before the lines of one program: what looks like a name is part of the text."""
_LEVEL = r"(?: (?:EMERG|ALERT|CRIT|ERROR|WARNING|NOTICE|INFO|DEBUG) *)?"
"""The severity in capitals, padded with blanks, where containers write it instead of a host (boky/postfix)."""
_ADDRESS = r"\[[0-9A-Fa-f]*[.:][^\s\[\]]+\]"
"""A host without a name, as Solaris and some relays write it: `[192.0.2.1]`, `[192.0.2.1.4.1]`."""
_NOT_BARE = (
    rf"^{_LEVEL}(?: [^\s\[]+| {_ADDRESS})?(?: [a-z0-9]+[:.][a-z]+)? [^\s\[:]+(?:\[[^\]\s]*\](?: \([^)]*\))?)?:(?: |$)"
    r"|^.{0,80}(?:last message repeated|-- MARK --|syslogd|exiting on signal)"
    r"|^ (?:<\d|\{|\d{4}-\d\d-\d\dT|std(?:out|err) |[A-Z][a-z]{2} [ \d]\d \d\d:)"
)
_MAIL_PROGRAM = r"(?:postfix|sendmail|sm-|MTA|exim|smtpd|qmail|dovecot|opendkim|opendmarc|amavis|spamd|milter)"
_OTHER_PROGRAM = r"(?:postfix|sendmail|sm-|MTA|exim|dovecot|opendkim|opendmarc|amavis|spamd|milter)[^\s:\[]*"
_NOT_MULTILOG = rf"^(?: [^\s\[:]+)?(?: [^\s\[:]+\[\d+\]| {_OTHER_PROGRAM}): "
_NOT_EXIM = rf"^(?: [^\s\[]+)?(?: [^\s\[:]+\[\d+\]| {_MAIL_PROGRAM}[^\s:]*):"

TAILS = (
    Tail(
        "pid",
        rf"(?: <[a-z0-9.]+>)?{_LEVEL}(?: (?P<host>[^\s\[<]+))?(?: [a-z0-9]+[:.][a-z]+)?"
        r" (?P<tag>[^\s\[:]+(?::\d+/[^\s\[:]+)?)"
        r"\[(?P<pid>[^\]\s]*)\]: (?P<body>.*)$",
        " mx1 postfix/smtpd[1433]: connect from unknown[192.0.2.1]",
        ("mx1", "postfix/smtpd", "1433", "connect from unknown[192.0.2.1]"),
    ),
    Tail(
        "no pid",
        rf"{_LEVEL}(?: (?P<host>[^\s\[]+))? (?P<tag>[^\s\[:]+): (?P<body>.*)$",
        " mx1 dovecot: lmtp(1): Connect from local",
        ("mx1", "dovecot", None, "lmtp(1): Connect from local"),
    ),
    Tail(
        "macos",
        r" (?P<host>[^\s\[]+) (?P<tag>[^\s\[:]+)\[(?P<pid>\d+)\] \([^)]*\): (?P<body>.*)$",
        " mac postfix/master[41] (com.apple.postfix[1]): daemon started",
        ("mac", "postfix/master", "41", "daemon started"),
    ),
    Tail(
        "empty",
        r"(?: (?P<host>[^\s\[]+))? (?P<tag>[^\s\[:]+)(?:\[(?P<pid>[^\]\s]*)\])?:(?P<body>)$",
        " mx1 postfix/smtpd[1433]:",
        ("mx1", "postfix/smtpd", "1433", ""),
    ),
    Tail(
        "address",
        rf" (?P<host>{_ADDRESS}) (?P<tag>[^\s\[:]+)(?:\[(?P<pid>[^\]\s]*)\])?: (?P<body>.*)$",
        " [192.0.2.1] postfix/smtpd[1433]: connect from unknown[192.0.2.1]",
        ("[192.0.2.1]", "postfix/smtpd", "1433", "connect from unknown[192.0.2.1]"),
    ),
    Tail(
        "of the log",
        # Some rsyslogs leave the host out, but not its blank; macOS writes neither, and dashes.
        r"(?::|(?: (?P<host>[^\s\[:-][^\s\[:]*))?) {1,2}(?:[^\s\[:]+\[\d+\]: |--- )?"
        r"(?P<body>(?:last message repeated \d+ times?|-- MARK --|syslogd .*restart|exiting on signal).*)$",
        " mx1 last message repeated 3 times",
        ("mx1", None, None, "last message repeated 3 times"),
    ),
    EXIM,
    MULTILOG,
    BARE,
)
_STRUCTURED = r'(?:\[(?:[^\]\\"]|\\.|"(?:[^"\\]|\\.)*")*\])+'
RFC5424 = Tail(
    "5424",
    rf" (?P<host>\S+) (?P<tag>\S+) (?P<pid>\S+) \S+ (?:-|{_STRUCTURED})(?: (?P<body>.*))?$",
    r' mx1 postfix/smtp 99 - [origin ip="192.0.2.1" note="a \"b\" \] c"] 4E10: removed',
    ("mx1", "postfix/smtp", "99", "4E10: removed"),
)
"""RFC 5424 6: `-` is nil; in structured data `"`, `\\` and `]` are escaped. Only behind `<PRI>1`."""

_LONG_ID = "[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-y]"
QUEUE_ID = rf"(?:[0-9A-F]{{6,20}}|[0-9A-Za-x]{{8}}[0-9]{{6,7}}|{_LONG_ID}{{10,}}z{_LONG_ID}+|NOQUEUE)"
"""What stands before the colon where a program's name is missing: ids of Postfix (short, long) and Sendmail."""

_BEFORE_PID = re.compile(
    rf"(?: <[a-z0-9.]+>)?{_LEVEL}(?: (?P<host>[^\s\[<]*[^\s\[:<]))?(?: [a-z0-9]+[:.][a-z]+)? "
    r"(?P<tag>[^\s\[:]+(?::\d+/[^\s\[:]+)?)"
)
"""Host and tag, before them what FreeBSD puts there with -v (`<mail.info>`, `<2.6>`), between them what AIX does
(`mail:info`) and busybox (`mail.info`); a service's name may be an address with a port. A first
word that ends in a colon is no host."""


@dataclass(frozen=True, slots=True)
class Prefix:
    """The shape of everything before the message."""

    priority: int
    """Characters of `<22>`, `<mail.info>` or `<22>1 ` in front."""
    stamp: Stamp
    tail: Tail


_COMPILED = [(tail, re.compile(tail.pattern)) for tail in TAILS]
_COMPILED_5424 = re.compile(RFC5424.pattern)
_PRIORITY = re.compile(r"<(?:\d{1,3}|[a-z0-9]+\.[a-z]+)>(?P<version>1 )?")


def find(line: str, *, stamped: bool = True) -> Prefix | None:
    """The shape of the prefix of one line; None if it has no stamp (and ought to)."""
    priority = _PRIORITY.match(line)
    start = priority.end() if priority else 0
    stamp = stamps.find(line[start:]) if stamped else stamps.NONE
    if not stamp:
        return None
    rest = line[start + stamp.width :] if stamped else " " + line[start:]
    if priority and priority["version"]:
        return Prefix(start, stamp, RFC5424) if _COMPILED_5424.match(rest) else None
    for tail, pattern in _COMPILED:
        fits = stamp.like_exim if tail is EXIM else stamp.multilog if tail is MULTILOG else True
        if fits and (found := pattern.match(rest)) and _believable(found.groupdict(), stamp):
            return Prefix(start, stamp, tail)
    return None


def _believable(fields: dict[str, str | None], stamp: Stamp) -> bool:
    """False for a line of Exim's own log, which has neither host nor tag: `2026-01-02 03:04:05 1abc a@b: error`."""
    host, tag = fields.get("host"), fields.get("tag")
    if tag is None:
        return True
    if host and host.endswith(":"):
        return False
    if not host and re.fullmatch(QUEUE_ID, tag):
        return False
    pid = (fields.get("pid") or "").isdecimal()
    if stamp.multilog or not stamp.like_exim:
        return not stamp.multilog or pid or re.fullmatch(_OTHER_PROGRAM, tag) is not None
    # What follows an id of Exim's is its text, whatever it looks like: `1abc H=[192.0.2.1]: error`.
    if host and re.fullmatch(EXIM_ID, host):
        return False
    return bool(re.match(_MAIL_PROGRAM, tag)) or pid


def cut(frame: pl.DataFrame, prefix: Prefix, *, sure: bool = False) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The lines that have this prefix, cut, and those that have not, untouched.

    Any line looks bare, so one that may have a better shape is left, unless it is sure that all lines have this prefix.
    """
    line = frame["line"]
    known = None
    if prefix.priority:
        front = line.str.slice(0, prefix.priority)
        known = front.str.starts_with("<") & front.str.strip_chars_end("1 ").str.ends_with(">")
        line = line.str.slice(prefix.priority)
    time = stamps.read(line, prefix.stamp)
    fields = _cut_tail(line, prefix)
    well = fields["body"].is_not_null()
    if prefix.tail in (BARE, EXIM) and not sure:
        text = line.str.slice(prefix.stamp.width) if prefix.stamp.width else " " + line
        well &= ~text.str.contains(_NOT_EXIM if prefix.stamp.like_exim else _NOT_BARE)
    if prefix.tail is MULTILOG and not sure:
        well &= ~line.str.slice(prefix.stamp.width).str.contains(_NOT_MULTILOG)
    if prefix.stamp != stamps.NONE:
        well &= time.is_not_null()
    if known is not None:
        well &= known
    done = frame.select("no", "offset").with_columns(
        time, pl.lit(prefix.stamp.floating, pl.Int8).alias("floating"), *fields.select("host", "tag", "pid", "body")
    )
    if well.all():
        return done, frame.clear()
    return done.filter(well), frame.filter(~well)


def _cut_tail(line: pl.Series, prefix: Prefix) -> pl.DataFrame:
    name = prefix.tail.name
    if name == "pid":
        return _cut_pid(line, prefix.stamp)
    if name == "no pid":
        front, body = line.str.splitn(": ", 2).struct.unnest()
        front = front.str.slice(prefix.stamp.width - len(prefix.stamp.zone))
        return _understand(front, body.rename("body"), prefix.stamp).with_columns(pl.lit(None, pl.String).alias("pid"))
    if name == RFC5424.name:
        return _cut_5424(line, prefix.stamp)
    if name == EXIM.name:
        return _cut_by_pattern(line, prefix).with_columns(tag=pl.lit("exim"))
    return _cut_by_pattern(line, prefix)


def _cut_pid(line: pl.Series, stamp: Stamp) -> pl.DataFrame:
    """Cuts at the first `[` and the first `]: ` behind the stamp."""
    raw, opened, closed = pl.col("raw"), pl.col("opened"), pl.col("closed")
    found = (
        line.to_frame("line")
        .lazy()
        .select_seq(pl.col("line").str.slice(stamp.width - len(stamp.zone)))
        .select_seq(
            pl.col("line").cast(pl.Binary).alias("raw"),
            pl.col("line").str.find("[", literal=True).cast(pl.Int64).alias("opened"),
            pl.col("line").str.find("]: ", literal=True).cast(pl.Int64).alias("closed"),
        )
        .select_seq(
            front=raw.bin.slice(0, opened),
            pid=pl.when(closed > opened).then(raw.bin.slice(opened + 1, closed - opened - 1)),
            body=pl.when(closed > opened).then(raw.bin.slice(closed + 3)),
        )
        .select_seq(pl.all().cast(pl.String))
        .with_columns_seq(odd=pl.col("pid").is_not_null() & pl.col("pid").cast(pl.UInt64, strict=False).is_null())
        .collect(engine="in-memory")
    )
    body, odd = found["body"], found["odd"]
    if odd.any():  # macOS: tag[41] (com.apple.x[1]): …
        odd &= found["pid"].str.contains(_NO_PID)
        body = body.set(odd.fill_null(value=False), None)
    return _understand(found["front"], body, stamp).with_columns(found["pid"])


_NO_PID = r"[\]\s\x1c-\x1f]"
"""What no process id has: the last four are blanks to Python's patterns, though not to others."""


def _understand(front: pl.Series, body: pl.Series, stamp: Stamp) -> pl.DataFrame:
    """Host and tag from what stands before the process id or the colon; the body is null where it makes no sense."""
    values = front.drop_nulls().unique().to_list()
    table = pl.DataFrame(
        [*(_before_pid(value, stamp) for value in values), (None, None, None, False)],
        schema={"host": pl.String, "tag": pl.String, "queue_id": pl.String, "sane": pl.Boolean},
        orient="row",
    )
    number = front.cast(pl.Enum(values)).to_physical().cast(pl.UInt32).fill_null(len(values))
    if front.null_count() == 0 and table["sane"].head(len(values)).all() and not table["queue_id"].count():
        return table.select("host", "tag")[number].with_columns(body)
    known = table[number]
    if not known["sane"].all():
        body = known.select(body=pl.when("sane").then(body)).to_series()
    if known["queue_id"].null_count() < len(known):
        whole = pl.col("queue_id") + ": " + pl.lit(body)
        body = known.select(body=pl.when(pl.col("queue_id").is_null()).then(body).otherwise(whole)).to_series()
    return known.select("host", "tag").with_columns(body)


def _before_pid(text: str, stamp: Stamp) -> tuple[str | None, str | None, str | None, bool]:
    """Host, tag, queue id in the place of the tag, and whether the text is what stands before a process id or colon."""
    found = None
    if text.startswith(stamp.zone):
        found = _BEFORE_PID.fullmatch(text[len(stamp.zone) :] if stamp.width else " " + text)
    if not found or not _believable(found.groupdict(), stamp):
        return None, None, None, False
    if re.fullmatch(QUEUE_ID, found["tag"]):
        return found["host"], None, found["tag"], True
    return found["host"], found["tag"], None, True


def _cut_5424(line: pl.Series, stamp: Stamp) -> pl.DataFrame:
    """Splits at spaces; structured data, where there is any, is passed over by pattern."""
    parts = line.str.splitn(" ", 6).struct.unnest()
    rest = parts["field_5"]
    body = parts.select(body=pl.when(pl.lit(rest).str.starts_with("- ")).then(pl.lit(rest).str.slice(2))).to_series()
    if body.null_count():
        behind = rest.str.extract(rf"^{_STRUCTURED}(?: (.*))?$")
        bare = (rest == "-") | rest.str.contains(rf"^{_STRUCTURED}$")
        body = parts.select(body=pl.coalesce(body, behind, pl.when(bare).then(pl.lit("")))).to_series()
    same = (parts["field_0"].str.len_bytes() == stamp.width) & parts["field_0"].str.ends_with(stamp.zone)
    if not same.all():
        body = body.set(~same, None)
    names = {"host": "field_1", "tag": "field_2", "pid": "field_3"}
    nil = {name: pl.when(pl.col(field) != "-").then(pl.col(field)) for name, field in names.items()}
    return parts.select(**nil).with_columns(body.str.strip_prefix("\ufeff"))


def _cut_by_pattern(line: pl.Series, prefix: Prefix) -> pl.DataFrame:
    """Cuts by the tail's own pattern: slower, for shapes that are rare."""
    pattern = "^" + re.escape(prefix.stamp.zone) + prefix.tail.pattern
    text = line.str.slice(prefix.stamp.width - len(prefix.stamp.zone)) if prefix.stamp.width else " " + line
    groups = text.str.extract_groups(pattern).struct.unnest()
    missing = [pl.lit(None, pl.String).alias(name) for name in ("host", "tag", "pid") if name not in groups.columns]
    return groups.with_columns(missing)
