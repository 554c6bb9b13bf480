"""What a log format is: a table of kinds of lines, and what is made of them.

A kind is a daemon, a literal beginning, a pattern with named fields, and an example that must match: data, so that it
can be listed, documented and tested.  `formats.reading` reads a block of lines by such a table.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from mailaudit.formats import shapes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ANY = "*"
"""A daemon name that stands for every daemon of the format: tried after the daemon's own kinds."""

HEAD = 4
"""Characters of a text that part a daemon's lines before its kinds are tried."""

MEMORY = 10_000
"""Beginnings whose kinds are remembered; a log has a few hundred."""

_ANY_TEXT = r"^(?<text>.*)$"

BASE = ("no", "tag", "queue_id")
"""Columns that every frame of records has before its kind's own fields; `no` leads to time and host of the line."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of line.

    `starts` are literal beginnings of the text after the queue id; a kind without them relies on `pattern` alone.
    `queue_id`: True, the text follows a queue id; False, the line has none; None, either.
    `noise` kinds say nothing about mail: their lines are counted by name, and nothing else.
    """

    name: str
    daemons: tuple[str, ...]
    starts: tuple[str, ...]
    example: str
    pattern: str | None = None
    queue_id: bool | None = None
    noise: bool = False
    plain: bool = False
    """Noise whose pattern holds its beginning and none of the keys of mail's own lines: they need not be looked for."""
    shape: str | None = None
    """Instead of a pattern: the text itself with fields in braces (`formats.shapes`), for frequent and simple lines."""
    pieces: tuple[str, ...] = ()
    """Instead of a pattern: fields or patterns, and between them the literals at which the text is cut."""


@dataclass(frozen=True, slots=True)
class Program:
    """Who wrote a line, read from its tag: Postfix instance, service of master.cf, daemon."""

    instance: str
    service: str | None
    daemon: str


@dataclass(frozen=True)
class Format:
    """One log format: whose lines it claims, what a queue id looks like, and its kinds of lines."""

    name: str
    claims: Callable[[str | None], Program | None]
    queue_id: str
    kinds: tuple[Kind, ...]
    facts: Callable[[Records], Facts]
    behind_id: str = ": "
    """What stands between a queue id and the text."""
    reusable_ids: bool = False
    lasting_id: str | None = None
    """A letter that only queue ids have which never come back, where `reusable_ids` is true of the others."""
    mail_words: str = r"\b(?:to|from|status|stat)=|\breject"
    """A line of the format's own programs that matches this is never counted as noise."""
    bracketed: tuple[str, ...] = ()
    """Kinds whose `reply` is in brackets, of which the closing one is read with it: the line may be cut before it."""
    told_by: str | None = None
    """What only its own lines say, where the administrator may have given its programs any tag (`sendmail -L`)."""
    shared: tuple[str, ...] = ()
    """Tags of its own that lines of others may have, too: only `told_by` tells whose they are."""
    partly: bool = False
    """Of lines with its tags only those are its own that `told_by` tells; the others say nothing of mail."""
    anyone: str | None = None
    """A daemon's name that stands for any of them: rsyslog's APP-NAME ends at the first slash of the tag."""
    sample_id: str | None = None
    """A queue id, to hold examples against the table; formats of other packages need it (`formats.plugged`)."""

    @functools.cached_property
    def by_daemon(self) -> dict[str, tuple[Kind, ...]]:
        """For each daemon the kinds to try, in order: its own first, then those of every daemon."""
        own: dict[str, list[Kind]] = {}
        for kind in self.kinds:
            for daemon in kind.daemons:
                own.setdefault(daemon, []).append(kind)
        common = own.pop(ANY, [])
        found = {daemon: (*kinds, *common) for daemon, kinds in own.items()} | {ANY: tuple(common)}
        if self.anyone is not None:
            # Kinds that take any text are for programs of others, which log under their own names.
            told = [kind for kind in self.kinds if kind.starts or kind.pattern not in (None, _ANY_TEXT)]
            found[self.anyone] = (*(kind for kind in told if ANY not in kind.daemons), *common)
        return found

    @functools.cached_property
    def fields(self) -> dict[str, tuple[str, ...]]:
        """For each kind's name the fields of its patterns and shapes."""
        found: dict[str, dict[str, None]] = {}
        for kind in self.kinds:
            own = shapes.groups(kind.pattern or "") + list(shapes.parts(kind.shape or "")[1])
            own += shapes.fields_of(kind.pieces)
            found.setdefault(kind.name, {}).update(dict.fromkeys(own))
        return {name: tuple(fields) for name, fields in found.items()}

    @functools.cached_property
    def _known(self) -> dict[tuple[str, str], tuple[Kind, ...]]:
        """The answers of `candidates` so far; equal ones are one object."""
        return {}

    def candidates(self, daemon: str, beginning: str) -> tuple[Kind, ...]:
        """Returns the kinds to try, in order, on a daemon's text that begins so: always the same object for them."""
        if (found := self._known.get((daemon, beginning))) is None:
            kinds = self.by_daemon.get(daemon) or self.by_daemon[ANY]
            found = tuple(kind for kind in kinds if _may_begin(kind, beginning))
            names = ",".join(str(number) for number, kind in enumerate(kinds) if kind in found)
            found = self._known.setdefault((f"{id(kinds)}", names), found)
            if len(self._known) < MEMORY:
                self._known[daemon, beginning] = found
        return found


