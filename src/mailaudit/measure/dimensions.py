"""What cannot be said in core SQL is worked out once per distinct value, and joined as a small table."""

from __future__ import annotations

import json
import re
import tomllib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from mailaudit import plugins
from mailaudit.measure.suffixes import registered_domain, rules

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mailaudit.measure.engine import Engine

SIZES = (
    ("below 1 kB", 0), ("below 10 kB", 1000), ("below 100 kB", 10_000), ("below 1 MB", 100_000),
    ("below 10 MB", 1_000_000), ("10 MB and more", 10_000_000), ("unknown", None),
)  # fmt: skip
"""Classes of size: name and smallest size."""

DIRECTIONS = ("in", "out", "internal", "undecided")
LOCAL_RELAYS = frozenset(("local", "virtual", "dovecot", "cyrus", "procmail", "maildrop", "lmtp", "prog"))
"""Relays that are no hosts but put mail into mailboxes here."""


def directions(engine: Engine) -> None:
    """Makes direction_words: the directions in their order."""
    engine.table(
        "direction_words", ("direction varchar", "place integer"), ((word, at) for at, word in enumerate(DIRECTIONS))
    )


MEANINGS = {
    "auth": "a wrong password, or no login where one is needed",
    "blocklist": "the client is on a block list",
    "client": "the client's name or address is not accepted",
    "content": "spam, a virus, or a banned attachment",
    "greylisting": "refused for now, on purpose",
    "helo": "the client's greeting is not accepted",
    "policy": "another rule of this server",
    "rate": "too much at once",
    "relay": "mail to others from who may not send through here",
    "sender": "the sender's address is not accepted",
    "size": "the message is too big",
    "syntax": "the client does not keep to the rules of SMTP",
    "unknown_user": "there is no such address here",
}
"""What each cause of a refusal at the door means, for people."""


def refusal_meanings(engine: Engine) -> None:
    """Makes refusal_meanings: cause and meaning."""
    engine.table("refusal_meanings", ("cause varchar", "meaning varchar"), MEANINGS.items())


def size_classes(engine: Engine) -> None:
    """Makes size_classes: number, name, smallest size, first size above."""
    above = [low for _, low in SIZES[1:]]
    rows = [
        (number, name, low, high) for number, ((name, low), high) in enumerate(zip(SIZES, [*above, None], strict=True))
    ]
    engine.table("size_classes", ("class integer", "name varchar", "low bigint", "high bigint"), rows)


def organisations(engine: Engine) -> None:
    """Makes organisations: the registered domain of every host name in the logs."""
    names = engine.rows(
        "select relay_host from deliveries where relay_host is not null union select client_host from life "
        "where client_host is not null union select peer from tls where peer is not null"
    )
    engine.table(
        "organisations",
        ("name varchar", "organisation varchar"),
        [(name, registered_domain(name)) for (name,) in names],
    )


def tags(engine: Engine) -> None:
    """Makes message_tags: each tag of each message, once."""
    said = "select coalesce(f.root, d.key) as root, d.tags from deliveries d left join family f on f.key = d.key"
    texts = [text for (text,) in engine.rows("select distinct tags from deliveries where tags is not null")]
    rows = [(text, name) for text in texts for name in _names(text)]
    engine.table("tag_names", ("tags varchar", "name varchar"), rows)
    engine.run(
        "create or replace table message_tags as select distinct s.root, n.name "
        f"from ({said} where d.tags is not null) s join tag_names n on n.tags = s.tags"
    )


def _names(text: str) -> list[str]:
    """The tags of a JSON list."""
    found = json.loads(text)
    return [str(name) for name in found] if isinstance(found, list) else []


def isps(engine: Engine) -> None:
    """Makes isps: the mailbox provider of every pair of relay and recipient domain."""
    provider_table(engine, "isps", "select relay_host, recipient_domain from chosen_relays")


