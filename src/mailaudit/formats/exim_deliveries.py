"""Exim's lines with a flag for a recipient: what was done, for whom, and what became of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import polars as pl

from mailaudit.formats.exim_patterns import DEFERRAL, DEFERRAL_OWN, DELIVERY, FAILURE, QUOTED, quoted, token
from mailaudit.formats.table import BASE

if TYPE_CHECKING:
    from mailaudit.formats.table import Records

GAVE_UP = (
    r"retry timeout exceeded|after a long failure period|have been failing for a long time|"
    r"delivery cancelled; message timed out"
)
"""Words of a failure after temporary ones, which told of the attempts."""
NOT_TRIED = r"retry time not reached|domain is held|delivery cancelled|mua_wrapper forced failure"
REMOTE = r"(?i)smtp|remote"
"""Transports that are called so speak to a host, if they get that far."""
SWALLOWED = (":blackhole:", "/dev/null", "blackhole", "discarded")
"""Where mail goes that nobody gets."""

_FIELDS = (
    "flag",
    "recipient",
    "via",
    "original",
    "router",
    "transport",
    "relay_host",
    "relay_ip",
    "relay_port",
    "tail",
    "reply",
    "number",
    "error",
)
_KINDS = ("delivery", "failure", "failure_late", "deferral")
_ODD_ADDRESS = re.compile(rf" <({QUOTED}(@[^> ]*)?)>")
_ALIAS = re.compile(r"([^<>|/]* [^<>]*@[^<> ]*)( <[^<>]+>(?: [A-Z]=| defer ).*)")
_STANDS_FOR_IT = "x@x"
_STRICT = tuple(re.compile(pattern.replace("(?<", "(?P<")) for pattern in (DELIVERY, DEFERRAL, DEFERRAL_OWN, FAILURE))
# What the receiver said begins with its code.
_CODE = (
    r"^(?:(?:SMTP|LMTP) error (?:from remote (?:mail server|mailer) )?after [^:]*"
    rf"(?::<(?:{QUOTED}|[^>])*>[^:]*)?: (?:host [^ ]+ \[[^\]]*\]: )?)?"
    r"(?<code>[245][0-9][0-9])(?:[ -](?<enhanced>[245]\.[0-9]{1,3}\.[0-9]{1,3})(?:[^0-9.]|$)|[ -]|$)"
)
_NEXT_ID = r"^[0-9]{3} .*?\b(?:id=|queued as )([0-9A-Za-z][0-9A-Za-z-]{5,22})\b"
_UNITS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}


def tried(records: Records) -> pl.DataFrame | None:
    """All lines with a flag for a recipient, with the same columns."""
    found = []
    for kind in _KINDS:
        if (rows := records.get(kind)) is not None:
            if "flag" not in rows.columns:
                rows = rows.with_columns(pl.lit("**").alias("flag"))
            found.append(_complete(rows))
    if (rows := records.get("odd")) is not None:
        told = [_parsed(flag, text) for flag, text in rows.select("flag", "odd").iter_rows()]
        fields = pl.DataFrame(told, schema=dict.fromkeys(_FIELDS, pl.String), orient="row")
        found.append(rows.select(BASE).hstack(fields))
    return pl.concat(found).sort("no", maintain_order=True) if found else None


def _complete(rows: pl.DataFrame) -> pl.DataFrame:
    missing = [pl.lit(None, dtype=pl.String).alias(name) for name in _FIELDS if name not in rows.columns]
    return rows.with_columns(missing).select(*BASE, *_FIELDS)


def _parsed(flag: str, text: str) -> tuple[str | None, ...]:
    """The fields of a line whose address has blanks or quotes.

    Exim writes such an address without its quotes, and behind it as it was given: where both agree, it ends.
    """
    given = None
    for place in _ODD_ADDRESS.finditer(text):
        said, meant = text[: place.start()].casefold(), _unquoted(place[1]).casefold()
        if said == meant or said.startswith(f"{meant} ("):
            given, text = place[1], f"{_STANDS_FOR_IT}{text[place.end() :]}"
            break
    if given is None and (alias := _ALIAS.match(text)):
        given, text = alias[1], f"{_STANDS_FOR_IT}{alias[2]}"
    line = f"{flag} {text}"
    groups = next((found.groupdict() for pattern in _STRICT if (found := pattern.match(line))), {"reply": text})
    if given is not None:
        groups["recipient"] = given
    groups["flag"] = flag
    return tuple(groups.get(name) for name in _FIELDS)


def _unquoted(address: str) -> str:
    """An address as Exim writes it where it was routed: the local part without quotes."""
    quoted = re.match(QUOTED, address)
    if quoted is None:
        return address
    return re.sub(r"\\(.)", r"\1", quoted[0][1:-1]) + address[quoted.end() :]


def deliveries(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of `tried` in the columns of the deliveries table."""
    rows = _with_replies(rows)
    name, given, aside = pl.col("recipient"), pl.col("original"), _swallowed() | _answered() | _mailbox()
    code = pl.col("reply").str.extract_groups(_CODE).struct
    # Where no host was spoken to, what delivers here stands for one.
    here = pl.when(_success() | ~pl.col("transport").str.contains(REMOTE)).then("transport")
    rows = rows.with_columns(
        _event().alias("event"),
        pl.col("flag").alias("raw_event"),
        _attempted().alias("attempted"),
        pl.when(aside).then(pl.coalesce(given, name)).otherwise(name).alias("recipient"),
        pl.when(~aside).then(given).alias("original_recipient"),
        pl.coalesce("relay_host", here).alias("relay_host"),
        pl.col("relay_port").cast(pl.Int32, strict=False),
        pl.when(_success()).then(pl.col("reply").str.extract(_NEXT_ID)).alias("next_id"),
        code.field("code").cast(pl.Int32, strict=False).alias("smtp_code"),
        code.field("enhanced").alias("enhanced_status"),
    )
    ip = pl.col("relay_ip")
    own = ip.str.starts_with("127.0.0.") | ip.is_in(["127.0.1.1", "::1"])
    goes_on = (pl.col("event") == "delivered") & own & pl.col("next_id").is_not_null()
    rows = rows.with_columns(pl.when(goes_on).then(pl.lit("relayed")).otherwise("event").alias("event"))
    return rows.drop("flag", "via", "original", "router", "transport", "tail", "number", "error")


