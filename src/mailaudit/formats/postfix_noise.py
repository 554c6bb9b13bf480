"""The kinds of Postfix's lines that say nothing about mail: known, counted by name, and otherwise left alone.

Noise lines are only counted; where a line holds what a stranger sent, it is read as text instead, since a noise line
must not look like mail.
"""

from __future__ import annotations

from mailaudit.formats.libraries import BEGINNINGS
from mailaudit.formats.postfix_verbose import KINDS as VERBOSE_KINDS
from mailaudit.formats.printed import one_of
from mailaudit.formats.table import ANY, Kind

_COMMAND = r"[A-Za-z-]+(?: [a-z-]+)*(?: \([a-z0-9 ]+\))?"
_CLIENT = r"[^ ]*\[[^ ]*\](?::[0-9]+)?"

RECEIVES = ("smtpd", "postscreen", "tlsproxy", "qmqpd")
POLICY = (
    "policy",
    "policy-spf",
    "policyd",
    "policyd-spf",
    "policyd-weight",
    "policydweight",
    "policy_spf",
    "postgrey",
    "sqlgrey",
    "greyfix",
    "postfwd",
    "postfwd2",
    "postfwd3",
    "cbpolicyd",
    "dk_check",
    "mta-sts-daemon",
    "postsrsd",
    "tumgreyspf",
    "gld",
)
"""Programs of others that like to log under Postfix's name."""
FREQUENT = (
    Kind(
        "connect",
        RECEIVES,
        ("connect from ",),
        "connect from mx.example[192.0.2.1]",
        r"^connect from [^ =]+$",
        noise=True,
        plain=True,
    ),
    Kind(
        "disconnect",
        RECEIVES,
        ("disconnect from ",),
        "disconnect from mx.example[192.0.2.1] ehlo=1 quit=1 commands=2",
        r"^disconnect from [^ =]+(?: (?:[eh]elo|ehlo|starttls|auth|mail|rcpt|data|bdat|rset|noop|vrfy|etrn|quit|xclient"
        r"|xforward|unknown|commands)=[0-9/]+)*$",
        noise=True,
        plain=True,
    ),
)
"""The two most frequent lines of a busy server: tried first."""

