"""Compares the rows of `mailaudit log` with a record of what really happened to every recipient.

    python -m tests.truth.compare TRUTH ROWS.jsonl

TRUTH is a truth.json (or .gz): one entry per submission, with its recipients and how each ended, collected at the
other end of the wire and not from the log. A submission is found among the rows by its id, which is the first part of
its Message-ID, and, where it has no row with a Message-ID, by the queue id told to the client. Where a log tells no
Message-IDs and nobody was told an id (OpenSMTPD's sendmail command), sender, recipients and time are all there is.
"""

from __future__ import annotations

import gzip
import json
import operator
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MEANS = {
    "delivered": {"delivered"},
    "bounced": {"bounced"},
    "expired": {"expired"},
    "queued": {"deferred", "pending"},
    "held": {"held"},
    "deleted": {"deleted"},
    "discarded": {"discarded"},
    "failed_no_dsn": {"bounced", "expired", "discarded"},
}
"""Words of the truth, and the outcomes that say the same."""

NEAR = 60
"""Seconds between the moment a client hands a message in and its line in the log."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A recipient on which the answer and the truth differ, or one that only one of them knows."""

    message: str
    queue_id: str
    recipient: str
    truth: str
    answer: str
    why: str


def load(path: Path) -> dict[str, Any]:
    """The truth, unpacked."""
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    loaded: dict[str, Any] = json.loads(data)
    return loaded


def fold(address: str | None) -> str:
    """An address for comparison: case, brackets, quotes and the comment of `<x>` do not tell people apart here."""
    return (address or "").strip("<>").lower()


def names(row: dict[str, Any]) -> set[str]:
    """The names under which a row's recipient may appear in the truth."""
    return {fold(row.get("recipient")), fold(row.get("original_recipient"))} - {""}


def compare(truth: dict[str, Any], rows: Iterable[dict[str, Any]], log: str = "") -> Iterator[Mismatch]:
    """Every recipient on which rows and truth differ, and every row of users' mail that the truth lacks.

    With the text of the log, a recipient without a row is explained if the log never names it.
    """
    listed = list(rows)
    for message, found in paired(truth, listed):
        yield from compare_message(message, found, log)
    ids = {message["id"] for message in truth["messages"]}
    queue_ids = {message["qid"] for message in truth["messages"] if "qid" in message}
    unnamed = {id(row) for message in truth["messages"] for row in alike(message, listed)}
    for row in listed:
        if id(row) in unnamed:
            continue
        if (row.get("message_id") or "").partition(".")[0] not in ids and row["queue_id"] not in queue_ids:
            yield Mismatch("", row["queue_id"], str(row.get("recipient")), "no message", row["outcome"], "")


def paired(
    truth: dict[str, Any], rows: Iterable[dict[str, Any]]
) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """The submissions whose recipients are known, each with its rows."""
    listed = list(rows)
    by_id: dict[str, list[dict[str, Any]]] = {}
    by_queue_id: dict[str, list[dict[str, Any]]] = {}
    for row in listed:
        by_id.setdefault((row.get("message_id") or "").partition(".")[0], []).append(row)
        ids = row.get("queue_ids") or [row["queue_id"]]
        for queue_id in ids.split() if isinstance(ids, str) else ids:
            by_queue_id.setdefault(queue_id, []).append(row)
    for message in truth["messages"]:
        if message.get("recipients"):
            found = by_id.get(message["id"]) or by_queue_id.get(message.get("qid", ""), [])
            yield message, found or alike(message, listed)


def alike(message: dict[str, Any], rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows without a Message-ID of the message that its sender gave to one of its recipients at its time.

    Only for a submission whose queue id nobody was told.
    """
    if "qid" in message or not {"frm", "submitted", "recipients"} <= message.keys():
        return []
    wanted = {fold(recipient["rcpt"]) for recipient in message["recipients"]}
    near = [
        (abs(datetime.fromisoformat(row["submitted_at"]).timestamp() - message["submitted"]), row)
        for row in rows
        if not row.get("message_id") and fold(row.get("sender")) == fold(message["frm"]) and names(row) & wanted
    ]
    apart, nearest = min(near, key=operator.itemgetter(0), default=(NEAR, None))
    if nearest is None or apart >= NEAR:
        return []
    return [row for _, row in near if row["queue_id"] == nearest["queue_id"]]


def matching(recipient: dict[str, Any], rows: list[dict[str, Any]]) -> list[int]:
    """The rows of a recipient: by address, by the local part of a mailbox, by the name it was submitted as."""
    wanted, submitted = fold(recipient["rcpt"]), fold(recipient.get("submitted_as"))
    local = wanted.partition("@")[0]
    for test in (
        lambda row: fold(row.get("recipient")) == wanted,
        lambda row: fold(row.get("recipient")) == local,
        lambda row: fold(row.get("original_recipient")) == wanted,
        lambda row: submitted != "" and submitted in names(row),
    ):
        found = [number for number, row in enumerate(rows) if test(row)]
        if found:
            return found
    return []


def compare_message(message: dict[str, Any], rows: list[dict[str, Any]], log: str) -> Iterator[Mismatch]:
    """The differences on one message."""
    identity = message["id"], message.get("qid", "")
    used: set[int] = set()
    for recipient in message["recipients"]:
        found = matching(recipient, rows)
        used.update(found)
        answers = sorted({rows[number]["outcome"] for number in found})
        answer = "+".join(answers) or "no row"
        if len(answers) != 1 or answers[0] not in MEANS[recipient["outcome"]]:
            why = explain(message, recipient, answer, log)
            yield Mismatch(*identity, recipient["rcpt"], recipient["outcome"], answer, why)
    for number, row in enumerate(rows):
        if number not in used:
            yield Mismatch(*identity, str(row.get("recipient")), "no recipient", row["outcome"], "")


def explain(message: dict[str, Any], recipient: dict[str, Any], answer: str, log: str) -> str:
    """The rule by which a difference is the truth's guess or the log's silence, or nothing."""
    notify = message.get("notify", "")
    if recipient["outcome"] == "queued" and answer in {"bounced", "expired"} and notify and "FAILURE" not in notify:
        return "no failure notice was asked for, so the other end never heard how it ended"
    if answer == "no row" and log and recipient["rcpt"].lower() not in log.lower():
        return "the log never names this recipient"
    return ""


def table(mismatches: Iterable[Mismatch]) -> str:
    """The mismatches as lines of text, with a count of each kind in front."""
    listed = list(mismatches)
    kinds = Counter((m.truth, m.answer, m.why) for m in listed)
    head = [f"{count:6} {truth} -> {answer}  {why}" for (truth, answer, why), count in kinds.most_common()]
    body = [f"{m.message} {m.queue_id:15} {m.recipient}: {m.truth} -> {m.answer} {m.why}" for m in listed]
    return "\n".join([*head, *body])


def main() -> None:
    """Prints the table for a truth and rows in files."""
    truth, rows = Path(sys.argv[1]), Path(sys.argv[2])
    with rows.open(encoding="utf-8") as lines:
        found = list(compare(load(truth), (json.loads(line) for line in lines)))
    sys.stdout.write(table(found) + "\n")
    sys.exit(1 if any(not m.why for m in found) else 0)


if __name__ == "__main__":
    main()
