"""The kinds of Postfix's lines that say nothing about mail: known, counted by name, and otherwise left alone.

Noise lines are only counted; where a line holds what a stranger sent, it is read as text instead, since a noise line
must not look like mail.
"""

from __future__ import annotations

from mailaudit.formats.table import ANY, Kind

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
# The functions of Postfix's sources have an underscore in their names, which no queue id has.
VERBOSE = (
    r"^(?:[<>] [^ ]*\[[^\]]*\](?::[0-9]+)?: |[a-z0-9]+(?:_[a-z0-9]+)+: |(?:send|recv) attr |input attribute |"
    r"(?:private|public)/[a-z-]+ socket: |SSL_(?:accept|connect):|[^ ]*\[[^\]]*\](?::[0-9]+)?: (?:subject_CN=|issuer=|"
    r"certificate |Matched |depth=|save session|looking for|re-using|Issuing|TLS cipher list))"
)

FREQUENT = (
    Kind("connect", RECEIVES, ("connect from ",), "connect from mx.example[192.0.2.1]", noise=True),
    Kind(
        "disconnect",
        RECEIVES,
        ("disconnect from ",),
        "disconnect from mx.example[192.0.2.1] ehlo=1 quit=1 commands=2",
        noise=True,
    ),
)
"""The two most frequent lines of a busy server: tried first."""

RARE = (
    Kind(
        "lost_connection",
        RECEIVES,
        ("lost connection after ",),
        "lost connection after AUTH from mx.example[192.0.2.1]",
        noise=True,
    ),
    Kind(
        "client_timeout",
        RECEIVES,
        ("timeout after ",),
        "timeout after END-OF-MESSAGE from mx.example[192.0.2.1]",
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
        (
            "setting up TLS connection",
            "initializing the server-side TLS",
            "discarding EHLO keywords",
            "replacing command ",
            "mapping ",
        ),
        "setting up TLS connection from mx.example[192.0.2.1]",
        noise=True,
    ),
    Kind(
        "postscreen_connect",
        ("postscreen", "tlsproxy"),
        ("CONNECT ", "DISCONNECT "),
        "CONNECT from [192.0.2.1]:4000 to [192.0.2.10]:25",
        noise=True,
    ),
    Kind(
        "postscreen_pass",
        ("postscreen",),
        ("PASS ", "ALLOWLISTED ", "WHITELISTED ", "ALLOWLIST VETO ", "WHITELIST VETO "),
        "PASS NEW [192.0.2.1]:4000",
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
        ),
        "DNSBL rank 3 for [192.0.2.1]:4000",
        r"^(?<text>.*)$",
    ),
    Kind(
        "postscreen_cache",
        ("postscreen", "verify"),
        ("cache ", "close database ", "addr "),
        "cache btree:/var/lib/postfix/postscreen_cache full cleanup: retained=0 dropped=0 entries",
        noise=True,
    ),
    Kind(
        "statistics",
        (ANY,),
        ("statistics: ",),
        "statistics: max connection rate 1/60s for (smtpd:192.0.2.1) at Dec 24 00:44:33",
        noise=True,
    ),
    Kind(
        "table_changed",
        (ANY,),
        ("table ",),
        "table hash:/etc/postfix/virtual(0,lock|fold_fix) has changed -- restarting",
        r"has changed -- re(?:starting|open)",
        noise=True,
    ),
    Kind(
        "smtp_setup",
        ("smtp", "lmtp", "tlsproxy", "tlsmgr"),
        (
            "enabling PIX ",
            "Host offered STARTTLS",
            "certificate verification failed",
            "SSL_connect error",
            "Server certificate",
            "setting up TLS connection",
            "no MX host for ",
            "certificate peer name",
            "certificate issuer",
            "initializing the client-side",
            "looking for session",
            "Verified:",
            "breaking line ",
            "TLS library",
            "subject_CN=",
            "fingerprint",
            "save session",
            "remote certificate",
            "using cached",
        ),
        "enabling PIX workarounds: disable_esmtp for mx.example[192.0.2.1]:25",
        noise=True,
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
        noise=True,
    ),
    Kind(
        "daemon_note",
        (ANY,),
        (
            "reject_warning",
            "rewrite stream",
            "watchdog",
            "open lock file",
            "set_eugid",
            "using backwards-compatible",
            "Postfix is running with backwards-compatible",
            "See http",
            "premature end-of-input",
            "close ",
            "master_",
            "refreshing",
            "reload",
            "daemon",
            "idle timeout",
            "terminating",
            "stopping",
            "starting",
            "process ",
        ),
        "Postfix is running with backwards-compatible default settings",
        noise=True,
    ),
    Kind(
        "super_summary",
        ("postsuper", "postqueue", "postdrop", "sendmail"),
        (
            "Deleted: ",
            "Placed on hold: ",
            "Released from hold: ",
            "Requeued: ",
            "Expired: ",
            "Force-expired: ",
            "Renamed ",
            "Warning: queue file",
        ),
        "Deleted: 1 message",
        noise=True,
    ),
    # Lines of `-v` and of TLS log levels above 1; found by pattern, since hardly any log has them.
    Kind("verbose", (ANY,), (), "< mx.example[192.0.2.1]: EHLO mx.example", VERBOSE, noise=True),
)
