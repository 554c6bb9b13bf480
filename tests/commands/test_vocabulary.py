"""`mailaudit log --vocabulary`: the status in the words of a service."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.commands.maillog import BUSY, FULL, UNKNOWN, Mail, write

import mailaudit
from mailaudit.errors import UsageError
from mailaudit.model import statuses

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.commands.conftest import Result

    Run = Callable[..., Result]


def test_the_status_is_told_in_the_words_asked_for(run: Run, tmp_path: Path) -> None:
    """The outcome stays ours, and `--status` takes our words still."""
    words = (UNKNOWN, FULL, BUSY)
    log = write(tmp_path / "log", [Mail(0), *(Mail(9 + at, attempts=((1, word),)) for at, word in enumerate(words))])

    def told(*options: str) -> list[str]:
        return [row["status"] for row in run("log", "--format", "json", *options, log).rows("log")]

    assert told() == ["delivered", "bounced", "bounced", "deferred"]
    assert told("--vocabulary", "blocks") == ["Delivered", "Failed", "Failed", "Temporary Failure"]
    assert told("--vocabulary", "bloomreach") == ["delivered", "hard_bounced", "soft_bounced", "enqueued"]
    assert told("--vocabulary", "blocks", "--status", "bounced") == ["Failed", "Failed"]
    assert "Did you mean 'blocks'" in run("log", "--vocabulary", "block", log).err


FULL_BOX = {"severity": "permanent", "reason": "bounce", "delivery-status": {"code": 552, "message": "Mailbox full"}}
NOBODY = {"severity": "permanent", "reason": "bounce", "delivery-status": {"code": 550, "message": "5.1.1 Unknown"}}
LATER = {"severity": "temporary", "reason": "generic", "delivery-status": {"code": 421, "message": "Try again later"}}
BLOCKED = {"severity": "permanent", "reason": "suppress-bounce", "delivery-status": {"code": 605, "message": "No"}}
ENDS: list[list[tuple[str, dict[str, object]]]] = [
    [],
    [("delivered", {"delivery-status": {"code": 250, "message": "OK"}})],
    *([("delivered", {}), (word, {})] for word in ("opened", "clicked", "complained", "unsubscribed")),
    *([("failed", how)] for how in (FULL_BOX, NOBODY, LATER, BLOCKED)),
]
"""What Mailgun tells of ten messages after it took them."""


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Four mails of Postfix, one in the queue still, and ten of Mailgun."""
    folder = tmp_path_factory.mktemp("vocabulary")
    mails = [Mail(0), Mail(3, attempts=()), *(Mail(9, attempts=((1, word),)) for word in (UNKNOWN, FULL, BUSY))]
    told = []
    for number, end in enumerate(ENDS):
        recipient = f"r{number}@b.example"
        headers = {"message-id": f"m{number}@a.example", "from": "shop@a.example", "to": recipient, "subject": "S"}
        base = {"recipient": recipient, "message": {"headers": headers, "attachments": [], "size": 9}, "tags": []}
        for at, (word, more) in enumerate((("accepted", {}), *end)):
            event = {
                "event": word,
                "id": f"e{number}.{at}",
                "timestamp": 1_772_438_400.5 + 60 * at,
                "log-level": "info",
            }
            told.append({**base, **event, **more})
    events = folder / "events.json"
    events.write_text(json.dumps({"items": told, "paging": {}}))
    return write(folder / "log", mails), events


@pytest.mark.parametrize("vocabulary", ["blocks", "bloomreach"])
def test_what_is_shown_can_be_asked_for(logs: tuple[Path, Path], vocabulary: str) -> None:
    """Each word gives the rows that show it, in whatever case, with blanks or without; all words give all rows."""
    mail = mailaudit.read(*logs)

    def told(*words: str) -> list[tuple[str, str]]:
        frame = mail.log(vocabulary=vocabulary, status=words)
        return list(zip(frame["recipient"], frame["status"], strict=True))

    everything = told()
    shown = {status for _, status in everything}

    assert len(everything) == 5 + len(ENDS)
    assert len(shown) > 7
    for word in statuses.words(vocabulary):
        expected = [row for row in everything if row[1] == word]
        assert told(word) == expected
        assert told(word.upper().replace(" ", "_")) == expected
    assert told(*shown) == everything
    with pytest.raises(UsageError, match="there is no vocabulary 'block'"):
        mail.log(vocabulary="block")


@pytest.mark.parametrize("vocabulary", ["blocks", "bloomreach"])
def test_words_and_what_they_come_from_agree(vocabulary: str) -> None:
    """Every status, event and type has its word, and the word leads back to it."""
    for status in statuses.STATUSES:
        for event in (None, *statuses.TELLING, "delivered"):
            for kind in (None, "hard", "soft"):
                word = statuses.translated(vocabulary, status, event, kind)
                known = (status, event if event in statuses.TELLING else "", "hard" if kind == "hard" else "")
                assert known in statuses.origins(vocabulary, word)
                assert word in statuses.words(vocabulary)


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        (["--status", "Failed"], "Blocks Online says so (log --vocabulary blocks); here it is bounced or expired"),
        (["--status", "temporary failure"], "here it is deferred"),
        (["--status", "hard_bounced"], "Bloomreach says so (log --vocabulary bloomreach); here it is bounced"),
        (["--status", "deliverd"], "Did you mean 'delivered'"),
        (["--status", "Delivered"], "Did you mean 'delivered'"),
        (["--vocabulary", "bloomreach", "--status", "hard_bounce"], "Did you mean 'hard_bounced'"),
        (["--status", "Temporary", "--vocabulary", "blocks"], "Did you mean 'Temporary Failure'"),
        (["--vocabulary", "blocks", "--follow"], "--follow tells the status in our words"),
    ],
)
def test_a_word_of_others_or_nearly_ours_is_told(
    run: Run, logs: tuple[Path, Path], options: list[str], hint: str
) -> None:
    """Whose word it is and what it is here, or the nearest known ones."""
    result = run("log", *options, *logs)

    assert result.code == 2
    assert hint in " ".join(result.err.split())


def test_both_words_in_either_order_of_options(run: Run, logs: tuple[Path, Path]) -> None:
    """`--status` before `--vocabulary` is no different, and the rows that are not shown are counted."""
    one = run("log", "--status", "failed", "--vocabulary", "blocks", "--limit", "1", *logs)
    other = run("log", "--vocabulary", "blocks", "--status", "failed", "--limit", "1", *logs)

    assert one.code == 0
    assert one.out == other.out
    assert "1 of 5" in one.out
