"""`mailaudit investigate` on logs written by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.commands.conftest import POSTFIX
from tests.commands.maillog import BUSY, SENT, UNKNOWN, Mail, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.commands.conftest import Result

    Run = Callable[..., Result]

DAY = 86_400
SPAM = (
    "bounced",
    "5.7.1",
    "host mx[192.0.2.2] said: 550 5.7.1 Message rejected due to possible spam content (in reply to end of DATA)",
)


def day(
    number: int, good: int, bad: int = 0, word: tuple[str, str, str] = SPAM, domain: str = "gmail.com"
) -> list[Mail]:
    """A day's mail to one domain: deliveries, then failures."""
    words = [SENT] * good + [word] * bad
    return [Mail(number * DAY + 10 * at, f"u{at}@{domain}", ((1, said),)) for at, said in enumerate(words)]


def test_the_matrix_names_provider_numbers_action_and_rows(run: Run, tmp_path: Path) -> None:
    """2 of 200 at Google are 1 % soft: SA, and 99.5 % delivered of all mail are healthy."""
    log = write(tmp_path / "log", [*day(0, 198, 2), *day(0, 200, domain="gmx.de")])
    found = run("investigate", "--format", "json", log)

    assert found.code == 0
    (advice,) = found.rows("advice")
    assert (advice["id"], advice["about"]) == ("SA", "Google")
    assert advice["finding"] == "soft bounces: Google 1.00% (2 of 200)"
    assert "240 minutes" in advice["action"]
    assert "--domain gmail.com" in advice["explain"]
    assert [(row["id"], row["isp"], row["category"]) for row in found.rows("evidence")] == [
        ("SA", "Google", "spam_content")
    ] * 2
    (rates,) = found.rows("rates")
    assert (rates["ended"], rates["delivered"], rates["soft"], rates["hard"], rates["band"]) == (
        400,
        398,
        2,
        0,
        "healthy",
    )
    shown = run("investigate", log).out
    assert "SA" in shown
    assert "mailaudit log --outcome bounced,expired --domain gmail.com --since" in shown


def test_what_receivers_said_in_the_last_48_hours(run: Run, tmp_path: Path) -> None:
    """Grouped by text and provider, with class and action of Bloomreach's table, else the cause's."""
    log = write(tmp_path / "log", [*day(0, 5, 3), *day(3, 5, 4), *day(3, 1, 2, UNKNOWN, "gmx.de")])
    rows = run("investigate", "--table", "messages", "--format", "json", log).rows("messages")

    assert [(row["kind"], row["isp"], row["recipients"], row["class"]) for row in rows] == [
        ("soft", "Google", 4, "content"),
        ("hard", "United Internet", 2, "recipient_unknown"),
    ]
    assert "visuals" in rows[0]["action"]
    assert rows[0]["recipient"] == "u5@gmail.com"


def test_hard_and_soft_stand_apart(run: Run, tmp_path: Path) -> None:
    """A dead address is hard; everything else that failed is soft; what waits is neither."""
    mails = [*day(0, 95, 2), *day(1, 0, 3, UNKNOWN), Mail(2 * DAY, "w@gmail.com", ((1, BUSY),))]
    found = run("investigate", "--format", "json", write(tmp_path / "log", mails))
    (row,) = found.rows("rates")

    assert (row["ended"], row["delivered"], row["soft"], row["hard"], row["open"], row["band"]) == (
        100,
        95,
        2,
        3,
        1,
        "investigate",
    )
    assert [one["id"] for one in found.rows("advice")] == ["rate", "SA", "HB"]
    assert [(one["day"], one["delivered"], one["soft"], one["hard"]) for one in found.rows("trend")] == [
        ("2026-03-02", 95, 2, 0),
        ("2026-03-03", 0, 0, 3),
    ]


def test_a_rate_that_does_not_improve_after_three_sendings(run: Run, tmp_path: Path) -> None:
    """Sender and day make a sending; the advice has the four rates."""
    mails = [mail for number, bad in enumerate((2, 2, 3, 2)) for mail in day(number, 198 - (bad - 2), bad)]
    found = run("investigate", "--format", "json", write(tmp_path / "log", mails))
    sendings = found.rows("sendings")

    assert [(row["sending"], row["day"], row["ended"], row["band"]) for row in sendings] == [
        ("shop@a.example", "2026-03-02", 200, "monitor"), ("shop@a.example", "2026-03-03", 200, "monitor"),
        ("shop@a.example", "2026-03-04", 200, "monitor"), ("shop@a.example", "2026-03-05", 200, "monitor"),
    ]  # fmt: skip
    assert sendings[3]["note"] == "no improvement after 3 sendings"
    (advice,) = [row for row in found.rows("advice") if row["id"] == "sending"]
    assert advice["finding"].startswith("2026-03-02 99.00% (198 of 200); ")


