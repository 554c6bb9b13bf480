"""Sendmail's rarer lines: what it says of the fate of a message, of a client's mistakes, and of itself.

From the calls of `sm_syslog`, `usrerr` and `syserr` in its sources, 8.17 (<https://www.proofpoint.com/us/products/email-protection/open-source-email-solution>);
most are written at every log level from 9 to 14.  Their beginnings are literal, so that a line meets few patterns.
"""

from __future__ import annotations

from mailaudit.formats.table import Kind

_ALL = ("sendmail",)
_TEXT = r"^(?<text>.*)$"

# -- the fate of a whole message
FATES = (
    Kind("discarded", _ALL, ("discarded",), "discarded", r"^(?<reply>)discarded$", queue_id=True),
    Kind(
        "quarantined", _ALL, ("quarantine=",), "quarantine=by the operator", r"^quarantine=(?<reply>.*)$", queue_id=True
    ),
    Kind("released", _ALL, ("unquarantine",), "unquarantine", r"^(?<reply>)unquarantine$", queue_id=True),
    # A queue group takes so many recipients an envelope; the rest goes on under other ids.
    Kind(
        "split",
        _ALL,
        ("split: ",),
        "split: maxrcpts=2, rcpts=4, count=1, id=v4VEHFk5017041",
        r"^split: (?:maxrcpts=[0-9]+, rcpts=[0-9]+, )?count=[0-9]+, ids?=(?<ids>[0-9A-Za-z; ]+)",
        queue_id=True,
    ),
)

# -- what a client was told while it named recipients; the code it was told is not logged
MISTAKES = (
    Kind(
        "refused_word",
        _ALL,
        (
            "Too many recipients",
            "Syntax error in ",
            "8-bit character in mailbox address ",
            "Missing recipient",
            "Duplicate ORCPT parameter",
            "ORCPT requires a value",
            "NOTIFY requires a value",
            "Bad argument ",
            "Sorry, NOTIFY not supported",
            "Sorry, ORCPT not supported",
            "Addressee unknown",
            "User has moved; please try ",
            "Address too long",
            'Address "',
            "prescan: to",
            "remotename: too many tokens",
            "Illegal character ",
            "Unbalanced ",
            "Insufficient disk space",
            "non-ASCII recipient address ",
        ),
        "Too many recipients",
        r"^(?<reply>.*)$",
        queue_id=True,
    ),
)

# -- what was refused after DATA, where nothing else says so
TOO_BIG = (
    Kind(
        "too_big",
        _ALL,
        ("message size (",),
        "message size (394627) exceeds maximum (300000)",
        r"^(?<reply>message size \(-?[0-9]+\) exceeds maximum \([0-9]+\))$",
        queue_id=True,
    ),
    Kind(
        "headers_too_big",
        _ALL,
        ("headers too large (",),
        "headers too large (32768 max) from mx.src.example [192.0.2.1] during message collect",
        r"^(?<reply>headers too large \([0-9]+ max\)) from (?<relay>.*) during message collect$",
        queue_id=True,
    ),
)

# -- clients that were sent away before they named anyone
TURNED_AWAY = (
    Kind(
        "wrapped",
        _ALL,
        ("tcpwrappers (",),
        "tcpwrappers (mx.src.example, 192.0.2.1) rejection",
        r"^tcpwrappers \((?<host>[^,]*), (?<ip>[^)]*)\) rejection$",
    ),
    Kind(
        "open_proxy",
        _ALL,
        (),
        "mx.src.example [192.0.2.1]: probable open proxy: command=POST / HTTP/1.0",
        r"^(?<relay>[^ ]*(?: \[[^\]]*\])?(?: \(may be forged\))?): (?<reply>probable open proxy: command=.*)$",
    ),
)

