"""OpenSMTPD's lines that tell nothing of a message: sessions that end, routes, its own state."""

from __future__ import annotations

from mailaudit.formats.table import Kind

_ALL = ("opensmtpd",)
_SESSION = r"^[0-9a-f]{16}"
_TEXT = r"^(?<text>.*)$"

NOTES = (
    # A notice of failure that could not be handed to the queue.
    Kind(
        "notice_failed",
        _ALL,
        ("warn: PermFail injecting ", "warn: TempFail injecting "),
        "warn: PermFail injecting failure report on message 0750aef5 to <a@src.example> for 1 envelope: 550 No such",
        r"^warn: (?<result>PermFail|TempFail) injecting failure report on message (?<msgid>[0-9a-f]{8}) "
        r"to <(?<recipient>[^ ]*)> for [0-9]+ envelopes?: (?<reply>.*)$",
        queue_id=False,
    ),
    # What went wrong with a relay; what becomes of the mail stands on the line of its delivery.
    Kind(
        "relay_trouble",
        _ALL,
        (),
        "afb176df681cde02 mta error reason=IO Error: Connection reset by peer",
        r"^(?<session>[0-9a-f]{16}) mta (?:event=)?(?:error|host-rejects-all-mails|closing|ssl_check_name:)"
        r"(?: (?<text>.*))?$",
        queue_id=False,
    ),
    Kind(
        "route",
        _ALL,
        ("smtp-out: ",),
        "smtp-out: Disabling route 192.0.2.10 <-> 203.0.113.25 (mx.dst.example) for 15s",
        r"^smtp-out: (?<text>.*)$",
        queue_id=False,
    ),
    Kind(
        "filter",
        _ALL,
        (),
        "afb176d8f080f7de filters protocol phase=rcpt-to, resume=n, action=proceed",
        r"^(?<session>[0-9a-f]{16}) filters (?<text>.*)$",
        queue_id=False,
    ),
    Kind(
        "trouble",
        _ALL,
        ("warn: ", "fatal: ", "fatal in ", "lost child: ", "lost processor: "),
        "warn: loop detected",
        _TEXT,
        queue_id=False,
    ),
    Kind(
        "disconnect",
        _ALL,
        (),
        "afb176d8f080f7de smtp disconnected reason=quit",
        rf"{_SESSION} (?:smtp|mta) (?:disconnected|event=closed) {{1,2}}(?:address=[^ ]+ host=[^ ]+ )?"
        r'reason=(?:"[^"]*"|[^"]*)$',
        queue_id=False,
        noise=True,
    ),
    Kind(
        "disconnect",
        _ALL,
        ("smtp-in: Closing ", "smtp-in: Received disconnect ", "smtp-in: Disconnecting "),
        "smtp-in: Closing session afb176d8f080f7de",
        r"^smtp-in: (?:Closing|Received disconnect from|Disconnecting) session [0-9a-f]{16}(?:: [a-z -]+)?$",
        queue_id=False,
        noise=True,
    ),
    Kind(
        "relay_connected",
        _ALL,
        (),
        "afb176df681cde02 mta connected",
        rf"{_SESSION} mta (?:event=)?connected$",
        queue_id=False,
        noise=True,
    ),
    Kind(
        "state",
        _ALL,
        ("info: OpenSMTPD ", "info: ", "Exiting", "commands executed "),
        "info: OpenSMTPD 6.8.0p2 starting",
        r"^(?:info: OpenSMTPD [^ ]+ starting|info: (?:smtp|mta|mda|queue) (?:paused|resumed)"
        r"|info: loading (?:pki|CA) (?:information|keys) for [^ ]+|info: Table \"[^\"]*\" successfully updated"
        r"|info: startup(?: \[debug mode\])?|Exiting|commands executed from aliases run with [^ ]+ privileges)$",
        queue_id=False,
        noise=True,
    ),
    Kind(
        "state",
        _ALL,
        ("setup_peer: ", "setup_proc: ", "setup_done: ", "smtpd: setup done"),
        "setup_peer: control -> queue[62] fd=9",
        r"^(?:setup_peer: [a-z ]+ -> [a-z ]+\[[0-9]+\] fd=[0-9]+|setup_proc: [a-z ]+ done"
        r"|setup_done: [a-z]+\[[0-9]+\] done|smtpd: setup done)$",
        queue_id=False,
        noise=True,
    ),
    # With -v, and what `smtpctl trace` turns on.
    Kind(
        "detail",
        _ALL,
        (
            "debug: ",
            "trace: ",
            "smtp: 0x",
            "bounce: 0x",
            "mta: ",
            "mda: new user ",
            "queue-backend: ",
            "scheduler: ",
            "expand: ",
            "lookup: ",
            "imsg: ",
            "rule #",
            "no rule matched",
            "aliases_",
            "queue: ",
            "smtp-in: ",
            "proxy ",
        ),
        "debug: smtp: new client on listener: 0x55d0",
        _TEXT,
        queue_id=False,
    ),
    Kind(
        "detail",
        _ALL,
        ("\t",),
        "\t203.0.113.25 preference 10",
        r"^(?<text>\t[^ ]+ preference -?[0-9]+)$",
        queue_id=False,
    ),
)
