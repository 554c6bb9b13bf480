"""What became of each recipient, written as slowly and plainly as possible: the reference for the SQL."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from mailaudit.model.vocabulary import OUTCOME_OF, SETTLING

Row = dict[str, Any]
WHOLE = ("expired", "held", "released", "deleted", "discarded", "rejected")
TRIES = ("delivered", "deferred", "soft_bounced", "hard_bounced", "bounced", "expired", "discarded")


@dataclass
class World:
    """The rows of the store, as dictionaries; `messages` has one row a life."""

    messages: list[Row]
    deliveries: list[Row]
    edges: list[Row] = field(default_factory=list)


def parents(world: World) -> dict[int, int]:
    """The earliest parent of each life that follows from another."""
    found: dict[int, tuple[int, int]] = {}
    for edge in world.edges:
        child, parent = edge["child_key"], edge["parent_key"]
        if edge["kind"] in ("hop", "forward") and child != parent:
            found[child] = min(found.get(child, (edge["time_us"], parent)), (edge["time_us"], parent))
    return {child: parent for child, (_, parent) in found.items()}


def roots(world: World) -> dict[int, int]:
    """The first life of each life's chain; lives of a circle and what hangs on it stand for themselves."""
    above = parents(world)
    found = {}
    for message in world.messages:
        key, seen = message["key"], set()
        while key in above and key not in seen:
            seen.add(key)
            key = above[key]
        found[message["key"]] = message["key"] if key in above else key
    return found


def role(message: Row, world: World) -> str:
    """What a root is."""
    key = message["key"]
    own = [row for row in world.deliveries if row["key"] == key]
    if any(row["raw_event"] == "deliverable" for row in own):
        return "probe"
    if any(edge["kind"] == "notice" and edge["child_key"] == key for edge in world.edges):
        return "notice"
    # Sendmail repeats for each recipient that the message was refused.
    done = [row for row in own if row["event"] != "rejected" or row["attempted"] is not False]
    if message["accepted_us"] is None and message["ended_us"] is None and not done:
        return "aborted"
    if message["sender"] == "" and message["origin"] is None and message["client_ip"] is None:
        return "notice"
    return "user"


def is_whole(row: Row) -> bool:
    """Whether a row is about a message as a whole."""
    if row["recipient"] is None:
        return row["event"] in WHOLE
    return row["event"] in ("held", "discarded") and row["attempted"] is False


def telling(world: World) -> set[int]:
    """The lives of whose recipients some line says how it stands with them."""
    return {row["key"] for row in world.deliveries if row["recipient"] is not None and not is_whole(row)}


def tried(row: Row) -> bool:
    """Whether it was a real attempt."""
    return row["event"] in TRIES and row["attempted"] is not False


def meaning(event: str) -> str:
    """The outcome an event means; another word for a recipient means that it is known."""
    return OUTCOME_OF.get(event, "pending")


def weight(row: Row) -> tuple[int, int, int, int, int, int]:
    """Of two rows about one recipient the heavier decides."""
    event = row["event"]
    settles = 1 if event in SETTLING else 0 if event in OUTCOME_OF else -1
    rank = SETTLING.index(event) if settles == 1 else 0
    return settles, row["time_us"], rank, row["source"], row["offset"], row["row"]


def handovers(world: World) -> dict[int, int]:
    """The life that each row (by number) hands its recipient to."""
    above, first = parents(world), roots(world)
    children: dict[int, list[Row]] = {}
    for message in world.messages:
        if first[message["key"]] != message["key"]:
            children.setdefault(above[message["key"]], []).append(message)
    found: dict[int, int] = {}
    rows = [row for row in world.deliveries if row["recipient"] is not None]
    for row in rows:
        for child in children.get(row["key"], ()):
            if row["event"] in ("relayed", "expanded", "delivered") and row["next_id"] == child["queue_id"]:
                found[row["row"]] = child["key"]
    named, told = set(found.values()), telling(world)
    for row in rows:
        left = [child for child in children.get(row["key"], ()) if child["key"] not in named]
        to_a_program = row["event"] == "delivered" and row["next_id"] == ""
        if row["row"] not in found and (row["event"] in ("relayed", "expanded") or to_a_program) and left:
            found[row["row"]] = min(left, key=lambda child: _order(child, row, rows, told))["key"]
    return found


def _order(child: Row, row: Row, rows: list[Row], told: set[int]) -> tuple[bool, bool, int, str, int]:
    """Which of several children a row hands its recipient to: the one that names it, else one that says nothing yet."""
    names = any(other["key"] == child["key"] and other["recipient"] == row["recipient"] for other in rows)
    return not names, child["key"] in told, child["first_us"], child["queue_id"], child["key"]


