"""Every kind of line that Postfix's daemons write, as a table.

Grammar from Postfix's sources and manuals (local(8), smtp(8), qmgr(8), cleanup(8), smtpd(8), postscreen(8), bounce(8),
postsuper(1); <https://www.postfix.org/postconf.5.html>) and its release notes up to 3.11.  A line is
`‹queue id›: text`, `NOQUEUE: text`, or text alone; the daemon is the last component of the tag.

    postfix/smtp[9]: 4F1A2B3C01: to=<a@dst.example>, relay=mx.dst.example[203.0.113.25]:25, delay=2.1,
        delays=0.3/0/0.9/0.9, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as A1B2C3)

Order matters where kinds of one daemon share a beginning: the first that matches takes the line.
"""

from __future__ import annotations

from mailaudit.formats.postfix_noise import FREQUENT, RARE, RECEIVES
from mailaudit.formats.postfix_patterns import (
    ACCESS,
    ACCESS_PIECES,
    ACTIONS,
    ADDRESS,
    BAD_ADDRESS,
    CHECK,
    CHECK_CUT,
    CLIENT,
    POSTSCREEN,
    PROXY,
)
from mailaudit.formats.postfix_scanner import KINDS as SCANNER_KINDS
from mailaudit.formats.postfix_tries import TRIES
from mailaudit.formats.printed import one_of
from mailaudit.formats.table import ANY, Kind

