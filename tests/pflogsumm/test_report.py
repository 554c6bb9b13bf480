"""The report of `--profile pflogsumm` is pflogsumm's own, line by line; it leaves the order of equals to chance."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import re
import shlex
import shutil
import subprocess
from itertools import groupby
from pathlib import Path

import pytest
from tests.commands.conftest import ROOT
from tests.model_reference.generate import Plan
from tests.model_reference.generate_postfix import generate

from mailaudit import cli
from mailaudit.model.request import Request
from mailaudit.pflogsumm import layout, lines, options, reasons

PROGRAM = shutil.which("pflogsumm") or shutil.which("pflogsumm", path="/usr/sbin")
needs_pflogsumm = [
    pytest.mark.pflogsumm,
    pytest.mark.skipif(PROGRAM is None, reason="pflogsumm is not installed"),
]
LOGS = sorted((ROOT / "fixtures" / "postfix").glob("*/input.*"))
ROW = re.compile(r"(?P<numbers> ( *\d+[km ])  ( *\d+[km ])  |  ( *\d+[km ])      [ \d]\d:\d\d:\d\d  | *\d+[km ]  )")
"""The numbers by which rows are sorted: count and bytes, connections and their time, or a count alone."""


def ours(log: Path, asked: str = "") -> list[str]:
    """Our report."""
    read, now = options.read(asked, "1.1.5"), dt.datetime.now().astimezone()
    found, _, _ = lines.summarise(Request(paths=(str(log),)), read, now)
    return list(layout.report(found, read, now))


def theirs(data: bytes, asked: str = "") -> list[str]:
    """pflogsumm's."""
    assert PROGRAM is not None
    done = subprocess.run([PROGRAM, *shlex.split(asked)], input=data, capture_output=True, check=True)
    return done.stdout.decode("utf-8", "replace").split("\n")[:-1]


def ordered(report: list[str]) -> list[str]:
    """The report with rows of equal numbers in the order of their names."""

    def numbers(line: str) -> str:
        found = ROW.match(line)
        return found["numbers"] if found else f"={line}"

    return [line for _, equal in groupby(report, numbers) for line in sorted(equal)]


def data_of(log: Path) -> bytes:
    """The log, unpacked."""
    return gzip.decompress(log.read_bytes()) if log.suffix == ".gz" else log.read_bytes()


ASKED = ("", "--smtpd-stats", "--iso-date-time --problems-first", "-q --rej-add-from", "--zero-fill", "--detail 0",
         "--no-no-msg-size -i", "-d today", "-h 0 -u 0 --verbose-msg-detail")  # fmt: skip


@pytest.mark.parametrize("asked", [pytest.param(text, id=text or "plain", marks=needs_pflogsumm) for text in ASKED])
@pytest.mark.parametrize("log", LOGS, ids=lambda path: path.parent.name)
def test_every_line_is_pflogsumms(log: Path, asked: str) -> None:
    """On the shipped logs of Postfix, with pflogsumm's options."""
    expected = theirs(data_of(log), asked)
    if "-i" in shlex.split(asked):
        # Perl lowers the bytes of a letter that is not ASCII, and breaks it.
        expected = [line for line in expected if "\ufffd" not in line]

    found = [line for line in ours(log, asked) if line.isascii() or "-i" not in shlex.split(asked)]

    assert ordered(found) == ordered(expected)


@pytest.mark.parametrize("seed", [pytest.param(seed, marks=needs_pflogsumm) for seed in range(4)])
def test_every_line_is_pflogsumms_on_random_logs(seed: int, tmp_path: Path) -> None:
    """With reused ids, several hosts, and texts that deceive it."""
    log = tmp_path / "mail.log"
    log.write_bytes(generate(Plan(seed=seed, mails=300, hosts=1 + seed % 2, ids=20, hostile=seed > 1)).data)

    assert ordered(ours(log)) == ordered(theirs(log.read_bytes()))


ODD = Path(__file__).with_name("odd.log")
"""One line of each sort that pflogsumm words in its own way."""


@pytest.mark.parametrize("asked", [pytest.param(text, marks=needs_pflogsumm) for text in ("", "--rej-add-from -q")])
def test_reasons_are_shortened_as_pflogsumm_does(asked: str) -> None:
    """Refusals in every phase, troubles of daemons, decisions on content, large sizes, long delays."""
    assert ordered(ours(ODD, asked)) == ordered(theirs(ODD.read_bytes(), asked))


