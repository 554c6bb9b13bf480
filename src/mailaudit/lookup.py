"""Reads only the lines about one thing: a queue id, an address, a Message-ID.

The bytes are searched for the token, the queue ids on its lines are searched in turn (filters, forwards, notices), and
only these lines go through the formats and the linking that a whole reading uses. So `trace` answers at the speed of
a search, and in the same words as `log`.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from mailaudit import accounts, flow
from mailaudit.link import instances
from mailaudit.link.clock import apply
from mailaudit.link.clocks import Clocks
from mailaudit.link.logins import PROCESS
from mailaudit.link.oldest import oldest_first
from mailaudit.link.survey import survey
from mailaudit.linking import Linker, Overlaps
from mailaudit.measure.engine import Engine
from mailaudit.model.queue_ids import SENDMAIL_ID
from mailaudit.model.request import InputReport, Request
from mailaudit.parsing import ends, kind_of, parse
from mailaudit.read import sources
from mailaudit.read.blocks import Block
from mailaudit.read.heads import Heads, heads
from mailaudit.search import Lines, Notices, framed, search
from mailaudit.store.temporary import TemporaryStore

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mailaudit.parsing import Parsed

PLAINLY = 0.5
"""Coverage of a sample below which an input is plainly not understood: a few odd lines of a sample say nothing."""
MANY = 40
"""Ids beyond which a whole reading is the faster way."""
ROUNDS = 12
"""Times that ids found are searched in turn: a message with more hops in a row is read for with all others."""
_PIPED = re.compile(
    rb"status=sent \(delivered via "
    rb"|/(?:smtp|lmtp)\[[0-9]+\]: .*, relay=[^ ]*\[(?:127\.0\.0\.1|::1)\].*status=sent \("
)
_FILED = re.compile(rb"\b(?:status=sent|stat=Sent) \(2.* ([0-9A-Za-z+/]{16,}(?::[0-9A-Z]+)*) Saved\)")
"""How Dovecot answers, with the session in which it took the mail: its own lines name that."""
_NAMELESS = re.compile(rb": message-id=(?:<>)?\s*$")
_NAMED_HERE = re.compile(rb": ([0-9A-Za-z]+): message-id=<(?:[0-9]{14}\.)?\1@")
_PICKED_UP = re.compile(rb"/pickup\[[0-9]+\]: ([0-9A-Za-z]+): ")
_HANDED_IN = re.compile(rb"/pickup\[[0-9]+\]: |: client=[^ ]*\[(?:127\.0\.0\.1|::1)\]")
_NOTICE = re.compile(rb"[0-9a-f]{16} smtp (?:envelope|event=message) .*from=<> ")
_WAITS = re.compile(rb", mailer=[^,]*, .*\bstat=Deferred")
_LIMIT = b": sender notify: Cannot send message for "
_STATUS = b", stat="
_TRIED = re.compile(rb": ([0-9A-Za-z]{8,20}): to=([^ ]+), .*, mailer=")


class ReadAll(Exception):
    """A whole reading is the better way: the token leads to too many queue ids, or the inputs are not lines."""


def read_about(request: Request, token: str) -> flow.Run:
    """Reads what the inputs say of the token and of everything linked to it; the token may stand anywhere in a line.

    Raises `ReadAll` where a whole reading is the better way, and `InputError` if nothing can be read.
    """
    found = sources.find(request.paths)
    found.sources[:] = oldest_first(found.sources, request)
    if any(kind_of(source, request.input_format) != "lines" for source in found.sources):
        raise ReadAll  # whether a word in a record means anything is known only once it is read
    engine = Engine(TemporaryStore(flow.for_store(request)))
    engine.open()  # by another thread, while this one searches
    try:
        inputs, clocks = _read(request, found.sources, token, engine)
    except BaseException:
        engine.close()
        raise
    zone = request.tz or clocks.zone()
    warnings = [*found.warnings, *accounts.others(inputs, found.sources)]
    return flow.Run(request, engine, list(found.sources), inputs, warnings, zone, flow.Timer(), list(found.notes))


def _read(
    request: Request, found: list[sources.Source], token: str, engine: Engine
) -> tuple[list[InputReport], Clocks]:
    """Searches, reads what was found into the engine's tables, and makes them ready for questions."""
    owners = instances.sampled(found)
    kept, spots, seen = _collect(found, token, request.input_format)
    clocks = Clocks(found, request, {})
    linker = Overlaps(Linker(), flow.HELD, several=len(found) > 1)
    reports = {source.number: InputReport(path=source.path) for source in found}
    # The clocks are set as a whole reading would set them, as far as samples tell.
    outlines = {number: _outline(seen[number], lines) for number, lines in kept.items() if lines.at or spots[number].at}
    formats: set[str] = set()
    parts = clocks.together(
        {number: survey(it.frame, offsets=it.offsets, beside=it.beside) for number, it in outlines.items()}
    )
    for source in found:
        table = framed(kept[source.number])
        if not table.height:
            sample = framed(spots[source.number])
            reports[source.number] = _without_token(source.path, sample, request.input_format)
            continue
        outline, segments = outlines[source.number], parts[source.number]
        block = Block(source.number, 0, b"", 1, 0)
        parsed = parse(block, table, request.input_format, owners=owners)
        owners |= parsed.owners
        formats |= parsed.tables.keys()
        for name, rows in linker.add(parsed, source.number, segments):
            engine.append(name, rows)
        accounts.count(reports[source.number], parsed)
        accounts.span(reports[source.number], apply(ends(outline.frame), segments))
        accounts.date(reports[source.number], clocks.decision(source.number))
    for name, rows in linker.finish():
        engine.append(name, rows)
    engine.finish(collapse=request.collapse, postfix=formats <= flow.POSTFIX)
    return list(reports.values()), clocks


