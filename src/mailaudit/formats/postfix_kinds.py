"""Every kind of line that Postfix's daemons write, as a table.

Grammar from Postfix's sources and manuals (local(8), smtp(8), qmgr(8), cleanup(8), smtpd(8), postscreen(8), bounce(8),
postsuper(1); <https://www.postfix.org/postconf.5.html>) and its release notes up to 3.11.  A line is
`‹queue id›: text`, `NOQUEUE: text`, or text alone; the daemon is the last component of the tag.

    postfix/smtp[9]: 4F1A2B3C01: to=<a@dst.example>, relay=mx.dst.example[203.0.113.25]:25, delay=2.1,
        delays=0.3/0/0.9/0.9, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as A1B2C3)

Order matters where kinds of one daemon share a beginning: the first that matches takes the line.
"""

from __future__ import annotations

from mailaudit.formats.table import ANY, Kind

# An address between <>: a quoted local part may hold anything, also `>` and `, status=sent (`.
_ADDRESS = r'(?:"(?:[^"\\]|\\.)*"|[^>"])*'
_CLIENT = r"(?<client_host>[^\[ ]*)\[(?<client_ip>[^\]]*)\](?::[0-9]+)?"
_KEYS = r"(?:[a-z_]+=[^,]*, )*?"

DELIVERS = ("smtp", "lmtp", "local", "virtual", "pipe", "error", "retry", "discard", "spawn", ANY)
RECEIVES = ("smtpd", "postscreen", "tlsproxy")

_DELIVERY = (
    r"^to=<(?<recipient>ADDRESS)>, (?:orig_to=<(?<original_recipient>ADDRESS)>, )?"
    r"relay=(?<relay_host>[^,\[:]*)(?:\[(?<relay_ip>[^\]]*)\])?(?::(?<relay_port>[0-9]+))?, "
    # No two alternatives begin alike (`d` is shared on purpose): such a pattern runs in one pass, at twice the speed.
    r"(?:conn_use=(?<conn_use>[0-9]+), )?delay=(?<delay>[0-9.e-]+), "
    r"d(?:elays=(?<delay_a>[0-9.e-]+)/(?<delay_b>[0-9.e-]+)/(?<delay_c>[0-9.e-]+)/(?<delay_d>[0-9.e-]+), (?:tls=(?<tls>[^,]*), )?d)?"
    r"sn=(?<enhanced_status>[0-9.]+), status=(?<status>[A-Za-z_-]+)(?: \((?<reply>.*))?$"
)
DELIVERY = _DELIVERY.replace("ADDRESS", r'[^>"]*')
DELIVERY_QUOTED = _DELIVERY.replace("ADDRESS", _ADDRESS)
# The same keys with others between them, an unbalanced quote in the address, no brackets, or a cut line.
DELIVERY_LOOSE = (
    r"^to=<?(?<recipient>[^>,]*(?:>[^,]+>)?)>?, " + _KEYS + r"(?:orig_to=<?(?<original_recipient>[^>,]*)>?, )?" + _KEYS
    + r"relay=(?<relay_host>[^,\[]*)(?:\[(?<relay_ip>[^\]]*)\])?(?::(?<relay_port>[0-9]+))?, " + _KEYS
    + r"(?:conn_use=(?<conn_use>[0-9]+), )?" + _KEYS + r"delay=(?<delay>[0-9.e-]+), " + _KEYS
    + r"(?:delays=(?<delay_a>[0-9.e-]+)/(?<delay_b>[0-9.e-]+)/(?<delay_c>[0-9.e-]+)/(?<delay_d>[0-9.e-]+), )?" + _KEYS
    + r"(?:tls=(?<tls>[^,]*), )?" + _KEYS + r"(?:dsn=(?<enhanced_status>[0-9.]+), )?" + _KEYS
    + r"status=(?<status>[A-Za-z_-]+)(?: \((?<reply>.*))?$"
)
ACCESS = (
    r"^(?<action>[a-z_-]+): (?<phase>[A-Z][A-Z-]*) from " + _CLIENT + r": (?<reply>.*?)"
    r"(?:; from=<(?<sender>[^>]*)>(?:,? to=<(?<recipient>[^>]*)>)?(?:,? proto=(?<proto>[A-Z]*))?(?:,? helo=<(?<helo>.*?)>)?"
    r"(?:,? sasl_method=(?<sasl_method>[^ ,]*))?(?:,? sasl_username=<?(?<sasl_user>[^ ,>]*)>?)?(?:,? sasl_sender=\S*)?)?$"
)
CHECK = (
    r"^(?<action>[a-z_-]+): (?<context>.*) from (?<client_host>[^\[; ]*)(?:\[(?<client_ip>[^\]]*)\])?(?::[0-9]+)?"
    r"(?::? (?<text>[^;]*))?; from=<(?<sender>[^>]*)>(?: to=<(?<recipient>[^>]*)>)?(?: proto=(?<proto>[A-Z]*))?"
    r"(?: helo=<(?<helo>[^>]*)>)?(?:: (?<reply>.*))?$"
)
ACTIONS = (
    "reject: ", "reject_warning: ", "warn: ", "warning: header ", "warning: body ", "hold: ", "discard: ", "redirect: ",
    "filter: ", "delay: ", "bcc: ", "hangup: ", "info: ", "prepend: ", "replace: ", "strip: ", "milter-reject: ",
    "milter-hold: ", "milter-discard: ", "milter-header-", "proxy-reject: ", "proxy-accept: ", "quarantine: ",
)