def _with_replies(rows: pl.DataFrame) -> pl.DataFrame:
    """Adds what was said, and how long it took."""
    flag, said, tail = pl.col("flag"), pl.col("reply"), pl.col("tail")
    took = said.str.extract(r" DT=([0-9.hms]+)$")
    confirmed = tail.str.extract(quoted("C")).str.replace_all(r'\\(["\\])', "${1}")
    reply = (
        pl.when(flag == "==")
        .then(pl.coalesce(said, pl.when(pl.col("error") != "").then("error")))
        .when(flag == "**")
        .then(said.str.replace(r" DT=[0-9.]+[0-9.hmsd]*$", ""))
        .otherwise(confirmed)
    )
    return rows.with_columns(
        # Lines of a reply are divided by a backslash and an n.
        reply.str.replace_all(r"\n", " ", literal=True).alias("reply"),
        _seconds(pl.coalesce(tail.str.extract(token("DT")), took)).alias("delay_d"),
        _seconds(tail.str.extract(token("QT"))).alias("delay"),
    )


def _success() -> pl.Expr:
    return pl.col("flag").is_in(["=>", "->", ">>"])


def _swallowed() -> pl.Expr:
    return _success() & pl.col("recipient").is_in(list(SWALLOWED))


def _answered() -> pl.Expr:
    """What a filter answers for its owner is no delivery to whoever is answered."""
    return _success() & pl.col("recipient").str.starts_with(">")


def _mailbox() -> pl.Expr:
    """A mailbox is logged by its local part; the address that was given has it, too, unless it is an alias."""
    name, given = pl.col("recipient"), pl.col("original")
    own = given.str.to_lowercase().str.starts_with(name.str.to_lowercase() + "@")
    return _success() & ~name.str.contains("@", literal=True) & own


def _own_words() -> pl.Expr:
    """Only Exim's own words are decisions: a receiver may say the same."""
    return ~pl.col("reply").str.contains(r"^(?:SMTP|LMTP) |^[245][0-9][0-9][ -]")


def _given_up() -> pl.Expr:
    return (pl.col("flag") == "**") & _own_words() & pl.col("reply").str.contains(GAVE_UP)


def _event() -> pl.Expr:
    flag = pl.col("flag")
    return (
        pl.when(_swallowed())
        .then(pl.lit("discarded"))
        .when(_answered())
        .then(pl.lit("other"))
        .when(_success())
        .then(pl.lit("delivered"))
        .when(flag == "==")
        .then(pl.lit("deferred"))
        .when(_given_up())
        .then(pl.lit("expired"))
        .when(flag == "**")
        .then(pl.lit("bounced"))
        .otherwise(pl.lit("other"))
    )


def _attempted() -> pl.Expr:
    waits = _own_words() & pl.col("reply").str.contains(NOT_TRIED) & ~_success()
    return ~(_given_up() | _answered() | (pl.col("flag") == "*>") | waits).fill_null(value=False)


def _seconds(text: pl.Expr) -> pl.Expr:
    """Seconds from `1d2h3m4s`, `0.123s` or `3.1`."""
    parts = (
        text.str.extract(rf"([0-9.]+){unit}").cast(pl.Float64, strict=False).fill_null(0) * n
        for unit, n in _UNITS.items()
    )
    return pl.when(text.is_not_null()).then(pl.sum_horizontal(parts))