# -- sendmail about itself, its configuration, its filters and its clients
NOTES = (
    Kind(
        "trouble",
        _ALL,
        (
            "Warning: ",
            "WARNING: ",
            "ERROR",
            "POSSIBLE ATTACK ",
            "header overflow ",
            "aliasing/forwarding loop broken",
            "Saved message in ",
            "setsender: ",
            "include ",
            "forward ",
            "queueup: ",
            "dup_df: ",
            "bogus queue file",
            "returntosender: ",
            "smtpquit: ",
            "encode64 ",
            "MAIL too long",
            "RCPT too long",
            "Dropped invalid comments ",
            "Truncated ",
            "Fixed MIME ",
            "quarantine_queue_item: ",
            "deferred: udbexpand: ",
            "milter_",
            "Timeout.to_aconnect ",
            "clt_features=",
            "srvfeatures: ",
            "smtps: TLS not available",
            "dferror: ",
            "disconnect: ",
            "rewrite: ",
            "ownership change on ",
            "no fchown()",
            "Could not remove ",
            "could not ",
            "getmodifiers too long",
            "makeconnection: ",
            "sync_dir: ",
            "hostsignature for host ",
            "File descriptors missing ",
            "queue control process: ",
            "persistent queue runner",
            "restart queue runner",
            "checkqueuerunner: ",
            "arith_map: ",
            "nisplus_getcanonname: ",
            "ph_map_",
            "socket_map_lookup(",
            "mci_purge_persistent: ",
            "can't ",
            "gatherq: ",
            "WorkList for ",
            "FAILED to grow WorkList ",
            "queue directory ",
            "filesys_update failed",
            "func=init_sem",
            "dangerous permissions",
            "shared memory ",
            "sm_shmstop ",
            "rscheck(",
            "str_union: ",
            "Bad line on ",
            "usershellok: ",
            "Unsupported address family ",
            "dbopen(",
            "proc_list_probe: ",
            "fcntl(",
        ),
        "Warning: program /usr/local/bin/list unsafe: No such file or directory",
        r"^(?<level>)(?<text>.*)$",
    ),
    Kind(
        "address_expanded",
        _ALL,
        ("alias ", "forward ", "expand ", "hesiod "),
        "alias <list@src.example> => a@src.example, b@dst.example",
        r"^(?<text>(?:alias|forward|expand|hesiod) .* => .*)$",
    ),
    Kind(
        "detail",
        _ALL,
        (
            "poststats: ",
            "makeconnection (",
            "engine=",
            "tls_clt_features=",
            "tls_srv_features=",
            "TLSA=",
            "dns ",
            "ldap=",
            "server=",
            "getauth ",
            "conn_limits: ",
            "connection_rate_check ",
            "global connection rate: ",
            "total: cnt=",
            "queue group name ",
            "queue manager: ",
            "queueup: ",
            "mci_cache: ",
            "mci_uncache: ",
            "accepting new messages",
            "delaying=",
            "set automode ",
            "proxy mode requested ",
            "unauthorized PIPELINING",
            "invalid domain name (",
            "Sending ",
            "Received-SPF: ",
            "DEBUG: ",
            "smtp: doublequeue",
            "SMTP AUTH command ",
            "SMTP STARTTLS command ",
            "SMTP MAIL command ",
            "SMTP VRFY command ",
            "SMTP EXPN command ",
            "SMTP ETRN command ",
            "rcpt=",
            "stab: ",
            "main: where=",
            "x-connect",
            "sqr: ",
            "rwg: ",
            "rq: ",
            "rqe: ",
            "key=",
            "Adding ",
            "CurChildren = ",
            "NextMacroId = ",
            "*** $j ",
            "stat=occ_exceeded",
            "user ",
        ),
        "makeconnection (mx.dst.example. [203.0.113.25].25 (2)) failed: Connection refused by mx.dst.example.",
        _TEXT,
    ),
    # -- what begins with a name from the network, or with none
    Kind(
        "client_note",
        _ALL,
        (),
        "mx.src.example [192.0.2.1]: Possible SMTP RCPT flood, throttling.",
        r"^(?<text>[^ ]*(?: \[[^\]]*\])?(?: \(may be forged\))?: (?:Possible SMTP RCPT flood|"
        r"SMTP violation, |SMTP (?:MAIL|RCPT|DATA-[123]) protocol error: ).*)$",
    ),
    # When a server hangs in a reply, sendmail describes the files and connections it has open.
    Kind(
        "dump",
        _ALL,
        (),
        "MCI@0x5645fd454e98: flags=6006c<CACHED,ESMTP,SIZE>, errno=0, mailer=esmtp, status=(null)",
        r"^(?<text>(?: *[0-9]+: fl=0x|MCI@0x|[^ :]+: changed fds:).*)$",
    ),
    Kind(
        "map_note",
        _ALL,
        (),
        "access: lookup error, expected 1 entry, got 2",
        r"^(?<text>[^ ]+: (?:lookup error, expected |unsafe directory path|user [^ ]+ has bad shell|[^ ]+ writable |"
        r"WARNING: dangerous write permissions|line [0-9]+: Unknown host status line ).*)$",
    ),
)
