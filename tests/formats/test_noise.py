"""Noise is a list of known lines, and nothing else can pass for one of them."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from tests.formats.lines import records
from tests.formats.test_kinds import sample_id, tag_of

from mailaudit.formats import formats

if TYPE_CHECKING:
    from mailaudit.formats.table import Format, Kind

LOGS = ("postfix", "sendmail", "exim", "opensmtpd")
SENTENCES = (
    "the mail for that user was not handed on because its box is no longer here please see our page about it and ask "
    "who sent 250 messages at noon queue bounced deferred lost refused mx.example [192.0.2.1] <a@dst.example> --"
)
WORDS = SENTENCES.split()
DELIVERY = {
    "postfix": "to=<a@dst.example>, relay=mx.dst.example[203.0.113.25]:25, delay=2.1, delays=0.3/0/0.9/0.9, dsn=5.1.1, "
    "status=bounced (host mx.dst.example[203.0.113.25] said: 550 5.1.1 unknown (in reply to RCPT TO command))",
    "sendmail": "to=<a@dst.example>, delay=00:00:03, xdelay=00:00:02, mailer=esmtp, pri=30000, relay=mx.dst.example. "
    "[203.0.113.25], dsn=5.1.1, stat=User unknown",
    "opensmtpd": "afb176df681cde02 mta delivery evpid=4dc6266404042b9c from=<b@src.example> to=<a@dst.example> "
    'rcpt=<-> source="192.0.2.10" relay="203.0.113.25 (mx.dst.example)" delay=1s result="PermFail" '
    'stat="550 5.1.1 unknown"',
    "exim": "** a@dst.example R=dnslookup T=remote_smtp H=mx.dst.example [203.0.113.25]: SMTP error from "
    "remote mail server after RCPT TO:<a@dst.example>: 550 5.1.1 unknown",
}
OPEN = {"authentication_warning", "verbose_function", "verbose_talk"}
"""What follows the first words of these is text of any kind, which those words make a part of the note."""
REFUSAL = "reject: RCPT from mx.example[192.0.2.1]: 550 5.1.1 <a@dst.example>: User unknown; from=<b@src.example>"


def noise(form: Format) -> list[Kind]:
    """Its kinds of noise."""
    return [kind for kind in form.kinds if kind.noise]


def noisy(form: Format, daemon: str, bodies: list[str]) -> list[str]:
    """Those of the lines that count as noise."""
    names = {kind.name for kind in noise(form)} - {kind.name for kind in form.kinds if not kind.noise}
    found = records(form, *bodies, tag=tag_of(form, daemon))
    if not names & set(found.counts):
        return []
    return [body for body in bodies if names & set(records(form, body, tag=tag_of(form, daemon)).counts)]


def daemons(form: Format) -> list[str]:
    """One of each sort of daemon that has noise: those that share all kinds are one sort."""
    named = {daemon for kind in noise(form) for daemon in kind.daemons}
    return sorted({form.by_daemon[daemon]: daemon for daemon in sorted(named)}.values())


CASES = [(name, daemon) for name in LOGS for daemon in daemons(formats()[name])]


@pytest.mark.parametrize("name", LOGS)
def test_noise_is_known_from_its_first_to_its_last_character(name: str) -> None:
    """A pattern that looks at a part of the line would take lines that nobody has seen."""
    for kind in noise(formats()[name]):
        assert kind.name in OPEN or (kind.pattern or "").startswith("^"), kind.name
        assert kind.name in OPEN or (kind.pattern or "").endswith("$"), kind.name


@pytest.mark.parametrize(("name", "daemon"), CASES)
def test_no_sentence_is_noise(name: str, daemon: str) -> None:
    """Nor is one that begins with the first words of a noise line."""
    form, chance = formats()[name], random.Random(daemon)  # noqa: S311
    bodies = []
    for kind in noise(form):
        if kind.name in OPEN:
            continue
        for words in (1, 2):
            start = " ".join(kind.example.split()[:words])
            bodies += [f"{start} {' '.join(chance.choices(WORDS, k=chance.randint(3, 12)))}" for _ in range(2)]
    bodies += [" ".join(chance.choices(WORDS, k=chance.randint(2, 12))) for _ in range(50)]
    bodies += [f"{sample_id(form)}{form.behind_id}{body}" for body in bodies[::3]]

    assert noisy(form, daemon, bodies) == []


@pytest.mark.parametrize(("name", "daemon"), CASES)
def test_no_damaged_delivery_or_refusal_is_noise(name: str, daemon: str) -> None:
    """Whatever is cut off, put before it or left out."""
    form, chance = formats()[name], random.Random(daemon)  # noqa: S311
    bodies = []
    for line in (DELIVERY[name], REFUSAL, "from=<a@src.example>, size=992, nrcpt=2 (queue active)"):
        for kind in noise(form):
            cut = chance.randint(0, len(kind.example))
            bodies += [f"{kind.example[:cut]} {line}", f"{kind.example} {line}"]
        for _ in range(20):
            start, end = sorted(chance.choices(range(20), k=2))
            bodies.append(line[:start] + chance.choice(("", ": ", " ", "x")) + line[end:])
    bodies += [f"{sample_id(form)}{form.behind_id}{body}" for body in bodies]

    assert noisy(form, daemon, bodies) == []
