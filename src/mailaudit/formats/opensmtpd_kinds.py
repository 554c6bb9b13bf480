"""Every kind of line that OpenSMTPD writes, as a table.

Grammar from the calls of `log_info` and `log_warnx` in its sources (<https://github.com/OpenSMTPD/OpenSMTPD>), 5.3 to 7.x.
A line begins with a session, 16 hexadecimal digits, and what it says of it:

    smtpd[9]: afb176df681cde02 mta delivery evpid=4dc6266404042b9c from=<a@src.example> to=<b@dst.example> rcpt=<->
        source="192.0.2.10" relay="203.0.113.25 (mx.dst.example)" delay=1s result="Ok" stat="250 2.0.0 Ok: queued as A1B2C3"

An `evpid` is an envelope: a message and one recipient of it; its first eight digits are the message's `msgid`.  From 5.9
to 6.3 the second word had `event=` before it; before that, lines began with `smtp-in: ` and the like.  `stat=` is last and
holds the remote's own words, quotes and all; where a line is cut, it lacks its end.  Order matters: the first kind that
matches takes the line.
"""

from __future__ import annotations

from mailaudit.formats.table import Kind

_ALL = ("opensmtpd",)
_SESSION = r"^(?<session>[0-9a-f]{16})"
_ON = r"session (?<session>[0-9a-f]{16})"
_EVPID = r"(?<evpid>[0-9a-f]{16})"
# Quoted local parts may hold anything; an address with other blanks or brackets is none that it would have taken.
_ADDRESS = r'(?:"(?:[^"\\]|\\.)*"|[^<>" ])*'
_FROM = rf"from=<(?<sender>{_ADDRESS})>"
_TO = rf"to=<(?<recipient>{_ADDRESS})>"
_GIVEN = rf"rcpt=<(?<given>{_ADDRESS})>"
_CLIENT = r"address=(?<ip>[^ ]+) host=(?<host>[^ ]+)"
_SAME_CLIENT = r"(?:address=[^ ]+ host=[^ ]+ )?"
# A host's name is what its owner likes: with a quote or a bracket in it, it is not believed.
_RELAY = r'[^"() ]*(?: \([^"() ]*\))?'
_DELAY = r"delay=(?<delay>(?:[0-9]+[dhms])+)"

DELIVERIES = (
    Kind(
        "delivery",
        _ALL,
        (),
        "afb176df681cde02 mta delivery evpid=4dc6266404042b9c from=<a@src.example> to=<b@dst.example> rcpt=<-> "
        'source="192.0.2.10" relay="203.0.113.25 (mx.dst.example)" delay=1s result="Ok" stat="250 2.0.0 Ok"',
        rf"{_SESSION} mta (?:event=)?delivery evpid={_EVPID} {_FROM} {_TO} {_GIVEN} "
        rf'source="(?<local_ip>[^" ]*)" relay="(?<relay>{_RELAY})" {_DELAY} '
        r'result="(?<result>[A-Za-z]+)" stat="(?<reply>.*?)"?$',
        queue_id=False,
    ),
    Kind(
        "local_delivery",
        _ALL,
        (),
        "afb176d9730c8d9b mda delivery evpid=0750aef526b90d32 from=<a@src.example> to=<b@dst.example> rcpt=<b@dst.example> "
        "user=ben delay=0s result=Ok stat=Delivered",
        rf"{_SESSION} mda (?:event=)?delivery evpid={_EVPID} {_FROM} {_TO} (?:{_GIVEN} )?"
        rf"user=(?<user>[^ ]*) (?:method=[^ ]* )?{_DELAY} result=(?<result>[A-Za-z]+) stat=(?<reply>.*)$",
        queue_id=False,
    ),
    # The queue's own decisions, and all deliveries before 5.9. In a container the first word passes for the program's name.
    Kind(
        "fate",
        _ALL,
        (),
        "relay: Expire for 4dc6266404042b9c: from=<a@src.example>, to=<b@dst.example>, rcpt=<->, delay=4d1m2s, "
        "stat=Envelope expired",
        rf"^(?<agent>(?:relay: |delivery: |bounce: )?)(?<result>[A-Za-z]+) for {_EVPID}: (?:session=(?<session>[0-9a-f]{{16}}), )?"
        rf"{_FROM}, {_TO}, (?:{_GIVEN}, )?(?:user=(?<user>[^, ]*), )?(?:method=[^, ]*, )?(?:source=(?<local_ip>[^, ]*), )?"
        rf"(?:relay=(?<relay>{_RELAY}),? )?{_DELAY}, stat=(?<reply>.*)$",
        queue_id=False,
    ),
)

