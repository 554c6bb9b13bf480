"""One message's whole life, put in order: what the logs say of it, how it stands, and what they leave out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mailaudit.measure import filed, message
from mailaudit.measure.joins import BY_NUMBER
from mailaudit.model.statuses import NATIVE
from mailaudit.model.times import SECOND, waited
from mailaudit.model.vocabulary import TRIES
from mailaudit.stories.policies import fitting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mailaudit.measure.engine import Engine
    from mailaudit.measure.message import Edge, Ending, Fact, Life, Refusal
    from mailaudit.stories.policies import Policy


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the timeline."""

    time_us: int | None
    what: str
    """An event word; or seen (mid-life), begun (handed in, but not seen in the queue), filed, removed, gap."""
    queue_id: str | None = None
    host: str | None = None
    recipient: str | None = None
    attempt: int | None = None
    wait: float | None = None
    relay: str | None = None
    smtp_code: int | None = None
    enhanced_status: str | None = None
    reply: str | None = None
    delay: float | None = None
    delays: tuple[float | None, ...] = (None, None, None, None)
    tls: str | None = None
    next_id: str | None = None
    notice: str | None = None
    category: str | None = None
    type: str | None = None
    text: str | None = None
    source: int | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """A message's timeline, and how it ended for each recipient."""

    lives: Sequence[Life]
    steps: Sequence[Step]
    endings: Sequence[Ending]
    policy: Policy
    log_ends_us: int | None
    edges: Sequence[Edge] = field(default=())
    missing: Sequence[str] = field(default=())

    @property
    def first(self) -> Life:
        """The life with which it began."""
        return self.lives[0]


def story(
    engine: Engine, root: int, policy: Policy, *, gap: float | None, log_ends_us: int | None, vocabulary: str = NATIVE
) -> Story:
    """Everything known of the message; times without lines longer than `gap` seconds are shown as gaps."""
    lives = message.lives(engine, root)
    notices = [life for life in lives if life.role == "notice" and life.key != root]
    own = [life for life in lives if life not in notices]
    keys = [life.key for life in lives]
    by_key = {life.key: life for life in lives}
    facts = message.facts(engine, keys)
    announced = {fact.next_id for fact in facts if fact.event == "notified"}
    edges = message.edges(engine, keys)
    before = {edge.child_key: (by_key[edge.parent_key], edge) for edge in edges}
    steps = [
        _beginning(life, before.get(life.key), notice=life in notices)
        for life in lives
        if (life in own or life.queue_id not in announced) and not (life.key not in before and _tells_itself(life))
    ]
    steps += _deliveries(facts, by_key)
    steps += [_refused(refusal, by_key) for refusal in message.refusals(engine, keys)]
    steps += [
        Step(
            it.time_us,
            "filed",
            by_key[it.key].queue_id,
            by_key[it.key].host,
            it.recipient,
            text=it.reply,
            source=it.source,
            line=it.line,
        )
        for it in filed.of_lives(engine, keys)
    ]
    steps += [
        Step(life.ended_us, "removed", life.queue_id, life.host, text="left the queue")
        for life in own
        if life.ended_us is not None
    ]
    endings = message.endings(engine, root, vocabulary)
    ordered = sorted(steps, key=_place)
    return Story(
        [*own, *notices],
        with_gaps(ordered, policy, gap),
        endings,
        policy,
        log_ends_us,
        [edge for edge in edges if edge.kind != "notice"],
        missing(own, endings),
    )


def _place(step: Step) -> tuple[int, int]:
    """By time; of one moment, what begins stands first and what ends last."""
    rank = {"accepted": 0, "begun": 0, "seen": 0, "filed": 2, "notified": 2, "expired": 2, "removed": 3}
    return step.time_us or 0, rank.get(step.what, 1)


def _beginning(life: Life, before: tuple[Life, Edge] | None, *, notice: bool) -> Step:
    if _from_before(life) and not notice:
        text = "first seen mid-life: where it came from is not in these logs"
        return Step(life.first_us, "seen", life.queue_id, life.host, text=text, source=life.source, line=life.line)
    when = life.accepted_us if life.accepted_us is not None else life.first_us
    what = "accepted" if life.accepted_us is not None or notice else "begun"
    return Step(
        when,
        what,
        life.queue_id,
        life.host,
        text=_handed_in(life, before, notice=notice),
        source=life.source,
        line=life.line,
    )


def _tells_itself(life: Life) -> bool:
    """True for what a provider tells of: the events are the whole story, its beginning is one of them."""
    return life.origin == "provider" and not (life.client_host or life.client_ip or life.sasl_user)


def _from_before(life: Life) -> bool:
    """True if the life began before these logs: no line says who handed it in."""
    return life.accepted_us is None and life.origin is None and life.client_ip is None and life.client_host is None


def _handed_in(life: Life, before: tuple[Life, Edge] | None, *, notice: bool) -> str:
    """Who handed it in, and as whom."""
    if notice:
        return "notice made by this server"
    client = life.client_host or ("unknown" if life.client_ip else "")
    if life.client_ip and life.client_ip != life.client_host:
        client += f"[{life.client_ip}]"
    if life.origin == "local" and not client:
        client = "this host"
    parts = [f"from {client}" if client else "", f"as {life.sasl_user}" if life.sasl_user else ""]
    if life.depth and before is not None:
        parent, edge = before
        again = "again, after a filter or forward" if parent.host == life.host else f"taken over from {parent.host}"
        if life.origin == "local" and BY_NUMBER[edge.known_by].name == "previous queue id":
            again = "again, requeued"
        parts.append(f"{again} (known by {known_by(edge)})")
    return ", ".join(part for part in parts if part)


