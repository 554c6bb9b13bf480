"""Exim's lines that are known and named, and say nothing of mail: counted by kind, and nothing else."""

from __future__ import annotations

from mailaudit.formats.exim_patterns import ID, INSIDE
from mailaudit.formats.printed import one_of
from mailaudit.formats.table import Kind

_ALL = ("exim",)
_CLIENT = r"(?:[^ \[(]+ )?(?:\([^()]*\) )?\[[0-9A-Fa-f.:]+\](?::[0-9]+)?(?: (?:I|U|Ci)=[^ ]+)*"
_WHO = rf"(?:{_CLIENT}|local process|[^ ]+(?: Ci=[0-9]+)?)"
_TOOK = r"(?: TFO\*?)?(?: [A-Z]=[^ ]+)*(?: \.\.\.)?"

NOISE = (
    Kind(
        "queue_run",
        _ALL,
        ("Start ", "End ", "Abandon queue run: ", "notify triggered queue run"),
        "Start queue run: pid=148",
        one_of(
            r"/(?:Start|End|Abandon) (?:'[^' ]*' )?queue run: pid=[0-9]+(?: -q[a-z]*)?(?: -[RS][a-z]* [^ ]+)*"
            r"(?: \(load [0-9.]+, max [0-9.]+\))?",
            "notify triggered queue run",
        ),
        noise=True,
    ),
    Kind(
        "locked",
        _ALL,
        ("Spool file ",),
        "Spool file for 1vE38e-00003I-1k is locked (another process is handling this message)",
        one_of(
            rf"/Spool file (?:for )?(?:{ID}|[^ ]+) is locked"
            r"(?: \((?:another process is handling this message|in use by another process)\))?"
        ),
        queue_id=True,
        noise=True,
    ),
    Kind(
        "not_at_once",
        _ALL,
        ("no immediate delivery: ",),
        "no immediate delivery: more than 10 messages received in one connection",
        one_of(
            "no immediate delivery: more than %d messages received in one connection",
            r"/no immediate delivery: load average [0-9.]+",
            "no immediate delivery: too many connections (%d, max %d)",
            r"/no immediate delivery: queued(?: in [^ ]+)? by [^ ]+",
        ),
        noise=True,
    ),
    Kind(
        "connection",
        _ALL,
        ("SMTP connection ",),
        "SMTP connection from mx.src.example [192.0.2.1] closed by QUIT",
        one_of(
            rf"/SMTP connection(?: Ci=[0-9]+)? from {_WHO}(?: \(TCP/IP connection count = [0-9]+\)|{_TOOK}"
            r"(?: closed (?:by (?:QUIT|EOF|DROP in ACL)|after (?:SIGTERM|SIGINT|SIGHUP))|"
            rf" lost(?: while reading message data(?: \(header\))?)?)?){_TOOK}",
        ),
        noise=True,
    ),
    Kind(
        "lost_connection",
        _ALL,
        ("unexpected ", "SMTP command timeout on", "SMTP data timeout ", "no MAIL in ", "timed out while reading"),
        "unexpected disconnection while reading SMTP command from mx.src.example [192.0.2.1] D=0s",
        one_of(
            rf"/unexpected (?:EOF|disconnection) while reading SMTP command from {_WHO}{_TOOK}",
            rf"/SMTP command timeout on(?: TLS)? connection from {_WHO}{_TOOK}",
            rf"/SMTP data timeout \(message abandoned\) on connection from {_WHO} F=<{INSIDE}>{_TOOK}",
            rf"/no MAIL in (?:TLS )?SMTP connection from {_WHO}{_TOOK}",
            "timed out while reading local message",
        ),
        noise=True,
    ),
    Kind(
        "no_name",
        _ALL,
        ("no host name found for IP address ", "no IP address found for host "),
        "no host name found for IP address 192.0.2.1",
        one_of(
            "no host name found for IP address %w",
            rf"/no IP address found for host [^ ]+(?: \(during SMTP connection from {_CLIENT}\))?",
        ),
        noise=True,
    ),
    Kind(
        "identity",
        _ALL,
        ("ident connection to ",),
        "ident connection to 192.0.2.1 timed out",
        one_of("ident connection to %w timed out"),
        noise=True,
    ),
)
