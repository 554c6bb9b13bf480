"""The same lines give the same answers, however they are packed, cut, ordered or handed in."""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
import zstandard
from tests.cli.golden import ROOT, unplaced
from tests.cli.golden import mailaudit as installed
from tests.model_reference.samples import SENDMAIL_NEW_YEAR, SUMMER_TIME_ENDS, WITH_TRUTH
from tests.program import mailaudit, rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.model_reference.samples import Sample

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstandard.ZstdCompressor().compress,
}
COMMANDS = (("log",), ("events",))


def halves(sample: Sample, folder: Path) -> tuple[Path, Path]:
    """The log in two rotated files, the older first."""
    lines = sample.data().splitlines(keepends=True)
    older, newer = folder / "mail.log.1", folder / "mail.log"
    older.write_bytes(b"".join(lines[: len(lines) // 2]))
    newer.write_bytes(b"".join(lines[len(lines) // 2 :]))
    return older, newer


@cache
def whole(sample: Sample, command: tuple[str, ...] = COMMANDS[0]) -> list[dict[str, Any]]:
    """What a command says of the log as it is shipped."""
    return unplaced(rows(*command, sample.log))


@cache
def stats(*arguments: object) -> dict[str, list[dict[str, Any]]]:
    """All tables of `stats`."""
    return mailaudit("stats", "--format", "json", *arguments).tables


@pytest.mark.parametrize("packing", PACKERS)
def test_packing(packing: str, tmp_path: Path) -> None:
    """A packed log reads like the plain one, and is known by its bytes, not its name."""
    packed = tmp_path / "oddly-named"
    packed.write_bytes(PACKERS[packing](SUMMER_TIME_ENDS.data()))

    assert unplaced(rows(*COMMANDS[0], packed)) == whole(SUMMER_TIME_ENDS)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_standard_input(command: tuple[str, ...]) -> None:
    """`-` reads the same lines to the same rows."""
    found = installed(*command, "--format", "jsonl", "-", stdin=SUMMER_TIME_ENDS.data())

    assert unplaced(found.lines) == whole(SUMMER_TIME_ENDS, command)


@pytest.mark.parametrize("sample", [SUMMER_TIME_ENDS, SENDMAIL_NEW_YEAR], ids=lambda sample: sample.case)
def test_rotation_and_order(sample: Sample, tmp_path: Path) -> None:
    """A log in two files reads like the whole, whichever file is named first."""
    older, newer = halves(sample, tmp_path)

    assert unplaced(rows(*COMMANDS[0], older, newer)) == whole(sample)
    assert unplaced(rows(*COMMANDS[0], newer, older)) == whole(sample)


def test_a_file_given_twice_counts_once(tmp_path: Path) -> None:
    """The same lines under two names (mail.log and mail.info on Debian) are one log."""
    first, second = tmp_path / "mail.log", tmp_path / "mail.info"
    first.write_bytes(SUMMER_TIME_ENDS.data())
    second.write_bytes(SUMMER_TIME_ENDS.data())

    assert stats(first, second) == stats(first)


@pytest.mark.parametrize("memory", ["128M", "2G"])
def test_memory(memory: str) -> None:
    """Little memory makes it slower, not different."""
    log = SENDMAIL_NEW_YEAR.log

    assert stats("--memory", memory, log) == stats(log)


@pytest.mark.parametrize("sample", WITH_TRUTH, ids=lambda sample: sample.case)
def test_every_line_is_accounted_for(sample: Sample) -> None:
    """Lines read are lines parsed, known noise, and lines that nothing understood; these logs have none of the last."""
    (read,) = mailaudit("stats", "--format", "json", "--table", "summary", sample.log).document["inputs"]

    assert read["lines"] == len(sample.data().splitlines())
    assert read["lines"] == read["parsed"] + read["noise"] + read["unparsed"]
    assert read["unparsed"] == 0


WITH_HOPS = ("postfix/filters-and-requeued", "postfix/every-path", "sendmail/every-path", "opensmtpd/every-path")


@pytest.mark.parametrize("case", WITH_HOPS)
def test_lines_without_a_host(case: str, tmp_path: Path) -> None:
    """Containers log no host's name: filters, forwards, notices and verdicts are followed all the same."""
    named, nameless = tmp_path / "named", tmp_path / "nameless"
    named.write_bytes(gzip.decompress((ROOT / "fixtures" / case / "input.log.gz").read_bytes()))
    head = re.compile(rb"^((?:\S+T\S+|\w{3} [ \d]\d [\d:]{8})) \S+ ", re.MULTILINE)
    nameless.write_bytes(head.sub(rb"\1 ", named.read_bytes()))
    shown = ("--columns", "queue_ids,sender,recipient,original_recipient,outcome,attempts,reply")

    assert rows("log", *shown, nameless) == rows("log", *shown, named)
