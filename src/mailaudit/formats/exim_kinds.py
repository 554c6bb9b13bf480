"""Every kind of line that Exim writes into mainlog, rejectlog and paniclog, as a table.

Grammar from Exim's specification, chapter "Log files"
(<https://www.exim.org/exim-html-current/doc/html/spec_html/ch-log_files.html>), and the calls of `log_write` in its
sources, 4.96.  A line is `‹id› ‹flag› text`, `‹id› text` or text alone; in its own files only the stamp stands before it.

    2026-01-02 03:04:05 1vbXYZ-000000000Ab-1abc => a@dst.example R=dnslookup T=remote_smtp H=mx.dst.example [203.0.113.25]
        C="250 OK id=1vbXYa-000000000Ac-2bcd"

Lines with a flag tell of a message and its recipients; `R=` and `T=` are the parent and the subject on `<=`, router and
transport on all others.  Order matters: the first kind that matches takes the line.
"""

from __future__ import annotations

from mailaudit.formats.exim_noise import NOISE
from mailaudit.formats.exim_notes import NOTES
from mailaudit.formats.exim_patterns import (
    ACCEPTED,
    ACCEPTED_ODD,
    CLIENT,
    DEFERRAL,
    DEFERRAL_OWN,
    DELIVERY,
    FAILURE,
    INSIDE,
    ODD,
    ODD_ALIAS,
    ODD_CLIENT,
)
from mailaudit.formats.table import Kind

_ALL = ("exim",)
_DELIVERED = ("=> ", "-> ", ">> ", "*> ")
_KEYS = r'(?<tail>(?: (?:I|U|Ci|PRX|X|CV|DN|SNI)=(?:"(?:[^"\\]|\\.)*"|[^ "]*))*)'
_COMMAND = (
    r"(?<phase>RCPT|MAIL|EHLO or HELO|connection|AUTH|VRFY|EXPN|ETRN|STARTTLS|QUIT|MAILAUTH|DATA|after DATA(?: PRDR)?|"
    r"during MIME ACL checks|by local_scan\(\))"
)
_ARGUMENT = rf'(?: (?<argument>in "connect" ACL|<{INSIDE}>[^:]*|\[[^\]]*\]|[^:<][^:]*|<[^:]*))?'
_SENDER = rf"(?: F=<(?<sender>{INSIDE})>)?(?: A=(?<auth>[^ ]*))?"
_REJECTED = rf"{_KEYS}{_SENDER} (?<how>temporarily |)rejected {_COMMAND}{_ARGUMENT}(?:: (?<reply>.*))?$"

