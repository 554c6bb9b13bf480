"""What a campaign is, and what is an attempt, in providers' events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.measure.systems import STAMP, mailgun, sendgrid, shown, told, write

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("kept_readings")

TO = "ana@example.org"
SPARKPOST = {
    "type": "delivery",
    "event_id": "1",
    "timestamp": str(STAMP),
    "message_id": "000443ee14578172be22",
    "rcpt_to": TO,
    "rcpt_tags": ["uk"],
}
RESEND = {"email_id": "56761188-7520-42d8-8898-ff6fc54ce616", "to": [TO], "broadcast_id": "spring"}


@pytest.mark.parametrize(
    ("event", "campaign"),
    [
        ({"msys": {"message_event": {**SPARKPOST, "campaign_id": "spring"}}}, "spring"),
        ({"msys": {"message_event": SPARKPOST}}, "uk"),
        (sendgrid("delivered", TO, 1, marketing_campaign_name="spring"), "spring"),
        (sendgrid("delivered", TO, 1), "june"),
        (mailgun("delivered", TO, 1, campaigns=[{"id": "s", "name": "spring"}], tags=["uk"]), "spring"),
        (mailgun("delivered", TO, 1, campaigns=[], tags=["uk", "b"]), "uk"),
        ({"type": "email.delivered", "created_at": "2026-03-02T08:00:00Z", "data": RESEND}, "spring"),
    ],
)
def test_the_providers_campaign_comes_before_tags(tmp_path: Path, event: dict[str, Any], campaign: str) -> None:
    """Where a provider knows of campaigns, these are; else the first tag is."""
    rows = told("stats", "--by", "campaign", *write(tmp_path, events=[event]))

    assert shown(rows, "campaign", "recipients") == [(campaign, 1)]


def test_what_comes_back_is_no_attempt(tmp_path: Path) -> None:
    """A bounce after the delivery settles the recipient, but nothing was tried again."""
    late = sendgrid("bounce", TO, 900, type="bounce", reason="550 5.1.1 removed")
    del late["sg_message_id"]
    late["smtp-id"] = "<Kd8sLq2nQ01aVx3mPz7Rxx@geopod-ismtpd-12>"
    rows = told("log", *write(tmp_path, events=[sendgrid("delivered", TO, 1), late]))

    assert shown(rows, "recipient", "outcome", "attempts") == [(TO, "bounced", 1)]
