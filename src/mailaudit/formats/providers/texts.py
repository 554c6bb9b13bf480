"""What all providers' texts have in common: addresses with names around them, codes in replies, odd white space."""

from __future__ import annotations

import polars as pl

_STATUS = r"([245]\.[0-9]{1,3}\.[0-9]{1,3})"
_WITH_STATUS = rf"(?:^|[^0-9A-Za-z.])([245][0-9]{{2}})[ \-]+[#(]?{_STATUS}(?:[^0-9.]|\.?$|\. )"
"""A reply code with an enhanced status code right behind it."""
_ALONE = (
    r"(?i)(?:^|[;(\[\"'>]\s*|\b(?:said|says|returned|error|code|response|reply|replied|status|smtp|got|with):? )"
    r"([245][0-9]{2})(?:[^0-9A-Za-z.]|\.?$|\. )"
)
"""A reply code by itself: where a reply begins, or behind a word that announces one; elsewhere it may be any number."""
_ENHANCED = r"^(?:smtp;)?\s*[#(\[]?([245]\.[0-9]{1,3}\.[0-9]{1,3})(?:[^0-9.]|$)"
_ENHANCED_ONLY = r"^\s*([245]\.[0-9]{1,3}\.[0-9]{1,3})(?:[^0-9.]|$)"
_HOST = r"^(\S+) +[(\[](?:IPv6:)?([0-9a-fA-F.:]+)[)\]]$"
"""A server with its address behind it."""
_IDS = ("message_id", "provider_message_id", "handed_as", "envelope_id", "event_id", "queue_id")
_ADDRESSES = ("recipient", "original_recipient", "sender")


def cleaned(frame: pl.DataFrame) -> pl.DataFrame:
    """Gives the fields of a shape their types: addresses bare, ids without brackets, codes as numbers or not at all."""
    return (
        frame.lazy()
        .with_columns(
            *(
                _empty(name)
                for name in (
                    "subject",
                    "url",
                    "bounce_class",
                    "relay_host",
                    "relay_ip",
                    "local_ip",
                    "host",
                    "pool",
                    "stream",
                    "campaign",
                )
            ),
            *(_address(name) for name in _ADDRESSES),
            *(_empty(name).str.strip_prefix("<").str.strip_suffix(">") for name in _IDS),
            _one_line("reply"),
            _one_line("last_reply"),
            pl.col("smtp_code").str.strip_chars().alias("given"),
            _number("attempt", pl.Int32),
            _number("size", pl.Int64),
            pl.col("delay").cast(pl.Float64, strict=False),
        )
        .with_columns(
            pl.col("relay_host").str.extract(_HOST, 1).fill_null(pl.col("relay_host")),
            pl.col("relay_ip").fill_null(pl.col("relay_host").str.extract(_HOST, 2)),
            pl.col("given").str.extract(r"^([0-9]{3})$").cast(pl.Int32).alias("number"),
            pl.col("reply").str.extract_groups(_WITH_STATUS).alias("said"),
            pl.col("reply").str.extract(_ALONE).alias("alone"),
        )
        .with_columns(
            pl.coalesce(pl.col("said").struct.field("1"), "alone").cast(pl.Int32).alias("text_code"),
            pl.coalesce(
                pl.col("enhanced_status").str.extract(_ENHANCED_ONLY, 1),
                pl.col("given").str.extract(_ENHANCED_ONLY, 1),
                pl.col("said").struct.field("2"),
                pl.col("reply").str.extract(_ENHANCED, 1),
            ).alias("enhanced_status"),
        )
        .with_columns(pl.coalesce("number", "text_code").alias("code"))
        .with_columns(
            pl.when(pl.col("code").is_between(200, 599) & pl.col("invented").is_null()).then("code").alias("smtp_code"),
            pl.when(~pl.col("code").is_between(200, 599) | pl.col("invented")).then("code").alias("provider_code"),
        )
        .drop("given", "number", "said", "alone", "text_code", "code", "invented")
        .collect(engine="in-memory")
    )


def _one_line(name: str) -> pl.Expr:
    """The text with single blanks only; most texts are so already."""
    text = pl.col(name)
    odd = text.str.contains(r"[\t\n\r\x0b\x0c]|  |^ | $")
    return (
        pl.when(odd)
        .then(text.str.replace_all(r"\s+", " ").str.strip_chars())
        .otherwise(text)
        .replace("", None)
        .alias(name)
    )


def _empty(name: str) -> pl.Expr:
    """The text without blanks around it; nothing for an empty one."""
    return pl.col(name).str.strip_chars().replace("", None)


def _address(name: str) -> pl.Expr:
    """The address in `Name <address>`; whatever else stands there, as it is."""
    text = pl.col(name).str.strip_chars()
    inside = text.str.extract(r"<([^<>]*)>$")
    return pl.coalesce(inside, text.replace("", None)).alias(name)


def _number(name: str, kind: type[pl.DataType]) -> pl.Expr:
    return pl.col(name).str.strip_chars().str.extract(r"^([0-9]{1,18})(?:\.0*)?$").cast(kind, strict=False).alias(name)
