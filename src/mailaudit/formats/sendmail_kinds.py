"""Every kind of line that sendmail writes, as a table.

Grammar from sendmail's sources (`logdelivery`, `logsender`, `returntosender`, `rscheck` and the SMTP server) and its
operations guide (<https://www.sendmail.org/~ca/email/doc8.12/op-sh-2.html>), 8.8 to 8.18.  A line is
`‹queue id›: text`, `NOQUEUE: text`, or text alone; all its programs share one table.

    sm-mta[9]: v4V4QL1K030027: to=<a@dst.example>, delay=00:00:03, xdelay=00:00:02, mailer=esmtp, pri=30000,
        relay=mx.dst.example. [203.0.113.25], dsn=2.0.0, stat=Sent (Ok: queued as A1B2C3)

`stat=` is the last key and runs to the end of the line; `reply=`, the remote's own words, stands right before it.
Order matters: the first kind that matches takes the line.
"""

from __future__ import annotations

from mailaudit.formats.libraries import BEGINNINGS
from mailaudit.formats.printed import one_of
from mailaudit.formats.sendmail_noise import CLIENT, NOISE
from mailaudit.formats.sendmail_notes import FATES, MISTAKES, NOTES, TOO_BIG, TURNED_AWAY
from mailaudit.formats.table import Kind

# A quoted string may hold anything, also commas and `, stat=Sent`.
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_FIRST = rf'(?:[^" ,]|{_QUOTED})'
_NEXT = rf'(?:[^",]|{_QUOTED})*'
# Each recipient has a comma after it; the comma of the last one is followed by a blank.
RECIPIENTS = rf"(?:{_FIRST}{_NEXT},)+"
_PLAIN_RECIPIENTS = r"(?:[^ ,][^,]*,)+"
_ADDRESS = rf'<(?:{_QUOTED}|[^">])*>'
# Keys of other versions: never `relay`, `reply`, `stage`, `stat` and `status`, so that no word of a reply is taken for a key.
_KEYS = r"(?:(?:[a-qt-z_][a-z_]*|r[a-df-z_][a-z_]*|s[a-su-z_][a-z_]*)=[^,]*, )*?"
_ID = r"[0-9A-Za-z]{8,20}"
# `mx.example [192.0.2.1]`, `[192.0.2.1]`, `ident@mx.example [192.0.2.1] (may be forged)`
_RELAY = r"(?<relay>[^,]*)"

# No two alternatives begin alike (`sta` is shared on purpose): such a pattern runs in one pass, at a multiple of the speed.
DELIVERY = (
    rf"^to=(?<to>{RECIPIENTS}) (?:\[more\], )?(?:ctladdr=(?<ctladdr>{_NEXT}), )?delay=(?<delay>[^,]*), "
    r"(?:xdelay=(?<delay_d>[^,]*), )?mailer=(?<mailer>[^,]*), pri=(?<pri>[0-9]*), "
    r"(?:relay=(?<relay_host>[^, ]*)(?: \[(?<relay_ip>[^\],]*)\])?, )?dsn=(?<enhanced_status>[0-9.]*), "
    r"(?<tail>(?:sta(?:t|ge)|reply|ntries)=.*)$"
)
# Fewer keys or others between them, an unbalanced quote, a cut list, or no angle brackets and hardly any key at all.
DELIVERY_LOOSE = (
    rf"^to=(?<to>{RECIPIENTS}|{_PLAIN_RECIPIENTS}) (?:\[more\], )?(?:ctladdr=(?<ctladdr>{_NEXT}), )?"
    r"(?:delay=(?<delay>[^,]*), )?(?:xdelay=(?<delay_d>[^,]*), )?(?:mailer=(?<mailer>[^,]*), )?"
    rf"(?:{_KEYS}pri=(?<pri>[0-9]*), )?"
    rf"(?:{_KEYS}relay=(?<relay_host>[^, ]*)(?: \[(?<relay_ip>[^\],]*)\])?[^,]*, )?"
    rf"(?:{_KEYS}dsn=(?<enhanced_status>[0-9.]*), )?{_KEYS}(?<tail>(?:stat|reply|ntries|stage|status)=.*)$"
)
ACCEPTED = (
    rf"^from=(?<sender>{_NEXT}), size=(?<size>[0-9]+), class=(?<class>-?[0-9]+), "
    rf"(?:pri=[0-9]+, )?nrcpts=(?<nrcpt>[0-9]+), "
    r"(?:msgid=(?<message_id><[^>]*>[^,]*), )?(?:bodytype=[^,]*, )?(?:proto=(?<proto>[^,]*), )?(?:daemon=[^,]*, )?"
    r"(?:tls_verify=[^,]*, )?(?:auth=[^,]*, )?relay=(?<relay>[^,]*)$"
)
ACCEPTED_LOOSE = (
    rf"^from=(?<sender>{_NEXT}|[^,]*)(?:, size=(?<size>-?[0-9]+))?(?:, class=(?<class>-?[0-9]+))?(?:, pri=[0-9]+)?"
    r"(?:, nrcpts=(?<nrcpt>[0-9]+))?(?:, msgid=(?<message_id>.*?))?(?:, [a-z_]+=[^,]*)*?(?:, proto=(?<proto>[^,]*))?"
    r"(?:, [a-z_]+=[^,]*)*?(?:, relay=(?<relay>[^,]*))?$"
)
RULESET = (
    rf"^ruleset=(?<ruleset>[^,]*), arg1=(?<argument>{_ADDRESS})(?:, arg2=[^,]*)?(?:, relay={_RELAY})?, "
    r"(?<action>reject|quarantine|discard)(?:=(?<reply>.*))?$"
)
RULESET_LOOSE = (
    rf"^ruleset=(?<ruleset>[^,]*), ?(?:arg1=)?(?<argument>.*?)(?:, arg2=[^,]*)?(?:, relay={_RELAY})?, "
    r"(?<action>reject|quarantine|discard)(?:=(?<reply>.*))?$"
)

