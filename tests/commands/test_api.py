"""mailaudit for programs: typed DataFrames with the same answers."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import mailaudit
from mailaudit.errors import InputError, UsageError

from .conftest import POSTFIX, REALSENDER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mailaudit.api import Mail


@pytest.fixture(scope="module")
def mail() -> Iterator[Mail]:
    """One reading for all tests."""
    with mailaudit.read(POSTFIX) as found:
        yield found


def test_importing_mailaudit_is_cheap() -> None:
    """pandas and the engines load when something is read."""
    code = "import sys, mailaudit; print({'pandas', 'polars', 'duckdb'} & set(sys.modules))"

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"


def test_log_is_typed(mail: Mail) -> None:
    """Zoned times, nullable integers, categories, text; also when there are no rows."""
    for frame in (mail.log(), mail.log(sender="nobody at all")):
        assert str(frame["submitted_at"].dtype).startswith("datetime64[us, ")
        assert str(frame["attempts"].dtype) == "Int64"
        assert str(frame["smtp_code"].dtype) == "Int64"
        assert str(frame["status"].dtype) == "category"
        assert str(frame["queue_id"].dtype) in {"string", "str"}
    assert len(mail.log()) > 700


def test_events_are_typed(mail: Mail) -> None:
    """The same for facts."""
    frame = mail.events(since=dt.date(2024, 11, 1), until="2024-11-02")

    assert (str(frame["attempted"].dtype), str(frame["delay"].dtype)) == ("boolean", "Float64")
    assert frame["time"].dt.date.unique().tolist() == [dt.date(2024, 11, 1)]


def test_stats_by_keys_and_by_name(mail: Mail) -> None:
    """Counts are whole numbers and add up to the log's rows."""
    by_status = mail.stats(by=["outcome"])

    assert by_status["recipients"].sum() == len(mail.log())
    assert str(by_status["recipients"].dtype) == "Int64"
    assert list(mail.stats("month")["month"]) == ["2024-10", "2024-11"]
    assert mail.stats(by="recipient_domain", status="bounced")["bounced"].sum() == len(mail.log(status="bounced"))


def test_what_was_read_is_told(mail: Mail) -> None:
    """Inputs, coverage, zone."""
    assert mail.covered
    assert mail.inputs[0].format == "postfix"
    assert mail.log(code="5.1.1")["enhanced_status"].unique().tolist() == ["5.1.1"]


@pytest.mark.parametrize(
    "call",
    [
        lambda mail: mail.log(sendr="x"),
        lambda mail: mail.log(status="delvered"),
        lambda mail: mail.stats("mnoth"),
        lambda mail: mail.stats(),
        lambda mail: mail.stats(by="dya"),
        lambda mail: mail.log(since="soon"),
        lambda _: mailaudit.read(),
        lambda _: mailaudit.read(REALSENDER, tz="Europe/Room"),
    ],
)
def test_mistakes_are_errors_with_a_hint(mail: Mail, call: object) -> None:
    """Unknown filters, tables, keys, times and zones."""
    with pytest.raises(UsageError) as caught:
        call(mail)  # type: ignore[operator]

    assert caught.value.hint


def test_an_input_that_is_not_there() -> None:
    """Is an error, not an empty answer."""
    with pytest.raises(InputError):
        mailaudit.read("/there/is/no/such/file")


def test_bounces_and_addresses(mail: Mail) -> None:
    """What failed, grouped, and the addresses: as `mailaudit bounces` has them."""
    by_cause = mail.bounces(by=["category", "isp"])
    hard = mail.addresses(only="hard", confidence=["high", "medium"])

    assert by_cause["recipients"].sum() == len(mail.log(status=["bounced", "expired"]))
    assert str(by_cause["first"].dtype).startswith("datetime64[us, ")
    assert set(hard["type"]) <= {"hard"}
    assert len(hard) <= len(mail.addresses())


def test_a_cause_that_is_none(mail: Mail) -> None:
    """Names are checked."""
    with pytest.raises(UsageError, match="no cause 'herd'"):
        mail.bounces(only="herd")
    with pytest.raises(UsageError, match="vocabulary 'latin'"):
        mailaudit.explain("550", vocabulary="latin")


def test_explain() -> None:
    """One row for each reply, in order; missing ones and codes, too."""
    frame = mailaudit.explain(["550 5.1.1 User unknown", None, "452 4.2.2 mailbox full"], vocabulary=["sisimai"])

    assert frame["category"].tolist() == ["recipient_unknown", "unknown", "mailbox_full"]
    assert frame["sisimai"].tolist()[::2] == ["userunknown", "mailboxfull"]
    assert mailaudit.explain("5.7.26")["category"].tolist() == ["auth_failed"]
    assert len(mailaudit.explain([])) == 0


def test_explain_with_rules_of_ones_own(tmp_path: Path) -> None:
    """A user's rules go before ours."""
    own = tmp_path / "own.toml"
    own.write_text('[[rule]]\nid = "inn"\ncategory = "mailbox_full"\nwords = ["no more room", "house full"]\n')

    frame = mailaudit.explain(["554 No more room at the inn", "554 House full"], rules=own)

    assert frame["rule"].tolist() == ["inn", "inn"]
