"""How right the verdicts are on a file of labelled replies: `python -m tests.classify.evaluate replies.jsonl …`.

A line is an object with text, smtp, enhanced, expected (best category), accept (categories that fit the source's own,
often coarse label), hard (true, false, or null where the source does not say) and source. Shown are the share of
accepted categories, of right decisions on `hard`, and the same by 5-fold hold-out by source: the sources are dealt
into five folds, and the replies of a fold are judged only by rules that cite documentation or decide a reply of
another fold. So a rule written for one source's wording alone does not help that source.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from mailaudit.classify import tables
from mailaudit.classify.readings import reading
from mailaudit.classify.ruleset import Ruleset, ours
from mailaudit.classify.verdicts import judged

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mailaudit.classify.readings import Reading
    from mailaudit.classify.tables import Rule
    from mailaudit.classify.verdicts import Verdict

FOLDS = 5
QUOTED = 18
"""Tier up to which rules quote: receivers' tokens and sentences, the notices that programs write."""


@dataclass(slots=True)
class Reply:
    """One labelled reply."""

    text: str
    accept: tuple[str, ...]
    expected: str | None
    hard: bool | None
    source: str
    said: Reading


@dataclass(slots=True)
class Score:
    """What came out of a set of replies."""

    accepted: int = 0
    judged: int = 0
    strict: int = 0
    strict_of: int = 0
    hard_right: int = 0
    hard_of: int = 0
    false_hard: int = 0
    missed_hard: int = 0
    misses: list[tuple[Reply, Verdict]] = field(default_factory=list)

    def add(self, reply: Reply, found: Verdict) -> None:
        """Counts one reply."""
        hard = found.type == "hard"
        wrong = False
        if reply.accept:
            self.judged += 1
            self.accepted += found.category in reply.accept
            wrong = found.category not in reply.accept
        if reply.expected:
            self.strict_of += 1
            self.strict += found.category == reply.expected
        if reply.hard is not None:
            self.hard_of += 1
            self.hard_right += hard == reply.hard
            self.false_hard += hard and not reply.hard
            self.missed_hard += reply.hard and not hard
            wrong |= hard != reply.hard
        if wrong:
            self.misses.append((reply, found))

    def line(self, name: str) -> str:
        """One line of the report."""
        return (
            f"{name:34} accepted {share(self.accepted, self.judged)}  strict {share(self.strict, self.strict_of)}  "
            f"hard {share(self.hard_right, self.hard_of)} ({self.false_hard} false, {self.missed_hard} missed)"
        )


def share(part: int, whole: int) -> str:
    """`92.5 % of 351`."""
    return f"{100 * part / whole:5.1f} % of {whole:<4}" if whole else "     –       "


def read(path: Path) -> list[Reply]:
    """The replies of a file."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        said = reading(row["text"], smtp_code=row.get("smtp"), enhanced_status=row.get("enhanced"))
        accept = tuple(row.get("accept") or ())
        found.append(Reply(row["text"], accept, row.get("expected"), row.get("hard"), row.get("source", ""), said))
    return found


def judge(replies: Iterable[Reply], ruleset: Ruleset) -> Score:
    """The score of a ruleset."""
    score = Score()
    for reply in replies:
        score.add(reply, judged(ruleset, reply.said, ruleset.first(reply.said)))
    return score


def folds(replies: Sequence[Reply]) -> list[set[str]]:
    """The sources in five folds, the largest dealt first to the smallest fold."""
    sizes = Counter(reply.source for reply in replies)
    dealt: list[set[str]] = [set() for _ in range(FOLDS)]
    for source, _ in sizes.most_common():
        min(dealt, key=lambda fold: sum(sizes[name] for name in fold)).add(source)
    return dealt


def held_out(replies: Sequence[Reply], ruleset: Ruleset) -> list[tuple[set[str], Score]]:
    """For each fold, its score by the rules that are known without it."""
    deciding = decided_by(replies, ruleset)
    scores = []
    for fold in folds(replies):
        known = tuple(rule for rule in ruleset.rules if documented(rule) or deciding[rule.id].keys() - fold)
        part = [reply for reply in replies if reply.source in fold]
        scores.append((fold, judge(part, Ruleset(known, ruleset.categories))))
    return scores


def decided_by(replies: Iterable[Reply], ruleset: Ruleset) -> dict[str, Counter[str]]:
    """How many replies of which source each rule decides."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for reply in replies:
        rule = ruleset.first(reply.said)
        if rule:
            found[rule.id][reply.source] += 1
    return found


def documented(rule: Rule) -> bool:
    """True if the rule cites a receiver's documentation, is a code of a standard, or quotes a program's own notice.

    Other words, even of programs, must be met in replies.
    """
    kinds = {tables.sources()[mark]["kind"] for mark in rule.source.split(",")}
    code = bool(rule.status or rule.smtp) or not rule.words
    return (
        "documentation" in kinds
        or (code and "standard" in kinds)
        or (rule.tier <= QUOTED and bool(kinds & {"program", "standard"}))
    )


def report(replies: Sequence[Reply], *, misses: bool) -> Iterable[str]:
    """The lines of the report."""
    ruleset = ours()
    plain = judge(replies, ruleset)
    yield plain.line("all replies, all rules")
    parts = held_out(replies, ruleset)
    total = Score()
    for _, score in parts:
        for name in ("accepted", "judged", "strict", "strict_of", "hard_right", "hard_of", "false_hard", "missed_hard"):
            setattr(total, name, getattr(total, name) + getattr(score, name))
    yield total.line("5-fold hold-out by source")
    for fold, score in parts:
        yield score.line(f"  without {', '.join(sorted(fold))}"[:60])
    yield ""
    for source in sorted({reply.source for reply in replies}):
        yield judge([reply for reply in replies if reply.source == source], ruleset).line(source)
    yield ""
    deciding = decided_by(replies, ruleset)
    lonely = [rule.id for rule in ruleset.rules if not documented(rule) and len(deciding[rule.id]) < 2]
    yield f"{len(lonely)} rules neither cite documentation nor decide replies of two sources: {' '.join(lonely)}"
    silent = [rule.id for rule in ruleset.rules if not deciding[rule.id]]
    yield f"{len(silent)} of {len(ruleset.rules)} rules decide none of these replies"
    if misses:
        for reply, found in plain.misses:
            hard = {True: "hard", False: "soft", None: "?"}[reply.hard]
            yield f"{found.category} ({found.rule}) for {'/'.join(reply.accept)} {hard} [{reply.source}] {reply.said}"


def main() -> None:
    """Prints the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path, nargs="+", help="files of labelled replies, JSON Lines")
    parser.add_argument("--misses", action="store_true", help="also show what is judged wrong")
    given = parser.parse_args()
    for line in report([reply for path in given.path for reply in read(path)], misses=given.misses):
        print(line)  # noqa: T201 (a script)


if __name__ == "__main__":
    main()