_ALL = ("sendmail",)

KINDS = (
    # -- deliveries
    Kind(
        "delivery",
        _ALL,
        ("to=",),
        "to=<a@dst.example>, delay=00:00:03, xdelay=00:00:02, mailer=esmtp, pri=30000, "
        "relay=mx.dst.example. [203.0.113.25], "
        "dsn=2.0.0, stat=Sent (Ok: queued as A1B2C3)",
        DELIVERY,
        queue_id=True,
    ),
    Kind(
        "delivery",
        _ALL,
        ("to=",),
        "to=a@dst.example, dsn=4.0.0, stat=Deferred: 421 too busy",
        DELIVERY_LOOSE,
        queue_id=True,
    ),
    # -- the life of a message
    Kind(
        "accepted",
        _ALL,
        ("from=",),
        "from=<a@src.example>, size=992, class=0, nrcpts=2, msgid=<s1.7@src.example>, proto=ESMTP, "
        "daemon=MTA, relay=mx.src.example [192.0.2.1]",
        ACCEPTED,
        queue_id=True,
    ),
    Kind("accepted", _ALL, ("from=",), "from=a@src.example", ACCEPTED_LOOSE, queue_id=True),
    Kind(
        "done",
        _ALL,
        ("done; ",),
        "done; delay=00:00:03, ntries=1",
        r"^done; delay=(?<delay>[^,]*)(?:, ntries=(?<ntries>[0-9]+))?",
        queue_id=True,
    ),
    *FATES,
    # -- what the server said at the door
    Kind(
        "ruleset",
        _ALL,
        ("ruleset=",),
        "ruleset=check_rcpt, arg1=<b@dst.example>, relay=mx.src.example [192.0.2.1], reject=550 "
        "5.7.1 <b@dst.example>... Relaying denied",
        RULESET,
    ),
    Kind(
        "ruleset",
        _ALL,
        ("ruleset=",),
        "ruleset=check_relay, arg1=[192.0.2.1], arg2=192.0.2.1, relay=[192.0.2.1], reject=553 5.3.0 Spam source",
        RULESET_LOOSE,
    ),
    Kind(
        "milter",
        _ALL,
        ("Milter: ",),
        "Milter: to=<b@dst.example>, reject=451 4.7.1 Greylisting in action, please come back in 5 minutes",
        rf"^Milter: (?<subject>(?:to|from)={_ADDRESS}|[^<]*?)(?:, )?(?<action>reject|discard|quarantine)"
        rf"(?:=(?<reply>.*))?$",
    ),
    # Every command of such a client is refused from here on.
    Kind(
        "milter_client",
        _ALL,
        ("Milter: connect: host=",),
        "Milter: connect: host=mx.src.example, addr=192.0.2.1, rejecting commands",
        r"^Milter: connect: host=(?<host>[^,]*), addr=(?<ip>[^,]*), (?<reply>(?:rejecting|temp failing) commands)$",
    ),
    Kind(
        "milter_quarantine",
        _ALL,
        ("milter=",),
        "milter=clamav, quarantine=Eicar found",
        r"^milter=(?<milter>[^,]*), quarantine=(?<reply>.*)$",
        queue_id=True,
    ),
    Kind(
        "milter_removed",
        _ALL,
        ("Milter (", "Milter delete: "),
        "Milter (spamd) delete: rcpt <b@dst.example>, naddrs=1",
        r"^Milter (?<filter>|\([^)]*\) )delete: rcpt (?<recipient><.*>|[^<>,]+)(?:, naddrs=[1-9][0-9]*)?$",
        queue_id=True,
    ),
    Kind(
        "milter_note", _ALL, ("Milter", "milter="), "Milter add: header: X-Spam-Status: No, score=0.1", r"^(?<text>.*)$"
    ),
    Kind(
        "auth_failed",
        _ALL,
        ("AUTH failure",),
        "AUTH failure (LOGIN): authentication failure (-13) SASL(-13): checkpass failed, user=joe, "
        "relay=mx.src.example [192.0.2.1]",
        rf"^AUTH failure \((?<mechanism>[^)]*)\): (?<reply>.*?)(?:, user=(?<sasl_user>[^,]*))?(?:, relay={_RELAY})?$",
    ),
    Kind(
        "auth",
        _ALL,
        ("AUTH=",),
        "AUTH=server, relay=mx.src.example [192.0.2.1], authid=joe, mech=PLAIN, bits=0",
        rf"^AUTH=(?<side>[^,]*), relay={_RELAY}, authid=(?<sasl_user>.*?)(?:, mech=(?<mechanism>[^,]*))?"
        rf"(?:, bits=[0-9]*)?$",
    ),
    Kind("auth_note", _ALL, ("AUTH",), "AUTH: available mech=LOGIN PLAIN, allowed mech=LOGIN PLAIN", r"^(?<text>.*)$"),
    Kind(
        "malformed",
        _ALL,
        ("collect: relay=",),
        "collect: relay=mx.src.example, from=<a@src.example>, info=Bare linefeed (LF) not allowed, "
        "where=header, status=tempfail",
        r"^collect: relay=(?<relay>[^,]*), from=(?<sender>.*?), info=(?<reply>.*), "
        r"where=(?<where>[^,]*), status=(?<status>[^,]*)$",
    ),
    Kind(
        "early_talker",
        _ALL,
        ("rejecting server ", "rejecting commands from "),
        "rejecting commands from mx.src.example [192.0.2.1] due to pre-greeting traffic after 0 seconds",
        r"^rejecting (?:server )?(?<phase>commands|[A-Z]+) from (?<relay>.*) (?<reply>due to .*)$",
    ),
    # -- TLS
    Kind(
        "tls",
        _ALL,
        ("STARTTLS=",),
        "STARTTLS=client, relay=mx.dst.example., version=TLSv1.3, verify=FAIL, "
        "cipher=TLS_AES_256_GCM_SHA384, bits=256/256",
        rf"^STARTTLS=(?<side>client|server), relay={_RELAY}, version=(?<version>[^,]*), "
        rf"verify=(?<level>[^,]*), cipher=(?<cipher>[^,]*)",
    ),
    Kind(
        "tls_note",
        _ALL,
        ("STARTTLS",),
        "STARTTLS=server, error: accept failed=-1, reason=no shared cipher, SSL_error=1, errno=0, "
        "retry=-1, relay=mx.src.example [192.0.2.1]",
        r"^(?<text>.*)$",
    ),
    # The access map says that there is no talking TLS with this server.
    Kind(
        "tls_note",
        _ALL,
        ("ruleset=try_tls, ",),
        "ruleset=try_tls, arg1=mx.dst.example, relay=mx.dst.example, status=550 5.7.1 <b@dst.example>... do not try TLS with "
        "mx.dst.example [203.0.113.25]",
        r"^(?<text>ruleset=try_tls, arg1=[^,]*, relay=[^,]*, status=.*)$",
    ),
    # -- trouble
    Kind(
        "trouble",
        _ALL,
        (
            "SYSERR",
            "Losing ",
            "savemail: ",
            "putoutmsg ",
            "possible ",
            "gethostbyaddr(",
            "unable to ",
            "My unqualified host name",
            "hash map ",
            "cannot ",
            "error: ",
            "low on space",
        ),
        "SYSERR(root): MX list for dst.example. points back to mx.src.example",
        r"^(?<level>(?:SYSERR)?)(?<text>.*)$",
    ),
    Kind(
        "service",
        _ALL,
        (
            "starting daemon",
            "restarting ",
            "stopping daemon",
            "started as: ",
            "rejecting connections",
            "rejecting new messages",
            "accepting connections again",
            "deferring connections",
            "daemon ",
            "invoked by ",
        ),
        "rejecting connections on daemon MTA: load average: 12",
        r"^(?<text>.*)$",
    ),
    *NOISE,
    Kind(
        "aliases",
        _ALL,
        ("alias database ", "/"),
        "alias database /etc/mail/aliases rebuilt by root",
        r"^(?<text>alias database .*|/[^ ]*: .*)$",
    ),
    Kind("label", _ALL, ("user ",), "user 33 changed syslog label", one_of("user %d changed syslog label"), noise=True),
    Kind("traffic", _ALL, ("<-- ", "--- "), "<-- EHLO mx.src.example", r"^(?<text>.*)$"),
    *MISTAKES,
    *TOO_BIG,
    *TURNED_AWAY,
    Kind("library", _ALL, BEGINNINGS, "sql_select option missing", r"^(?<text>.*)$"),
    *NOTES,
    # -- kinds that begin with a name from the network
    Kind(
        "silent_client",
        _ALL,
        (),
        "mx.src.example [192.0.2.1] did not issue MAIL/EXPN/VRFY/ETRN during connection to MTA",
        one_of(rf"/{CLIENT} did not issue MAIL/EXPN/VRFY/ETRN during connection to [^ ]+"),
        noise=True,
    ),
    Kind(
        "notice",
        _ALL,
        (),
        "v4VEHFk5017041: DSN: User unknown",
        rf"^(?<next_id>{_ID}): (?<what>DSN|return to sender|sender notify|postmaster notify): (?<reply>.*)$",
        queue_id=True,
    ),
    Kind(
        "clone",
        _ALL,
        (),
        "v4VEHFk5017041: clone: owner=owner-list",
        rf"^(?<next_id>{_ID}): clone: owner=(?<owner>.*)$",
        queue_id=True,
    ),
    # Before 8.12; which of the two ids was there first differs.
    Kind(
        "cloned",
        _ALL,
        ("clone ",),
        "clone v4VEHFk5017041, owner=owner-list",
        rf"^clone (?<next_id>{_ID}), owner=(?<owner>.*)$",
        queue_id=True,
    ),
    Kind(
        "user_error",
        _ALL,
        (),
        "<b@dst.example>... User unknown",
        rf"^(?<recipient>{_ADDRESS}|[^ ]+)\.\.\. (?<reply>.*)$",
    ),
    # What is wrong with an address may be that it has spaces, or no end.
    Kind(
        "user_error",
        _ALL,
        ("<",),
        "<b at dst.example... Unbalanced '<'",
        r"^(?<recipient><[^ ]* .*?)\.\.\. (?<reply>(?:Unbalanced|Illegal|Invalid|User address|Hostname|Colon|List:;) ?.*)$",
    ),
    # What stands behind an alias may be no address at all, and have spaces.
    Kind(
        "user_unknown",
        _ALL,
        (),
        "error:5.1.1:550 gone away... User unknown",
        r"^(?<recipient>[^ <].*)\.\.\. (?<reply>User unknown)$",
    ),
    Kind(
        "probe",
        _ALL,
        (),
        "mx.src.example [192.0.2.1]: VRFY root [rejected]",
        r"^(?<relay>[^ ]*(?: \[[^\]]*\])?"
        r"(?: \(may be forged\))?): (?<phase>(?i:VRFY|EXPN|ETRN)) ?(?<recipient>.*) \[rejected\]$",
    ),
    Kind(
        "probe_served",
        _ALL,
        (),
        "mx.src.example [192.0.2.1]: VRFY root",
        r"^(?<text>[^ ]*(?: \[[^\]]*\])?(?: \(may be forged\))?: (?i:VRFY|EXPN|ETRN)\b.*)$",
    ),
    Kind(
        "attack",
        _ALL,
        (),
        "mx.src.example [192.0.2.1]: possible SMTP attack: command=AUTH, count=5",
        one_of(rf"/{CLIENT}: possible SMTP attack: command=[^ ]*, count=[0-9]+"),
        noise=True,
    ),
)
