"""The summary: what it says, in which formats, and when it says nothing."""

from __future__ import annotations

import email
import email.policy
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from tests.commands.conftest import POSTFIX, SENDMAIL

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DAY = "2026-05-{day:02d}T{hour:02d}:00:00+00:00 mx "
QUIET = ("--since", "2026-05-11", "--until", "2026-05-12", "--tz", "UTC")


def mail(
    day: int, hour: int, number: int, ending: str = "sent", reply: str = "250 2.0.0 Ok", dsn: str = "2.0.0"
) -> str:
    """The lines of one message of one recipient."""
    at, queue_id = DAY.format(day=day, hour=hour), f"{day:02X}{hour:02X}{number:06X}"
    domain = "gmail.com" if ending == "sent" else f"d{number}.example"
    return (
        f"{at}postfix/smtpd[1]: {queue_id}: client=unknown[192.0.2.{number % 250}]\n"
        f"{at}postfix/cleanup[2]: {queue_id}: message-id=<{queue_id}@example.org>\n"
        f"{at}postfix/qmgr[3]: {queue_id}: from=<a{number % 7}@example.org>, size=1000, nrcpt=1 (queue active)\n"
        f"{at}postfix/smtp[4]: {queue_id}: to=<u{number}@{domain}>, relay=mx.{domain}[192.0.2.9]:25, delay=1, "
        f"delays=0/0/0.5/0.5, dsn={dsn}, status={ending} ({reply})\n"
        f"{at}postfix/qmgr[3]: {queue_id}: removed\n"
    )


