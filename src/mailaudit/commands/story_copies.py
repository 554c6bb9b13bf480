"""The text of a message, where an archive has a copy of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailaudit.model.answers import Answer
from mailaudit.model.columns import Column
from mailaudit.model.plurals import counted
from mailaudit.writers.escapes import neutral

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

    from mailaudit.archive import Copy
    from mailaudit.stories.story import Story

COPIES = (
    Column("message", "text", "the message: queue id of its first life"),
    Column("message_id", "text", "Message-ID without brackets"),
    Column("source_file", "text", "the archive"),
    Column("line", "int", "number of the mail in it, from 1"),
    Column("date", "text", "its Date, as it says"),
    Column("from", "text", "its From"),
    Column("to", "text", "its To"),
    Column("subject", "text", "its Subject"),
    Column("text", "text", "its text; of one without plain text, what a reader of its page would read"),
    Column("cut", "flag", "true if the text goes on"),
    Column("other_parts", "int", "parts that are not shown: other forms of the text, pictures, attachments"),
)
PRIVATE = "the text of mail is shown: it belongs to those who wrote and got it; give it to nobody else without a reason"
NONE = "The text of mail is not available in logs; --archive names a place with copies."
LINES = 100
"""Lines of a text that are shown to people; machine formats have all that was kept."""


def of(story: Story, copies: Sequence[Copy]) -> list[Copy]:
    """The copies of one story's message."""
    ids = {life.message_id for life in story.lives if life.role != "notice"}
    return [copy for copy in copies if copy.message_id in ids]


def ids(stories: Sequence[Story]) -> set[str]:
    """The Message-IDs of these stories' messages."""
    return {life.message_id for story in stories for life in story.lives if life.role != "notice" and life.message_id}


def answer(stories: Sequence[Story], copies: Sequence[Copy]) -> Answer:
    """The copies as a table."""
    rows = [
        (
            story.first.name,
            copy.message_id,
            copy.path,
            copy.number,
            copy.date or None,
            copy.sender or None,
            copy.recipients or None,
            copy.subject or None,
            copy.text,
            copy.cut or None,
            copy.others,
        )
        for story in stories
        for copy in of(story, copies)
    ]
    shown = ("message", "source_file", "date", "from", "to", "subject", "text")
    return Answer("copies", "Copies in the archive", "mails", "", COPIES, rows, shown=shown)


def write(copies: Sequence[Copy], out: TextIO) -> None:
    """Writes the copies of one message, each line of a text behind a bar: none of it can pass for ours."""
    if not copies:
        out.write("  text: no copy of it in the archive\n")
    for copy in copies:
        out.write(f"  copy: {neutral(copy.path)}, mail {copy.number}\n")
        for name, value in (
            ("Date", copy.date),
            ("From", copy.sender),
            ("To", copy.recipients),
            ("Subject", copy.subject),
        ):
            if value:
                out.write(f"  | {name}: {neutral(value)}\n")
        lines = copy.text.split("\n")
        out.write("  |\n")
        out.writelines(f"  | {neutral(line)}".rstrip() + "\n" for line in lines[:LINES])
        if copy.cut or len(lines) > LINES:
            out.write("  (the text goes on)\n")
        if copy.others:
            out.write(f"  ({counted(copy.others, 'other part')} of the mail not shown)\n")
