"""Heads of lines in all shapes of prefixes."""

from __future__ import annotations

import datetime as dt

import pytest

from mailaudit.read import about_log, prefixes, wrappers
from mailaudit.read.blocks import Block
from mailaudit.read.heads import FRAME, Heads, heads
from mailaudit.read.lines import lines

WALL = int(dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC).timestamp()) * 1_000_000
LEAP = int(dt.datetime(2000, 1, 2, 3, 4, 5, tzinfo=dt.UTC).timestamp()) * 1_000_000
HOUR = 3_600_000_000
US = 123_456

TAIL = "mx1 postfix/smtp[71]: 4E10AB: to=<a@b.example>"
FIELDS = ("mx1", "postfix/smtp", "71", "4E10AB: to=<a@b.example>")

# name: (line, time, floating, (host, tag, pid, body))
SHAPES = {
    "RFC 3164": (f"Jan  2 03:04:05 {TAIL}", LEAP, 2, FIELDS),
    "postlogd": (f"Jan 02 03:04:05 {TAIL}", LEAP, 2, FIELDS),
    "single space": (f"Jan 2 03:04:05 {TAIL}", LEAP, 2, FIELDS),
    "fraction": (f"Jan  2 03:04:05.123456 {TAIL}", LEAP + US, 2, FIELDS),
    "milliseconds": (f"Jan  2 03:04:05.123 {TAIL}", LEAP + 123_000, 2, FIELDS),
    "year behind": (f"Jan  2 2026 03:04:05 {TAIL}", WALL, 1, FIELDS),
    "year in front": (f"2026 Jan  2 03:04:05 {TAIL}", WALL, 1, FIELDS),
    "localised month": (f"Dez  2 03:04:05 {TAIL}", LEAP + 335 * 24 * HOUR, 2, FIELDS),
    "Sept": (f"Sept  2 03:04:05 {TAIL}", LEAP + 244 * 24 * HOUR, 2, FIELDS),
    "rsyslog ISO": (f"2026-01-02T03:04:05.123456+01:00 {TAIL}", WALL + US - HOUR, 0, FIELDS),
    "negative offset": (f"2026-01-02T03:04:05.123456-05:30 {TAIL}", WALL + US + 5 * HOUR + HOUR // 2, 0, FIELDS),
    "syslog-ng ISO": (f"2026-01-02T03:04:05+01:00 {TAIL}", WALL - HOUR, 0, FIELDS),
    "without colon": (f"2026-01-02T03:04:05+0100 {TAIL}", WALL - HOUR, 0, FIELDS),
    "zulu": (f"2026-01-02T03:04:05Z {TAIL}", WALL, 0, FIELDS),
    "ISO without zone": (f"2026-01-02T03:04:05 {TAIL}", WALL, 1, FIELDS),
    "space ISO": (f"2026-01-02 03:04:05 {TAIL}", WALL, 1, FIELDS),
    "space ISO comma": (f"2026-01-02 03:04:05,123 {TAIL}", WALL + 123_000, 1, FIELDS),
    "RFC 5424": (
        "<22>1 2026-01-02T03:04:05.1Z mx1 postfix/smtp 71 - - 4E10AB: to=<a@b.example>",
        WALL + 100_000,
        0,
        FIELDS,
    ),
    "RFC 5424 data": (
        r'<22>1 2026-01-02T03:04:05Z mx1 postfix/smtp 71 ID [o ip="::1" x="a \"b\" \] c"][p] 4E10AB: to=<a@b.example>',
        WALL,
        0,
        FIELDS,
    ),
    "RFC 5424 BOM": (
        "<22>1 2026-01-02T03:04:05Z mx1 postfix/smtp 71 - - \ufeff4E10AB: to=<a@b.example>",
        WALL,
        0,
        FIELDS,
    ),
    "RFC 5424 nil": (
        "<22>1 2026-01-02T03:04:05Z - - - - - 4E10AB: removed",
        WALL,
        0,
        (None, None, None, "4E10AB: removed"),
    ),
    "pri": (f"<22>Jan  2 03:04:05 {TAIL}", LEAP, 2, FIELDS),
    "pri with name": (f"<mail.info>Jan  2 03:04:05 {TAIL}", LEAP, 2, FIELDS),
    "pri and ISO": (f"<20>2026-01-02T03:04:05Z {TAIL}", WALL, 0, FIELDS),
    "short-precise": (f"Jan 02 03:04:05.123456 {TAIL}", LEAP + US, 2, FIELDS),
    "short-iso-precise": (f"2026-01-02T03:04:05.123456+0100 {TAIL}", WALL + US - HOUR, 0, FIELDS),
    "short-full": (f"Fri 2026-01-02 03:04:05 CET {TAIL}", WALL - HOUR, 0, FIELDS),
    "short-full ambiguous": (f"Fri 2026-01-02 03:04:05 IST {TAIL}", WALL, 1, FIELDS),
    "short-full number": (f"Fri 2026-01-02 03:04:05 -03 {TAIL}", WALL + 3 * HOUR, 0, FIELDS),
    "short-unix": (f"1767323045.123456 {TAIL}", WALL + US, 0, FIELDS),
    "Solaris": (
        "Jan  2 03:04:05 mx1 sendmail[12]: [ID 801593 mail.info] v4V4QL1K030027: from=<a@b.example>",
        LEAP,
        2,
        ("mx1", "sendmail", "12", "v4V4QL1K030027: from=<a@b.example>"),
    ),
    "AIX": (
        "Jan  2 03:04:05 mx1 mail:info sendmail[1]: v4V4QL1K030027: from=<a@b.example>",
        LEAP,
        2,
        ("mx1", "sendmail", "1", "v4V4QL1K030027: from=<a@b.example>"),
    ),
    "busybox": ("Jan  2 03:04:05 mx1 mail.info postfix/smtp[71]: 4E10AB: to=<a@b.example>", LEAP, 2, FIELDS),
    "a service with a port": (
        "Jan  2 03:04:05 mx1 postfix/127.0.0.1:10025/smtpd[71]: 4E10AB: client=x[127.0.0.1]",
        LEAP,
        2,
        ("mx1", "postfix/127.0.0.1:10025/smtpd", "71", "4E10AB: client=x[127.0.0.1]"),
    ),
    "FreeBSD -v": (
        "Jan  2 03:04:05 <2.6> mx1 postfix/smtp[71]: 4E10AB: to=<a@b.example>",
        LEAP,
        2,
        FIELDS,
    ),
    "FreeBSD -vv": (
        "Jan  2 03:04:05 <mail.info> mx1 postfix/smtp[71]: 4E10AB: to=<a@b.example>",
        LEAP,
        2,
        FIELDS,
    ),
    "macOS": (
        "Jan  2 03:04:05 mx1 postfix/smtp[71] (com.apple.postfix[1]): 4E10AB: to=<a@b.example>",
        LEAP,
        2,
        FIELDS,
    ),
    "no host": (
        "Jan  2 03:04:05 postfix/smtp[1]: 4E10AB: removed",
        LEAP,
        2,
        (None, "postfix/smtp", "1", "4E10AB: removed"),
    ),
    "no host, no pid": ("Jan  2 03:04:05 sendmail: starting", LEAP, 2, (None, "sendmail", None, "starting")),
    "no pid": ("Jan  2 03:04:05 mx1 dovecot: lmtp(1): x", LEAP, 2, ("mx1", "dovecot", None, "lmtp(1): x")),
    "slash tag": ("Jan  2 03:04:05 mx1 /postfix-script[1]: x", LEAP, 2, ("mx1", "/postfix-script", "1", "x")),
    "no tag": (
        "May 31 06:26:22 rs336 v4V4QL1K030027: from=sender@yourcompany.example",
        LEAP + (150 * 24 + 3) * HOUR + 22 * 60_000_000 + 17_000_000,
        2,
        ("rs336", None, None, "v4V4QL1K030027: from=sender@yourcompany.example"),
    ),
    "two spaces": ("Jan  2 03:04:05 mx1 sendmail[1]:  x", LEAP, 2, ("mx1", "sendmail", "1", "x")),
    "no body": ("Jan  2 03:04:05 mx1 sendmail[1]:", LEAP, 2, ("mx1", "sendmail", "1", "")),
    "IPv6 host": ("Jan  2 03:04:05 2001:db8::1 sendmail[1]: x", LEAP, 2, ("2001:db8::1", "sendmail", "1", "x")),
    "not ASCII": ("Jan  2 03:04:05 mx1 sendmail[1]: fröm: [ü]: ö", LEAP, 2, ("mx1", "sendmail", "1", "fröm: [ü]: ö")),
    "Exim": (
        "2026-01-02 03:04:05 1vbXYZ-000000000Ab-1abc <= a@b.example H=x [192.0.2.1]: y",
        WALL,
        1,
        (None, "exim", None, "1vbXYZ-000000000Ab-1abc <= a@b.example H=x [192.0.2.1]: y"),
    ),
    "Exim error": ("2026-01-02 03:04:05 TLS error: x", WALL, 1, (None, "exim", None, "TLS error: x")),
    "Exim with pid": ("2026-01-02 03:04:05 [71] 1abc Completed", WALL, 1, (None, "exim", "71", "1abc Completed")),
    "journal": (
        (
            '{"MESSAGE":"4E10AB: to=<a@b.example>","_HOSTNAME":"mx1","SYSLOG_IDENTIFIER":"postfix/smtp","_PID":"71",'
            '"__REALTIME_TIMESTAMP":"1767323045123456"}'
        ),
        WALL + US,
        0,
        FIELDS,
    ),
    "journal bytes": (
        (
            '{"MESSAGE":[52,69,49,48,65,66,58,32,255],"_HOSTNAME":"mx1","SYSLOG_IDENTIFIER":"postfix/smtp","SYSLOG_PID":"71",'
            '"_SOURCE_REALTIME_TIMESTAMP":"1767323045123456","__REALTIME_TIMESTAMP":"1"}'
        ),
        WALL + US,
        0,
        ("mx1", "postfix/smtp", "71", "4E10AB: \ufffd"),
    ),
    "docker": (
        '{"log":"Jan 02 05:04:05 ' + TAIL + '\\n","stream":"stdout","time":"2026-01-02T03:04:05.123456789Z"}',
        WALL + US,
        0,
        FIELDS,
    ),
    "docker without stamp": (
        '{"log":"postfix/smtp[71]: 4E10AB: to=<a@b.example>\\n","stream":"stdout","time":"2026-01-02T03:04:05Z"}',
        WALL,
        0,
        (None, *FIELDS[1:]),
    ),
    "CRI": (f"2026-01-02T03:04:05.123456789Z stdout F Jan 02 05:04:05 {TAIL}", WALL + US, 0, FIELDS),
    "CRI without stamp": (
        "2026-01-02T03:04:05.1Z stdout F hello there",
        WALL + 100_000,
        0,
        (None, None, None, "hello there"),
    ),
    "kubectl": (f"2026-01-02T03:04:05.1Z Jan 02 03:04:05 {TAIL}", WALL + 100_000, 0, FIELDS),
    "kubectl bare": (
        "2026-01-02T03:04:05.123Z connect from x",
        WALL + 123_000,
        0,
        (None, None, None, "connect from x"),
    ),
    "grep": (f"/var/log/mail.log.1:Jan  2 03:04:05 {TAIL}", LEAP, 2, FIELDS),
    "grep -n": (f"mail.log:12:2026-01-02T03:04:05Z {TAIL}", WALL, 0, FIELDS),
    "grep -A": (f"mail.log-12-Jan  2 03:04:05 {TAIL}", LEAP, 2, FIELDS),
    "grep, 5424": (f"mail.log:<22>Jan  2 03:04:05 {TAIL}", LEAP, 2, FIELDS),
    "quoted": (f"> Jan  2 03:04:05 {TAIL}", LEAP, 2, FIELDS),
    "set in": (f"\t  Jan  2 03:04:05 {TAIL}", LEAP, 2, FIELDS),
    "severity for a host": (
        f"2026-01-02T03:04:05.123456+00:00 INFO    {TAIL.split(' ', 1)[1]}",
        WALL + US,
        0,
        (None, *FIELDS[1:]),
    ),
    "longest severity for a host": (
        f"2026-01-02T03:04:05.123456+00:00 WARNING {TAIL.split(' ', 1)[1]}",
        WALL + US,
        0,
        (None, *FIELDS[1:]),
    ),
    "compose": (f"mailserver-1  | Jan  2 03:04:05 {TAIL}", LEAP, 2, FIELDS),
    "compose no host": (
        "mailserver-1  | 2026-01-02T03:04:05Z postfix/smtp[71]: x",
        WALL,
        0,
        ("mailserver-1", "postfix/smtp", "71", "x"),
    ),
    "three layers": (
        '2026-01-02T03:04:05.1Z stdout F {"log":"<22>Jan  2 03:04:05 '
        + TAIL
        + '\\n","stream":"stdout","time":"2026-01-02T03:04:05Z"}',
        WALL,
        0,
        FIELDS,
    ),
    "compose, kubectl": (f"m-1 | 2026-01-02T03:04:05Z Jan  2 03:04:05 {TAIL}", WALL, 0, FIELDS),
}


def read(*texts: str | bytes) -> Heads:
    """The heads of these lines; each line is in exactly one place."""
    data = b"".join((text.encode() if isinstance(text, str) else text) + b"\n" for text in texts)
    result = heads(lines(Block(0, 0, data, 1, 0)))
    assert list(result.frame.columns)[:8] == list(FRAME)
    assert sorted([*result.frame["no"], *result.rest["no"], *result.skipped["no"]]) == list(range(1, len(texts) + 1))
    return result


@pytest.mark.parametrize("name", SHAPES)
def test_shape_is_cut(name: str) -> None:
    """Each shape gives its time, host, tag, pid and body."""
    line, time, floating, fields = SHAPES[name]
    found = read(line).frame.row(0, named=True)

    assert (found["time_us"], found["floating"], tuple(found[key] for key in ("host", "tag", "pid", "body"))) == (
        time,
        floating,
        fields,
    )


AROUND = {
    "grep": "mail.log:12:{}",
    "quoted": "> {}",
    "kubectl": "2026-01-02T03:04:05.9Z {}",
    "compose": "mail-1  | {}",
    "cri": "2026-01-02T03:04:05.9Z stdout F {}",
    "docker": '{{"log":"{}\\n","stream":"stdout","time":"2026-01-02T03:04:05.9Z"}}',
    "journal": '{{"MESSAGE":"{}","SYSLOG_IDENTIFIER":"0a1b2c","__REALTIME_TIMESTAMP":"1767323045900000"}}',
}


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize(
    "stamp",
    [
        "Jan  2 03:04:05",
        "Jan 2 03:04:05",
        "Jan  2 03:04:05.123456",
        "Jan  2 2026 03:04:05",
        "2026 Jan  2 03:04:05",
        "2026-01-02T03:04:05+0100",
        "2026-01-02T03:04:05.123456+0100",
        "2026-01-02T03:04:05",
        "2026-01-02 03:04:05,123",
        "2026-01-02 03:04:05 +0100",
        "<22>Jan  2 03:04:05",
        "<22>2026-01-02T03:04:05Z",
        "<mail.info>Jan  2 03:04:05",
        "Fri 2026-01-02 03:04:05 CET",
    ],
)
def test_every_stamp_in_every_wrapper(around: str, stamp: str) -> None:
    """What is around a line may not decide which stamps inside are seen."""
    found = read(AROUND[around].format(f"{stamp} {TAIL}"))

    assert found.frame.select("host", "tag", "pid", "body").rows() == [FIELDS]


def test_all_shapes_in_one_file() -> None:
    """A file of all shapes gives what each line gives alone."""
    texts = [line for line, *_ in SHAPES.values()]
    alone = [read(text).frame.row(0)[2:8] for text in texts]

    assert [line[2:8] for line in read(*texts).frame.rows()] == alone


def test_many_shapes_many_times() -> None:
    """The usual shapes of a mixed file do not spoil the odd ones."""
    texts = [line for line, *_ in SHAPES.values()] * 40
    frame = read(*texts).frame

    assert frame["no"].to_list() == list(range(1, len(texts) + 1))
    assert [r[2:8] for r in frame.rows()] == [r[2:8] for r in frame.head(len(SHAPES)).rows()] * 40


@pytest.mark.parametrize("tail", [*prefixes.TAILS, prefixes.RFC5424], ids=lambda tail: tail.name)
def test_example_of_tail(tail: prefixes.Tail) -> None:
    """Each row of the table of tails reads its own example, and finds itself."""
    stamp = {
        prefixes.RFC5424: "2026-01-02T03:04:05Z",
        prefixes.EXIM: "2026-01-02 03:04:05",
        prefixes.MULTILOG: "@400000006957279f0002654f",
    }.get(tail, "Jan  2 03:04:05")
    line = ("<22>1 " if tail is prefixes.RFC5424 else "") + stamp + tail.example
    shape = prefixes.find(line)

    assert shape is not None
    assert shape.tail is tail
    done, left = prefixes.cut(lines(Block(0, 0, line.encode(), 1, 0)), shape, sure=True)
    assert left.is_empty()
    assert done.select("host", "tag", "pid", "body").row(0) == tail.fields


@pytest.mark.parametrize("wrapper", wrappers.WRAPPERS, ids=lambda wrapper: wrapper.name)
def test_example_of_wrapper(wrapper: wrappers.Wrapper) -> None:
    """Each row of the table of wrappers peels its own example."""
    frame = lines(Block(0, 0, wrapper.example.encode(), 1, 0))

    assert wrappers.find(wrapper.example) == wrapper.name
    assert wrappers.peel(frame, wrapper.name).inside["line"].to_list() == [wrapper.inside]


@pytest.mark.parametrize("loss", about_log.LOSSES, ids=lambda loss: loss.example)
def test_example_of_loss(loss: about_log.Loss) -> None:
    """Each way to admit lost lines becomes a notice with their number."""
    result = read(f"Jan  2 03:04:05 mx1 {loss.tag}[1]: {loss.example}")

    assert result.notices.rows() == [(1, "lost", f"{loss.tag}: {loss.example}")]
    assert about_log.lost(loss.tag, loss.example) == loss.count


@pytest.mark.parametrize("banner", about_log.BANNERS)
def test_banner_is_skipped(banner: str) -> None:
    """What journalctl and docker write around a log is no line of it."""
    result = read(banner)

    assert result.skipped["kind"].to_list() == ["banner"]


@pytest.mark.parametrize(
    ("texts", "hours"),
    [
        ([f"2026-01-02T03:04:05+01:00 {TAIL}", f"2026-01-02T03:04:05.5+0100 {TAIL}"], {1}),
        ([f"2026-01-02T03:04:05Z {TAIL}"], {0}),
        ([f"mail-1  | 2026-01-02T03:04:05-05:00 {TAIL}", f"2026-07-02T03:04:05-04:00 {TAIL}"], {-5, -4}),
        ([f"Jan  2 03:04:05 {TAIL}"], set()),
        ([f"1767319445.123456 {TAIL}"], set()),
        ([f"2026-01-02T03:04:05.123456789Z stdout F Jan  2 03:04:05 {TAIL}"], set()),
    ],
)
def test_offsets_are_those_that_stamps_name(texts: list[str], hours: set[int]) -> None:
    """What a log's own stamps say of its zone; a container's UTC is not the log's, and seconds since 1970 have none."""
    assert read(*texts).offsets == {hour * 3600 for hour in hours}
