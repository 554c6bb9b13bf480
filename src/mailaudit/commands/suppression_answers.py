"""The tables of `mailaudit suppressions`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailaudit.model.answers import Answer
from mailaudit.model.columns import Column
from mailaudit.model.times import utc
from mailaudit.writers.values import local

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from mailaudit.advise.cumulative import Fact, Spared, Suppression
    from mailaudit.advise.list_comparison import Difference
    from mailaudit.commands.session import Session
    from mailaudit.measure.hygiene import Message, Place

ADDRESS = Column("address", "text", "the address, in lower case")
STATE = Column(
    "state", "word", "invalid, permanent, due (at the next attempt), temporary, complained, unsubscribed; watched"
)
SUPPRESSIONS = (
    ADDRESS,
    STATE,
    Column("reason", "text", "why: the cause's name and the reply, or the rule"),
    Column("category", "word", "cause of the latest event"),
    Column("since", "time", "since when"),
    Column("until", "time", "until when, excluded; null: for good, or not decided yet"),
    Column("bounces", "int", "events that led to it"),
    Column("first", "time", "the first of these events"),
    Column("last", "time", "the last of them"),
    Column("queue_ids", "text", "their queue ids (or the provider's message ids), separated by blanks"),
    Column("alive", "time", "delivered, opened or clicked since it began; null: not"),
    Column("also", "text", "further states of the address"),
)
SHOWN = ("address", "state", "since", "until", "bounces", "alive", "reason", "queue_ids")
CONSENT = (
    ADDRESS,
    Column("event", "word", "complained or unsubscribed"),
    Column("since", "time", "when"),
    Column("sender", "text", "sender of the mail it was about: whose consent is to be revoked"),
    Column("queue_id", "text", "queue id (or the provider's message id)"),
    Column("reason", "text", "what the source says"),
)
INVALID = (
    Column("time", "time", "when it was found out"),
    Column("channel", "word", "always email"),
    Column("contact", "text", "the address"),
    Column("reason", "text", "why it is invalid"),
    Column("source", "word", "who says so: the kind of log or the provider; mailaudit for repeated soft bounces"),
)
EVIDENCE = (
    ADDRESS,
    STATE,
    Column("time", "time", "when"),
    Column("event", "word", "one of the 27 event words"),
    Column("queue_id", "text", "queue id (or the provider's message id)"),
    Column("smtp_code", "int", "reply code"),
    Column("enhanced_status", "word", "enhanced status code"),
    Column("category", "word", "cause"),
    Column("reply", "text", "the reply, whole"),
    Column("source_file", "text", "where it stands"),
    Column("line", "int", "its line"),
)
SIMULATION = (
    Column("time", "time", "when the mail was sent"),
    ADDRESS,
    Column("sender", "text", "envelope sender"),
    Column("queue_id", "text", "queue id (or the provider's message id)"),
    Column("status", "word", "suppressed, or preblocked for an invalid address"),
    STATE,
    Column("message", "text", "the suppression's message"),
    Column("valid_until", "time", "end of a temporary suppression"),
    Column("outcome", "word", "what really became of it"),
)
COMPARISON = (
    Column("finding", "word", "listed_without_evidence, evidence_without_listing or delivered_since"),
    ADDRESS,
    Column("provider", "word", "whose list"),
    Column("listed_as", "word", "bounce, complaint, unsubscribe, manual or unknown"),
    Column("listed_since", "time", "since when, as the list says"),
    Column("listed_reason", "text", "why, as the list says"),
    Column("state", "word", "what these logs say of the address"),
    Column("since", "time", "since when"),
    Column("reason", "text", "why"),
    Column("alive", "time", "the latest delivery, open or click"),
)
ALL = (*SUPPRESSIONS, *CONSENT, *INVALID, *EVIDENCE, *SIMULATION, *COMPARISON)

ORDER = ("invalid", "permanent", "complained", "unsubscribed", "due", "temporary", "watched")
CONSENTS = ("complained", "unsubscribed")


@dataclass(slots=True)
class Made:
    """What was worked out, and the tables of it."""

    this: Session
    at_us: int
    standing: Sequence[Sequence[Suppression]]
    spared: Sequence[Spared]
    differences: Sequence[Difference]
    watched: bool = False

    def answer(self, name: str) -> Answer:
        """The table of this name."""
        makers: dict[str, Callable[[], Answer]] = {
            "suppressions": self._suppressions,
            "consent": self._consent,
            "invalid_contact": self._invalid,
            "evidence": self._evidence,
            "simulation": self._simulation,
            "comparison": self._comparison,
        }
        return makers[name]()

    @property
    def _held(self) -> list[Sequence[Suppression]]:
        """What is shown of each address: those only watched only if asked for."""
        return [held for held in self.standing if self.watched or held[0].state != "watched"]

    def _suppressions(self) -> Answer:
        held = sorted(self._held, key=lambda each: (ORDER.index(each[0].state), each[0].since_us, each[0].address))
        places = self._of(fact for each in held for fact in each[0].facts)
        rows = [_suppression(each, places) for each in held]
        hidden = len(self.standing) - len(held)
        notes = [f"as of {local(self.at_us, self.this.zone)}"]
        if hidden:
            notes.append(f"{hidden} more addresses have soft bounces that do not suppress yet (--watched shows them)")
        return Answer(
            "suppressions", "Addresses to leave alone", "addresses", "the events that led to it", SUPPRESSIONS, rows,
            shown=SHOWN, notes=tuple(notes),
        )  # fmt: skip

    def _consent(self) -> Answer:
        found = [one for each in self.standing for one in each if one.state in CONSENTS]
        messages = self._messages((one.facts[0].message, one.address) for one in found)
        rows = []
        for one in sorted(found, key=lambda one: (one.since_us, one.address)):
            mail = messages.get((one.facts[0].message, one.address))
            sender, queue_id = (mail.sender, mail.queue_id) if mail else (None, None)
            rows.append(
                (
                    one.address,
                    one.state,
                    one.since_us,
                    sender,
                    queue_id,
                    one.reason if one.reason != one.state else None,
                )
            )
        return Answer("consent", "Consent to revoke", "addresses", "complaint or withdrawal", CONSENT, rows)

    def _invalid(self) -> Answer:
        found = [one for each in self.standing for one in each if one.state in {"invalid", "permanent"}]
        places = self._of(one.facts[-1] for one in found)
        rows = []
        for one in sorted(found, key=lambda one: (one.since_us, one.address)):
            place = places.get(one.facts[-1].row)
            kind = self.this.run.inputs[place.source].format if place is not None and one.state == "invalid" else None
            rows.append((one.since_us, "email", one.address, _why(one), kind or "mailaudit"))
        return Answer("invalid_contact", "Invalid contacts", "addresses", "the event that decided", INVALID, rows)

    def _evidence(self) -> Answer:
        found = [(one, fact) for each in self._held for one in each for fact in one.facts]
        places = self._of(fact for _, fact in found)
        rows = []
        for one, fact in found:
            place = places.get(fact.row)
            if place is None:
                continue
            rows.append((
                one.address, one.state, fact.time_us, place.event, place.queue_id, place.smtp_code,
                place.enhanced_status, fact.category, place.reply, self.this.run.inputs[place.source].path, place.line,
            ))  # fmt: skip
        return Answer("evidence", "The events behind it", "events", "the event", EVIDENCE, rows)

    def _simulation(self) -> Answer:
        messages = self._messages((one.sent.message, one.sent.address) for one in self.spared)
        rows, counts = [], {"delivered": 0, "failed": 0}
        for one in self.spared:
            mail = messages.get((one.sent.message, one.sent.address))
            outcome = mail.outcome if mail else None
            counts["delivered"] += outcome == "delivered"
            counts["failed"] += outcome in {"bounced", "expired"}
            status = "preblocked" if one.state == "invalid" else "suppressed"
            rows.append((
                one.sent.time_us, one.sent.address, mail.sender if mail else None, mail.queue_id if mail else None,
                status, one.state, one.reason, one.valid_until_us, outcome,
            ))  # fmt: skip
        note = (
            f"{len(rows)} sends would have been spared, of which {counts['failed']} failed and {counts['delivered']} "
            "were delivered (mail that these rules would have cost)"
        )
        return Answer(
            "simulation",
            "Sends that would have been spared",
            "messages and recipients",
            "acceptance",
            SIMULATION,
            rows,
            notes=(note,),
        )

    def _comparison(self) -> Answer:
        rows = []
        for one in self.differences:
            entry, held = one.listed, one.suppression
            rows.append((
                one.finding, one.address, entry and entry.provider, entry and entry.kind, entry and entry.since_us,
                entry and entry.reason, held and held.state, held and held.since_us, held and _why(held), one.alive_us,
            ))  # fmt: skip
        return Answer(
            "comparison", "The provider's list beside these logs", "addresses", "the events", COMPARISON, rows
        )

    def _of(self, facts: Iterable[Fact]) -> dict[int, Place]:
        from mailaudit.measure import hygiene  # noqa: PLC0415 (polars)

        return hygiene.places(self.this.run.engine, {fact.row for fact in facts})

    def _messages(self, wanted: Iterable[tuple[int, str]]) -> dict[tuple[int, str], Message]:
        from mailaudit.measure import hygiene  # noqa: PLC0415

        return hygiene.messages(self.this.run.engine, set(wanted))


def _suppression(held: Sequence[Suppression], places: dict[int, Place]) -> tuple[object, ...]:
    one = held[0]
    found = [places[fact.row] for fact in one.facts if fact.row in places]
    ids = list(dict.fromkeys(place.queue_id for place in found if place.queue_id))
    return (
        one.address, one.state, _why(one), one.facts[-1].category, one.since_us, one.until_us, len(one.facts),
        one.facts[0].time_us, one.facts[-1].time_us, " ".join(ids) or None, one.alive_us,
        "; ".join(f"{other.state} since {utc(other.since_us)}" for other in held[1:]) or None,
    )  # fmt: skip


def _why(one: Suppression) -> str:
    """The rule's sentence, or the cause in words and the reply."""
    if one.state != "invalid":
        return one.reason
    from mailaudit.classify.tables import categories  # noqa: PLC0415 (the rules are read only for a failure)

    fact = one.facts[0]
    means = categories()[fact.category].means if fact.category else None
    return ": ".join(part for part in (means and means.rstrip("."), fact.reason) if part) or one.reason