KINDS = (
    # -- the life of a message
    Kind(
        "accepted",
        _ALL,
        ("<= ", "(= "),
        "<= a@src.example H=mx.src.example (helo.example) [192.0.2.1]:4321 P=esmtps X=TLS1.3:AES_256_GCM:256 CV=no "
        'A=plain:joe S=992 id=s1.7@src.example T="Hello" for b@dst.example',
        ACCEPTED,
        queue_id=True,
    ),
    Kind(
        "accepted_odd",
        _ALL,
        ("<= ", "(= "),
        "<= a@src.example H=(any (old) text) [192.0.2.1] P=smtp S=992",
        ACCEPTED_ODD,
        queue_id=True,
    ),
    Kind("completed", _ALL, ("Completed",), "Completed QT=3s", r"^(?<text>Completed)(?: QT=(?<delay>[^ ]+))?$", queue_id=True),
    # -- deliveries
    Kind(
        "swallowed",
        _ALL,
        ("=> ",),
        "=> blackhole (DATA ACL discarded recipients): loop guard",
        r"^=> (?<reply>blackhole \((?:(?:MAIL|RCPT|DATA|MIME|PRDR|non-SMTP) ACL|local_scan(?:\(\))?) discarded recipients\).*|"
        r"discarded \(system filter\))$",
        queue_id=True,
    ),
    Kind(
        "odd",
        _ALL,
        (*_DELIVERED, "** ", "== "),
        '=> a b@dst.example <"a b"@dst.example> R=dnslookup T=remote_smtp H=mx.dst.example [203.0.113.25]',
        ODD,
        queue_id=True,
    ),
    Kind(
        "delivery",
        _ALL,
        _DELIVERED,
        '=> a@dst.example <list@src.example> R=dnslookup T=remote_smtp H=mx.dst.example [203.0.113.25] C="250 OK" DT=1s',
        DELIVERY,
        queue_id=True,
    ),
    Kind("failure", _ALL, ("** ",), "** a@dst.example: Unrouteable address", FAILURE, queue_id=True),
    Kind(
        "failure_whole",
        _ALL,
        ("** ",),
        "** mua_wrapper is set but recipients cannot all be delivered in one transaction",
        r"^\*\* (?<reply>mua_wrapper is set but recipients cannot all be delivered in one transaction)$",
        queue_id=True,
    ),
    Kind(
        "failure_late",
        _ALL,
        ("** ",),
        "** a@dst.example mua_wrapper forced failure for deferred delivery",
        r"^\*\* (?<recipient>[^ ]+) (?<reply>mua_wrapper forced failure for deferred delivery|"
        r"routing yielded an? .* delivery)$",
        queue_id=True,
    ),
    Kind(
        "deferral",
        _ALL,
        ("== ",),
        "== a@dst.example R=dnslookup T=remote_smtp defer (111): Connection refused",
        DEFERRAL,
        queue_id=True,
    ),
    Kind(
        "deferral",
        _ALL,
        ("== ",),
        "== a@dst.example R=dnslookup T=remote_smtp defer (-44) H=mx.dst.example [203.0.113.25]: SMTP error from remote mail "
        "server after RCPT TO:<a@dst.example>: 450 4.2.0 Greylisted",
        DEFERRAL_OWN,
        queue_id=True,
    ),
    # An alias of an address with blanks.
    Kind(
        "odd",
        _ALL,
        (*_DELIVERED, "** ", "== "),
        "=> a b@dst.example <list@src.example> R=dnslookup T=remote_smtp H=mx.dst.example [203.0.113.25]",
        ODD_ALIAS,
        queue_id=True,
    ),
    # One host of several failed; what became of the recipient is told by a line with a flag.
    Kind(
        "host_failed",
        _ALL,
        ("H=",),
        "H=mx1.dst.example [203.0.113.25]: SMTP error from remote mail server after initial connection: 421 too busy",
        r"^H=(?<relay_host>[^ ]+)(?: DS)? \[(?<relay_ip>[0-9A-Fa-f.:]+)\](?::[0-9]+)?\*?:? "
        r"(?<reply>(?:SMTP|Remote host|Connection|No route|Network|Host|Operation|Invalid|Cannot|Permission|Unable|LMTP|"
        r"TLS|DANE|failed|DKIM|Not|Transport|Address|Protocol|Bad|a TLS session|an incorrect|Error|server|timeout).*)$",
        queue_id=True,
    ),
    Kind(
        "host_failed",
        _ALL,
        (),
        "mx1.dst.example [203.0.113.25] Connection refused",
        r"^(?<relay_host>[^ =<(]+) \[(?<relay_ip>[0-9A-Fa-f.:]+)\](?::[0-9]+)?:? "
        r"(?<reply>(?:Connection|No route|Network|Host|Operation|Permission|SMTP|Remote host).*)$",
        queue_id=True,
    ),
    # Old versions name the host within the text.
    Kind(
        "host_failed",
        _ALL,
        ("SMTP error from remote mail", "SMTP timeout while connected to ", "Remote host "),
        "Remote host mx1.dst.example [203.0.113.25] closed connection in response to initial connection",
        r"^(?<relay_host>)(?<relay_ip>)(?<reply>(?:SMTP error from remote mail(?:er| server) after .*: host |"
        r"SMTP timeout while connected to |Remote host )[^ ]+ \[[0-9A-Fa-f.:]+\].*)$",
        queue_id=True,
    ),
    # -- the operator, the system filter, and mail that waits
    Kind(
        "frozen",
        _ALL,
        ("Frozen", "frozen by ", "*** Frozen"),
        "Frozen (delivery error message)",
        r"^(?<reply>(?:\*\*\* )?Frozen(?: \(.*\)| by .*|)|frozen by .*)$",
        queue_id=True,
    ),
    Kind("still_frozen", _ALL, ("Message is frozen",), "Message is frozen", r"^(?<reply>Message is frozen)", queue_id=True),
    Kind(
        "thawed",
        _ALL,
        ("Unfrozen by ", "unfrozen by ", "*** Unfrozen by "),
        "Unfrozen by errmsg timer",
        r"^(?<reply>(?:\*\*\* )?[Uu]nfrozen by .*)$",
        queue_id=True,
    ),
    Kind(
        "removed",
        _ALL,
        ("removed by ", "Message removed because older than "),
        "removed by root",
        r"^(?<reply>removed by .*|Message removed because older than .*)$",
        queue_id=True,
    ),
    Kind(
        "cancelled",
        _ALL,
        ("cancelled by ",),
        "cancelled by timeout_frozen_after",
        r"^(?<reply>cancelled by .*)$",
        queue_id=True,
    ),
    Kind(
        "marked",
        _ALL,
        ("address <",),
        "address <b@dst.example> marked delivered by root",
        rf"^address <(?<recipient>{INSIDE})> (?<reply>marked delivered by .*)$",
        queue_id=True,
    ),
    Kind(
        "readdressed",
        _ALL,
        ("recipient <", "sender address changed to <"),
        "recipient <b@dst.example> added by root",
        r"^(?<text>recipient <.*> added by .*|sender address changed to <.*> by .*)$",
        queue_id=True,
    ),
    # Whom no notice can reach, or who wants none, is not told.
    Kind(
        "untold",
        _ALL,
        (),
        "b@dst.example <list@src.example>: error ignored: RFC 3461 DSN, failure notify not requested",
        r"^(?<recipient>[^ ].*?)(?: <.*>)?: error ignored(?:: .*)?$",
        queue_id=True,
    ),
    # -- what the server said at the door
    Kind(
        "rejected",
        _ALL,
        ("H=", "U=", "DSH="),
        "H=mx.src.example (helo.example) [192.0.2.1]:4321 I=[203.0.113.1]:25 F=<a@src.example> temporarily rejected RCPT "
        "<b@dst.example>: greylisted",
        rf"^(?<by>H=|U=|DSH=)(?:{CLIENT}|[^ \[(]*){_REJECTED}",
    ),
    Kind(
        "rejected_odd",
        _ALL,
        ("H=", "DSH="),
        "H=(any (old) text) [192.0.2.1] F=<a@src.example> rejected RCPT <b@dst.example>: relay not permitted",
        rf"^(?<by>H=|DSH=){ODD_CLIENT}{_REJECTED}",
    ),
    Kind(
        "sender_verify",
        _ALL,
        ("H=", "U=", "DSH="),
        "H=mx.src.example [192.0.2.1] sender verify fail for <a@src.example>: Unrouteable address",
        r"^(?<text>(?:H=|U=|DSH=).* sender verify (?:fail|defer) for <.*>.*)$",
    ),
    Kind(
        "recipient_discarded",
        _ALL,
        ("H=", "U="),
        "H=mx.src.example [192.0.2.1] F=<a@src.example> RCPT <b@dst.example>: discarded by RCPT ACL: trap",
        rf"^(?<by>H=|U=)(?:{CLIENT}|[^ \[(]*){_KEYS} F=<(?<sender>{INSIDE})> RCPT <?(?<recipient>{INSIDE})>?: "
        r"(?<reply>discarded by (?:MAIL|RCPT) ACL.*)$",
    ),
    Kind(
        "auth_failed",
        _ALL,
        (),
        "plain authenticator failed for (helo.example) [192.0.2.1]: 535 Incorrect authentication data (set_id=joe)",
        rf"^(?<mechanism>[^ =]+) authenticator failed for (?:H=)?{CLIENT}{_KEYS}: (?<reply>[^(]*?)"
        r"(?: \(set_id=(?<sasl_user>.*)\))?(?:: .*)?$",
    ),
    Kind(
        "auth_failed_odd",
        _ALL,
        (),
        "login authenticator failed for (any (old) text) [192.0.2.1]: 535 Incorrect authentication data (set_id=joe)",
        rf"^(?<mechanism>[^ =]+) authenticator failed for (?:H=)?{ODD_CLIENT}{_KEYS}: (?<reply>[^(]*?)"
        r"(?: \(set_id=(?<sasl_user>.*)\))?(?:: .*)?$",
    ),
    Kind(
        "rejected_command",
        _ALL,
        ("rejected ", "temporarily rejected "),
        "rejected EHLO from mx.src.example [192.0.2.1]: syntactically invalid argument(s): [10.0.0.1",
        r'^(?<how>temporarily |)rejected "?(?<phase>[A-Z]+)(?: (?<argument>[^"]*)")? from '
        rf"{CLIENT}{_KEYS}(?:: (?<reply>.*))?$",
    ),
    Kind(
        "rejected_command_odd",
        _ALL,
        ("rejected ", "temporarily rejected "),
        'rejected "EHLO any (old) text" from (any (old) text) [192.0.2.1]: not today',
        r'^(?<how>temporarily |)rejected "?(?<phase>[A-Z]+)(?: (?<argument>[^"]*)")? from '
        rf"{ODD_CLIENT}{_KEYS}(?:: (?<reply>.*))?$",
    ),
    Kind(
        "rejected_sender",
        _ALL,
        ("rejected MAIL FROM:<", "rejected MAIL command ", "rejected from <"),
        "rejected MAIL FROM:<a@src.example> H=mx.src.example [192.0.2.1]: message too big: size=90000000 max=52428800",
        rf"^rejected (?<phase>MAIL FROM:|MAIL command|from ?)(?:<(?<sender>{INSIDE})>)?(?: ?H={CLIENT})?(?: ?U=[^ :]*)?"
        rf"{_KEYS}: (?<reply>.*)$",
    ),
    Kind(
        "rejected_recipients",
        _ALL,
        ("too many recipients: ",),
        "too many recipients: message rejected: sender=<a@src.example> H=mx.src.example [192.0.2.1]",
        rf"^(?<reply>too many recipients: (?:message|excess temporarily) rejected): sender=<(?<sender>{INSIDE})> "
        rf"H={CLIENT}{_KEYS}$",
    ),
    Kind(
        "unqualified",
        _ALL,
        ("unqualified ",),
        "unqualified recipient rejected: <b> H=mx.src.example [192.0.2.1]",
        rf"^(?<reply>unqualified (?<what>sender|recipient|verify) rejected): <(?<address>{INSIDE})> H={CLIENT}.*$",
    ),
    Kind(
        "non_smtp",
        _ALL,
        ("F=<",),
        "F=<a@src.example> rejected by non-SMTP ACL: no",
        rf"^F=<(?<sender>{INSIDE})> rejected by non-SMTP ACL: (?<reply>.*)$",
    ),
    Kind(
        "turned_away",
        _ALL,
        ("refused connection from ", "temporarily refused connection from ", "Connection from ", "connection from "),
        "Connection from [192.0.2.1] refused: too many connections",
        rf"^(?<how>temporarily |)(?:refused )?[Cc]onnection from {CLIENT}{_KEYS}(?::| refused:| refused)? "
        r"\(?(?<reply>.*?)\)?$",
    ),
    Kind(
        "dropped",
        _ALL,
        ("SMTP call from ",),
        'SMTP call from mx.src.example [192.0.2.1] dropped: too many syntax or protocol errors (last command was "x", NULL)',
        rf"^SMTP call from (?<by>)(?:{CLIENT}|[^ \[(]+){_KEYS} dropped: (?<reply>.*)$",
    ),
    Kind(
        "dropped_odd",
        _ALL,
        ("SMTP call from ",),
        'SMTP call from (any (old) text) [192.0.2.1] dropped: too many nonmail commands (last was "NOOP")',
        rf"^SMTP call from (?<by>){ODD_CLIENT}{_KEYS} dropped: (?<reply>.*)$",
    ),
    Kind(
        "too_early",
        _ALL,
        ("SMTP protocol synchronization error",),
        "SMTP protocol synchronization error (input sent without waiting for greeting): rejected connection from "
        'H=[192.0.2.1] input="EHLO x"',
        r"^(?<reply>SMTP protocol synchronization error \([^)]*\)): rejected "
        rf'(?<command>connection from|"(?:[^"\\]|\\.)*") H={CLIENT}{_KEYS}(?: (?:next )?input=.*)?$',
    ),
    Kind(
        "too_early_odd",
        _ALL,
        ("SMTP protocol synchronization error",),
        'SMTP protocol synchronization error (next input sent too soon: pipelining was not advertised): rejected "A "x" H=[" '
        'H=(a b) [192.0.2.1] next input="B"',
        r"^(?<text>SMTP protocol synchronization error \([^)]*\): rejected .*)$",
    ),
    *NOISE,
    *NOTES,
)
