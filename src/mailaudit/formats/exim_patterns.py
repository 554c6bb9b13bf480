"""Patterns of Exim's lines: addresses, hosts, and the lists of `KEY=value` between them.

What a stranger may choose stands in quotes, in angle brackets or before a known word; each pattern takes whole tokens
from the line's beginning to its end, so that an address or a subject that looks like a part of it stays what it is.
"""

from __future__ import annotations

ID = r"[0-9A-Za-z]{6}-[0-9A-Za-z]{6,11}-[0-9A-Za-z]{2,4}"
QUOTED = r'"(?:[^"\\]|\\.)*"'
INSIDE = rf'(?:{QUOTED}|[^">])*'
"""What stands in angle brackets."""
_WORD = r'[^ "<>]+'
NAME = r"[A-Za-z0-9_.*-]+"
"""A router or transport, as the administrator called it."""
ADDRESS = (
    rf"(?<recipient>>?{_WORD}|[|/][^<]*?|{QUOTED}@[^ <>]*)(?: \((?<via>[^()\x22]*)\))?(?: <(?<original>{INSIDE})>)?"
)
"""Whom it went to (a command may have blanks), what that was expanded from, and the address that was given."""
KEY = r' (?:[A-Z][A-Za-z0-9]*=(?:"(?:[^"\\]|\\.)*"|<[^>]*>|[^ "]*)|DS|L[*.-]*|PRDR|K|TFO\*{0,2})'
_ENVELOPE = rf"(?: F=<{INSIDE}>)?(?: Q=[^ ]*)?(?: P=<{INSIDE}>)?"
_BY = rf"(?: R=(?<router>{NAME}))?(?: T=(?<transport>{NAME}))?"
_HOST = r"H=(?<relay_host>[^ ]+)(?: DS)?(?: \[(?<relay_ip>[0-9A-Fa-f.:]+)\](?::(?<relay_port>[0-9]+))?\*?)?"
_MAYBE = rf"(?: {_HOST})?"

DELIVERY = rf"^(?<flag>[=*>-]>) {ADDRESS}{_ENVELOPE}{_BY}(?: S=[0-9]+)?{_MAYBE}(?<tail>(?:{KEY})*)$"
FAILURE = rf"^(?<flag>\*\*) {ADDRESS}{_ENVELOPE}{_BY}{_MAYBE}(?<tail>(?:{KEY})*) ?: (?<reply>.*)$"
# The system's word for an error number stands before the host, Exim's own behind it.
DEFERRAL = (
    rf"^(?<flag>==) {ADDRESS}{_ENVELOPE}{_BY}(?: routing)? defer \((?<number>[1-9][0-9]*)\): (?<error>[^:]*?)"
    rf"{_MAYBE}(?<tail>(?:{KEY})*)(?:: (?<reply>.*))?$"
)
DEFERRAL_OWN = (
    rf"^(?<flag>==) {ADDRESS}{_ENVELOPE}{_BY}(?: routing)? defer \((?<number>0|-[0-9]+)\)(?<error>)"
    rf"{_MAYBE}(?<tail>(?:{KEY})*)(?:: (?<reply>.*))?$"
)
# An address with blanks or quotes: `a b@d <"a b"@d>`.
ODD = r'^(?<flag>[=*>-]>|\*\*|==) (?<odd>[^<]*[ "][^<]*<".*)$'

ODD_ALIAS = r"^(?<flag>[=*>-]>|\*\*|==) (?<odd>[^<]* [^<]*@[^< ]* <[^<>]+>(?: [A-Z]=| defer ).*)$"

HELO = r"(?:\((?<helo>[^() ]*)\) )?"
IP = r"\[(?<client_ip>[0-9A-Fa-f.:]+)\](?::[0-9]+)?"
CLIENT = rf"(?:(?<client_host>[^ \[(]+) )?{HELO}{IP}"
"""`host.name (helo) [ip]:port`; a name in parentheses is only what the client said."""
ODD_CLIENT = rf"(?:(?<client_host>[^ \[(]+) )?(?:\((?<helo>.*)\) ){IP}"
"""The same where the client said something with blanks or parentheses (helo_accept_junk_hosts)."""
SENDER = rf'(?<sender>(?:{QUOTED}|[^ "])+)'
_RECEIVED = (
    rf"(?<tail>(?:{KEY})*?)(?: id\*?=(?<message_id>(?:{QUOTED}|[^ \x22])+))?"
    rf'(?: T="(?<subject>(?:[^"\\]|\\.)*)")?(?: from <{INSIDE}>)?(?: for (?<recipients>.+))?$'
)
ACCEPTED = rf"^(?<flag><=|\(=) {SENDER}(?: R=(?<parent>[^ ]+))?(?: DS)?(?: H={CLIENT})?{_RECEIVED}"
ACCEPTED_ODD = rf"^(?<flag><=|\(=) {SENDER}(?: R=(?<parent>[^ ]+))?(?: DS)? H={ODD_CLIENT}{_RECEIVED}"


def token(key: str) -> str:
    """The pattern of a key's value in a list of `KEY=value`, which begins with a blank; quotes are left out."""
    return rf'^(?:{KEY})*? {key}="?((?:[^"\\ ]|\\.)*)'


def quoted(key: str) -> str:
    """The same of a value in quotes."""
    return rf'^(?:{KEY})*? {key}="((?:[^"\\]|\\.)*)"'