MESSAGES = (
    Kind(
        "accepted",
        _ALL,
        (),
        "afb176d8f080f7de smtp message msgid=0750aef5 size=979 nrcpt=1 proto=ESMTP",
        rf"{_SESSION} smtp message msgid=(?<msgid>[0-9a-f]{{8}}) size=(?<size>[0-9]+) nrcpt=(?<nrcpt>[0-9]+) "
        r"proto=(?<proto>[A-Z]+)$",
        queue_id=False,
    ),
    Kind(
        "envelope",
        _ALL,
        (),
        "afb176d8f080f7de smtp envelope evpid=0750aef526b90d32 from=<a@src.example> to=<b@dst.example>",
        rf"{_SESSION} smtp envelope evpid={_EVPID} {_FROM} {_TO}$",
        queue_id=False,
    ),
    # A line for each recipient of the command.
    Kind(
        "accepted_for",
        _ALL,
        (),
        "afb176d8f080f7de smtp event=message msgid=0750aef5 from=<a@src.example> to=<b@dst.example> size=979 ndest=1 "
        "proto=ESMTP",
        rf"{_SESSION} smtp event=message {_SAME_CLIENT}msgid=(?<msgid>[0-9a-f]{{8}}) {_FROM} {_TO} "
        r"size=(?<size>[0-9]+) ndest=[0-9]+ proto=[A-Z]+$",
        queue_id=False,
    ),
    Kind(
        "accepted_on",
        _ALL,
        ("smtp-in: Accepted message ",),
        "smtp-in: Accepted message 0750aef5 on session afb176d8f080f7de: from=<a@src.example>, to=<b@dst.example>, size=979, "
        "ndest=1, proto=ESMTP",
        rf"^smtp-in: Accepted message (?<msgid>[0-9a-f]{{8}}) on {_ON}: {_FROM}, (?:{_TO}, )?size=(?<size>[0-9]+), "
        r"(?:ndest=[0-9]+|nrcpts=(?<nrcpt>[0-9]+)), proto=[A-Z]+$",
        queue_id=False,
    ),
)