def recipients(world: World) -> list[Row]:
    """One row per root and final recipient: root, role, recipient, outcome, finished_us, attempts, deferrals."""
    first, handed = roots(world), handovers(world)
    lives = {message["key"]: message for message in world.messages}
    told = telling(world)
    passed_on = {(r["key"], r["recipient"]) for r in world.deliveries if _carried(world, r, handed.get(r["row"]), told)}
    # Who takes the mail and tells of it here has not delivered it yet.
    under_way = {
        r["row"] for r in world.deliveries if r["row"] in handed and (r["key"], r["recipient"]) not in passed_on
    }
    world = World(
        world.messages,
        [
            r | {"event": "relayed"} if r["event"] == "delivered" and r["row"] in under_way else r
            for r in world.deliveries
        ],
        world.edges,
    )
    groups: dict[tuple[int, str], list[Row]] = {}
    for row in world.deliveries:
        if row["recipient"] is not None and not is_whole(row):
            groups.setdefault((first[row["key"]], row["recipient"]), []).append(row)
    found = []
    for (root, recipient), rows in groups.items():
        standing = [row for row in rows if (row["key"], recipient) not in passed_on]
        kind = role(lives[root], world)
        if standing and kind != "probe":
            counted = [r for r in rows if r["event"] != "delivered" or (r["key"], recipient) not in passed_on]
            state = _state(world, counted, standing, handed)
            found.append({"root": root, "role": kind, "recipient": recipient} | state)
    known = {root for root, recipient in groups if _stands(groups[root, recipient], passed_on)}
    for key, life in lives.items():
        kind = role(life, world)
        if first[key] == key and key not in known and kind in ("user", "notice"):
            found += [{"root": key, "role": kind} | row for row in _alone(world, key, first)]
    return found


def _carried(world: World, row: Row, child: int | None, told: set[int]) -> bool:
    """Whether other lines stand for a hand-over: the child's own, or those of the lives that it was divided into."""
    if child is None or child in told:
        return child is not None
    above = parents(world)
    below, found = {child}, set()
    while below:
        below = {key for key, parent in above.items() if parent in below} - found
        found |= below
    if any(other["key"] in found and other["recipient"] == row["recipient"] for other in world.deliveries):
        return True
    return bool(found & told) and all(key in told or key in above.values() for key in found)


def _stands(rows: list[Row], passed_on: set[tuple[int, str]]) -> bool:
    return any((row["key"], row["recipient"]) not in passed_on for row in rows)


def _state(world: World, rows: list[Row], standing: list[Row], handed: dict[int, int]) -> Row:
    """`rows` are all about the recipient that may count as attempts, `standing` those that may decide.

    An address that mail goes to directly and through a forward has such rows in several lives; then the heaviest end
    of a life decides.
    """
    by_life: dict[int, list[Row]] = {}
    for row in standing:
        by_life.setdefault(handed.get(row["row"], row["key"]), []).append(row)
    heaviest = [max(own, key=weight) for own in by_life.values()]
    decided, end = max(((row, _end(world, row, handed)) for row in heaviest), key=lambda pair: weight(pair[1]))
    event, when = end["event"], end["time_us"]
    life = handed.get(decided["row"], decided["key"])
    ended = {message["key"]: message for message in world.messages}[life]["ended_us"]
    outcome, finished = meaning(event), when if event in SETTLING else None
    if event not in SETTLING and not _given_away(decided, life) and ended is not None:
        outcome, finished = "unknown", ended
    return {
        "outcome": outcome,
        "finished_us": finished,
        "attempts": sum(tried(row) for row in rows),
        "deferrals": sum(tried(row) for row in rows if row["event"] == "deferred"),
    }


def _given_away(row: Row, life: int) -> bool:
    return row["event"] in ("relayed", "expanded") and life == row["key"]


def _end(world: World, row: Row, handed: dict[int, int]) -> Row:
    """What a row becomes by the facts about the whole of its life, or of the one that it hands its recipient to."""
    life, event = handed.get(row["row"], row["key"]), row["event"]
    waits = meaning(event) in ("deferred", "pending") and not _given_away(row, life)
    applicable = [
        fact
        for fact in world.deliveries
        if is_whole(fact)
        and fact["key"] == life
        and (fact["event"] != "expired" or waits)
        and (
            fact["event"] in SETTLING
            or life != row["key"]
            or (fact["time_us"], fact["row"]) > (row["time_us"], row["row"])
        )
    ]
    if event in SETTLING or not applicable:
        return row
    fact = max(applicable, key=weight)
    return row | {"event": fact["event"], "time_us": fact["time_us"]}


def _alone(world: World, key: int, first: dict[int, int]) -> list[Row]:
    facts = [row for row in world.deliveries if is_whole(row) and first[row["key"]] == key]
    ended = {message["key"]: message for message in world.messages}[key]["ended_us"]
    found = []
    for recipient in sorted({fact["recipient"] for fact in facts if fact["recipient"] is not None}) or [None]:
        own = [fact for fact in facts if fact["recipient"] in (None, recipient)]
        fact = max(own, key=weight, default=None)
        if fact is not None and fact["event"] in SETTLING:
            outcome, finished = meaning(fact["event"]), fact["time_us"]
        elif ended is not None:
            outcome, finished = "unknown", ended
        else:
            outcome, finished = meaning(fact["event"]) if fact else "pending", None
        found.append(
            {"recipient": recipient, "outcome": outcome, "finished_us": finished, "attempts": 0, "deferrals": 0},
        )
    return found