KINDS = (
    # -- the two most frequent lines of a busy server come first
    Kind("connect", RECEIVES, ("connect from ",), "connect from mx.example[192.0.2.1]", noise=True),
    Kind("disconnect", RECEIVES, ("disconnect from ",), "disconnect from mx.example[192.0.2.1] ehlo=1 quit=1 commands=2", noise=True),
    # -- deliveries
    Kind("delivery", DELIVERS, ("to=<",),
         "to=<a@dst.example>, relay=mx.dst.example[203.0.113.25]:25, delay=2.1, delays=0.3/0/0.9/0.9, dsn=2.0.0, "
         "status=sent (250 2.0.0 Ok: queued as A1B2C3)", DELIVERY, queue_id=True),
    Kind("delivery", DELIVERS, ("to=<",),
         'to=<"a, status=sent (b>"@dst.example>, relay=none, delay=2.1, delays=0.3/0/0.9/0.9, dsn=4.4.1, status=deferred (connect to x[192.0.2.1]:25: Connection refused)',
         DELIVERY_QUOTED, queue_id=True),
    Kind("delivery", DELIVERS, ("to=",),
         "to=<a@dst.example>, new=key, relay=none, delay=2.1, dsn=4.4.1, status=deferred (connect to x[192.0.2.1]:25: Connection ref",
         DELIVERY_LOOSE, queue_id=True),
    # -- one host failed, another is tried, or the attempt's own line follows: no outcome
    Kind("host_failed", ("smtp", "lmtp"), ("host ",), "host mx.example[192.0.2.1] said: 450 4.7.1 Greylisted (in reply to RCPT TO command)",
         r"^host (?<relay_host>[^\[ ]*)\[(?<relay_ip>[^\]]*)\](?::[0-9]+)? (?:said|refused to talk to me): (?<reply>.*)$"),
    Kind("connection_failed", ("smtp", "lmtp"), ("connect to ", "lost connection with ", "conversation with "),
         "connect to mx.example[192.0.2.1]:25: Connection refused",
         r"^(?<what>connect to|lost connection with|conversation with) (?<relay_host>[^\[ ]*)\[(?<relay_ip>[^\]]*)\](?::[0-9]+)?:? ?(?<reply>.*)$"),
    Kind("tls", ("smtp", "lmtp", "smtpd", "tlsproxy", ANY), ("Untrusted TLS", "Trusted TLS", "Anonymous TLS", "Verified TLS"),
         "Untrusted TLS connection established to mx.example[192.0.2.1]:25: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)",
         r"^(?<level>[A-Z][a-z]+) TLS connection (?:established|reused) (?<way>to|from) (?<peer>[^\[ ]*)\[(?<peer_ip>[^\]]*)\](?::[0-9]+)?: (?<version>[^ ]+) with cipher (?<cipher>[^ ]+)"),
    # -- the life of a message
    Kind("active", ("qmgr", "nqmgr", "oqmgr"), ("from=<",), "from=<a@src.example>, size=992, nrcpt=2 (queue active)",
         rf"^from=<(?<sender>{_ADDRESS})>, size=(?<size>[0-9]+), nrcpt=(?<nrcpt>[0-9]+) \(queue active\)", queue_id=True),
    Kind("expired", ("qmgr", "nqmgr", "oqmgr"), ("from=<",), "from=<a@src.example>, status=expired, returned to sender",
         rf"^from=<(?<sender>{_ADDRESS})>, status=(?<status>(?:force-)?expired)\b", queue_id=True),
    Kind("active", ("qmgr", "nqmgr", "oqmgr"), ("from=",), "from=<a\"b@src.example>, size=992, nrcpt=2 (queue active)",
         r"^from=<?(?<sender>.*?)>?, size=(?<size>[0-9]+), nrcpt=(?<nrcpt>[0-9]+) \(queue active\)", queue_id=True),
    Kind("removed", ("qmgr", "nqmgr", "oqmgr"), ("removed",), "removed", queue_id=True),
    Kind("skipped", ("qmgr", "nqmgr", "oqmgr"), ("skipped, still being delivered", "enabling VERP"), "skipped, still being delivered", noise=True),
    Kind("canceled", ("cleanup",), ("removed (",), "removed (canceled)", r"^removed \((?<why>[a-z]+)\)", queue_id=True),
    Kind("ident", ("cleanup",), ("message-id=",), "message-id=<s1.7@src.example>", r"^message-id=<?(?<message_id>[^>]*)", queue_id=True),
    Kind("resent", ("cleanup",), ("resent-message-id=",), "resent-message-id=<s1.7@src.example>", r"^resent-message-id=<?(?<message_id>[^>]*)", queue_id=True),
    Kind("milter_check", ("cleanup",), ("milter-reject: ", "milter-hold: ", "milter-discard: ", "reject: END", "hold: END", "discard: END", "quarantine: "),
         "milter-reject: END-OF-MESSAGE from mx.example[192.0.2.1]: 5.7.1 Blocked by SpamAssassin; from=<a@src.example> to=<b@dst.example> proto=ESMTP helo=<mx.example>",
         ACCESS, queue_id=True),
    Kind("check", ("cleanup",), ACTIONS,
         "reject: header Subject: Buy pills from mx.example[192.0.2.1]; from=<a@src.example> to=<b@dst.example> proto=ESMTP helo=<mx.example>: 5.7.1 No",
         CHECK, queue_id=True),
    Kind("client", ("smtpd", "qmqpd"), ("client=",), "client=mx.example[192.0.2.1], sasl_method=PLAIN, sasl_username=a@src.example",
         r"^client=(?<client_host>[^\[,]*)\[(?<client_ip>[^\]]*)\](?::[0-9]+)?(?:, sasl_(?:method=(?<sasl_method>[^,]*)(?:, sasl_)?)?"
         r"(?:username=(?<sasl_user>[^,]*)(?:, sasl_)?)?(?:sender=(?<sasl_sender>[^,]*))?)?(?:, orig_(?:queue_id=(?<previous_id>[^,]*)(?:, orig_)?)?"
         r"(?:client=(?<orig_host>[^\[]*)\[(?<orig_ip>[^\]]*)\])?)?"),
    Kind("pickup", ("pickup",), ("uid=", "sender="), "uid=33 from=<www-data>",
         rf"^(?:uid|sender)=(?<uid>[^ ]*)(?: from=<(?<sender>{_ADDRESS})>)?(?: orig_id=(?<previous_id>[0-9A-Za-z]+))?", queue_id=True),
    Kind("notice", ("bounce",), ("sender ", "postmaster "), "sender non-delivery notification: 4F1A2B3C02",
         r"^(?<whom>sender|postmaster) (?<what>non-delivery|delay|delivery status) notification: (?<next_id>[0-9A-Za-z]+)", queue_id=True),
    Kind("notice_failed", ("bounce",), ("sender notification failed",), "sender notification failed to a@src.example: queue file write error",
         r"^(?<whom>sender) notification failed(?: to (?<recipient>[^:]*))?(?:: (?<reply>.*))?$", queue_id=True),
    Kind("super", ("postsuper",), ("removed", "placed on hold", "released from hold", "requeued", "expired", "force-expired"), "placed on hold",
         r"^(?<what>removed|placed on hold|released from hold|requeued|expired|force-expired)", queue_id=True),
    # -- what the server said at the door
    Kind("access", RECEIVES, ACTIONS,
         "reject: RCPT from mx.example[192.0.2.1]: 554 5.7.1 <b@dst.example>: Relay access denied; from=<a@src.example> to=<b@dst.example> proto=ESMTP helo=<mx.example>",
         ACCESS, queue_id=True),
    Kind("auth_failed", ("smtpd",), ("warning: ",), "warning: mx.example[192.0.2.1]: SASL LOGIN authentication failed: UGFzc3dvcmQ6",
         r"^warning: " + _CLIENT + r": SASL (?<mechanism>[^ ]+) authentication failed: ?(?<reply>.*?)(?:, sasl_username=(?<sasl_user>.*))?$"),
    # -- trouble: every warning, error, fatal and panic, of any daemon
    Kind("trouble", (ANY,), ("warning: ", "error: ", "fatal: ", "panic: "), "warning: hostname x.example does not resolve to address 192.0.2.1",
         r"^(?<level>warning|error|fatal|panic): (?<text>.*)$"),
    # -- master: notes on gaps
    Kind("service", ("master", "postfix-script", "postlog", "postmulti", "postfix-wrapper"),
         ("daemon started", "reload", "terminating on signal", "starting the Postfix", "stopping the Postfix", "refreshing the Postfix", "the Postfix mail system"),
         "daemon started -- version 3.7.11, configuration /etc/postfix", r"^(?<text>.*)$"),
    # -- noise: known, named, and silent about mail
    Kind("lost_connection", RECEIVES, ("lost connection after ",), "lost connection after AUTH from mx.example[192.0.2.1]", noise=True),
    Kind("client_timeout", RECEIVES, ("timeout after ",), "timeout after END-OF-MESSAGE from mx.example[192.0.2.1]", noise=True),
    Kind("client_errors", RECEIVES, ("too many errors after ", "improper command pipelining after ", "SSL_accept error from ", "TLS SNI "),
         "improper command pipelining after EHLO from mx.example[192.0.2.1]: QUIT", noise=True),
    Kind("proxy_client", ("smtpd",), ("client=",), "client=mx.example[192.0.2.1]", noise=True),
    Kind("smtpd_setup", RECEIVES, ("setting up TLS connection", "initializing the server-side TLS", "discarding EHLO keywords", "replacing command ", "mapping "),
         "setting up TLS connection from mx.example[192.0.2.1]", noise=True),
    Kind("postscreen_connect", ("postscreen",), ("CONNECT from ",), "CONNECT from [192.0.2.1]:4000 to [192.0.2.10]:25", noise=True),
    Kind("postscreen_pass", ("postscreen",), ("PASS ", "ALLOWLISTED ", "WHITELISTED ", "ALLOWLIST VETO ", "WHITELIST VETO "), "PASS NEW [192.0.2.1]:4000", noise=True),
    Kind("postscreen_test", ("postscreen",),
         ("DNSBL rank ", "PREGREET ", "HANGUP after ", "DISCONNECT ", "NON-SMTP COMMAND ", "COMMAND PIPELINING ", "BARE NEWLINE ", "COMMAND COUNT LIMIT ",
          "COMMAND TIME LIMIT ", "COMMAND LENGTH LIMIT ", "DENYLISTED ", "BLACKLISTED ", "STARTTLS ", "NOQUEUE: CONNECT", "CONNECT: "),
         "DNSBL rank 3 for [192.0.2.1]:4000", noise=True),
    Kind("postscreen_cache", ("postscreen", "verify"), ("cache ", "close database ", "addr "), "cache btree:/var/lib/postfix/postscreen_cache full cleanup: retained=0 dropped=0 entries", noise=True),
    Kind("statistics", (ANY,), ("statistics: ",), "statistics: max connection rate 1/60s for (smtpd:192.0.2.1) at Dec 24 00:44:33", noise=True),
    Kind("table_changed", (ANY,), ("table ",), "table hash:/etc/postfix/virtual(0,lock|fold_fix) has changed -- restarting", r"has changed -- re(?:starting|open)", noise=True),
    Kind("smtp_setup", ("smtp", "lmtp", "tlsproxy", "tlsmgr"),
         ("enabling PIX workarounds", "Host offered STARTTLS", "certificate verification failed", "SSL_connect error", "Server certificate",
          "setting up TLS connection", "no MX host for ", "certificate peer name", "certificate issuer", "initializing the client-side", "looking for session", "Verified:",
          "breaking line ", "TLS library", "subject_CN=", "fingerprint", "save session", "remote certificate", "using cached"),
         "enabling PIX workarounds: disable_esmtp for mx.example[192.0.2.1]:25", noise=True),
    Kind("dnsblog", ("dnsblog",), ("addr ",), "addr 192.0.2.1 listed by domain zen.dnsbl.example as 127.0.0.2", noise=True),
    Kind("daemon_note", (ANY,),
         ("reject_warning", "rewrite stream", "watchdog", "open lock file", "set_eugid", "using backwards-compatible", "Postfix is running with backwards-compatible",
          "See http", "premature end-of-input", "close ", "master_", "refreshing", "reload", "daemon", "idle timeout", "terminating", "stopping", "starting", "process "),
         "Postfix is running with backwards-compatible default settings", noise=True),
    Kind("super_summary", ("postsuper", "postqueue", "postdrop", "sendmail"),
         ("Deleted: ", "Placed on hold: ", "Released from hold: ", "Requeued: ", "Expired: ", "Renamed ", "Warning: queue file"), "Deleted: 1 message", noise=True),
)