KINDS = (
    # -- the two most frequent lines of a busy server come first
    *FREQUENT,
    *TRIES,
    Kind(
        "tls",
        ("smtp", "lmtp", "smtpd", "tlsproxy", ANY),
        ("Untrusted TLS", "Trusted TLS", "Anonymous TLS", "Verified TLS"),
        "Untrusted TLS connection established to mx.example[192.0.2.1]:25: TLSv1.3 with cipher "
        "TLS_AES_256_GCM_SHA384 (256/256 bits)",
        r"^(?<level>[A-Z][a-z]+) TLS connection "
        r"(?:established|reused) (?<way>to|from) (?<peer>[^\[ ]*)\[(?<peer_ip>[^\]]*)\]"
        r"(?::[0-9]+)?(?: to [^ :]*)?: (?<version>[^ ]+) with cipher (?<cipher>[^ ]+)",
    ),
    Kind(
        "tls",
        ("smtp", "lmtp", "smtpd", "tlsproxy", ANY),
        ("TLS connection established ",),
        "TLS connection established to mx.example: TLSv1 with cipher ADH-AES256-SHA (256/256 bits)",
        r"^(?<level>)TLS connection established (?<way>to|from) (?<peer>[^\[: ]*)"
        r"(?:\[(?<peer_ip>[^\]]*)\])?(?::[0-9]+)?: (?<version>[^ ]+) with cipher (?<cipher>[^ ]+)",
    ),
    # -- the life of a message
    Kind(
        "active",
        ("qmgr", "nqmgr", "oqmgr"),
        ("from=<",),
        "from=<a@src.example>, size=992, nrcpt=2 (queue active)",
        shape="from=<{sender}>, size={size:9}, nrcpt={nrcpt:9} (queue active)",
        queue_id=True,
    ),
    Kind(
        "active",
        ("qmgr", "nqmgr", "oqmgr"),
        ("from=<",),
        'from=<"a> "@src.example>, size=992, nrcpt=2 (queue active)',
        rf"^from=<(?<sender>{ADDRESS})>, size=(?<size>[0-9]+), nrcpt=(?<nrcpt>[0-9]+) \(queue active\)",
        queue_id=True,
    ),
    Kind(
        "expired",
        ("qmgr", "nqmgr", "oqmgr"),
        ("from=<",),
        "from=<a@src.example>, status=expired, returned to sender",
        rf"^from=<(?<sender>{ADDRESS})>, status=(?<status>(?:force-)?expired)\b",
        queue_id=True,
    ),
    Kind(
        "active",
        ("qmgr", "nqmgr", "oqmgr"),
        ("from=",),
        'from=<a"b@src.example>, size=992, nrcpt=2 (queue active)',
        r"^from=<?(?<sender>.*?)>?, size=(?<size>[0-9]+), nrcpt=(?<nrcpt>[0-9]+) \(queue active\)",
        queue_id=True,
    ),
    # Where a relay of lines cut the daemon's name off, the longer beginning must come first.
    Kind("canceled", ("cleanup",), ("removed (",), "removed (canceled)", r"^removed \((?<why>[a-z]+)\)", queue_id=True),
    Kind("removed", ("qmgr", "nqmgr", "oqmgr"), ("removed",), "removed", queue_id=True),
    Kind(
        "skipped",
        ("qmgr", "nqmgr", "oqmgr"),
        ("skipped, still being delivered", "enabling VERP for sender "),
        "skipped, still being delivered",
        one_of("skipped, still being delivered", 'enabling VERP for sender "%s"'),
        noise=True,
    ),
    Kind(
        "ident",
        ("cleanup",),
        ("message-id=",),
        "message-id=<s1.7@src.example>",
        shape="message-id=<{message_id}>",
        queue_id=True,
    ),
    Kind(
        "ident",
        ("cleanup",),
        ("message-id=",),
        "message-id=s1.7@src.example",
        r"^message-id=<?(?<message_id>[^>]*)",
        queue_id=True,
    ),
    Kind(
        "resent",
        ("cleanup",),
        ("resent-message-id=",),
        "resent-message-id=<s1.7@src.example>",
        r"^resent-message-id=<?(?<message_id>[^>]*)",
        queue_id=True,
    ),
    Kind(
        "milter_check",
        ("cleanup",),
        (
            "milter-reject: ",
            "milter-hold: ",
            "milter-discard: ",
            "reject: END",
            "hold: END",
            "discard: END",
            "quarantine: ",
        ),
        "milter-reject: END-OF-MESSAGE from mx.example[192.0.2.1]: 5.7.1 Blocked by SpamAssassin; "
        "from=<a@src.example> to=<b@dst.example> proto=ESMTP helo=<mx.example>",
        ACCESS,
        queue_id=True,
    ),
    Kind(
        "access",
        ("postscreen",),
        ACTIONS,
        "reject: RCPT from [192.0.2.1]:4000: 550 5.7.1 Service unavailable; client [192.0.2.1] "
        "blocked using zen.dnsbl.example; from=<a@src.example>, to=<b@dst.example>, proto=ESMTP, helo=<mx.example>",
        POSTSCREEN,
        queue_id=True,
    ),
    Kind(
        "access",
        RECEIVES,
        ACTIONS,
        "reject: RCPT from mx.example[192.0.2.1]: 554 5.7.1 <b@dst.example>: Relay access denied; "
        "from=<a@src.example> to=<b@dst.example> proto=ESMTP helo=<mx.example>",
        pieces=ACCESS_PIECES,
        queue_id=True,
    ),
    Kind(
        "access",
        RECEIVES,
        ACTIONS,
        "reject: RCPT from mx.example[192.0.2.1]:4000: 554 5.7.1 <b@dst.example>: Relay access denied; "
        "from=<a@src.example> to=<b@dst.example> proto=ESMTP helo=<mx.example>",
        ACCESS,  # old versions write no NOQUEUE
    ),
    Kind(
        "check",
        ("cleanup",),
        ACTIONS,
        "reject: header Subject: Buy pills from mx.example[192.0.2.1]; from=<a@src.example> "
        "to=<b@dst.example> proto=ESMTP helo=<mx.example>: 5.7.1 No",
        CHECK,
        queue_id=True,
    ),
    Kind(
        "check_cut",
        ("cleanup",),
        ("reject: ", "hold: ", "discard: ", "redirect: ", "filter: ", "bcc: "),
        "reject: header Subject: Buy pills from a sh",
        CHECK_CUT,
        queue_id=True,
    ),
    # Checks of headers as mail goes out (smtp_header_checks), and those that only rewrite a header: no fate of the mail.
    Kind(
        "header_check",
        ("smtp", "lmtp", "cleanup"),
        ("warning: ", "info: ", "prepend: ", "replace: ", "strip: ", "ignore: "),
        "replace: header Sender: <a@src.example>: Sender: <b@src.example>",
        r"^(?<action>[a-z]+): (?<context>(?:mime |nested )?(?:header|body) .*)$",
        queue_id=True,
    ),
    Kind(
        "client",
        ("smtpd", "qmqpd"),
        ("client=",),
        "client=mx.example[192.0.2.1]",
        shape="client={client_host}[{client_ip}]",
    ),
    Kind(
        "client",
        ("smtpd", "qmqpd"),
        ("client=",),
        "client=mx.example[192.0.2.1], sasl_method=PLAIN, sasl_username=a@src.example",
        shape="client={client_host}[{client_ip}], sasl_method={sasl_method}, sasl_username={sasl_user}",
    ),
    Kind(
        "client",
        ("smtpd", "qmqpd"),
        ("client=",),
        "client=mx.example[192.0.2.1], sasl_method=PLAIN, sasl_username=a@src.example, sasl_sender=b@src.example",
        r"^client=(?<client_host>[^\[]*)\[(?<client_ip>[^\]]*)\](?::[0-9]+)?(?:, sasl_"
        r"(?:method=(?<sasl_method>[^,]*)(?:, sasl_)?)?"
        r"(?:username=(?<sasl_user>[^,]*)(?:, sasl_)?)?(?:sender=(?<sasl_sender>[^,]*))?)?(?:, orig_"
        r"(?:queue_id=(?<previous_id>[^,]*)(?:, orig_)?)?"
        r"(?:client=(?<orig_host>[^\[]*)\[(?<orig_ip>[^\]]*)\])?)?",
    ),
    Kind(
        "pickup",
        ("pickup",),
        ("uid=", "sender="),
        "uid=33 from=<www-data>",
        r"^(?:uid|sender)=(?<uid>[^ ]*)(?: from=<(?<sender>.*)>)?(?: orig_id=(?<previous_id>[0-9A-Za-z]+))?",
        queue_id=True,
    ),
    Kind(
        "notice",
        ("bounce", "defer", "trace"),
        ("sender ", "postmaster "),
        "sender non-delivery notification: 4F1A2B3C02",
        r"^(?<whom>sender|postmaster) (?<what>non-delivery|delay|delivery status) notification: "
        r"(?<next_id>[0-9A-Za-z]+)",
        queue_id=True,
    ),
    Kind(
        "notice_failed",
        ("bounce", "defer", "trace"),
        ("sender notification failed",),
        "sender notification failed to a@src.example: queue file write error",
        r"^(?<whom>sender) notification failed(?: to (?<recipient>[^:]*))?(?:: (?<reply>.*))?$",
        queue_id=True,
    ),
    Kind(
        "super",
        ("postsuper",),
        ("removed", "placed on hold", "released from hold", "requeued", "expired", "force-expired"),
        "placed on hold",
        r"^(?<what>removed|placed on hold|released from hold|requeued|expired|force-expired)$",
        queue_id=True,
    ),
    Kind(
        "super_total",
        ("postsuper",),
        ("Deleted: ", "Placed on hold: ", "Released from hold: ", "Requeued: ", "Expired: ", "Force-expired: "),
        "Deleted: 1 message",
        r"^(?<what>Deleted|Placed on hold|Released from hold|Requeued|Expired|Force-expired): "
        r"(?<count>[0-9]{1,9}) messages?$",
        queue_id=False,
    ),
    *SCANNER_KINDS,
    # -- what the server said at the door
    # Before-queue filters have no queue file, and old versions no NOQUEUE either.
    Kind(
        "proxy",
        ("smtpd",),
        ("proxy-accept: ", "proxy-reject: "),
        "proxy-reject: END-OF-MESSAGE: 554 5.7.0 Reject, id=31619-02 - spam; from=<a@src.example> "
        "to=<b@dst.example> proto=ESMTP helo=<mx.example>",
        PROXY,
    ),
    Kind(
        "rate_limited",
        ("smtpd",),
        (
            "warning: Connection ",
            "warning: Message delivery request rate ",
            "warning: Recipient address rate ",
            "warning: New TLS session rate ",
            "warning: AUTH ",
        ),
        "warning: Connection rate limit exceeded: 31 from mx.example[192.0.2.1] for service smtp",
        r"^warning: (?<reply>(?<what>[A-Za-z ]+?) (?:rate |concurrency )?limit exceeded: [0-9]+) from "
        + CLIENT
        + r" for service",
    ),
    # The client was told 501, and no other line says so.
    Kind(
        "bad_address",
        ("smtpd",),
        ("warning: Illegal address syntax from ",),
        "warning: Illegal address syntax from mx.example[192.0.2.1] in RCPT command: <b@dst.example",
        BAD_ADDRESS,
    ),
    Kind(
        "auth_failed",
        ("smtpd",),
        ("warning: ",),
        "warning: mx.example[192.0.2.1]: SASL LOGIN authentication failed: UGFzc3dvcmQ6",
        r"^warning: "
        + CLIENT
        + r": SASL (?<mechanism>[^ ]+) authentication failed(?:: ?(?<reply>.*?))?(?:, sasl_username=(?<sasl_user>.*))?$",
    ),
    # -- trouble: every warning, error, fatal and panic, of any daemon
    Kind(
        "trouble",
        (ANY,),
        ("warning: ", "error: ", "fatal: ", "panic: "),
        "warning: hostname x.example does not resolve to address 192.0.2.1",
        r"^(?<level>warning|error|fatal|panic): (?<text>.*)$",
    ),
    # -- master: notes on gaps
    Kind(
        "service",
        ("master", "postfix-script", "postlog", "postmulti", "postfix-wrapper", "postfix"),
        (
            "daemon started",
            "reload",
            "terminating on signal",
            "starting the Postfix",
            "stopping the Postfix",
            "refreshing the Postfix",
            "the Postfix mail system",
            "waiting for the Postfix",
            "aborting the Postfix",
        ),
        "daemon started -- version 3.7.11, configuration /etc/postfix",
        r"^(?<text>.*)$",
    ),
    *RARE,
)
