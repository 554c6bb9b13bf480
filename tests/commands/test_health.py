"""`mailaudit health` on logs written by hand."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from tests.commands.conftest import REALSENDER, ROOT
from tests.commands.maillog import BUSY, FULL, MAPPING, SENT, UNKNOWN, Mail, flow, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.commands.conftest import Result

    Run = Callable[..., Result]


def states(found: Result) -> dict[str, str]:
    """The state by name."""
    return {row["name"]: row["state"] for row in found.rows("health")}


@pytest.mark.parametrize(
    ("good", "bad", "options", "code", "state"),
    [
        (22, 3, [], 2, "Bad"),
        (23, 2, [], 0, "Good"),
        (22, 3, ["--threshold", "80"], 0, "Good"),
        (22, 3, ["--threshold", "80", "--max-failures", "2"], 2, "Bad"),
        (4, 1, [], 0, "Good"),
        (0, 3, [], 2, "Bad"),
        (23, 2, ["--warning", "95%"], 1, "Warning"),
        (40, 3, ["--window", "30"], 0, "Good"),
    ],
)
def test_state_and_exit_code(  # noqa: PLR0913, PLR0917 (a table's columns)
    run: Run, tmp_path: Path, good: int, bad: int, options: list[str], code: int, state: str
) -> None:
    """The published numbers of the rule; 0 good, 1 warning, 2 bad."""
    found = run("health", "--format", "json", *options, write(tmp_path / "log", flow(good, bad)))

    assert (found.code, states(found)) == (code, {"all": state, "b.example": state})


@pytest.mark.parametrize("unit", ["attempt", "message"])
def test_what_a_filter_threw_away_is_no_result(run: Run, tmp_path: Path, unit: str) -> None:
    """Spam that was taken and discarded says nothing of whether mail flows."""
    spam = ("sent", "2.7.0", "250 2.7.0 Ok, discarded, id=7-01 - spam")
    log = write(tmp_path / "log", [*flow(3, 0), *(Mail(9000 + at, attempts=((1, spam),)) for at in range(5))])
    found = run("health", "--unit", unit, "--format", "json", log).rows("health")[0]

    assert (found["state"], found["results"], found["failures"]) == ("Good", 3, 0)


def test_a_row_has_the_numbers_behind_the_state(run: Run, tmp_path: Path) -> None:
    """Rate, failures, what is allowed, delay, the latest response; a deferral costs one failure per attempt."""
    mails = [*flow(10, 0), Mail(1000, attempts=((2, BUSY), (600, BUSY), (1200, SENT)))]
    found = run("health", "--format", "json", write(tmp_path / "log", mails)).rows("health")[1]

    wanted = {
        "level": "domain", "name": "b.example", "state": "Good", "provisional": True, "results": 13, "successes": 11,
        "failures": 2, "deferred": 2, "allowed": 2, "rate": 0.846154, "window": 25, "threshold": 90.0,
        "delivery_delay": 1.0, "last_at": "2026-03-02T08:36:40Z", "last_event": "delivered", "smtp_code": 250,
        "reply": "250 2.0.0 Ok", "notes": "provisional, n=13",
    }  # fmt: skip
    assert {key: found[key] for key in wanted} == wanted


def test_by_message_only_the_latest_state_counts(run: Run, tmp_path: Path) -> None:
    """A mail that was put off three times and delivered is one success."""
    mails = [*flow(3, 0), Mail(1000, attempts=((1, BUSY), (60, BUSY), (120, BUSY), (180, SENT)))]
    log = write(tmp_path / "log", mails)

    assert states(run("health", "--format", "json", log))["b.example"] == "Bad"
    found = run("health", "--unit", "message", "--format", "json", log)
    assert (found.code, found.rows("health")[1]["results"], found.rows("health")[1]["failures"]) == (0, 4, 0)
    assert found.document["tables"]["health"]["unit"].startswith("messages")


def test_order_is_that_of_completion_and_not_of_the_lines(run: Run, tmp_path: Path) -> None:
    """A mail handed in first and finished last sorts last; lines may be in any order (C3.06, C3.07)."""
    mails = [Mail(0, "slow@b.example", ((5000, UNKNOWN),)), *flow(40, 0, begin=10)]
    log = write(tmp_path / "log", mails)
    row = run("health", "--format", "json", log).rows("health")[1]
    assert (row["failures"], row["last_event"], row["smtp_code"]) == (1, "bounced", 550)

    deliveries = [line for line in log.read_text().splitlines() if "status=" in line]
    random.Random(1).shuffle(deliveries)  # noqa: S311 (a test's order)
    (tmp_path / "mixed").write_text("\n".join(deliveries) + "\n")
    other = run("health", "--format", "json", tmp_path / "mixed").rows("health")[1]
    assert {key: other[key] for key in ("state", "failures", "results", "last_at")} == {
        key: row[key] for key in ("state", "failures", "results", "last_at")
    }


def test_bad_and_yet_250_is_intermittent(run: Run, tmp_path: Path) -> None:
    """The note says so (C3.08)."""
    mails = [*flow(5, 5), Mail(2000)]

    assert (
        "intermittent" in run("health", "--format", "json", write(tmp_path / "log", mails)).rows("health")[1]["notes"]
    )


def test_no_results_are_unknown(run: Run, tmp_path: Path) -> None:
    """Exit code 3, in each format."""
    log = write(tmp_path / "log", [Mail(0, attempts=())])

    assert run("health", log).code == 3
    found = run("health", "--format", "nagios", log)
    assert (found.code, found.out.startswith("MAILFLOW UNKNOWN - no delivery results")) == (3, True)


def test_live_lists_the_latest_with_marks(run: Run, tmp_path: Path) -> None:
    """25 results in order of completion, OK or FAIL in words."""
    found = run("health", "--live", "--format", "json", write(tmp_path / "log", flow(28, 2)))
    rows = found.rows("live")

    assert len(rows) == 25
    assert [row["mark"] for row in rows] == ["OK"] * 23 + ["FAIL"] * 2
    assert rows[-1]["recipient"] == "u29@b.example"
    assert "FAIL" in run("health", "--live", write(tmp_path / "log", flow(28, 2))).out


def test_levels_have_states_of_their_own(run: Run, tmp_path: Path) -> None:
    """A level is judged by all results of its domains and its own threshold; worst is that of all below it."""
    (tmp_path / "map").write_text(MAPPING)
    log = write(tmp_path / "log", [*flow(22, 3), *flow(22, 3, "c.example", 5), *flow(9, 0, "other.example", 10)])
    found = run("health", "--group-by", tmp_path / "map", "--format", "json", log)

    assert found.code == 2
    assert [
        (row["level"], row["name"], row["state"], row["worst"], row["failures"]) for row in found.rows("health")
    ] == [
        ("reseller", "Acme", "Bad", "Bad", 6),
        ("customer", "Acme > Jones", "Bad", "Bad", 3),
        ("domain", "Acme > Jones > c.example", "Bad", "Bad", 3),
        ("domain", "Acme > Jones > idle.example", "Unknown", "Unknown", 0),
        ("customer", "Acme > Smith", "Good", "Good", 3),
        ("domain", "Acme > Smith > b.example", "Good", "Good", 3),
    ]
    smith = run("health", "--group-by", tmp_path / "map", "--group", "Smith", "--format", "json", log)
    assert [row["name"] for row in smith.rows("health")] == ["Acme", "Acme > Smith", "Acme > Smith > b.example"]


@pytest.mark.parametrize(
    "options",
    [
        ["--threshold", "0.9"],
        ["--treshold", "90"],
        ["--format", "nagio"],
        ["--format", "eml", "--outbox", "."],
        ["--format", "eml", "--to", "1"],
        ["--to", "a@b.example"],
        ["--status", "bounced"],
        ["--notify-on-change"],
        ["--state", "x"],
        ["--notify-on-change", "--state", "x", "--format", "prometheus"],
        ["--group", "Acme"],
        ["--group-by", "nowhere"],
        ["--inactive", "soon"],
        ["--by", "recipient"],
        ["--output", "/nowhere/x"],
        ["--year", "12"],
    ],
)
def test_every_error_is_unknown(run: Run, tmp_path: Path, options: list[str]) -> None:
    """Exit code 3, whatever is wrong, and a sentence about it."""
    found = run("health", *options, write(tmp_path / "log", flow(25, 0)))

    assert (found.code, found.out) == (3, "")
    assert "Error" in found.err or "mailaudit:" in found.err


def test_errors_of_other_kinds_are_unknown_too(run: Run, tmp_path: Path) -> None:
    """Nothing to read, nothing understood, a damaged state file; a monitoring system is told on standard output."""
    log = write(tmp_path / "log", flow(25, 0))
    (tmp_path / "s").write_text('{"schema": 1, "comm')
    (tmp_path / "strange").write_text("this is\nno log\n")

    assert run("health", tmp_path / "nowhere").code == 3
    assert run("health", tmp_path / "strange").code == 3
    assert run("health", "--notify-on-change", "--state", tmp_path / "s", log).code == 3
    found = run("health", "--format", "nagios", tmp_path / "nowhere")
    assert (found.code, found.out.startswith("MAILFLOW UNKNOWN - ")) == (3, True)
    assert run("health", "--format=nagios", "--windw", "3", log).out.startswith("MAILFLOW UNKNOWN - ")


def test_a_silence_is_a_warning_when_asked(run: Run, tmp_path: Path) -> None:
    """`--inactive` looks at the clock, or at the moment that --as-of names."""
    log = write(tmp_path / "log", flow(25, 0))

    assert run("health", "--inactive", "2h", log).code == 1
    assert run("health", "--inactive", "2h", "--as-of", "2026-03-02 10:00", log).code == 0
    assert run("health", "--inactive", "2h", "--as-of", "2026-03-02 10:30", log).code == 1


def test_a_stolen_account_is_found_in_its_own_history(run: Run, tmp_path: Path) -> None:
    """Seven usual days, then 120 messages from five networks; the mail itself is listed."""
    usual = [Mail(day * 86_400 + at * 60, user="ann", client="192.0.2.10") for day in range(7) for at in range(4)]
    stolen = [
        Mail(
            7 * 86_400 + at,
            f"v{at}@b.example",
            ((1, SENT if at % 3 else FULL),),
            user="ann",
            client=f"198.51.{at % 5}.9",
        )
        for at in range(120)
    ]
    log = write(tmp_path / "log", usual + stolen)
    found = run("health", "--check", "outliers", "--by", "all", "--format", "json", "--threshold", "10", log)

    assert found.code == 1
    assert {row["measure"]: (row["value"], row["most"]) for row in found.rows("outliers")} == {
        "messages": (120, 4), "recipients": (120, 4), "networks": (5, 1), "failure_rate": (0.333333, 0.120643),
    }  # fmt: skip
    assert len(found.rows("outlier_rows")) == 120
    assert "--sasl-user ann" in found.rows("outliers")[0]["explain"]
    assert run("health", "--by", "all", "--threshold", "10", log).code == 0


def test_the_shipped_logs_can_be_judged(run: Run) -> None:
    """Postfix's and Sendmail's samples give states by every subject."""
    for name in ("postfix/summer-time-ends", "sendmail/new-year"):
        for by in ("recipient_domain", "sender_domain", "relay", "isp", "host", "all"):
            found = run("health", "--by", by, "--format", "json", ROOT / "fixtures" / name / "input.log.gz")
            assert found.code in {0, 1, 2}
            assert found.rows("health")[0]["results"] == 25


FILTERED = """\
Feb  2 10:00:00 mx1 postfix/smtpd[1]: AAAAA1: client=pc.example.com[192.0.2.7]
Feb  2 10:00:00 mx1 postfix/cleanup[2]: AAAAA1: message-id=<one@example.com>
Feb  2 10:00:00 mx1 postfix/qmgr[3]: AAAAA1: from=<a@example.com>, size=1000, nrcpt=1 (queue active)
Feb  2 10:00:20 mx1 postfix/smtpd[4]: BBBBB2: client=localhost[127.0.0.1]
Feb  2 10:00:20 mx1 postfix/cleanup[2]: BBBBB2: message-id=<one@example.com>
Feb  2 10:00:20 mx1 postfix/qmgr[3]: BBBBB2: from=<a@example.com>, size=1400, nrcpt=1 (queue active)
Feb  2 10:00:20 mx1 postfix/smtp[5]: AAAAA1: to=<r@b.example>, relay=127.0.0.1[127.0.0.1]:10024, delay=20, \
delays=0.1/0/0/20, dsn=2.0.0, status=sent (250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as BBBBB2)
Feb  2 10:00:20 mx1 postfix/qmgr[3]: AAAAA1: removed
Feb  2 10:00:22 mx1 postfix/smtp[6]: BBBBB2: to=<r@b.example>, relay=mx.b.example[192.0.2.9]:25, delay=2, \
delays=0.1/0/1/0.9, dsn=2.0.0, status=sent (250 2.0.0 OK)
Feb  2 10:00:22 mx1 postfix/qmgr[3]: BBBBB2: removed
"""
MAILGUN = ROOT / "fixtures" / "mailgun" / "webhooks-v3" / "input.jsonl"


@pytest.mark.parametrize("unit", ["attempt", "message"])
def test_the_delay_is_that_of_the_whole_way(run: Run, tmp_path: Path, unit: str) -> None:
    """20 s through the filter and 2 s after it; the last hop's own delay is 2 s. `stats` tells the same."""
    log = tmp_path / "log"
    log.write_text(FILTERED)
    found = run("health", "--unit", unit, "--format", "json", log)
    stats = run("stats", "--table", "delay,isp", "--format", "json", log)

    assert [row["delivery_delay"] for row in found.rows("health")] == [22.0, 22.0]
    assert {row["part"]: row["p50"] for row in stats.rows("delay")} == {
        "total": 22.0, "before": 0.1, "queue": 0.0, "connection": 1.0, "transmission": 0.9,
    }  # fmt: skip
    assert [row["delay_p50"] for row in stats.rows("isp")] == [22.0]


@pytest.mark.parametrize(("log", "delays"), [(REALSENDER, [3.0, 702.0, 878.0]), (MAILGUN, [2.148, 1504.125])])
def test_a_delay_that_no_line_tells_is_known_from_the_times(run: Run, log: Path, delays: list[float]) -> None:
    """RealSender's lines have no `delay=`, and providers' events none: acceptance and delivery are told."""
    (total,) = run("stats", "--table", "delay", "--format", "json", log).rows("delay")
    live = run("health", "--live", "--by", "all", "--format", "json", log).rows("live")

    assert sorted(row["delay"] for row in live if row["event"] == "delivered") == delays
    assert (total["part"], total["recipients"], total["max"]) == ("total", len(delays), delays[-1])