def known_by(edge: Edge) -> str:
    """What tells that two lives are one message, and how sure that is: `queue id, certain`."""
    kind = BY_NUMBER[edge.known_by]
    return f"{kind.name}, {kind.sure}"


def _deliveries(facts: Sequence[Fact], lives: dict[int, Life]) -> list[Step]:
    """The steps of all deliveries; attempts are counted, and waits measured, per life and recipient."""
    counts: dict[tuple[int, str], int] = {}
    last_us: dict[tuple[int, str], int] = {}
    steps = []
    for fact in facts:
        life = lives[fact.key]
        number = wait = None
        if fact.recipient is not None and fact.attempted and fact.event in TRIES:
            where = (fact.key, fact.recipient)
            number = counts[where] = counts.get(where, 0) + 1
            before = last_us.get(where, life.accepted_us)
            wait = None if before is None else (fact.time_us - before) / SECOND
            last_us[where] = fact.time_us
        steps.append(_delivery(fact, life, number, wait))
    return steps


def _delivery(fact: Fact, life: Life, number: int | None, wait: float | None) -> Step:
    relay = fact.relay_host or ""
    if fact.relay_ip and fact.relay_ip != fact.relay_host:
        relay += f"[{fact.relay_ip}]"
    if fact.relay_port:
        relay += f":{fact.relay_port}"
    return Step(
        fact.time_us,
        fact.event,
        life.queue_id,
        life.host,
        fact.recipient,
        number,
        wait,
        relay or None,
        fact.smtp_code,
        fact.enhanced_status,
        fact.reply,
        fact.delay,
        (fact.delay_a, fact.delay_b, fact.delay_c, fact.delay_d),
        fact.tls,
        fact.next_id,
        fact.notice,
        fact.category,
        fact.type,
        _explained(fact, life),
        fact.source,
        fact.line,
    )


NOTICES = {"failure": "failure notice", "delay": "delay warning", "success": "receipt"}


def _explained(fact: Fact, life: Life) -> str | None:
    """What the line means, where its words do not say so."""
    told = life.sender or ("its sender" if life.sender is None else "nobody (the sender is null)")
    word = NOTICES.get(fact.notice or "", "notice")
    if fact.event == "notified":
        return f"{word} to {told}" + (f", queued as {fact.next_id}" if fact.next_id else "")
    if fact.notice:
        return f"as a {word} says"
    if fact.event in {"relayed", "expanded"} and fact.next_id:
        return f"goes on as {fact.next_id}"
    if fact.event == "deferred" and not fact.attempted:
        return "no attempt was made"
    return "the notice" if life.role == "notice" else None


def _refused(refusal: Refusal, lives: dict[int, Life]) -> Step:
    life = lives[refusal.key]
    where = f" at {refusal.phase}" if refusal.phase else ""
    # A rule may only warn of a message, file a copy of it, send it elsewhere: the log's own word follows.
    done = "refused" if refusal.event == "rejected" else "marked"
    client = f"{refusal.client_host or 'unknown'}[{refusal.client_ip}]"
    if refusal.client_ip is None and refusal.client_host == "local":
        client = "this host"
    return Step(
        refusal.time_us,
        refusal.event,
        life.queue_id,
        life.host,
        recipient=refusal.recipient,
        smtp_code=refusal.smtp_code,
        enhanced_status=refusal.enhanced_status,
        reply=refusal.reply,
        text=f"{done} at the door ({refusal.raw_event or 'reject'}{where}), client {client}",
        source=refusal.source,
        line=refusal.line,
    )


def with_gaps(steps: Sequence[Step], policy: Policy, gap: float | None) -> list[Step]:
    """The steps, with a row of its own wherever the log says nothing for longer than `gap` seconds."""
    result: list[Step] = []
    for step in steps:
        before = result[-1].time_us if result else None
        if gap is not None and before is not None and step.time_us is not None:
            length = (step.time_us - before) / SECOND
            if length > gap:
                text = f"no lines ({waited(length)})"
                if policy.retry and fitting(length, policy.retry):
                    count = fitting(length, policy.retry)
                    text += f"; at {policy.retry // 60}-minute retries about {count} attempts would fit"
                result.append(Step(before, "gap", wait=length, text=text))
        result.append(step)
    return result


def missing(lives: Sequence[Life], endings: Sequence[Ending]) -> list[str]:
    """What these logs do not say, in sentences."""
    found = []
    if lives and _from_before(lives[0]):
        found.append("first seen mid-life: its acceptance, sender and size may stand in an earlier log")
    if lives and lives[0].sender is None:
        found.append("the sender is not in these logs")
    unknown = sum(1 for ending in endings if ending.outcome == "unknown")
    if unknown:
        found.append(f"outcome not in these logs for {unknown} of {len(endings)} recipients: no line says how it ended")
    if lives and lives[0].nrcpt and len(lives) == 1 and len(endings) < lives[0].nrcpt:
        found.append(f"accepted for {lives[0].nrcpt} recipients, of which these logs name {len(endings)}")
    return found
