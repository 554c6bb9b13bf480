"""What the summary calls a problem: no weekend, no chance, no single mail that waits, but all that the queue holds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from tests.commands.conftest import POSTFIX
from tests.commands.test_summary import DAY, mail

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., Any]

SUSPENDED = "delivery temporarily suspended: connect to mx.dead.example[192.0.2.9]:25: Connection timed out"
TIMED_OUT = "connect to mx.dead.example[192.0.2.9]:25: Connection timed out"


def days(**numbers: int) -> str:
    """So many good mails on each of the days of May 2026, spread over the day: d15=100."""
    return "".join(
        mail(int(day[1:]), number * 24 // count, number) for day, count in numbers.items() for number in range(count)
    )


def waits(day: int, number: int, tries: dict[int, str], domain: str = "dead.example") -> str:
    """The lines of a mail that is put off at these hours after the day began, with these replies."""
    queue_id = f"{day:02X}FF{number:06X}"
    at = DAY.format(day=day, hour=0)
    lines = [
        f"{at}postfix/smtpd[1]: {queue_id}: client=unknown[192.0.2.7]\n",
        f"{at}postfix/qmgr[3]: {queue_id}: from=<w@example.org>, size=900, nrcpt=1 (queue active)\n",
    ]
    for hour, reply in tries.items():
        program = "error" if reply == SUSPENDED else "smtp"
        at = DAY.format(day=day + hour // 24, hour=hour % 24)
        lines.append(
            f"{at}postfix/{program}[4]: {queue_id}: to=<u@{domain}>, relay=none, delay={3600 * hour + 1}, "
            f"delays=0/0/0/1, dsn=4.4.1, status=deferred ({reply})\n"
        )
    return "".join(lines)


@pytest.fixture
def asked(run: Run, tmp_path: Path) -> Callable[..., Any]:
    """Asks for the summary of a day of May 2026, as JSON."""

    def ask(text: str, day: int, *more: str) -> Any:  # noqa: ANN401
        path = tmp_path / "mail.log"
        path.write_text("".join(sorted(text.splitlines(keepends=True), key=lambda line: line[:19])))
        range_ = ("--since", f"2026-05-{day}", "--until", f"2026-05-{day + 1}", "--tz", "UTC")
        return run("summary", *range_, "--format", "json", *more, path)

    return ask


def levels(answer: Any) -> dict[str, str]:  # noqa: ANN401
    """The level of each finding, by its name."""
    return {row["name"]: row["level"] for row in answer.rows("problems")}


def counts(answer: Any) -> dict[str, int]:  # noqa: ANN401
    """The numbers of the period, by name."""
    return {row["name"]: row["now"] for row in answer.rows("volume")}


def test_a_saturday_is_measured_by_the_saturday_before(asked: Callable[..., Any]) -> None:
    """16 May 2026 is a Saturday: less mail than on Friday is usual, less than on the last Saturday is not."""
    usual = days(d08=100, d09=40, d15=100, d16=40)
    dead = days(d08=100, d09=40, d15=100, d16=5)

    assert "less_mail" not in levels(asked(usual, 16))
    found = asked(dead, 16)
    assert levels(found)["less_mail"] == "warning"
    text = next(row["text"] for row in found.rows("problems") if row["name"] == "less_mail")
    assert text == "5 messages after 40 at the same time a week earlier."


def test_a_working_day_after_a_sunday_may_be_too_little(asked: Callable[..., Any]) -> None:
    """18 May 2026 is a Monday: more mail than on Sunday, and yet a fraction of what Mondays have."""
    found = asked(days(d10=20, d11=200, d17=20, d18=40), 18)

    assert levels(found)["less_mail"] == "warning"


def test_less_mail_is_only_noted_where_no_week_is_known(asked: Callable[..., Any]) -> None:
    """Nobody can tell a weekend from a fault without another weekend."""
    assert levels(asked(days(d15=100, d16=5), 16))["less_mail"] == "note"


def test_one_mail_that_waits_is_no_state_of_a_domain(asked: Callable[..., Any]) -> None:
    """However often it is tried: thirty attempts of one message are a note at most, of three messages a problem."""
    tries = {hour % 23: TIMED_OUT for hour in range(23)}
    one = waits(11, 1, tries) + waits(11, 2, tries)
    three = one + waits(11, 3, tries)

    assert levels(asked(days(d10=90, d11=90) + one, 11)).get("health_domains") is None
    assert levels(asked(days(d10=90, d11=90) + three, 11))["health_domains"] == "warning"


def test_mail_of_earlier_days_still_waits(asked: Callable[..., Any]) -> None:
    """What the queue holds at the end of the day counts, whenever it was accepted; what came later does not."""
    late = waits(12, 9, {0: TIMED_OUT})
    stuck = waits(10, 1, {0: TIMED_OUT, 30: TIMED_OUT}) + waits(11, 2, {5: TIMED_OUT})
    found = asked(days(d10=50, d11=50) + stuck + late, 11)

    assert counts(found)["still waiting"] == 2
    assert levels(found)["waiting"] == "warning"
    assert "2 recipients still waiting" in next(r["text"] for r in found.rows("problems") if r["name"] == "waiting")


def test_what_is_first_put_off_later_has_not_been_put_off(asked: Callable[..., Any]) -> None:
    """At the end of its first day the mail was accepted, and no attempt had been made."""
    found = asked(days(d10=50, d11=50) + waits(11, 1, {30: TIMED_OUT}), 11)

    assert (counts(found)["still waiting"], counts(found)["pending"]) == (0, 1)


def test_a_suspended_delivery_is_no_attempt(asked: Callable[..., Any]) -> None:
    """The table of deferrals adds up to their number, and what only repeats an answer is no new one."""
    old = waits(10, 1, {1: TIMED_OUT})
    found = asked(days(d10=50, d11=50) + old + waits(11, 2, {1: TIMED_OUT, 2: SUSPENDED, 3: SUSPENDED}), 11)

    assert counts(found)["deferrals"] == 1
    assert [(row["lines"], row["share"]) for row in found.rows("deferrals")] == [(1, 1.0)]
    assert [row for row in found.rows("new") if row["kind"] == "reply"] == []


@pytest.mark.parametrize(("failed", "level"), [(2, "note"), (4, "warning"), (20, "bad")])
def test_single_refusals_are_noted(asked: Callable[..., Any], failed: int, level: str) -> None:
    """Of 600 recipients two may be refused for a block list without a problem of this side: binomial, 0.1 % usual."""
    reply = "554 5.7.1 Service unavailable; Client host [192.0.2.10] blocked using zen.spamhaus.org"
    refused = "".join(mail(11, 9, 700_000 + number, "bounced", reply, "5.7.1") for number in range(failed))
    known = mail(10, 9, 900_000, "bounced", reply, "5.7.1")

    assert levels(asked(days(d10=50, d11=600) + known + refused, 11))["cause_ip_blocked"] == level


def test_bounce_mails_alone_have_no_rate(run: Run, tmp_path: Path) -> None:
    """They tell what failed and never what went through: 0 % would be a wrong number; with a log there is one."""
    notice = tmp_path / "notice.eml"
    notice.write_text(
        "From: MAILER-DAEMON@mx.example\nTo: ann@example.org\nDate: Mon, 11 May 2026 10:00:00 +0000\n"
        "Subject: Undelivered Mail Returned to Sender\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nfailed\n\n--b\nContent-Type: message/delivery-status\n\n"
        "Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; bob@dst.example\nAction: failed\nStatus: 5.1.1\n"
        "Diagnostic-Code: smtp; 550 5.1.1 no such user\n\n--b\nContent-Type: text/rfc822-headers\n\n"
        "From: ann@example.org\nTo: bob@dst.example\nMessage-ID: <1@example.org>\n\n--b--\n"
    )

    alone = run("summary", notice)
    page = run("report", "--format", "json", notice)
    both = run("summary", notice, POSTFIX)

    assert "do not tell what was delivered" in " ".join(alone.out.split())
    assert "0.00 %" not in alone.out
    assert "Delivery rate 0" not in alone.out
    assert {row["name"] for row in page.rows("rates")} == {"put off at least once"}
    assert all(row["rate"] is None for row in page.rows("isp"))
    assert re.search(r"^Delivery rate +\d+\.\d\d % ", both.out, re.MULTILINE)


def test_a_first_period_that_is_not_whole_says_so(asked: Callable[..., Any], run: Run, tmp_path: Path) -> None:
    """The logs begin in the midst of it."""
    path = tmp_path / "mail.log"
    path.write_text(days(d11=50))
    week = run("summary", "--since", "2026-05-05", "--until", "2026-05-12", "--tz", "UTC", path).out
    day = asked(days(d11=50), 11)

    assert "they hold a part of this period only" in " ".join(week.split())
    assert all(row["before"] is None for row in day.rows("volume"))


def test_bad_domains_are_those_of_health(run: Run) -> None:
    """What `health` calls Bad is Bad here, named or counted; Bad is never provisional, for no success can undo it."""
    states = [row for row in run("health", "--format", "json", POSTFIX).rows("health") if row["level"] == "domain"]
    bad = [row["name"] for row in states if row["state"] == "Bad"]
    summary = run("summary", "--format", "json", POSTFIX)
    (told,) = (row["text"] for row in summary.rows("problems") if row["name"] == "health_domains")
    numbers = [int(number) for number in re.findall(r"(\d+) (?:domains|more by)", told)]

    assert sum(numbers) == len(bad)
    assert sorted(row["name"] for row in summary.rows("health") if row["state"] == "Bad") == sorted([*bad, "all"])
    assert not any(row["provisional"] for row in states if row["state"] == "Bad")


def test_good_domains_are_provisional_in_both(run: Run) -> None:
    """The page says of how many that is not sure yet, and why."""
    states = [row for row in run("health", "--format", "json", POSTFIX).rows("health") if row["level"] == "domain"]
    good = [row for row in states if row["state"] == "Good"]
    unsure = sum(row["provisional"] for row in good)

    assert 0 < unsure < len(good)
    said = " ".join(run("summary", POSTFIX).out.split())
    assert f"{len(good)} other domains Good, {unsure} of them provisional (fewer than 25 results)." in said


def test_all_mail_may_be_provisional(run: Run, tmp_path: Path) -> None:
    """Thirteen results are no full window."""
    path = tmp_path / "mail.log"
    path.write_text(days(d10=13))

    assert "All mail is Good, but provisional: n=13." in run("summary", "--tz", "UTC", path).out
