"""`stats --by`: rates with their denominators and intervals, by what providers know of sending."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.measure.systems import STAMP, postfix, told, write

from mailaudit.measure.by import COUNTED, REACTED, with_rates
from mailaudit.model.intervals import wilson

pytestmark = pytest.mark.usefixtures("kept_readings")

FIXTURES = Path(__file__).parents[2] / "fixtures"


def sendgrid(number: int, event: str, **more: object) -> dict[str, Any]:
    """One event of one of many messages."""
    return {
        "email": f"user{number}@example.org",
        "timestamp": STAMP + number,
        "event": event,
        "sg_event_id": f"{number}{event}{json.dumps(more)}",
        "sg_message_id": f"stem{number:018}.recvd-1-2-3.0",
        "smtp-id": f"<stem{number:018}@geopod-ismtpd-1>",
        "category": ["june", "vip"] if number % 2 else ["may"],
        "pool": {"name": "main" if number < 8 else "spare", "id": 1},
        **more,
    }


@pytest.fixture
def events(tmp_path: Path) -> Path:
    """Ten messages: 0 to 6 delivered, of which 0 to 3 opened, 0 clicked and 1 complained; 7 to 9 bounced."""
    records = [sendgrid(number, "delivered", ip=f"198.51.100.{number % 2}") for number in range(7)]
    records += [sendgrid(number, "open") for number in (0, 0, 1, 2, 3)]
    records += [sendgrid(4, "open", sg_machine_open=True), sendgrid(0, "click", url="u"), sendgrid(1, "spamreport")]
    records += [sendgrid(number, "bounce", type="bounce", reason="550 5.1.1 no") for number in (7, 8, 9)]
    (path,) = write(tmp_path, events=records)
    return path


def test_rates_have_their_denominators(events: Path) -> None:
    """Failures of what reached an end, all else of what was delivered; opens by machines do not count."""
    (row,) = told("stats", "--by", "isp", events)

    assert (row["recipients"], row["delivered"], row["bounced"]) == (10, 7, 3)
    assert (row["opened"], row["clicked"], row["unsubscribed"], row["complained"]) == (4, 1, 0, 1)
    assert row["failure_rate"] == pytest.approx(3 / 10)
    assert row["complaint_rate"] == pytest.approx(1 / 7, abs=1e-6)
    assert row["open_rate"] == pytest.approx(4 / 7, abs=1e-6)
    assert row["click_rate"] == pytest.approx(1 / 7, abs=1e-6)
    assert row["unsubscribe_rate"] == 0
    # Wilson's interval of 3 of 10, from its formula by hand: (0.3 + 0.19207 ± 0.34288) / 1.38415
    assert (row["failure_low"], row["failure_high"]) == pytest.approx((0.10779, 0.60322), abs=1e-4)


@pytest.mark.parametrize(
    ("key", "counts"),
    [
        ("pool", {"main": 8, "spare": 2}),
        ("tag", {"june": 5, "vip": 5, "may": 5}),
        ("campaign", {"june": 5, "may": 5}),
        ("ip", {"198.51.100.0": 4, "198.51.100.1": 3, None: 3}),
        ("stream", {None: 10}),
    ],
)
def test_what_providers_know_of_sending(events: Path, key: str, counts: dict[str | None, int]) -> None:
    """By pool, sending address and stream; by campaign (the first tag), and by each tag."""
    found = {row.get(key): row["recipients"] for row in told("stats", "--by", key, events)}

    assert found == counts


def test_the_sending_address_may_be_called_so(events: Path) -> None:
    """`--by sending_ip` is `--by ip`."""
    assert told("stats", "--by", "sending_ip", events) == told("stats", "--by", "ip", events)


def test_a_log_tells_of_no_complaints(tmp_path: Path) -> None:
    """What nobody tells is null, not zero."""
    (path,) = write(tmp_path, log=postfix("4XyZ3k0Qc1z2fD", ["bob@example.org"], "250 ok"))
    (row,) = told("stats", "--by", "recipient_domain", path)

    assert (row.get("complained"), row.get("complaint_rate"), row["failure_rate"]) == (None, None, 0)


@given(counts=st.lists(st.integers(0, 50), min_size=7, max_size=7))
def test_rates_lie_in_their_intervals(counts: list[int]) -> None:
    """And there is none of nothing, nor of more than all."""
    delivered, bounced, expired, *did = counts
    columns = (*COUNTED, *REACTED)
    values = {"delivered": delivered, "bounced": bounced, "expired": expired}
    values |= dict(zip((column.name for column in REACTED), did, strict=True))
    at = {column.name: place for place, column in enumerate(columns)}
    row = with_rates(at, reactions=True)(tuple(values.get(name) for name in at))
    rate, low, high, complaints, complaints_low, complaints_high, *_ = row[len(columns) :]

    assert (rate is None) == (delivered + bounced + expired == 0)
    assert rate is None or low <= rate <= high
    assert (complaints is None) == (delivered == 0 or did[3] > delivered)
    assert complaints is None or (complaints_low, complaints_high) == wilson(did[3], delivered)


@pytest.mark.parametrize("case", ["postfix/summer-time-ends", "sendmail/new-year"])
@pytest.mark.parametrize("key", ["category", "type", "recipient_domain", "sender", "relay", "outcome"])
def test_it_counts_what_log_lists(case: str, key: str) -> None:
    """Each dimension, whatever it is read from, has the numbers of `log`, which reads all there is of a recipient."""
    log = FIXTURES / case / "input.log.gz"
    column = {"relay": "relay_host", "recipient_domain": "recipient"}.get(key, key)
    listed = Counter(row.get(column) for row in told("log", log))
    if key == "recipient_domain":
        domains: Counter[str | None] = Counter()
        for address, number in listed.items():
            domains[address.rpartition("@")[2].lower() if "@" in (address or "") else None] += number
        listed = domains

    assert {row.get(key): row["recipients"] for row in told("stats", "--by", key, log)} == dict(listed)