def test_spikes_and_warm_up(run: Run, tmp_path: Path) -> None:
    """By provider and all together; only what is over the plan is advised on."""
    mails = [mail for number in range(4) for mail in day(number, 30)] + day(4, 200)
    log = write(tmp_path / "log", mails)
    (tmp_path / "plan.csv").write_text("day,isp,recipients\n1,Google,30\n5,all,150\n")
    found = run("investigate", "--plan", tmp_path / "plan.csv", "--format", "json", log)

    assert [(row["isp"], row["day"], row["recipients"], row["usual"]) for row in found.rows("spikes")] == [
        ("all", "2026-03-06", 200, 30.0), ("Google", "2026-03-06", 200, 30.0),
    ]  # fmt: skip
    assert [(row["isp"], row["day"], row["state"]) for row in found.rows("warm_up")] == [
        ("Google", "2026-03-02", "as planned"), ("all", "2026-03-06", "over"),
    ]  # fmt: skip
    assert [row["id"] for row in found.rows("advice")] == ["spike", "spike", "warm-up"]
    grown = run("investigate", "--growth", "1.5", "--table", "warm_up", "--format", "json", log).rows("warm_up")
    assert {row["state"] for row in grown if row["day"] == "2026-03-06"} == {"over"}


def test_filters_are_as_if_the_rest_were_not_in_the_log(run: Run, tmp_path: Path) -> None:
    """All tables; and the commands that list the rows name the filter, unless what they name is narrower."""
    google, gmx = day(0, 196, 4), day(0, 150, 50, domain="gmx.de")
    both, alone = write(tmp_path / "both", [*google, *gmx]), write(tmp_path / "alone", google)
    found = run("investigate", "--domain", "gmail.com", "--format", "json", both)

    for name in ("rates", "isps", "trend", "sendings", "messages"):
        assert found.rows(name) == run("investigate", "--format", "json", alone).rows(name)
    explained = [row["explain"] for row in found.rows("advice")]
    assert len(explained) == 2
    assert all(text.count("--domain gmail.com") == 1 for text in explained)
    assert run("investigate", "--sender", "@other.example", "--format", "json", both).rows("rates")[0]["ended"] == 0


def test_the_range_is_the_last_14_days(run: Run, tmp_path: Path) -> None:
    """Local days, the last one included; another range can be asked for."""
    mails = [*day(0, 3), *day(1, 5), *day(14, 7)]
    log = write(tmp_path / "log", mails)

    assert run("investigate", "--format", "json", log).rows("rates")[0]["ended"] == 12
    assert run("investigate", "--since", "2026-03-02", "--format", "json", log).rows("rates")[0]["ended"] == 15
    assert run("investigate", "--until", "2026-03-04", "--format", "json", log).rows("rates")[0]["ended"] == 8


def test_all_is_well(run: Run, tmp_path: Path) -> None:
    """No advice, and the numbers that say so; of an empty log, too."""
    assert (
        "Nothing calls for action: 100.00% delivered of 50"
        in run("investigate", write(tmp_path / "log", day(0, 50))).out
    )
    found = run("investigate", write(tmp_path / "log", [Mail(0, attempts=())]))
    assert (found.code, "no mail to others reached an end" in found.out) == (0, True)


def test_wrong_options_are_told(run: Run, tmp_path: Path) -> None:
    """Before anything is read."""
    log = write(tmp_path / "log", day(0, 1))

    assert "--growth 1.5" in run("investigate", "--table", "warm_up", log).err
    assert run("investigate", "--growth", "0.5", log).code == 2
    assert run("investigate", "--plan", "nowhere.csv", log).code == 2
    assert run("investigate", "--growth", "2", "--plan", "x", log).code == 2
    for chosen in (("--status", "bounced"), ("--outcome", "bounced"), ("--code", "550"), ("--text", "full")):
        refused = run("investigate", *chosen, log)
        assert (refused.code, "would choose the answer" in refused.err) == (2, True)


def test_the_shipped_log(run: Run) -> None:
    """Real traffic in every format; the providers' numbers add up to all mail."""
    found = run("investigate", "--format", "json", POSTFIX)
    (rates,) = found.rows("rates")

    assert sum(row["ended"] for row in found.rows("isps")) == rates["ended"]
    assert sum(row["ended"] for row in found.rows("trend")) == rates["ended"]
    assert rates["ended"] == rates["delivered"] + rates["soft"] + rates["hard"]
    for name in ("table", "csv", "jsonl", "markdown"):
        assert run("investigate", "--format", name, POSTFIX).code == 0


def test_the_trend_begins_with_whom_an_advice_names(run: Run, tmp_path: Path) -> None:
    """A text table has twenty rows: not those of the provider that comes first in the alphabet."""
    mails = [*day(0, 300, 0, domain="icloud.com"), *day(1, 140, 4, domain="yahoo.com"), *day(2, 200, 0)]
    found = run("investigate", "--format", "json", write(tmp_path / "log", mails))

    assert [row["isp"] for row in found.rows("trend")] == ["Yahoo", "Apple", "Google"]
