"""`explain`, and what `log`, `events`, `trace` and `bounces` say about causes."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

MX = "mx.example.com[192.0.2.25]:25"


def line(minute: int, queue_id: str, to: str, code: str, status: str, reply: str) -> str:
    """One delivery line of Postfix."""
    return (
        f"2026-03-02T10:{minute:02}:00.000000+00:00 mail postfix/smtp[11]: {queue_id}: to=<{to}>, relay={MX}, delay=1, "
        f"delays=0/0/1/0, dsn={code}, status={status} ({reply})\n"
    )


def begun(minute: int, queue_id: str, sender: str = "news@sender.example") -> str:
    """The lines with which a message begins."""
    stamp = f"2026-03-02T10:{minute:02}:00.000000+00:00 mail postfix"
    return (
        f"{stamp}/pickup[9]: {queue_id}: uid=0 from=<{sender}>\n"
        f"{stamp}/cleanup[10]: {queue_id}: message-id=<{queue_id}@sender.example>\n"
        f"{stamp}/qmgr[8]: {queue_id}: from=<{sender}>, size=1000, nrcpt=1 (queue active)\n"
    )


SAID = "host mx.example.com[192.0.2.25] said: "


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """One unknown user twice, one full mailbox, one block, and a greylisting that ended well."""
    unknown = (
        SAID + "550 5.1.1 <ann@example.com>: Recipient address rejected: User unknown (in reply to RCPT TO command)"
    )
    full = SAID + "452 4.1.1 <bob@example.com> 4.2.2 mailbox full (in reply to RCPT TO command)"
    blocked = (
        SAID + "554 5.7.1 Service unavailable; Client host [198.51.100.7] blocked using zen.spamhaus.org "
        "(in reply to RCPT TO command)"
    )
    grey = SAID + "450 4.2.0 <dan@example.com>: Greylisted, try again in 300 seconds (in reply to RCPT TO command)"
    text = "".join(
        (
            begun(0, "4A0000000A"),
            line(1, "4A0000000A", "ann@example.com", "5.1.1", "bounced", unknown),
            begun(2, "4A0000000B"),
            line(3, "4A0000000B", "ann@example.com", "5.1.1", "bounced", unknown),
            begun(4, "4A0000000C"),
            line(5, "4A0000000C", "bob@example.com", "5.2.2", "bounced", full.replace("452 4", "552 5", 1)),
            begun(6, "4A0000000D"),
            line(7, "4A0000000D", "cy@example.net", "5.7.1", "bounced", blocked),
            begun(8, "4A0000000E"),
            line(9, "4A0000000E", "dan@example.com", "4.2.0", "deferred", grey),
            line(15, "4A0000000E", "dan@example.com", "2.0.0", "sent", "250 2.0.0 Ok: queued as 1234"),
        )
    )
    path = tmp_path / "mail.log"
    path.write_text(text)
    return path


def test_log_and_events_name_the_cause(run: Callable[..., Any], log: Path) -> None:
    """Failures have category and type, delivered mail has none in `log`; the greylisting is an event of its own."""
    rows = {row["recipient"]: (row["category"], row["type"]) for row in run("log", "--format", "json", log).rows("log")}
    events = [
        (row["event"], row["category"]) for row in run("events", "--format", "json", log).rows("events")
        if row.get("category")
    ]  # fmt: skip

    assert rows == {
        "ann@example.com": ("recipient_unknown", "hard"),
        "bob@example.com": ("mailbox_full", "soft"),
        "cy@example.net": ("ip_blocked", "block"),
        "dan@example.com": (None, None),
    }
    assert sorted(events) == [
        ("bounced", "ip_blocked"),
        ("bounced", "mailbox_full"),
        ("bounced", "recipient_unknown"),
        ("bounced", "recipient_unknown"),
        ("deferred", "greylisted"),
        ("delivered", "delivered"),
    ]


def test_bounces_by_cause_with_rate(run: Callable[..., Any], log: Path) -> None:
    """Five recipients reached an end, two of them as unknown users; what was greylisted is no bounce."""
    rows = run("bounces", "--by", "category", "--format", "json", log).rows("bounces")

    assert [(row["category"], row["type"], row["recipients"], row["rate"]) for row in rows] == [
        ("recipient_unknown", "hard", 2, 0.4),
        ("mailbox_full", "soft", 1, 0.2),
        ("ip_blocked", "block", 1, 0.2),
    ]


def test_bounces_by_provider_of_ones_own(run: Callable[..., Any], log: Path, tmp_path: Path) -> None:
    """A user's file groups providers, and its rules go before ours."""
    own = tmp_path / "own.toml"
    own.write_text(
        '[[rule]]\nid = "house"\ncategory = "policy"\nwords = "spamhaus"\n[isp.Partner]\ndomains = ["example.net"]\n'
    )

    rows = run("bounces", "--by", "isp,category", "--rules", own, "--format", "json", log).rows("bounces")

    assert {(row["isp"], row["category"]) for row in rows} == {
        ("other", "recipient_unknown"),
        ("other", "mailbox_full"),
        ("Partner", "policy"),
    }


