"""`mailaudit log --vocabulary`: the status in the words of a service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.commands.maillog import BUSY, FULL, UNKNOWN, Mail, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.commands.conftest import Result

    Run = Callable[..., Result]


def test_the_status_is_told_in_the_words_asked_for(run: Run, tmp_path: Path) -> None:
    """The outcome stays ours, and filters take our words."""
    words = (UNKNOWN, FULL, BUSY)
    log = write(tmp_path / "log", [Mail(0), *(Mail(9 + at, attempts=((1, word),)) for at, word in enumerate(words))])

    def told(*options: str) -> list[str]:
        return [row["status"] for row in run("log", "--format", "json", *options, log).rows("log")]

    assert told() == ["delivered", "bounced", "bounced", "deferred"]
    assert told("--vocabulary", "blocks") == ["Delivered", "Failed", "Failed", "Temporary Failure"]
    assert told("--vocabulary", "bloomreach") == ["delivered", "hard_bounced", "soft_bounced", "enqueued"]
    assert told("--vocabulary", "blocks", "--status", "bounced") == ["Failed", "Failed"]
    assert "Did you mean 'blocks'" in run("log", "--vocabulary", "block", log).err