def week(before: int, after: int, failed: int = 0) -> str:
    """A day with so many good mails before 11 May, and one with so many after it, of which some failed."""
    lines = [mail(10, n * 23 // max(before, 1), n) for n in range(before)]
    lines += [mail(11, n * 23 // max(after, 1), n) for n in range(after - failed)]
    refused = "550 5.1.1 <u@example>: no such user here"
    lines += [mail(11, 23, 500_000 + n, "bounced", refused, "5.1.1") for n in range(failed)]
    return "".join(lines)


@pytest.fixture
def log(tmp_path: Path) -> Callable[[str], Path]:
    """Writes a log."""

    def write(text: str) -> Path:
        path = tmp_path / "mail.log"
        path.write_text(text)
        return path

    return write


def test_says_how_much_mail_there_was(run: Callable[..., Any], log: Callable[[str], Path]) -> None:
    """Counts are those of the lines above."""
    path = log(week(before=100, after=103, failed=3))

    done = run("summary", *QUIET, "--format", "json", path)

    volume = {row["name"]: row for row in done.rows("volume")}
    rates = {row["name"]: row for row in done.rows("rates")}
    assert done.code == 0
    assert (volume["messages"]["now"], volume["messages"]["before"]) == (103, 100)
    assert (volume["delivered"]["now"], volume["bounced"]["now"], volume["bounced"]["before"]) == (100, 3, 0)
    assert rates["delivered"]["rate"] == pytest.approx(100 / 103, abs=1e-6)
    assert rates["delivered"]["band"] == "investigate"
    assert {row["name"] for row in done.rows("problems")} == {"delivery_rate", "health"}
    assert [row["what"] for row in done.rows("new") if row["kind"] == "failing domain"] == [
        f"d{500_000 + n}.example" for n in range(3)
    ]


def test_chance_is_no_change(run: Callable[..., Any], log: Callable[[str], Path]) -> None:
    """3 % more mail is no change, twice as much is one."""
    few = run("summary", *QUIET, "--format", "json", log(week(100, 103))).rows("volume")
    twice = run("summary", *QUIET, "--format", "json", log(week(100, 200))).rows("volume")

    assert few[0]["change"] == "no"
    assert (twice[0]["change"], twice[0]["relative"]) == ("more", 1.0)


def test_says_nothing_if_all_is_well(run: Callable[..., Any], log: Callable[[str], Path]) -> None:
    """Cron sends no mail where nothing is printed, on neither stream."""
    done = run("summary", *QUIET, "--only-if", "problems", log(week(100, 103)))

    assert (done.code, done.out, done.err) == (0, "", "")


def test_says_what_is_wrong(run: Callable[..., Any], log: Callable[[str], Path]) -> None:
    """Problems come first, with what to do."""
    done = run("summary", *QUIET, "--only-if", "problems", log(week(100, 100, failed=10)))

    lines = done.out.splitlines()
    assert lines[0] == "Mail summary"
    assert lines[lines.index("PROBLEMS") + 1].startswith("!! Delivery rate 90.00 % (90 of 100): act now.")
    assert "550 5.1.1" in done.out


def test_health_is_that_of_the_health_command(run: Callable[..., Any], log: Callable[[str], Path]) -> None:
    """The state of all mail and of bad domains; single failures of single domains are no problem."""
    path = log(week(30, 40, failed=10))

    table = run("summary", *QUIET, "--format", "json", path)
    health = run("health", *QUIET, "--format", "json", path)

    ours = {(row["name"], row["state"], row["failures"]) for row in table.rows("health")}
    theirs = {(row["name"], row["state"], row["failures"]) for row in health.rows("health") if row["state"] != "Good"}
    assert ours == theirs | {("all", "Bad", 10)}
    assert {row["name"] for row in table.rows("problems")} == {"delivery_rate", "health", "more_failures"}


def test_is_no_wider_than_a_mail(run: Callable[..., Any], log: Callable[[str], Path]) -> None:
    """Not even with an address of 300 characters, wide ones, or ones that are read from right to left."""
    long = mail(11, 1, 7).replace("a0@", "x" * 290 + "@")
    wide = mail(11, 2, 8).replace("a1@", "你好" * 60 + "@").replace("u8@", "שלום@")

    done = run("summary", *QUIET, log(week(30, 30) + long + wide))

    from rich.cells import cell_len  # noqa: PLC0415

    assert max(cell_len(line) for line in done.out.splitlines()) <= 80
    assert "x" * 290 in done.out.replace("\n", "").replace(" ", "")


def test_ascii_is_ascii(run: Callable[..., Any], log: Callable[[str], Path]) -> None:
    """What is not is shown as escapes, with dashes by their nearest."""
    done = run("summary", *QUIET, "--ascii", log(week(3, 3) + mail(11, 2, 8).replace("a1@", "你@")))

    assert done.out.isascii()
    assert "\\u4f60@example.org" in done.out


def test_mail_is_complete_and_reads_back(run: Callable[..., Any], log: Callable[[str], Path]) -> None:
    """Text and HTML alternatives; nothing in it is fetched or run; hostile text is text."""
    hostile = mail(11, 3, 9).replace("a2@example.org", "<script>alert(1)</script>&@example.org")
    arguments = ("--format", "eml", "--to", "postmaster@example.com", "--to", "root@localhost", "--from", "a@b.example")

    done = run("summary", *QUIET, *arguments, log(week(100, 100, failed=10) + hostile))

    message = email.message_from_string(done.out, policy=email.policy.default)
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    assert not message.defects
    assert message["To"] == "postmaster@example.com, root@localhost"
    assert message["From"] == "a@b.example"
    assert message["Date"].datetime is not None
    assert re.fullmatch(r"<[^@<>]+@b\.example>", message["Message-ID"])
    assert "problem" in message["Subject"]
    assert text.get_content().startswith("Mail summary\n")
    body = html.get_content()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&amp;" in body
    assert not re.search(r"<script|<img|<link|<iframe|src=|href=|url\(|@import|\son\w+=", body)
    assert all(len(line) <= 998 for line in done.out.splitlines())


def test_programs_get_the_times_besides(run: Callable[..., Any], log: Callable[[str], Path]) -> None:
    """Months, days, weekdays and hours as stats counts them; they are too long for people who read a mail."""
    times, path = ("month", "day", "weekday", "hour"), log(week(20, 20))
    tables = run("summary", "--format", "json", path).document["tables"]
    counted = run("stats", "--table", ",".join(times), "--format", "json", path).document["tables"]

    assert {name: tables[name]["rows"] for name in times} == {name: counted[name]["rows"] for name in times}
    assert "Hours of the day" not in run("summary", path).out


@pytest.mark.parametrize("command", ["summary", "notify", "health"])
def test_a_mail_to_nobody_has_no_to(run: Callable[..., Any], log: Callable[[str], Path], command: str) -> None:
    """Then it is the mail program that is told whom it goes to: mailaudit … | sendmail -i ann@example.com."""
    done = run(command, "--format", "eml", log(week(100, 100, failed=10)))
    message = email.message_from_string(done.out, policy=email.policy.default)

    assert message["To"] is None
    assert message["Subject"]
    assert message.get_body(("plain",)).get_content()


def test_a_dot_alone_does_not_end_the_mail() -> None:
    """`sendmail -t` without -i takes a line of one dot for the end; the text reads back with it."""
    import datetime as dt  # noqa: PLC0415

    from mailaudit.writers import eml  # noqa: PLC0415

    text = "before\n.\n.\nafter\n"
    at = dt.datetime(2026, 5, 11, tzinfo=dt.UTC)
    written = eml.message(sender="a@b.example", recipients=["c@d.example"], subject="s", date=at, text=text)

    assert "." not in written.splitlines()
    assert email.message_from_string(written, policy=email.policy.default).get_content() == text


WRONG = ("0", "1", "root", "a b@example.com", "a@", "@b.example", "a@b..c", "a@b,c@d.example", "a@1.2.3.4")


@pytest.mark.parametrize("wrong", [*WRONG, "a@x\nBcc: c@d.example"])
def test_recipients_are_checked(run: Callable[..., Any], wrong: str) -> None:
    """What is no address is refused before anything is read."""
    done = run("summary", "--format", "eml", "--to", wrong, POSTFIX)

    assert done.code == 2
    assert done.out == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--weekly", "--daily"), "exclude each other"),
        (("--weekly", "--since", "yesterday"), "exclude each other"),
        (("--to", "a@b.example"), "--format eml"),
        (("--as-of", "end"), "--as-of"),
        (("--format", "elm"), "eml"),
        (("--wekly",), "--weekly"),
    ],
)
def test_wrong_options_are_told(run: Callable[..., Any], arguments: tuple[str, ...], said: str) -> None:
    """Exit code 2, and what is right."""
    done = run("summary", *arguments, POSTFIX)

    assert done.code == 2
    assert said in done.err


@pytest.mark.parametrize(
    ("word", "since", "until"),
    [
        ("--yesterday", "2026-05-10T22:00:00Z", "2026-05-11T22:00:00Z"),
        ("--weekly", "2026-05-04T22:00:00Z", "2026-05-11T22:00:00Z"),
        ("--monthly", "2026-03-31T22:00:00Z", "2026-04-30T22:00:00Z"),
        ("--daily", "2026-05-11T07:30:00Z", "2026-05-12T07:30:00Z"),
    ],
)
def test_periods_by_name(
    run: Callable[..., Any], log: Callable[[str], Path], word: str, since: str, until: str
) -> None:
    """Whole days, weeks and months of the report's zone; a day is the last 24 hours."""
    path = log(week(3, 3))

    done = run("summary", word, "--as-of", "2026-05-12 09:30", "--tz", "Europe/Rome", "--format", "json", path)

    range_ = done.document["range"]
    assert (range_["since"], range_["until"]) == (since, until)


def test_old_logs_can_be_their_own_present(run: Callable[..., Any], log: Callable[[str], Path]) -> None:
    """`--as-of end`: the last whole days of the log."""
    done = run("summary", "--yesterday", "--as-of", "end", "--tz", "UTC", "--format", "json", log(week(5, 24)))

    assert done.document["range"]["since"] == "2026-05-11T00:00:00Z"
    assert done.rows("volume")[0]["now"] == 24


def test_a_log_that_ended_long_ago_is_a_problem(run: Callable[..., Any], log: Callable[[str], Path]) -> None:
    """An empty week is no good news."""
    done = run("summary", "--weekly", "--as-of", "2026-07-01", "--only-if", "problems", log(week(5, 6)))

    assert "!! No mail in this period: the logs end at 2026-05-11" in done.out


@pytest.mark.parametrize("text", ["", "nothing of mail\n"])
def test_empty_logs_are_told(run: Callable[..., Any], log: Callable[[str], Path], text: str) -> None:
    """No mail at all: said, not a failure of ours."""
    done = run("summary", "--weekly", log(text))

    assert "no mail" in done.out.lower()
    assert "Traceback" not in done.err
    assert "1970" not in run("summary", log(text)).out


def test_one_message_is_enough(run: Callable[..., Any], log: Callable[[str], Path]) -> None:
    """All sections, one row each."""
    done = run("summary", log(mail(11, 1, 1)))

    assert done.code == 0
    assert "100.00 %" in done.out
    assert "there is no period before it" in " ".join(done.out.split())


@pytest.mark.parametrize("path", [POSTFIX, SENDMAIL])
def test_counts_what_stats_counts(run: Callable[..., Any], path: Path) -> None:
    """The summary has no numbers of its own."""
    volume = {row["name"]: row["now"] for row in run("summary", "--format", "json", path).rows("volume")}
    stats = {
        (row["section"], row["name"]): row.get("count")
        for row in run("stats", "--table", "summary", "--format", "json", path).rows("summary")
    }

    assert volume["messages"] == stats["messages", "received"]
    assert volume["bytes"] == stats["messages", "bytes"]
    assert volume["recipients"] == stats["recipients", "recipients"]
    assert volume["bounced"] == stats["recipients", "bounced"]
    assert volume["delivered"] == stats["recipients", "delivered"]
    assert volume["still waiting"] == stats["recipients", "deferred"]
    assert volume["refused at the door"] == stats["refusals", "rejected"]
    for outcome in ("expired", "suppressed", "rejected", "discarded", "deleted", "pending", "held"):
        assert volume[outcome] == stats["recipients", outcome]


def test_reads_standard_input_without_a_path(log: Callable[[str], Path]) -> None:
    """`zcat … | mailaudit summary`."""
    from tests.cli.golden import mailaudit  # noqa: PLC0415

    done = mailaudit("summary", *QUIET, "--format", "jsonl", stdin=log(week(3, 4)).read_bytes())

    rows = [json.loads(line) for line in done.out.splitlines()]
    assert next(row["now"] for row in rows if row["table"] == "volume" and row["name"] == "messages") == 4


def test_sizes_that_nobody_tells_are_not_none(run: Callable[..., Any], tmp_path: Path) -> None:
    """A webhook knows no sizes: that is not mail of 0 bytes."""
    event = {"email": "a@dst.example", "timestamp": 1772438460, "event": "delivered", "sg_event_id": "e"}
    path = tmp_path / "events.json"
    path.write_text(json.dumps([event | {"sg_message_id": "m.filter1"}]))
    found = run("summary", path).out

    assert "size not told, 1 recipient" in found
    assert "0 bytes" not in found


@pytest.mark.parametrize(
    ("complained", "delivered", "level"),
    [(1, 1000, "note"), (5, 1000, "bad"), (7, 2600, "warning"), (1, 2600, None), (0, 10, None)],
)
def test_complaints(
    run: Callable[..., Any], tmp_path: Path, complained: int, delivered: int, level: str | None
) -> None:
    """From 0.1 % on they are told, from 0.3 % on as bad; one in a thousand may be chance (binomial: 63 %)."""
    told = [{"email": f"r{n}@dst.example", "event": "delivered", "timestamp": 1772438460} for n in range(delivered)]
    told += [{**event, "event": "spamreport", "timestamp": 1772438470} for event in told[:complained]]
    path = tmp_path / "events.jsonl"
    path.write_text(
        "\n".join(
            json.dumps({**one, "sg_event_id": f"{one['event']}{one['email']}", "sg_message_id": f"{one['email']}.f"})
            for one in told
        )
    )
    rows = [json.loads(line) for line in run("summary", "--format", "jsonl", path).out.splitlines()]
    counted = [(row["recipients"], row["delivered"]) for row in rows if row["table"] == "engagement"]

    assert [row["level"] for row in rows if row["table"] == "problems" and row["name"] == "complaints"] == (
        [level] if level else []
    )
    assert counted == ([(complained, delivered)] if complained else [])


@pytest.mark.parametrize("width", [40, 60, 80, 132])
def test_fits_every_terminal(width: int) -> None:
    """No line is wider than the terminal; with NO_COLOR there is no escape in it."""
    import datetime as dt  # noqa: PLC0415
    import io  # noqa: PLC0415

    from rich.cells import cell_len  # noqa: PLC0415

    from mailaudit.model.answers import Look, Table  # noqa: PLC0415
    from mailaudit.model.columns import Column  # noqa: PLC0415
    from mailaudit.model.page import Finding, Page, Section  # noqa: PLC0415
    from mailaudit.writers import page_text  # noqa: PLC0415

    columns = (Column("messages", "big", "n"), Column("rate", "real", "r"), Column("sender", "text", "s"))
    rows: list[tuple[object, ...]] = [(12, 0.5, "x" * 300), (1, None, "你好" * 90), (3, 1.0, "")]
    table = Table("sender", "Senders", "messages", "acceptance", columns, rows)
    found = Finding("bad", "x", "Something " * 30, "Do something " * 20)
    page = Page("Title", ("about",), (Section("a", "A", findings=(found,), tables=(table,)),))

    for color in (False, True):
        out = io.StringIO()
        page_text.write(page, Look(width=width, color=color), dt.UTC, out)
        plain = re.sub(r"\x1b\[\d*m", "", out.getvalue())
        assert max(cell_len(line) for line in plain.splitlines()) <= width
        assert ("\x1b" in out.getvalue()) is color
        assert "x" * 300 in re.sub(r"\s", "", plain)
        assert "<>" in plain