def test_addresses_for_list_hygiene(run: Callable[..., Any], log: Path) -> None:
    """Each dead address once, with the number of messages that failed."""
    found = run("bounces", "--addresses", "--only", "hard", "--confidence", "high,medium", "--format", "json", log)

    rows = found.rows("addresses")

    assert [(row["recipient"], row["failures"], row["suppress"], row["delivered_since"]) for row in rows] == [
        ("ann@example.com", 2, "now", None)
    ]


def test_the_list_and_the_address_it_names(run: Callable[..., Any], log: Path) -> None:
    """The address of the block, not that of the host which answered."""
    rows = run("bounces", "--table", "lists", "--format", "json", log).rows("lists")

    assert [(row["list"], row["ip"], row["lines"]) for row in rows] == [("zen.spamhaus.org", "198.51.100.7", 1)]


def test_greylisting_is_no_bounce_and_came_through(run: Callable[..., Any], log: Path) -> None:
    """What was put off, and what became of it."""
    rows = run("bounces", "--table", "deferrals", "--format", "json", log).rows("deferrals")

    assert [(row["category"], row["recipients"], row["delivered"], row["failed"]) for row in rows] == [
        ("greylisted", 1, 1, 0)
    ]


def test_trace_tells_the_cause(run: Callable[..., Any], log: Path) -> None:
    """With what to do next."""
    out = run("trace", "4A0000000C", log).out

    assert "cause: mailbox_full (soft): Nothing the first time" in out


def test_explain_a_reply(run: Callable[..., Any]) -> None:
    """The meaning of words and codes, and what others call it."""
    out = run("explain", "--vocabulary", "sisimai", "550 5.1.1 User unknown").out

    for words in ("recipient_unknown (hard)", "there is no such mailbox", "Bloomreach     hard_bounced", "userunknown"):
        assert words in out


@pytest.mark.parametrize("code", ["550", "5.1.1", "550 5.7.1", "4.7.652", "5.7.606", "S3150", "OFR004_104"])
def test_explain_a_code(run: Callable[..., Any], code: str) -> None:
    """Codes of the standards and of receivers are known."""
    assert run("explain", code).code == 0


@pytest.mark.parametrize("code", ["599", "5.99.1", "XQ17"])
def test_explain_an_unknown_code(run: Callable[..., Any], code: str) -> None:
    """Exit code 1."""
    assert run("explain", code).code == 1


def test_explain_a_file(run: Callable[..., Any], tmp_path: Path) -> None:
    """One object for each line, in order, whatever the bytes; few lines and many are judged alike."""
    path = tmp_path / "replies.txt"
    lines = [b"550 5.1.1 no such user", b"", b"452 4.2.2 full \xff", b"451 Greylisted, come back later"]
    path.write_bytes(b"\n".join(lines * 100) + b"\n")

    rows = [json.loads(text) for text in run("explain", "--file", path).out.splitlines()]

    assert [row["category"] for row in rows] == [
        "recipient_unknown", "unknown", "mailbox_full", "greylisted",
    ] * 100  # fmt: skip
    assert rows[2]["text"] == "452 4.2.2 full \ufffd"
    assert list(rows[0]) == [
        "text", "category", "type", "party", "permanence", "confidence", "rule", "suppress", "retry", "action", "list",
    ]  # fmt: skip


@pytest.mark.parametrize("arguments", [("-",), ("--file", "-")])
def test_explain_standard_input(
    run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    """`-` is standard input, as with all commands."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"550 5.1.1 no such user\n452 4.2.2 full\n")))
    found = run("explain", *arguments).out.splitlines()

    assert [json.loads(text)["category"] for text in found] == ["recipient_unknown", "mailbox_full"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((), 2),
        (("550", "--file", "-"), 2),
        (("--vocabulary", "sisimia", "550"), 2),
        (("--file", "/nowhere/at/all"), 3),
        (("--rules", "/nowhere/at/all", "550"), 2),
    ],
)
def test_explain_refuses(run: Callable[..., Any], arguments: tuple[str, ...], code: int) -> None:
    """Wrong options are usage errors, a missing file is unreadable input."""
    assert run("explain", *arguments).code == code


@pytest.mark.parametrize(
    "text",
    [
        "rule = 3",
        '[[rule]]\nid = "a"',
        '[[rule]]\nid = "a"\ncategory = "nonsense"\nwords = "x"',
        '[[rule]]\nid = "a"\ncategory = "policy"\nwords = "("',
        '[[rule]]\nid = "a"\ncategory = "policy"\nwords = "x"\nfoo = 1',
        '[category.mine]\ntype = "odd"',
        "[isp.x]\ndomains = 3",
        "[other]\na = 1",
        "not toml",
    ],
)
def test_what_is_wrong_in_a_rules_file_is_told(run: Callable[..., Any], tmp_path: Path, text: str) -> None:
    """Usage error with the file's name, never a traceback."""
    path = tmp_path / "own.toml"
    path.write_text(text)

    done = run("explain", "--rules", path, "550 whatever")

    assert done.code == 2
    assert "own.toml" in done.err
    assert "Traceback" not in done.err
