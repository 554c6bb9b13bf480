"""Options that rewrite addresses, look for another syslog_name, or add the queue."""

from __future__ import annotations

import random
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from mailaudit import cli
from mailaudit.pflogsumm.munging import one_of_a_list, out_of_a_path

if TYPE_CHECKING:
    from pathlib import Path

PFLOGSUMM = shutil.which("pflogsumm") or shutil.which("pflogsumm", path="/usr/sbin")


@pytest.mark.parametrize(
    ("address", "once", "twice"),
    [
        (
            "list-return-12-bob=dst.example@src.example",
            "list-return-ID-bob=dst.example@src.example",
            "list-return-ID@src.example",
        ),
        ("bounce-55-17-ann=x.example@src.example", "bounce-ID-ann=x.example@src.example", "bounce-ID@src.example"),
        ("prvs=1234abcd=joe@src.example", "prvs=1234abcd=joe@src.example", "prvs=1234abcd=joe@src.example"),
        ("ann@example.com", "ann@example.com", "ann@example.com"),
        ("", "", ""),
    ],
)
def test_addresses_of_lists_become_one(address: str, once: str, twice: str) -> None:
    """As the manual has it, and as pflogsumm does it where the manual is silent."""
    assert (one_of_a_list(address, 1), one_of_a_list(address, 2)) == (once, twice)


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("somehost.dom!username@foo", "foo!username@somehost.dom"),
        ("a.b!c.d!user@foo", "foo!a.b!user@c.d"),
        ("a.b!user@foo.example", "a.b!user@foo.example"),
        ("host!user", "host!user"),
        ("ann@example.com", "ann@example.com"),
    ],
)
def test_paths_become_addresses(address: str, found: str) -> None:
    """Only where the host behind the @ is a neighbour's bare name."""
    assert out_of_a_path(address) == found


def message(number: int, address: str, name: str = "postfix") -> str:
    """A message from and to an address."""
    head = f"Nov 26 10:00:00 mx {name}"
    return (
        f"{head}/smtpd[1]: B{number:08d}: client=a.example[192.0.2.1]\n"
        f"{head}/qmgr[1]: B{number:08d}: from=<{address}>, size={1000 + number}, nrcpt=1 (queue active)\n"
        f"{head}/smtp[1]: B{number:08d}: to=<{address}>, relay=mx.example[192.0.2.9]:25, delay=1, "
        "delays=0/0/0/1, dsn=2.0.0, status=sent (250 ok)\n"
    )


def ours(log: Path, options: str, capsys: pytest.CaptureFixture[str]) -> str:
    """Our report."""
    assert cli.run(["stats", "--profile", "pflogsumm", f"--profile-options={options}", str(log)]) == 0
    return capsys.readouterr().out


def test_another_name_is_looked_for_beside_the_usual_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Postfix begins with its usual name, so that one always counts."""
    log = tmp_path / "mail.log"
    log.write_text(message(1, "a@src.example") + message(2, "b@src.example", "postfix-out"))

    assert "      1   received" in ours(log, "-q", capsys)
    assert "      2   received" in ours(log, "--syslog-name=postfix-out", capsys)
    assert "      2   received" in ours(log, "--syslog_name postfix-out", capsys)


def test_the_queue_stands_at_the_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the machine's own mailq says, harmless; that there is none is told."""
    log = tmp_path / "mail.log"
    log.write_text(message(1, "a@src.example"))
    monkeypatch.setenv("PATH", str(tmp_path))
    without = ours(log, "--mailq", capsys)
    stub = tmp_path / "mailq"
    stub.write_text("#!/bin/sh\nprintf 'Mail queue\\033[2J is empty\\n'\n")
    stub.chmod(0o755)
    found = ours(log, "--mailq", capsys)

    assert without.endswith("\n\nCurrent Mail Queue\n------------------\nmailq is not in PATH\n")
    assert found.endswith("\n\nCurrent Mail Queue\n------------------\nMail queue\\x1b[2J is empty\n")


WORDS = (
    "list",
    "return",
    "bounce",
    "noreply",
    "sentto",
    "news",
    "5",
    "345",
    "x7",
    "7x",
    "bob=dst.example",
    "eve=x",
    "",
)
SIGNS = ("-", "-", "-", ".", "+", "_", "*", "=", "!")


@pytest.mark.pflogsumm
@pytest.mark.skipif(PFLOGSUMM is None, reason="pflogsumm is not installed")
@pytest.mark.parametrize("options", ["--verp-mung", "--verp-mung=2", "-m", "-m --verp-mung=2 -i", "--syslog-name=mx9"])
def test_rewrites_as_pflogsumm_does(options: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Hundreds of odd addresses, line by line."""
    assert PFLOGSUMM is not None
    chance = random.Random(options)  # noqa: S311 (a test)
    made = {
        chance.choice(WORDS)
        + "".join(chance.choice(SIGNS) + chance.choice(WORDS) for _ in range(chance.randint(0, 6)))
        + chance.choice(("@h.example", "@host", "@H.Example", "@a-1.example", ""))
        for _ in range(500)
    }
    log = tmp_path / "mail.log"
    log.write_text("".join(message(number, address) for number, address in enumerate(sorted(made))))
    theirs = subprocess.run([PFLOGSUMM, *options.split(), log], capture_output=True, text=True, check=True).stdout

    assert sorted(ours(log, options, capsys).splitlines()) == sorted(theirs.splitlines())


def test_senders_that_are_refused_are_rewritten_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Under the reason for which they are refused, the recipients of one list are one."""
    log = tmp_path / "mail.log"
    log.write_text(
        "".join(
            f"Mar  2 08:00:0{number} mx postfix/smtpd[7]: NOQUEUE: reject: RCPT from c.example[192.0.2.1]: 450 4.1.8 "
            f"<list-return-{number}@x.example>: Sender address rejected: Domain not found; "
            f"from=<list-return-{number}@x.example> to=<b@dst.example> proto=ESMTP helo=<c>\n"
            for number in range(3)
        )
    )
    found = [line.split() for line in ours(log, "--verp-mung", capsys).splitlines()]

    assert ["3", "list-return-ID@x.example"] in found