def totals(name: str, version: str, folder: Path = Path(__file__).parent) -> dict[str, int]:
    """The totals of a version, for a log beside this file or elsewhere."""
    log = folder / name
    found, _, _ = lines.summarise(Request(paths=(str(log),)), options.read("", version), dt.datetime.now().astimezone())
    return {name: found.totals[name] for name in ("received", "delivered", "rejected", "reject warnings", "expired",
                                                  "senders", "bytes received")}  # fmt: skip


def test_1_3_takes_back_what_was_refused_after_it_had_an_id() -> None:
    """Two recipients, one refused after the id was given, the mail then delivered."""
    newer, older = totals("refused-with-id.log", "1.3.0"), totals("refused-with-id.log", "1.1.5")

    expected = dict.fromkeys(newer, 0) | {"delivered": 1, "rejected": 1}
    assert newer == expected
    assert older == expected | {"received": 1, "senders": 1, "bytes received": 1500}


def test_1_3_counts_what_expired() -> None:
    """An expiry is no bounce; a warning of cleanup is a warning."""
    newer, older = totals("in-flight.log", "1.3.0"), totals("in-flight.log", "1.1.5")

    assert newer == dict.fromkeys(newer, 0) | {"received": 1, "expired": 1}
    assert older == dict.fromkeys(older, 0) | {"received": 1, "reject warnings": 1}


def test_1_3_takes_back_what_is_in_flight(tmp_path: Path) -> None:
    """An arrival without a size is taken back at the end, if the log has sizes at all."""
    log = tmp_path / "mail.log"
    sized = "Feb  3 06:26:23 mx postfix/qmgr[9]: AB4: from=<a@b.example>, size=100, nrcpt=1 (queue active)\n"
    log.write_text(Path(__file__).with_name("in-flight.log").read_text() + sized)

    assert (totals(log.name, "1.3.0", tmp_path)["received"], totals(log.name, "1.1.5", tmp_path)["received"]) == (-1, 1)


def test_names_are_folded() -> None:
    """By the length of their endings."""
    for name, folded in (
        ("mx.mail.example.com[192.0.2.1]", "example.com"),
        ("mx.mail.example.co.uk[192.0.2.1]", "example.co.uk"),
        ("mx.example.info[192.0.2.1]", "mx.example.info"),
        ("unknown[2001:db8::1]", "2001:db8::1"),
        ("[192.0.2.1]:4711", "192.0.2.1"),
    ):
        assert reasons.client(name) == folded


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--profile", "logwatch"), "pflogsumm"),
        (("--profile", "pflogsumm=2"), "1.1.5 1.3.0"),
        (("--profile", "pflogsumm", "--profile-options", "-e"), "mailaudit log"),
        (("--profile", "pflogsumm", "--profile-options", "-u many"), "number"),
        (("--profile", "pflogsumm", "--domain", "example.com"), "no filters"),
        (("--profile", "pflogsumm", "--since", "2026-05"), "whole log"),
        (("--profile-options", "-q"), "--profile"),
    ],
)
def test_what_it_cannot_do_is_told(arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, before anything is read."""
    assert cli.run(["stats", *arguments, str(ODD)]) == 2
    assert said in capsys.readouterr().err


def test_tables_hold_the_numbers_of_the_report(capsys: pytest.CaptureFixture[str]) -> None:
    """As JSON: whole numbers under the names of the sections."""
    assert cli.run(["stats", "--profile", "pflogsumm", "--format", "json", str(ODD)]) == 0

    tables = json.loads(capsys.readouterr().out)["tables"]
    values = {row["name"]: row["value"] for row in tables["grand_totals"]["rows"]}
    assert values["bytes received"] == 700_000
    assert sum(row["rejected"] for row in tables["per_hour_traffic"]["rows"]) == sum(
        values[name] for name in ("rejected", "reject warnings", "held", "discarded")
    )
    assert tables["message_delivery"]["rows"][0] == {
        "name": "d.example", "sent": 1, "bytes": 700_000, "defers": 1, "mean_delay": 4000.0, "longest": 4000.0,
    }  # fmt: skip