SESSIONS = (
    Kind(
        "connect",
        _ALL,
        (),
        "afb176d8f080f7de smtp connected address=192.0.2.1 host=mx.src.example",
        rf"{_SESSION} smtp (?:event=)?connected {_CLIENT}$",
        queue_id=False,
    ),
    Kind(
        "connect_on",
        _ALL,
        ("smtp-in: New session ",),
        "smtp-in: New session afb176d8f080f7de from host mx.src.example [192.0.2.1]",
        r"^smtp-in: New session (?<session>[0-9a-f]{16}) from host (?<host>[^ ]+) \[(?<ip>[^ ]+)\]$",
        queue_id=False,
    ),
    Kind(
        "auth",
        _ALL,
        (),
        "afb176d8f080f7de smtp authentication user=ann result=ok",
        rf"{_SESSION} smtp (?:event=)?authentication user=(?<user>.*?) {_SAME_CLIENT}"
        r"result=(?<result>ok|permfail|tempfail)$",
        queue_id=False,
    ),
    Kind(
        "auth_on",
        _ALL,
        ("smtp-in: Accepted authentication ", "smtp-in: Authentication "),
        "smtp-in: Accepted authentication for user ann on session afb176d8f080f7de",
        r"^smtp-in: (?<result>Accepted authentication|Authentication failed|Authentication temporarily failed) "
        rf"for user (?<user>.*) on {_ON}$",
        queue_id=False,
    ),
    Kind(
        "relay",
        _ALL,
        (),
        "afb176df681cde02 mta connecting address=smtp://203.0.113.25:25 host=mx.dst.example",
        rf"{_SESSION} mta (?:event=)?connecting address=(?:[a-z+-]+://)?(?<ip>\[[^ \]]*\]|[^ :]+)(?::[0-9]+)? "
        r"host=(?<host>[^ ]+)$",
        queue_id=False,
    ),
    Kind(
        "relay_on",
        _ALL,
        ("smtp-out: Connecting ",),
        "smtp-out: Connecting to smtp://203.0.113.25:25 (mx.dst.example) on session afb176df681cde02...",
        rf"^smtp-out: Connecting to (?:[a-z+-]+://)?(?<ip>\[[^ \]]*\]|[^ :]+)(?::[0-9]+)? \((?<host>[^ ]+)\) on {_ON}\.\.\.$",
        queue_id=False,
    ),
    Kind(
        "tls",
        _ALL,
        (),
        "afb176df681cde02 mta tls ciphers=TLSv1.3:TLS_AES_256_GCM_SHA384:256",
        rf"{_SESSION} (?<side>smtp|mta) (?:tls|event=starttls) {_SAME_CLIENT}"
        r'ciphers="?(?:version=)?(?<version>[^:," ]*)(?::|, cipher=)(?<cipher>[^:," ]*)(?::|, bits=)[0-9]+"?$',
        queue_id=False,
    ),
    Kind(
        "tls_on",
        _ALL,
        ("smtp-in: Started TLS ", "smtp-out: Started TLS "),
        "smtp-in: Started TLS on session afb176d8f080f7de: version=TLSv1.2, cipher=ECDHE-RSA-AES256-GCM-SHA384, bits=256",
        rf"^smtp-(?<side>in|out): Started TLS on {_ON}: version=(?<version>[^, ]*)(?: \([^)]*\))?, "
        r"cipher=(?<cipher>[^, ]*), bits=[0-9]+$",
        queue_id=False,
    ),
    Kind(
        "certificate",
        _ALL,
        (),
        'afb176df681cde02 mta server-cert-check result="failure"',
        rf'{_SESSION} (?<side>smtp|mta) (?:event=)?(?:server-|client-)?cert-check result="(?<result>[^"]*)"'
        r"(?: fingerprint=.*)?$",
        queue_id=False,
    ),
)

DOOR = (
    # The answer is the last of its kind on the line: what was asked may hold the words of one, too.
    Kind(
        "refused",
        _ALL,
        (),
        'afb176d8f080f7de smtp failed-command command="RCPT TO:<b@dst.example>" result="550 Invalid recipient: '
        '<b@dst.example>"',
        rf"{_SESSION} smtp (?:event=)?failed-command {_SAME_CLIENT}"
        r'command="(?<command>.*)" result="(?<reply>[45][0-9][0-9].*?)"?$',
        queue_id=False,
    ),
    Kind(
        "refused_on",
        _ALL,
        ("smtp-in: Failed command ",),
        'smtp-in: Failed command on session afb176d8f080f7de: "MAIL FROM:<a@src.example>" => 421 4.3.0: Temporary Error',
        rf'^smtp-in: Failed command on {_ON}: "(?<command>.*)" => (?<reply>[45][0-9][0-9].*)$',
        queue_id=False,
    ),
    Kind(
        "bad_input",
        _ALL,
        (),
        'afb176d8f080f7de smtp bad-input result="500 5.5.1 Invalid command: Pipelining not supported"',
        rf'{_SESSION} smtp (?:event=)?bad-input {_SAME_CLIENT}result="(?<reply>[45][0-9][0-9].*?)"?$',
        queue_id=False,
    ),
    Kind(
        "bad_input_on",
        _ALL,
        ("smtp-in: Bad input ",),
        "smtp-in: Bad input on session afb176d8f080f7de: 500 5.5.1 Invalid command: Pipelining not supported",
        rf"^smtp-in: Bad input on {_ON}: (?<reply>[45][0-9][0-9].*)$",
        queue_id=False,
    ),
)
