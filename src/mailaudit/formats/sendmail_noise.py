"""Sendmail's lines that are known and named, and say nothing of mail: counted by kind, and nothing else."""

from __future__ import annotations

from mailaudit.formats.printed import one_of
from mailaudit.formats.table import Kind

_ALL = ("sendmail",)
CLIENT = r"[^ ]*(?: ?\[[^\]]*\])?(?: \(may be forged\))?"
"""A client as its lines name it: `mx.example [192.0.2.1] (may be forged)`."""

NOISE = (
    Kind(
        "authentication_warning",
        _ALL,
        ("Authentication-Warning: ",),
        "Authentication-Warning: mx.src.example: www-data set sender to a@src.example using -f",
        noise=True,
    ),
    Kind(
        "lost_connection",
        _ALL,
        ("lost input channel from ",),
        "lost input channel from mx.src.example [192.0.2.1] to MTA after rcpt",
        one_of(rf"/lost input channel from {CLIENT} to [^ ]+ after [^ ]+", rf"/lost input channel from {CLIENT}"),
        noise=True,
    ),
    Kind(
        "client_timeout",
        _ALL,
        ("timeout waiting for input ",),
        "timeout waiting for input from mx.dst.example. during client greeting",
        one_of(
            rf"/timeout waiting for input from {CLIENT}(?: during [^=]*)?",
            r"/timeout waiting for input during [^=]*",
        ),
        noise=True,
    ),
    Kind(
        "lost_message",
        _ALL,
        ("collect: ",),
        "collect: I/O error on connection from mx.src.example, from=<a@src.example>",
        r"^collect: (?<text>.*)$",
    ),
    Kind(
        "connect",
        _ALL,
        ("connect from ", "Null connection from ", "SMTP connect from ", "SMTP outgoing connect on "),
        "connect from mx.src.example [192.0.2.1]",
        one_of(
            rf"/(?:SMTP )?connect from {CLIENT}(?: \([^ ]*\))?",
            rf"/Null connection from {CLIENT}",
            "SMTP outgoing connect on %w",
        ),
        noise=True,
    ),
    Kind(
        "queue_run",
        _ALL,
        (),
        "runqueue: Flushing queue from 601KhTQv003428 (pri 30000, LA 0, 1 of 1)",
        one_of(
            "runqueue: Flushing queue from %w (pri %d, LA %d, %d of %d)",
            "Aborting queue run: load average too high",
            r"/(?:runqueue: )?Skipping queue run -- (?:load average too high|too many children|fork\(\) failed)"
            r"(?: \([0-9]+\)|: .*)?",
            "runqueue: queue group %w: %s",
            "grew WorkList for %w to %d",
            "assigned id",
            "dropenvelope, e_flags=%s, OpMode=%w, pid=%d",
            "locked",
            "unlock",
            "changed",
            "too young (%s)",
            "queueup, qf=%w, df=%w, %s",
            r"/(?:dowork|doworklist|finis|in background), pid=[0-9]+",
            r"/runqueue [^ ]+(?:,| dowork\([^ ]*\)) pid=[0-9]+(?:, forkflag=[0-9]+)?",
            "disconnect level %d",
            r"/unlink(?:-fail)? [^ ]+",
            "sendenvelope, flags=%x",
            "interrupt",
        ),
        noise=True,
    ),
)
