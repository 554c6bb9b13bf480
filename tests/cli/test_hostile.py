"""No line breaks the program, and nothing a log says reaches a terminal as a command."""

from __future__ import annotations

import functools
import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.effort import examples
from tests.model_reference.samples import NEW_YEAR, SENDMAIL_NEW_YEAR, SUMMER_TIME_ENDS
from tests.program import mailaudit

from mailaudit import flow
from mailaudit.model.request import Request

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\u202a-\u202e\u2066-\u2069]")
HEAD = "2026-01-05T10:00:0{n}.000000+00:00 mx postfix/"
ESCAPE = "\x1b[31mred\x1b]0;title\x07\x9b2J\u202e"


@functools.cache
def sample_lines() -> tuple[bytes, ...]:
    """Some lines of each shipped log, of all kinds."""
    found: list[bytes] = []
    for sample in (NEW_YEAR, SUMMER_TIME_ENDS, SENDMAIL_NEW_YEAR):
        found += sample.data().splitlines()[::37]
    return tuple(found)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A line with bytes cut out, put in or repeated."""
    line = draw(st.sampled_from(sample_lines()))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(line)))
        to = min(len(line), at + draw(st.integers(0, 20)))
        extra = (
            b"\0",
            b"\r",
            b"\xff\xfe",
            b"<",
            b">",
            b'"',
            b", status=sent (",
            b"; from=<",
            b": ",
            b"\x1b[2J",
            b"\xe2\x82",
        )
        what = draw(st.one_of(st.binary(max_size=6), st.sampled_from(extra)))
        line = line[:at] + what + line[draw(st.sampled_from((at, to))) :]
    return line.replace(b"\n", b" ")


@settings(
    max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(
    lines=st.lists(mutated(), min_size=1, max_size=30),
    end=st.sampled_from((b"\n", b"\r\n")),
    last=st.booleans(),
    size=st.sampled_from((300, 4096, 1 << 20)),
)
def test_any_bytes_are_read_and_accounted_for(lines: list[bytes], end: bytes, last: bool, size: int) -> None:  # noqa: FBT001
    """Whatever a log holds, each line is parsed, noise, or shown as not understood."""
    data = end.join(lines) + (end if last else b"")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mail.log"
        path.write_bytes(data)
        with flow.read(Request(paths=(str(path),), block_size=size)) as run:
            (report,) = run.inputs
            rows = run.engine.rows("select count(*) from recipients")

    assert report.lines == report.parsed + report.noise + report.unparsed
    assert report.lines == data.count(b"\n") + (not data.endswith(b"\n"))
    assert rows[0][0] >= 0


@pytest.fixture(scope="module")
def nasty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log whose sender, reply, HELO and Message-ID hold escapes, markup and formulas."""
    texts = (
        f"smtpd[1]: 4E1000000F: client={ESCAPE}[192.0.2.1]",
        f"cleanup[2]: 4E1000000F: message-id=<[/x][bold]{ESCAPE}@a.example>",
        f"qmgr[3]: 4E1000000F: from=<=1+1{ESCAPE}@a.example>, size=100, nrcpt=1 (queue active)",
        (
            f"smtp[4]: 4E1000000F: to=<b@c.example>, relay=mx[192.0.2.2]:25, delay=1, delays=0/0/0/1, dsn=5.1.1, "
            f"status=bounced (host mx[192.0.2.2] said: 550 {ESCAPE} [AM.prod.outlook.com] [/x] | (in reply to DATA))"
        ),
        f"smtpd[5]: NOQUEUE: reject: RCPT from unknown[192.0.2.3]: 554 5.7.1 no; from=<a@b> to=<c@d> helo=<{ESCAPE}>",
        "qmgr[3]: 4E1000000F: removed",
    )
    path = tmp_path_factory.mktemp("nasty") / "mail.log"
    lines = (HEAD.format(n=n) + text for n, text in enumerate(texts))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("form", ["table", "csv", "markdown", "json", "jsonl"])
@pytest.mark.parametrize("command", ["stats", "log", "events", "bounces"])
def test_no_control_characters_come_out(command: str, form: str, nasty: Path) -> None:
    """Escapes, titles and direction marks of a log are neutralised in every command and format."""
    done = mailaudit(command, "--format", form, nasty)

    assert done.code == 0, done.err
    assert CONTROL.findall(done.out.replace("\r\n", "\n")) == []
    assert CONTROL.findall(done.err) == []


@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_brackets_and_numbers_survive(form: str, nasty: Path) -> None:
    """What looks like markup, and a queue id that looks like a number, is printed as it is."""
    done = mailaudit("log", "--format", form, "--columns", "queue_id,reply", nasty)

    assert "4E1000000F" in done.out
    assert "[AM.prod.outlook.com]" in done.out


def test_trace_of_a_hostile_message(nasty: Path) -> None:
    """The story of a message is as clean as the lists."""
    done = mailaudit("trace", "4E1000000F", nasty)

    assert done.code == 0, done.err
    assert CONTROL.findall(done.out) == []
    assert "192.0.2.2" in done.out