def provider_table(engine: Engine, name: str, pairs: str) -> None:
    """Makes a table of the mailbox provider of every pair of relay and recipient domain that the query gives."""
    rows = engine.rows(f"select distinct relay_host, recipient_domain from ({pairs})")
    engine.table(
        name,
        ("relay_host varchar", "recipient_domain varchar", "isp varchar"),
        [(relay, domain, isp(relay, domain, engine.own_isps)) for relay, domain in rows],
    )


def prepare() -> None:
    """Reads the lists of providers and of public suffixes, which takes longer than a question to a short log."""
    _providers()
    rules()


@cache
def _providers() -> dict[str, str]:
    """Provider by registered domain; `hotmail.*` stands for hotmail below any public suffix."""
    text = resources.files("mailaudit.measure").joinpath("isps.toml").read_text(encoding="utf-8")
    ours = {name: isp for isp, names in tomllib.loads(text).items() for name in names["domains"]}
    if not plugins.found("rules"):
        return ours
    from mailaudit.classify.own import plugged  # noqa: PLC0415 (only where there are any)

    return {**ours, **plugged().isps}


def isp(relay: str | None, domain: str | None, own: Mapping[str, str] | None = None) -> str:
    """Returns the provider: by the relay that answered if that is one's, else by the recipient's domain.

    A relay of nobody we know may be anybody's forwarder or smart host; then the recipient's domain tells more.
    """
    if relay is not None and (relay in LOCAL_RELAYS or "[private/" in relay):
        return "local"
    known = _providers()
    for name in (relay, domain):
        registered = registered_domain(name) if name else None
        if registered:
            found = (
                (own or {}).get(registered) or known.get(registered) or known.get(registered.partition(".")[0] + ".*")
            )
            if found:
                return found
    return "other"


def senders(engine: Engine, fold: Sequence[str]) -> None:
    """Makes senders: what each sender counts as, by the ways of writing that are folded."""
    rows = engine.rows("select distinct sender from life where sender is not null")
    engine.table("senders", ("address varchar", "folded varchar"), [(name, folded(name, fold)) for (name,) in rows])


LONGEST = 512
"""Characters up to which a sender is folded; an address may have 320."""

_SRS0 = re.compile(r"SRS0[=+-][^=]+=[^=]+=(?P<domain>[^=]+)=(?P<local>.+)", re.IGNORECASE)
_SRS1 = re.compile(r"SRS1[=+-][^=]+=[^=]+==[^=]+=[^=]+=(?P<domain>[^=]+)=(?P<local>.+)", re.IGNORECASE)
_PRVS = re.compile(r"prvs=[0-9a-f]+=(?P<after>.+)|(?P<before>[^/]+)/[0-9a-f]{8,}", re.IGNORECASE)
_BOUNCES = re.compile(r"[-+.](bounces?|return)$", re.IGNORECASE)
_AUTOMATIC = re.compile(r"bounce|return", re.IGNORECASE)
_NUMBER = re.compile(r"\b[0-9a-f]*[0-9]{3,}[0-9a-f]*\b", re.IGNORECASE)


def folded(sender: str, ways: Sequence[str]) -> str:
    """Returns the sender with the parts removed that differ from mail to mail."""
    local, at, domain = sender.rpartition("@")
    if not at or len(sender) > LONGEST:
        return sender
    if "srs" in ways and (found := _SRS1.fullmatch(local) or _SRS0.fullmatch(local)):
        local, domain = found["local"], found["domain"]
    if "prvs" in ways and (found := _PRVS.fullmatch(local)):
        local = found["after"] or found["before"]
    if "verp" in ways:
        local = _without_recipient(local)
    if "plus" in ways:
        local = local.partition("+")[0] or local
    return f"{local}@{domain}"


def _without_recipient(local: str) -> str:
    """Returns `list` for `list-bounces+ann=example.org`, and `bounce-*` for `bounce-12345`."""
    before, equals, _ = local.rpartition("=")
    if equals:
        start = before.find("+") if "+" in before else before.rfind("-")
        if start > 0:
            return _BOUNCES.sub("", before[:start]) or before[:start]
    return _NUMBER.sub("*", local) if _AUTOMATIC.search(local) else local
