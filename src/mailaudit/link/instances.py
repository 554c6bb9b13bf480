"""Which Postfix instance a line belongs to, where its tag names only a service of master.cf.

Distributions write `syslog_name=postfix/$service_name` into master.cf, and so name the service but not the instance:
such lines are those of the only instance that has a queue manager or cleanup daemon of its own.  Administrators also
write `syslog_name=postfix-slow`, which looks like an instance, but has no such daemon: its mail is another's.  A block
of a log may hold lines of no more than one of several instances, so what other blocks and files have is known before it
is read.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from mailaudit.formats import formats
from mailaudit.link.sampling import looked_at
from mailaudit.read.sources import silent

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from mailaudit.formats.table import Program
    from mailaudit.read.sources import Source

USUAL = "postfix"
_OWN = ("qmgr", "nqmgr", "oqmgr", "cleanup")
"""Daemons that have no service of their own name: their tags tell the instance."""
BEGINNING = 256 << 10
"""Bytes of a compressed file that are looked at."""
_DAEMON = re.compile(rb'/(?:[no]?qmgr|cleanup)(?=[\[\s":])')
_BEHIND = re.compile(rb'([^\s\["<>:]+)[\s">:]')
"""A tag up to its daemon's name and what stands before it, written backwards."""
_LONGEST = 128
"""Bytes in which these are looked for."""


def owners(programs: Iterable[Program]) -> frozenset[str]:
    """The instances that have daemons of their own among these programs."""
    return frozenset(program.instance for program in programs if program.daemon in _OWN and program.service is None)


def sampled(sources: Iterable[Source]) -> frozenset[str]:
    """The same as some places in every plain file tell, and the beginning of those that are compressed."""
    tags = {
        tag.decode(errors="replace")
        for source in sources
        if source.kind == "lines" and source.size is not None
        for tag in _tags(_beginning(source) if source.compression else looked_at(source))
    }
    found = (form.claims(tag) for tag in tags for form in formats().values())
    return owners(program for program in found if program is not None)


def _tags(data: bytes) -> Iterator[bytes]:
    """The tags of the daemons that tell the instance."""
    data = b"\n" + data
    for daemon in _DAEMON.finditer(data):
        before = data[max(0, daemon.start() - _LONGEST) : daemon.start()][::-1]
        if found := _BEHIND.match(before):
            yield found[1][::-1] + daemon[0]


def _beginning(source: Source) -> bytes:
    # That it is cut or damaged is told when it is read.
    with replace(source, warn=silent).open() as stream:
        return stream.read(BEGINNING)


def named(programs: Mapping[str | None, Program], known: Collection[str] = frozenset()) -> dict[str | None, str | None]:
    """The instance that each tag stands for; `known`: instances with daemons of their own that other blocks have."""
    own = {*known, *owners(programs.values())}
    sole = next(iter(own)) if len(own) == 1 else None
    found: dict[str | None, str | None] = {}
    for tag, program in programs.items():
        found[tag] = program.instance
        if program.instance not in own:
            if program.instance == program.daemon:
                continue  # another mail server's program, or a line without a tag
            if program.instance != USUAL:
                # `postfix-out-slow` is a service of `postfix-out`, if there are both that and `postfix`.
                within = [name for name in own if program.instance.startswith(f"{name}-")]
                found[tag] = max(within, key=len, default=sole or program.instance)
            elif program.service and sole:
                found[tag] = sole
    return found