def _outline(spots: Heads, kept: Lines) -> Heads:
    """The heads of what is known of a source, in order."""
    if not kept.at:
        return spots
    own = heads(framed(kept))
    frame = pl.concat([spots.frame, own.frame]).unique("no").sort("no")
    beside = [told for told in (spots.beside, own.beside) if told is not None]
    beside_all = pl.concat(beside).unique("no").sort("no") if beside else None
    return replace(spots, frame=frame, offsets=spots.offsets | own.offsets, beside=beside_all)


def _without_token(path: str, sample: pl.DataFrame, forced: str | None) -> InputReport:
    """What is told of an input in which the token is not: nothing, or the sample's lines if they are not understood."""
    report = InputReport(path=path)
    if sample.height:
        accounts.count(report, parse(Block(0, 0, b"", 1, 0), sample, forced))
    return report if report.coverage is not None and report.coverage < PLAINLY else InputReport(path=path)


def _collect(
    found: Iterable[sources.Source], token: str, forced: str | None
) -> tuple[dict[int, Lines], dict[int, Lines], dict[int, Heads]]:
    """Searches for the token, then for the ids on its lines, until no new ids turn up.

    Returns these lines, and the samples of the sources with their heads.
    """
    kept: dict[int, Lines] = {source.number: Lines() for source in found}
    spots: dict[int, Lines] = {source.number: Lines() for source in found}
    tokens = [token.encode(), *_sessions({token})]
    seen = set(tokens)
    several, outlines, notices = False, dict[int, Heads](), Notices()
    for turn in range(ROUNDS):
        fresh: set[bytes] = set()
        opened: set[bytes] = set()
        news = []
        for source in found:
            had = set(kept[source.number].at)
            # An address is one however it is written; ids differ by case.
            folded = turn == 0 and "@" in token
            hits = search(source, tokens, kept[source.number], sample=turn == 0, folded=folded)
            for offset, number, line, spot in notices.without_others(source.number, hits, tokens):
                (spots if spot else kept)[source.number].at[offset] = (number, line)
            news.append({at: line for at, line in kept[source.number].at.items() if at not in had})
            opened |= notices.told(source.number, news[-1]) - seen
        if turn == 0:
            outlines = {number: heads(framed(sample)) for number, sample in spots.items()}
            # Of several hosts, one may tell on under the same Message-ID.
            several = len({host for it in outlines.values() for host in it.frame["host"].drop_nulls().unique()}) > 1
        for new in news:
            # A filter may hand the mail in again under an id that no line names, or queue it under ids of its own: its
            # Message-ID is all there is.
            piped = any(_PIPED.search(line) for _, line in new.values())
            parsed = parse(Block(0, 0, b"", 1, 0), framed(Lines(new)), forced) if new else None
            # qmail's ids are small numbers that stand on many lines, and what came of a delivery names nobody.
            if _nameless(found, new, piped=piped) or (parsed is not None and "qmail" in parsed.counts):
                raise ReadAll
            # What a notice of OpenSMTPD is about is known by the time of other mail.
            if turn == 0 and "@" not in token and any(_NOTICE.search(line) for _, line in new.values()):
                raise ReadAll
            names, sessions = _ids(parsed, _JOINING if several or piped else _LINKING)
            filed = {match[1] for _, line in new.values() if (match := _FILED.search(line))}
            fresh |= {*(name.encode() for name in names), *_sessions(names), *filed} - seen
            opened |= set(_opened(sessions, new)) - seen
        if len(fresh) > MANY:
            raise ReadAll
        fresh |= opened
        if not fresh:
            break
        seen |= fresh
        tokens = sorted(fresh)
    else:
        raise ReadAll
    _add_of_others(found, kept)
    return kept, spots, outlines


