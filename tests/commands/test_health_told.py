"""What `mailaudit health` tells monitoring systems, and people by mail."""

from __future__ import annotations

import email
import email.policy
import json
from typing import TYPE_CHECKING

import pytest
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families
from tests.commands.maillog import MAPPING, Mail, flow, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.commands.conftest import Result

    Run = Callable[..., Result]


def test_nagios_prints_a_line_with_performance_data(run: Run, tmp_path: Path) -> None:
    """State word, text, `|`, measures with thresholds; what stands in a reply cannot add any."""
    found = run("health", "--format", "nagios", write(tmp_path / "log", flow(22, 3)))
    line, *more = found.out.splitlines()
    text, measures = line.split(" | ")

    assert found.code == 2
    assert text.startswith(
        "MAILFLOW CRITICAL - 2 of 2 not good: all 88.00% (22 of 25, 2 failures allowed, last: bounced 550 5.1.1)"
    )
    assert measures.split("'")[0] == "good=0;;;0 warning=0;;;0 bad=2;;;0 unknown=0;;;0 "
    assert "'b.example success'=88%;;90:;0;100 'b.example delay'=1s;;;0" in measures
    assert len(more) == 2
    assert all("|" not in other for other in more)


@pytest.mark.parametrize("number", [0, 1])
def test_nagios_shows_as_many_flows_as_asked(run: Run, tmp_path: Path, number: int) -> None:
    """A limit of none is a limit: the first line stands alone, without measures of single flows."""
    found = run("health", "--format", "nagios", "--limit", number, write(tmp_path / "log", flow(22, 3)))

    assert found.out.count("success'=") == number
    assert found.out.count("\n") == 1 + number


def test_prometheus_text_is_read_by_its_own_parser(run: Run, tmp_path: Path) -> None:
    """All metrics are gauges with documented names; series are bounded, and what is left out is counted."""
    out = tmp_path / "mail.prom"
    log = write(tmp_path / "log", [*flow(22, 3), *flow(25, 0, "c.example", 5)])
    assert run("health", "--format", "prometheus", "--limit", "2", "-o", out, log).code == 2
    families = {family.name: family for family in text_string_to_metric_families(out.read_text())}

    assert {family.type for family in families.values()} == {"gauge"}
    assert {sample.labels["name"]: sample.value for sample in families["mailaudit_health_state"].samples} == {
        "all": 2,
        "b.example": 2,
    }
    ratio = {sample.labels["name"]: sample.value for sample in families["mailaudit_health_success_ratio"].samples}
    assert ratio == {"all": 0.88, "b.example": 0.88}
    assert {sample.labels["state"]: sample.value for sample in families["mailaudit_health_flows"].samples} == {
        "good": 1, "unknown": 0, "warning": 0, "bad": 2,
    }  # fmt: skip
    assert families["mailaudit_health_flows_omitted"].samples[0].value == 1
    assert families["mailaudit_health_worst_state"].samples[0].value == 2
    same = {family.name: family.samples for family in openmetrics.text_string_to_metric_families(out.read_text())}
    assert same == {name: family.samples for name, family in families.items()}


def test_open_metrics_of_odd_names(run: Run, tmp_path: Path) -> None:
    """Quotes, backslashes and letters of all scripts in a domain are a label's text."""
    name = 'b\\"ö\u202eß.example'
    out = run("health", "--format", "prometheus", write(tmp_path / "log", flow(22, 3, name))).out
    found = {family.name: family.samples for family in openmetrics.text_string_to_metric_families(out)}

    assert len({sample.labels["name"] for sample in found["mailaudit_health_state"]}) == 2
    assert "\u202e" not in out


def test_a_change_is_told_once_and_so_is_the_recovery(run: Run, tmp_path: Path) -> None:
    """Nothing, then Bad, then nothing, then Good again; the exit code is always that of the state."""
    state = tmp_path / "state.json"

    def look(mails: list[Mail]) -> tuple[int, list[tuple[str, str, str | None]]]:
        log = write(tmp_path / "log", mails)
        found = run("health", "--notify-on-change", "--state", state, "--format", "jsonl", "--by", "all", log)
        rows = [json.loads(line) for line in found.out.splitlines()]
        return found.code, [(row["name"], row["state"], row.get("was")) for row in rows]

    good, bad = flow(25, 0), flow(22, 3)
    assert look(good) == (0, [])
    assert look(bad) == (2, [("all", "Bad", "Good")])
    assert look(bad) == (2, [])
    assert look([Mail(0, attempts=())]) == (3, [])  # rotated away: nothing is known, nothing changed
    assert look(good) == (0, [("all", "Good", "Bad")])
    assert look(good) == (0, [])
    assert not list(tmp_path.glob("*.part"))


def test_trouble_at_the_first_run_is_told(run: Run, tmp_path: Path) -> None:
    """There is no earlier state to compare with, and yet it is news."""
    log = write(tmp_path / "log", flow(0, 5))
    found = run("health", "--notify-on-change", "--state", tmp_path / "s", log)

    assert (found.code, "b.example" in found.out) == (2, True)


def test_a_message_for_sendmail(run: Run, tmp_path: Path) -> None:
    """Complete by RFC 5322, to all who are to be told, and safe whatever the log says."""
    (tmp_path / "map").write_text(MAPPING)
    evil = (
        "bounced",
        "5.7.1",
        "host x[192.0.2.2] said: 550 5.7.1 \x1b[31mred\r\nBcc: x@y.example é (in reply to RCPT)",
    )
    log = write(tmp_path / "log", [*flow(20, 0), *(Mail(9000 + at, attempts=((1, evil),)) for at in range(6))])
    found = run(
        "health", "--group-by", tmp_path / "map", "--format", "eml", "--to", "a@x.example", "--to", "b@x.example",
        "--notify-on-change", "--state", tmp_path / "s", log,
    )  # fmt: skip
    message = email.message_from_string(found.out, policy=email.policy.default)

    assert found.code == 2
    assert message["To"] == "a@x.example, b@x.example, noc@acme.example, it@smith.example"
    assert message["Bcc"] is None
    assert message["Subject"].startswith("Mail flow is Bad: Acme")
    assert {"From", "Date", "Message-ID", "Auto-Submitted", "MIME-Version"} <= set(message.keys())
    assert "BAD: Acme > Smith > b.example (domain)" in message.get_content()
    assert "\x1b" not in message.get_content()
    assert max(map(len, message.get_content().splitlines())) <= 78
    assert found.out.isascii()


def test_an_outbox_tells_everyone_their_own(run: Run, tmp_path: Path) -> None:
    """A customer's people read nothing of other customers."""
    (tmp_path / "map").write_text(MAPPING.replace("Jones > c.example", "Jones > c.example notify=j@jones.example"))
    (tmp_path / "out").mkdir()
    log = write(tmp_path / "log", [*flow(0, 9), *flow(0, 9, "c.example", 5)])
    found = run("health", "--group-by", tmp_path / "map", "--format", "eml", "--outbox", tmp_path / "out", log)
    texts = {}
    for path in (tmp_path / "out").iterdir():
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        texts[message["To"]] = message.get_content()

    assert found.out == ""
    assert set(texts) == {"noc@acme.example", "it@smith.example", "j@jones.example"}
    assert "c.example" in texts["j@jones.example"]
    assert "Smith" not in texts["j@jones.example"]
