"""Every kind of line that qmail-send, and the programs before its SMTP server, write, as a table.

Grammar from qmail-log(5) and the calls of `log1` to `log3` in qmail-send.c (1.03, netqmail, notqmail, s/qmail, IndiMail):

    new msg 93
    info msg 93: bytes 1204 from <a@src.example> qp 4711 uid 7791
    starting delivery 5: msg 93 to remote b@dst.example
    delivery 5: success: 203.0.113.25_accepted_message./Remote_host_said:_250_ok/
    end msg 93

multilog puts a TAI64N stamp in front, splogger one of its own behind the name that it was given.  A message is its inode,
which is free again once the message has ended.  Blanks and what is beyond ASCII are written as `_`, newlines as `/`.
IndiMail adds its queue to the number of a delivery (`5.2`) and to the end of lines (` queue2`).
"""

from __future__ import annotations

from mailaudit.formats.table import Kind

_ALL = ("qmail",)
_MSG = r"(?<msg>[0-9]+)"
_NUMBER = r"(?<number>[0-9]+(?:\.[0-9]+)?)"
_NAME = r"[a-z]*q[a-z]*[0-9]*"
_QUEUE = rf"(?: {_NAME})?$"
_OWN_QUEUE = rf"(?<queue>(?: {_NAME})?)$"
"""Each of several queues counts its deliveries."""
_IP = r"[0-9A-Fa-f:.]+"
_SMTPD = r"^qmail-smtpd: pid [0-9]+ "
_CHKUSER = (
    r"from <(?<sender>[^>]*?)(?::(?<sasl_user>[^:>]*):[^:>]*)?> remote <(?<helo>[^>]*?):(?<client_host>[^:>]*):"
    rf"(?<client_ip>{_IP})> rcpt <(?<recipient>[^>]*)> : (?<reply>.*)$"
)
"""<https://www.interazioni.it/opensource/chkuser/>: what the patch says of each sender and recipient."""

MESSAGES = (
    Kind("new", _ALL, ("new msg ",), "new msg 93", rf"^new msg {_MSG}{_QUEUE}", queue_id=False),
    Kind(
        "info",
        _ALL,
        ("info msg ",),
        "info msg 93: bytes 1204 from <a@src.example> qp 4711 uid 7791",
        rf"^info msg {_MSG}: bytes (?<size>[0-9]+) from <(?<sender>[^ ]*)> qp (?<qp>[0-9]+) uid (?<uid>[0-9]+){_QUEUE}",
        queue_id=False,
    ),
    Kind(
        "starting",
        _ALL,
        ("starting delivery ",),
        "starting delivery 5: msg 93 to remote b@dst.example",
        rf"^starting delivery {_NUMBER}: msg {_MSG} to (?<channel>local|remote) (?<recipient>[^ ]*){_OWN_QUEUE}",
        queue_id=False,
    ),
    Kind(
        "delivery",
        _ALL,
        ("delivery ",),
        "delivery 5: success: 203.0.113.25_accepted_message./Remote_host_said:_250_ok/",
        rf"^delivery {_NUMBER}: (?<result>success|failure|deferral): (?<reply>.*?){_OWN_QUEUE}",
        queue_id=False,
    ),
    Kind(
        "mangled",
        _ALL,
        ("delivery ",),
        "delivery 5: report mangled, will defer",
        rf"^delivery {_NUMBER}: (?<reply>report mangled, will defer){_OWN_QUEUE}",
        queue_id=False,
    ),
    Kind(
        "bounce",
        _ALL,
        ("bounce msg ",),
        "bounce msg 93 qp 4720",
        rf"^bounce msg {_MSG} qp (?<qp>[0-9]+){_QUEUE}",
        queue_id=False,
    ),
    # No notice is written of what is a notice of a notice already, or where the administrator wants none.
    Kind(
        "no_bounce",
        _ALL,
        ("triple bounce: ", "double bounce: ", "delete bounce: "),
        "triple bounce: discarding bounce/93",
        rf"^(?<what>triple bounce|double bounce|delete bounce): discarding (?:[^ ]*/)?{_MSG}{_QUEUE}",
        queue_id=False,
    ),
    Kind("end", _ALL, ("end msg ",), "end msg 93", rf"^end msg {_MSG}{_QUEUE}", queue_id=False),
)

DOOR = (
    Kind(
        "blocked",
        _ALL,
        ("rblsmtpd: ",),
        "rblsmtpd: 192.0.2.1 pid 4712: 451 http://list.example/query?ip=192.0.2.1",
        rf"^rblsmtpd: (?<client_ip>{_IP}) pid [0-9]+: (?<reply>.*)$",
        queue_id=False,
    ),
    Kind(
        "denied",
        _ALL,
        ("tcpserver: deny ", "sslserver: deny "),
        "tcpserver: deny 4712 mx.src.example:198.51.100.7:25 host.client.example:192.0.2.1::49152",
        rf"^(?:tcp|ssl)server: deny [0-9]+ [^ ]*:(?<port>[0-9]+) (?<client_host>[^: ]*):\[?(?<client_ip>{_IP}?)\]?:[^: ]*:[0-9]+$",
        queue_id=False,
    ),
)

