"""What an input's account says of mails that tell the same."""

from __future__ import annotations

import pytest

from mailaudit import accounts
from mailaudit.model.request import InputReport


@pytest.mark.parametrize(
    ("action", "kind"),
    [("failed", "bounce"), ("delayed", "delay_warning"), ("relayed", "receipt"), ("abuse", "complaint")],
)
def test_a_mail_told_again_is_taken_from_its_kind(action: str, kind: str) -> None:
    """Mails are counted by what they are; what they tell of a recipient has other words."""
    report = InputReport("all.mbox", kinds={f"mails/{kind}": 3}, parsed=3)

    (warning,) = accounts.retold({1: report}, [(1, "mails", action, 2)])

    assert report.kinds == {f"mails/{kind}": 1, "log/duplicate": 2}
    assert (report.parsed, report.noise, warning.source_file) == (1, 2, "all.mbox")