RARE = (
    Kind(
        "lost_connection",
        RECEIVES,
        ("lost connection after ",),
        "lost connection after AUTH from mx.example[192.0.2.1]",
        one_of(rf"/lost connection after {_COMMAND} from {_CLIENT}"),
        noise=True,
    ),
    Kind(
        "client_timeout",
        RECEIVES,
        ("timeout after ",),
        "timeout after END-OF-MESSAGE from mx.example[192.0.2.1]",
        one_of(rf"/timeout after {_COMMAND} from {_CLIENT}"),
        noise=True,
    ),
    # What a client sent stands on these lines, so they may hold anything: they are no noise, to be safe.
    Kind(
        "client_errors",
        RECEIVES,
        (
            "too many errors after ",
            "improper command pipelining after ",
            "SSL_accept error from ",
            "TLS SNI ",
            "TLS handshake failed for ",
        ),
        "improper command pipelining after EHLO from mx.example[192.0.2.1]: QUIT",
        r"^(?<text>.*)$",
    ),
    Kind(
        "smtpd_setup",
        RECEIVES,
        (),
        "setting up TLS connection from mx.example[192.0.2.1]",
        one_of(
            "setting up TLS connection from %w",
            "initializing the server-side TLS engine",
            r"/(?:[^ ]*: )?discarding EHLO keywords: [A-Z0-9 -]*",
            '/(?:[^ ]*: )?replacing command ".*" with ".*"',
            "mapping DSN status %w into %w status %w",
        ),
        noise=True,
    ),
    Kind(
        "postscreen_connect",
        ("postscreen", "tlsproxy"),
        ("CONNECT ", "DISCONNECT "),
        "CONNECT from [192.0.2.1]:4000 to [192.0.2.10]:25",
        one_of("CONNECT from %w", "CONNECT to %w", "CONNECT from %w to %w", "DISCONNECT %w"),
        noise=True,
    ),
    Kind(
        "postscreen_pass",
        ("postscreen",),
        ("PASS ", "ALLOWLIST", "WHITELIST"),
        "PASS NEW [192.0.2.1]:4000",
        one_of(r"/(?:PASS (?:NEW|OLD)|(?:ALLOW|WHITE)LIST(?:ED| VETO)) \[[^ ]*\](?::[0-9]+)?"),
        noise=True,
    ),
    Kind(
        "postscreen_test",
        ("postscreen",),
        (
            "DNSBL rank ",
            "PREGREET ",
            "HANGUP after ",
            "NON-SMTP COMMAND ",
            "COMMAND PIPELINING ",
            "BARE NEWLINE ",
            "COMMAND COUNT LIMIT ",
            "COMMAND TIME LIMIT ",
            "COMMAND LENGTH LIMIT ",
            "DENYLISTED ",
            "BLACKLISTED ",
            "STARTTLS ",
            "DATA without valid RCPT ",
            "BDAT without valid RCPT ",
            "entering STRESS mode",
            "leaving STRESS mode",
            "reject: connect from ",
        ),
        "DNSBL rank 3 for [192.0.2.1]:4000",
        r"^(?<text>.*)$",
    ),
    Kind(
        "postscreen_cache",
        ("postscreen", "verify", "tlsmgr"),
        ("cache ", "close database "),
        "cache btree:/var/lib/postfix/postscreen_cache full cleanup: retained=0 dropped=0 entries",
        one_of(
            "cache %w %w cleanup: retained=%d dropped=%d entries",
            "close database %w: %s (possible Berkeley DB bug)",
        ),
        noise=True,
    ),
    Kind(
        "statistics",
        (ANY,),
        ("statistics: ",),
        "statistics: max connection rate 1/60s for (smtpd:192.0.2.1) at Dec 24 00:44:33",
        one_of(
            r"/statistics: max [a-z ]+ [0-9]+(?:/[0-9]+s)?(?: for \([^ ]*\))? at [A-Z][a-z]{2} [ 0-9:]{11}",
            r"/statistics: start interval [A-Z][a-z]{2} [ 0-9:]{11}",
            r"/statistics: (?:domain|address) lookup hits=[0-9]+ miss=[0-9]+ success=[0-9]+%",
            "statistics: max simultaneous domains=%d addresses=%d connection=%d",
        ),
        noise=True,
    ),
    Kind(
        "table_changed",
        (ANY,),
        ("table ",),
        "table hash:/etc/postfix/virtual(0,lock|fold_fix) has changed -- restarting",
        one_of(r"/table .+ has changed -(?:- re(?:starting|opening)| finishing in the background)"),
        noise=True,
    ),
    Kind(
        "smtp_setup",
        ("smtp", "lmtp", "tlsproxy", "tlsmgr"),
        (),
        "enabling PIX workarounds: disable_esmtp for mx.example[192.0.2.1]:25",
        one_of(
            "enabling PIX workarounds: %s for %w",
            "enabling PIX <CRLF>.<CRLF> workaround for %w",
            "Host offered STARTTLS: [%w]",
            "no MX host for %w has a valid address record",
            "setting up TLS connection to %w",
            "initializing the client-side TLS engine",
            "looking for session %w in %w cache",
            "breaking line > %d bytes with <CR><LF>SPACE",
            r"/discarding EHLO keywords: [A-Z0-9 -]*",
            "ignoring DNS RR: %s",
            "SMTPS wrappermode (TCP port 465) requires setting %s",
            "CLIENT wrappermode (port %w is unimplemented",
            "instead, send to (port %w with STARTTLS",
            "host %w offers SMTPUTF8 support, but not 8BITMIME",
        ),
        noise=True,
    ),
    Kind(
        "certificate",
        ("smtp", "lmtp", "tlsproxy", "tlsmgr", "smtpd"),
        (),
        "certificate verification failed for mx.example[192.0.2.1]:25: untrusted issuer /C=US/O=Authority",
        one_of(
            r"/(?:server |client )?certificate verification failed for [^ ]+: .*",
            r"/certificate peer name verification failed for [^ ]+: .*",
            r"/SSL_connect error to [^ ]+: .*",
            r"/Server certificate (?:could )?not (?:be )?(?:verified|trusted)[^=]*",
            r"/(?:(?:Unv|V)erified|(?:Unt|T)rusted): subject_CN=.*, issuer.*",
            r"/(?:[^ ]*: )?subject_CN=.*, issuer.*",
            "untrusted issuer %s",
            r"/verify error:num=[0-9]+:[A-Za-z0-9 ()-]*",
            "cert has expired",
            r"/(?:Peer|Server) cert(?:i|)ficate could not be verified",
            r"/Peer cert verify depth=.*",
            "Peer verification: CommonName in certificate does not match: %w != %w",
            "fingerprint=%w",
        ),
        noise=True,
    ),
    # What smtp_reply_filter made of the words of a stranger.
    Kind(
        "reply_replaced",
        ("smtp", "lmtp"),
        (),
        'mx.example[192.0.2.1]:25: replacing server reply "550 no" with "450 no"',
        r'^[^ ]+: replacing server reply "(?<text>.*)"$',
    ),
    Kind(
        "tlsrpt",
        ("smtp", "lmtp", "tlsproxy"),
        ("TLSRPT: ",),
        "TLSRPT: status=failure, domain=dst.example, receiving_mx=mx.example[192.0.2.1], "
        "failure_type=starttls-not-supported",
        r"^TLSRPT: (?<text>.*)$",
    ),
    Kind("policy", POLICY, (), "prepend Received-SPF: pass; envelope-from=<a@src.example>", r"^(?<text>.*)$"),
    Kind(
        "dnsblog",
        ("dnsblog",),
        ("addr ",),
        "addr 192.0.2.1 listed by domain zen.dnsbl.example as 127.0.0.2",
        one_of(r"/addr [^ ]* (?:listed|blocked) by domain [^ ]* as [^ ]*", "addr %w not listed by domain %w"),
        noise=True,
    ),
    Kind(
        "daemon_note",
        (ANY,),
        (),
        "Postfix is running with backwards-compatible default settings",
        one_of(
            r"/(?:[^ ]+: line [0-9]+: )?using backwards-compatible default setting .*",
            "Postfix is running with backwards-compatible default settings",
            "Postfix is using backwards-compatible default settings",
            'To disable backwards compatibility use "postconf compatibility_level=%w" and "postfix reload"',
            "See http%w for details",
            "master exit time has arrived",
            r"/cannot load (?:Certification|Certificate) Authority data(?:, .*: disabling TLS support)?",
            r"/cannot load [A-Z]+ certificate and key data",
            r"/premature end-of-input (?:on|from) [^ ]+(?: socket)? while reading input attribute name",
            r"/cannot (?:read|write) [^,]* EGD server [^ ]+: .*",
            "cannot read from entropy device %w: %s -- exiting to reopen",
            "exiting to reopen external entropy source %w",
            "lost connection to EGD server %w -- exiting to reconnect",
            "idle timeout -- exiting",
        ),
        noise=True,
    ),
    Kind(
        "super_renamed",
        ("postsuper",),
        ("Renamed to match inode number: ",),
        "Renamed to match inode number: 1 message",
        one_of("/Renamed to match inode number: [0-9]+ messages?"),
        noise=True,
    ),
    Kind(
        "bounce_note",
        ("bounce", "defer", "trace"),
        ("not sending trace/success notification ",),
        "not sending trace/success notification for double-bounce message",
        one_of(r"/not sending trace/success notification for (?:single|double)-bounce message"),
        noise=True,
    ),
    # The mail stays in the queue, since a notice about it could not be written; its recipients have lines of their own.
    Kind(
        "put_off",
        (ANY,),
        ("status=deferred (",),
        "status=deferred (trace failed)",
        r"^status=deferred \((?<text>[a-z ]+ failed)\)",
        queue_id=True,
    ),

    Kind("library", (ANY,), BEGINNINGS, "DIGEST-MD5 common mech free", r"^(?<text>.*)$"),
    # local(8) hands a recipient to another agent, whose own line follows.
    Kind(
        "passed_on",
        ("local", "virtual"),
        ("passing <",),
        "passing <joe> to transport=virtual",
        r"^passing <(?<recipient>.*)> to transport=(?<text>[^ ]*)$",
        queue_id=True,
    ),
    *VERBOSE_KINDS,
)