def _add_of_others(found: Iterable[sources.Source], kept: dict[int, Lines]) -> None:
    """Adds lines about other mail that tell whether what waits has been given up."""
    waits = False
    for source in found:
        lines = kept[source.number].at
        own = [offset for offset, (_, line) in lines.items() if _WAITS.search(line)]
        waits = waits or bool(own)
        if waits:
            _add_limit(source, kept[source.number])
            _add_later(source, kept[source.number], max(own, default=0))


def _nameless(found: Iterable[sources.Source], new: dict[int, tuple[int, bytes]], *, piped: bool) -> bool:
    """Tells of mail without a Message-ID that a filter took, or that it may have handed in: no word leads to the other.

    cleanup names what is handed in here by its queue id (before 3.10 with the time in front), but it may have had no
    name when it first came.
    """
    told = [line for _, line in new.values()]
    if any(map(_NAMELESS.search, told)):
        return piped or any(map(_HANDED_IN.search, told))
    named, picked_up = ({match[1] for match in map(words.search, told) if match} for words in (_NAMED_HERE, _PICKED_UP))
    if not named & picked_up:
        return False
    nameless = (search(source, [b": message-id=<>"]) for source in found)
    return any(next(lines, None) is not None for lines in nameless)


def _add_limit(source: sources.Source, kept: Lines) -> None:
    """Adds one line in which sendmail tells how long it keeps mail: the mail searched for is sendmail's, and waits.

    It is about other mail; whether an attempt was the last one hangs on it (`measure/facts_sendmail.sql`).
    """
    with contextlib.closing(search(source, [_LIMIT], kept)) as lines_of_others:
        for offset, number, line, _ in lines_of_others:
            if re.search(rb" for [0-9]+ ", line):
                kept.at.setdefault(offset, (number, line))
                return


def _add_later(source: sources.Source, kept: Lines, begin: int) -> None:
    """Adds two attempts at one other mail after this place, the first there are: so a queue run has passed."""
    tried: dict[tuple[bytes, bytes], tuple[int, int, bytes]] = {}
    with contextlib.closing(search(source, [_STATUS], kept)) as lines_of_others:
        for offset, number, line, _ in lines_of_others:
            if offset <= begin or (found := _TRIED.search(line)) is None:
                continue
            who = (found[1], found[2])
            if (before := tried.get(who)) is not None:
                kept.at.setdefault(before[0], before[1:])
                kept.at.setdefault(offset, (number, line))
                return
            tried[who] = (offset, number, line)


def _sessions(names: set[str]) -> Iterator[bytes]:
    """What stands on the lines that tell who logged in, in the sessions that gave out these queue ids."""
    for name in names:
        if re.fullmatch(SENDMAIL_ID, name) and (process := PROCESS.match(name)):
            yield f"[{process[1]}]: AUTH=server".encode()


def _opened(sessions: set[str], new: dict[int, tuple[int, bytes]]) -> Iterator[bytes]:
    """What stands on the lines of OpenSMTPD that tell who opened these sessions, in the words of its version."""
    said = b"".join(line for _, line in new.values()) if sessions else b""
    for session in sessions:
        if f"{session} smtp event=".encode() in said:
            yield from (f"{session} smtp event={word}".encode() for word in ("connected", "authentication"))
        elif f"{session} smtp ".encode() in said:
            yield from (f"{session} smtp {word}".encode() for word in ("connected", "authentication"))
        else:
            yield from (f"session {session} from host ".encode(), f" on session {session}\n".encode())


_LINKING = ("queue_id", "next_id", "previous_id")
_JOINING = (*_LINKING, "message_id")


def _ids(parsed: Parsed | None, columns: Iterable[str]) -> tuple[set[str], set[str]]:
    """The queue ids that lines carry or name, and what else these columns hold; and sessions that brought mail."""
    if parsed is None:
        return set(), set()
    names: set[str] = set()
    frames = [frame for tables in parsed.tables.values() for frame in tables.values()]
    for mentions in parsed.mentions.values():
        frames += [mentions.rows, *mentions.values.values()]
    for frame in frames:
        for column in columns:
            if column in frame.columns:
                names |= set(frame[column].drop_nulls().unique().to_list())
    brought = [tables[name] for tables in parsed.tables.values() for name in ("sessions", "refusals") if name in tables]
    sessions = {
        session
        for frame in brought
        if "session" in frame.columns
        for session in frame.filter(pl.col("queue_id").is_not_null() | pl.lit("phase" in frame.columns))["session"]
    }
    return {name for name in names if name}, sessions
