"""What is asked of a reading, and what a reading says of its inputs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime, tzinfo


@dataclass(frozen=True, slots=True)
class Request:
    """What to read and how; what to ask of it stands in the options of the question."""

    paths: tuple[str, ...] = ()
    year: int | None = None
    input_tz: tzinfo | None = None
    input_format: str | None = None
    tz: tzinfo | None = None
    """Zone of the report; None: the log's own if it has one, else the machine's."""
    memory: int | None = None
    """Bytes that the run may use; None: a quarter of what the machine or its cgroup has free."""
    block_size: int | None = None
    """Bytes per block; None: chosen by memory."""
    raised_by_key: str = "any"
    """Name of the variable that says who had a message sent; `any`: one of the usual names."""
    collapse: bool = True
    now: datetime | None = None
    """The present, for tests; None: the machine's."""


ENOUGH = 0.95
"""Coverage of mail lines below which an answer is given with a loud note and exit code 3."""


@dataclass(slots=True)
class InputReport:
    """What became of the lines of one input: lines = parsed + noise + unparsed."""

    path: str
    format: str | None = None
    lines: int = 0
    parsed: int = 0
    noise: int = 0
    unparsed: int = 0
    mail_lines: int = 0
    """Lines of the formats' own programs, and lines that could not be read at all."""
    year: int | None = None
    offset: str | None = None
    confidence: str | None = None
    reason: str = ""
    first_us: int | None = None
    last_us: int | None = None
    hosts: tuple[str, ...] = ()
    kinds: dict[str, int] = field(default_factory=dict)
    """Lines by `format/kind`."""
    unparsed_lines: list[int] = field(default_factory=list)
    """The first line numbers that nothing understood."""

    @property
    def coverage(self) -> float | None:
        """Share of the mail lines that were understood, 0 to 1; None if there are none."""
        return 1 - self.unparsed / self.mail_lines if self.mail_lines else None

    @property
    def doubtful(self) -> bool:
        """True if so little was understood that no number is to be relied on."""
        return self.coverage is not None and self.coverage < ENOUGH

    @property
    def doubt(self) -> Warning | None:
        """What must be said of an input of which too little was understood."""
        if not self.doubtful:
            return None
        text = f"only {self.coverage:.1%} of the mail lines were understood; do not rely on the numbers"
        return Warning("not_understood", f"{text} (mailaudit records --unparsed shows the rest)", self.path)


@dataclass(frozen=True, slots=True)
class Warning:
    """Something about the input that a reader of the numbers must know."""

    kind: str
    text: str
    source_file: str | None = None
    line: int | None = None