@dataclass(frozen=True, slots=True)
class Records:
    """The lines of one block as one frame per kind, and the count of every line.

    `frames` maps a kind's name to its rows: the columns of `BASE`, then the pattern's fields as text.
    `counts` counts lines by kind, noise kinds included; `unparsed` has the numbers of lines that no kind took.
    """

    frames: dict[str, pl.DataFrame]
    counts: dict[str, int]
    noise: dict[str, pl.Series]
    unparsed: pl.Series
    programs: Mapping[str | None, Program]

    def get(self, *names: str) -> pl.DataFrame | None:
        """The rows of the named kinds together, or None if the block has none."""
        found = [self.frames[name] for name in names if name in self.frames]
        if not found:
            return None
        return found[0] if len(found) == 1 else pl.concat(found, how="diagonal")


@dataclass(slots=True)
class Facts:
    """What a block of records says, in the columns that linking and the store know.

    `messages` has a row per line that says something of a whole message: `act` (see `link.lives`) and any of the
    columns of the messages table.  `deliveries` and `refusals` have the columns of their tables.  All of them have
    `no`, `tag` and `queue_id`.
    """

    messages: list[pl.DataFrame] = field(default_factory=list)
    deliveries: list[pl.DataFrame] = field(default_factory=list)
    refusals: list[pl.DataFrame] = field(default_factory=list)
    tls: list[pl.DataFrame] = field(default_factory=list)
    logins: list[pl.DataFrame] = field(default_factory=list)
    """Users that log in with one line and hand in mail with others: `sasl_user`, `client_ip` (see `link.logins`)."""
    sessions: list[pl.DataFrame] = field(default_factory=list)
    """What is told of sessions whose messages and refusals stand on other lines (see `link.sessions`)."""
    attempts: list[pl.DataFrame] = field(default_factory=list)
    """What tells of deliveries whose start and result stand on different lines: `what`, `number` (`link.attempts`)."""
    verdicts: list[pl.DataFrame] = field(default_factory=list)
    """What is to become of a message that has no queue id yet: `event`, `action`, `client_ip` (see `link.verdicts`)."""
    filed: list[pl.DataFrame] = field(default_factory=list)
    """What became of mail in the hands of its user, as the agent tells it to whom the server gave it."""
    notices: list[tuple[int, str, str]] = field(default_factory=list)
    """What a reader of the numbers must know: number of the line, kind of the warning, text."""


def _may_begin(kind: Kind, head: str) -> bool:
    """Tells whether a text with this head may begin like the kind."""
    return not kind.starts or any(head.startswith(start[:HEAD]) for start in kind.starts)