SMTPD = (
    # s/qmail: what was refused, P:rotocol, S:ender's address and name, H:ELO, F:rom, T:o and more.
    Kind(
        "refused",
        _ALL,
        ("qmail-smtpd: pid ",),
        "qmail-smtpd: pid 4712 Reject::RCPT::Failed_Rcptto P:ESMTP S:192.0.2.1:host.client.example H:client.example "
        "F:a@src.example T:b@shop.example",
        rf"{_SMTPD}Reject::(?<type>[A-Z]+)::(?<condition>[^ ]*) P:[^ ]* S:(?<client_ip>{_IP}?):(?<client_host>[^: ]*) "
        r"H:(?<helo>.*?)(?: F:(?<sender>.*?))?(?: T:(?<recipient>.*?))?(?: [?!][~=])?(?: '(?<more>.*)')?$",
        queue_id=False,
    ),
    Kind(
        "let_in",
        _ALL,
        ("qmail-smtpd: pid ",),
        "qmail-smtpd: pid 4712 Accept::SNDR::Relay_Client P:ESMTP S:192.0.2.1:host.client.example H:client.example "
        "F:a@shop.example T:b@dst.example",
        rf"{_SMTPD}Accept::(?<text>.*)$",
        queue_id=False,
    ),
    Kind(
        "chkuser_refused",
        _ALL,
        ("CHKUSER rejected ",),
        "CHKUSER rejected rcpt: from <a@src.example::> remote <client.example:host.client.example:192.0.2.1> "
        "rcpt <b@shop.example> : not existing recipient",
        rf"^CHKUSER rejected (?<what>[a-z ]+): {_CHKUSER}",
        queue_id=False,
    ),
    Kind(
        "let_in",
        _ALL,
        ("CHKUSER ",),
        "CHKUSER accepted rcpt: from <a@src.example::> remote <client.example:host.client.example:192.0.2.1> "
        "rcpt <b@shop.example> : found existing recipient",
        r"^CHKUSER (?:accepted|relaying) (?<text>.*)$",
        queue_id=False,
    ),
    # IndiMail: a mail that came in.
    Kind(
        "let_in",
        _ALL,
        ("qmail-smtpd: pid ",),
        "qmail-smtpd: pid 4712 from 192.0.2.1 HELO <client.example> MAIL from <a@src.example> RCPT <b@shop.example> Size: 900",
        rf"{_SMTPD}from (?<text>{_IP} .*)$",
        queue_id=False,
    ),
)

NOTES = (
    # The end of a line that splogger folded, whose beginning is not in the log.
    Kind("rest", _ALL, ("+",), "+_because_of_this/", r"^\+(?<text>.*)$", queue_id=False),
    Kind(
        "client",
        _ALL,
        ("tcpserver: ok ", "sslserver: ok "),
        "tcpserver: ok 4712 mx.src.example:198.51.100.7:25 host.client.example:192.0.2.1::49152",
        r"^(?:tcp|ssl)server: ok [0-9]+ (?<text>.*)$",
        queue_id=False,
    ),
    Kind(
        "trouble",
        _ALL,
        (
            "warning: ",
            "warn: ",
            "alert: ",
            "info: ",
            "tcpserver: warning: ",
            "tcpserver: fatal: ",
            "sslserver: warning: ",
            "rblsmtpd: fatal: ",
        ),
        "warning: trouble injecting bounce message, will try later",
        r"^(?<text>.*)$",
        queue_id=False,
    ),
    Kind(
        "status",
        _ALL,
        ("status: ",),
        "status: local 0/10 remote 1/20",
        r"^status:(?: [a-z]+ [0-9]+/[0-9]+)+(?: exitasap)?" + _QUEUE,
        queue_id=False,
        noise=True,
    ),
    Kind(
        "state",
        _ALL,
        ("status: ", "running", "exiting", "number of ", "local deliveries ", "remote deliveries "),
        "status: exiting",
        r"^(?:(?:status: )?exiting|running|status: qmail-todo stop processing asap"
        r"|number of deliveries left before exiting: [0-9]+|(?:local|remote) deliveries will be put on hold)$",
        queue_id=False,
        noise=True,
    ),
    Kind(
        "session",
        _ALL,
        ("tcpserver: ", "sslserver: "),
        "tcpserver: pid 4712 from 192.0.2.1",
        rf"^(?:tcp|ssl)server: (?:status: [0-9]+/[0-9]+|pid [0-9]+ from {_IP}|end [0-9]+ status [0-9]+)$",
        queue_id=False,
        noise=True,
    ),
)
