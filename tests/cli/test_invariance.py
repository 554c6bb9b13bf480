"""The same lines give the same answers, however they are packed, cut, ordered or handed in."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import random
from typing import TYPE_CHECKING, Any

import pytest
import zstandard
from tests.cli.golden import Done, mailaudit
from tests.model_reference.samples import SENDMAIL_NEW_YEAR, SUMMER_TIME_ENDS, WITH_TRUTH

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
COMMANDS = (("log", "--format", "jsonl"), ("events", "--format", "jsonl", "--include-notices", "--include-rejects"))


def halves(sample: Sample, folder: Path) -> tuple[Path, Path]:
    """The log in two rotated files, the older first."""
    lines = sample.data().splitlines(keepends=True)
    older, newer = folder / "mail.log.1", folder / "mail.log"
    older.write_bytes(b"".join(lines[: len(lines) // 2]))
    newer.write_bytes(b"".join(lines[len(lines) // 2 :]))
    return older, newer


def plain(sample: Sample, folder: Path) -> Path:
    """The log unpacked."""
    path = folder / "mail.log"
    path.write_bytes(sample.data())
    return path


def tables(done: Done) -> dict[str, Any]:
    """The tables of an answer."""
    found: dict[str, Any] = done.document["tables"]
    return found


@pytest.mark.parametrize("packing", PACKERS)
def test_packing(packing: str, tmp_path: Path) -> None:
    """A packed log reads like the plain one, and is known by its bytes, not its name."""
    packed = tmp_path / "oddly-named"
    packed.write_bytes(PACKERS[packing](SUMMER_TIME_ENDS.data()))
    expected = mailaudit(*COMMANDS[0], plain(SUMMER_TIME_ENDS, tmp_path))

    found = mailaudit(*COMMANDS[0], packed)

    assert found.rows() == expected.rows()


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_standard_input(command: tuple[str, ...], tmp_path: Path) -> None:
    """`-` reads the same lines to the same rows."""
    expected = mailaudit(*command, plain(SUMMER_TIME_ENDS, tmp_path))

    found = mailaudit(*command, "-", stdin=SUMMER_TIME_ENDS.data())

    assert found.rows() == expected.rows()


@pytest.mark.parametrize("sample", [SUMMER_TIME_ENDS, SENDMAIL_NEW_YEAR], ids=lambda sample: sample.case)
def test_rotation_and_order(sample: Sample, tmp_path: Path) -> None:
    """A log in two files reads like the whole, whichever file is named first."""
    older, newer = halves(sample, tmp_path)
    whole = tmp_path / "whole"
    whole.write_bytes(sample.data())
    expected = mailaudit(*COMMANDS[0], whole)

    assert mailaudit(*COMMANDS[0], older, newer).rows() == expected.rows()
    assert mailaudit(*COMMANDS[0], newer, older).rows() == expected.rows()


def test_a_file_given_twice_counts_once(tmp_path: Path) -> None:
    """The same lines under two names (mail.log and mail.info on Debian) are one log."""
    first = plain(SUMMER_TIME_ENDS, tmp_path)
    second = tmp_path / "mail.info"
    second.write_bytes(first.read_bytes())
    expected = mailaudit("stats", "--format", "json", first)

    found = mailaudit("stats", "--format", "json", first, second)

    assert tables(found) == tables(expected)


@pytest.mark.parametrize("memory", ["128M", "2G"])
def test_memory(memory: str) -> None:
    """Little memory makes it slower, not different."""
    log = SENDMAIL_NEW_YEAR.log
    expected = mailaudit("stats", "--format", "json", log)

    found = mailaudit("stats", "--format", "json", "--memory", memory, log)

    assert tables(found) == tables(expected)


@pytest.mark.parametrize("sample", WITH_TRUTH, ids=lambda sample: sample.case)
def test_every_line_is_accounted_for(sample: Sample) -> None:
    """Lines read are lines parsed, known noise, and lines that nothing understood; these logs have none of the last."""
    (read,) = mailaudit("stats", "--format", "json", "--table", "summary", sample.log).document["inputs"]

    assert read["lines"] == len(sample.data().splitlines())
    assert read["lines"] == read["parsed"] + read["noise"] + read["unparsed"]
    assert read["unparsed"] == 0


@pytest.mark.parametrize("sample", WITH_TRUTH, ids=lambda sample: sample.case)
def test_trace_and_log_agree(sample: Sample) -> None:
    """A message traced by its queue id has the recipients and outcomes that the list has."""
    rows = mailaudit("log", "--format", "jsonl", sample.log).rows()
    ids = sorted({row["queue_id"] for row in rows})
    chosen = random.Random(1).sample(ids, 6)  # noqa: S311 - any will do
    for queue_id in chosen:
        expected = sorted((row["recipient"], row["outcome"]) for row in rows if row["queue_id"] == queue_id)
        answer = mailaudit("trace", queue_id, "--format", "json", sample.log)

        assert answer.code == 0, f"{queue_id}: {answer.err}"
        text = json.dumps(answer.document, ensure_ascii=False)
        assert all(recipient in text and outcome in text for recipient, outcome in expected if recipient), queue_id
