"""The live view, driven by keys; and what it counts."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from textual.widgets import DataTable, Input, Static

from mailaudit import cli
from mailaudit.live.figures import Counted
from mailaudit.live.screen import Live, Story, rotated
from mailaudit.live.terminal import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from textual.pilot import Pilot

SECOND = 1_000_000


def row(number: int, outcome: str = "delivered", **more: object) -> dict[str, Any]:
    """A row of the follower."""
    return {
        "time_us": 1_780_000_000 * SECOND + number * SECOND,
        "queue_id": f"A{number}",
        "sender": "a@example.org",
        "recipient": f"u{number}@example.com",
        "recipient_domain": "example.com",
        "outcome": outcome,
        "status": outcome,
        "relay_host": "mx.example.com",
        "reply": "250 2.0.0 Ok",
        "delay": 1.5,
        **more,
    }


ROWS = [
    row(1),
    row(2, "deferred", reply="451 4.7.1 <u2@example.com>: Greylisted"),
    row(3, "bounced", sender="", recipient="[/x]@[prod.outlook.com]", reply="550 \x1b[2J[bold]no[/bold]"),
]


def driven(
    rows: list[dict[str, Any]],
    steps: Callable[[Live, Pilot[None]], Coroutine[Any, Any, None]],
    *paths: str,
    size: tuple[int, int] = (110, 30),
) -> None:
    """Runs the view with these rows, and the steps in it."""

    def follow(wait: Callable[[float], object]) -> Iterator[dict[str, Any]]:
        yield from rows
        while True:
            wait(0.05)

    async def run() -> None:
        app = Live(follow, paths or ("mail.log",), dt.UTC, 100)
        async with app.run_test(size=size) as pilot:
            await settled(app, pilot, min(len(rows), 100))
            await steps(app, pilot)

    asyncio.run(run())


async def settled(app: Live, pilot: Pilot[None], rows: int) -> None:
    """Waits until so many rows are there and the screen has been the same for a while, however slow the machine is."""
    seen: list[list[str]] = []
    while len(seen) < 4 or any(screen != seen[-1] for screen in seen[-4:]):
        await pilot.pause(0.1)
        table = app.query_one("#rows", DataTable)
        # A busy machine may leave the columns' widths for later than four looks.
        if table.row_count >= rows and not table._require_update_dimensions:
            seen.append([strip.text for strip in app.screen._compositor.render_strips()])


def cells(app: Live) -> list[list[str]]:
    """The rows that are shown."""
    table = app.query_one("#rows", DataTable)
    return [[str(cell) for cell in table.get_row_at(at)] for at in range(table.row_count)]


def test_shows_the_newest_first_and_log_text_as_it_is() -> None:
    """Nothing of it is markup; what steers a terminal is an escape; colour is never alone."""

    async def steps(app: Live, pilot: Pilot[None]) -> None:
        del pilot
        shown = cells(app)
        assert [line[3] for line in shown] == ["[/x]@[prod.outlook.com]", "u2@example.com", "u1@example.com"]
        assert shown[0][6] == "550 \\x1b[2J[bold]no[/bold]"
        assert [line[1] for line in shown] == ["✗ bounced", "… deferred", "✓ delivered"]
        assert shown[0][2] == "<>"
        text = str(app.query_one("#figures", Static).render())
        assert text.startswith("Good  1 of the last 2 delivered")  # a notice is no mail of a user
        assert "put off 1×: 451 4.7.1 <address>: Greylisted" in text

    driven(ROWS, steps)


SNAPSHOTS = sorted((Path(__file__).parent / "snapshots").glob("*.txt"))


@pytest.mark.parametrize("case", SNAPSHOTS, ids=lambda case: case.stem)
def test_screen_is_what_was_looked_at(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred deliveries to four domains; GOLDEN_RENEW=1 rewrites the files, named by columns and lines."""
    monkeypatch.setenv("NO_COLOR", "1")
    width, height = map(int, case.stem.split("x"))
    names = ("gmail.com", "example.org", "full.example", "ドメイン.example")
    rows = []
    for number in range(100):
        domain = names[number % 4]
        about = {"recipient": f"user{number}@{domain}", "recipient_domain": domain, "relay_host": f"mx.{domain}"}
        if number % 8 == 2:
            rows.append(row(number, "bounced", reply="552 5.2.2 Mailbox full", **about))
        elif number % 13 == 0:
            rows.append(row(number, "deferred", reply="451 4.7.1 Greylisted, come back later", **about))
        else:
            rows.append(row(number, **about))

    async def steps(app: Live, pilot: Pilot[None]) -> None:
        del pilot
        found.extend(strip.text.rstrip() for strip in app.screen._compositor.render_strips())

    found: list[str] = []
    driven(rows, steps, size=(width, height))

    if os.environ.get("GOLDEN_RENEW"):
        case.write_text("".join(f"{line}\n" for line in found))
    assert found == case.read_text().splitlines()


def test_keys_in_one_burst_are_taken_in_order() -> None:
    """Down, Down, Enter opens the third row."""

    async def steps(app: Live, pilot: Pilot[None]) -> None:
        await pilot.press("down", "down", "enter")
        await pilot.pause(0.3)
        assert isinstance(app.screen, Story)
        assert app.screen._command == ["trace", "A1"]

    driven(ROWS, steps)


def test_filters_while_one_types() -> None:
    """`/` opens the field, Escape brings all back."""

    async def steps(app: Live, pilot: Pilot[None]) -> None:
        await pilot.press("slash", *"greyl")
        await pilot.pause(0.2)
        assert [line[3] for line in cells(app)] == ["u2@example.com"]
        await pilot.press("escape")
        await pilot.pause(0.2)
        assert len(cells(app)) == 3
        assert not app.query_one("#find", Input).display

    driven(ROWS, steps)


def test_enter_opens_the_story_and_r_the_lines(tmp_path: Path) -> None:
    """What `mailaudit trace` says; Escape goes back."""
    from tests.commands.test_summary import mail  # noqa: PLC0415

    log = tmp_path / "mail.log"
    log.write_text(mail(11, 1, 1))
    queue_id = "0B01000001"

    async def story(app: Live) -> str:
        for _ in range(200):
            await asyncio.sleep(0.1)
            text = str(app.screen.query_one("#text", Static).render())
            if text != "reading …":
                return text
        raise AssertionError("nothing came")

    async def steps(app: Live, pilot: Pilot[None]) -> None:
        await pilot.press("enter")
        await pilot.pause(0.2)
        assert isinstance(app.screen, Story)
        assert "u1@gmail.com" in await story(app)
        await pilot.press("escape")
        await pilot.pause(0.2)
        assert not isinstance(app.screen, Story)
        await pilot.press("r")
        await pilot.pause(0.2)
        assert f"{queue_id}: client=unknown" in await story(app)

    driven([row(1, queue_id=queue_id)], steps, str(log))


def test_a_message_of_a_rotated_log_is_found(tmp_path: Path) -> None:
    """The newest rotated file beside the log is looked at, too."""
    log = tmp_path / "mail.log"
    for name in ("mail.log.1", "mail.log-20260101", "mail.log", "mail.log.1.gz"):
        (tmp_path / name).write_text("")
    os.utime(tmp_path / "mail.log-20260101", (0, 0))

    assert rotated([str(log), str(tmp_path / "other[1].log")]) == [f"{log}.1"]


def test_another_command_is_told_its_width() -> None:
    """It takes its output for a terminal, without colours."""
    code, said = shown(["explain", "550 5.1.1 User unknown"], 50)

    assert code == 0
    assert "action         Check the spelling with the person;\n               remove or correct" in said
    assert "\x1b" not in said
    assert shown(["explain", "599"], 50)[0] == 1


def test_pause_keeps_the_screen_still() -> None:
    """And says so."""

    async def steps(app: Live, pilot: Pilot[None]) -> None:
        await pilot.press("p")
        await pilot.pause(0.2)
        assert "PAUSED" in str(app.query_one("#figures", Static).render())

    driven(ROWS, steps)


def test_counts_like_health() -> None:
    """Three failures of the latest 25 are bad; two are not; other domains are told apart."""
    counted = Counted()
    for number in range(30):
        counted.add(row(number, "bounced" if number in {27, 28} else "delivered"))
    assert counted.figures().flow.state == "Good"

    counted.add(row(31, "deferred", recipient_domain="bad.example", reply="451 4.3.0 later"))
    found = counted.figures()

    assert found.flow.state == "Bad"
    assert found.delay == 1.5
    assert found.reasons == [("451 4.3.0 later", 1)]
    assert found.latest[:5] == ["deferred", "delivered", "bounced", "bounced", "delivered"]
    assert [(name, flow.results) for name, flow in found.domains] == [("example.com", 25), ("bad.example", 1)]
    assert not found.more


def test_judges_what_health_judges() -> None:
    """Notices, and decisions without an attempt, are shown, but are no results."""
    counted = Counted()
    counted.add(row(1))
    counted.add(row(2, "deferred", tried=False, reply="delivery temporarily suspended: later"))
    counted.add(row(3, sender=""))
    found = counted.figures()

    assert found.latest == ["delivered"]
    assert found.flow.results == 1
    assert found.reasons == [("delivery temporarily suspended: later", 1)]
    assert found.per_minute == 2


@pytest.mark.parametrize(("arguments", "said"), [(("-",), "keyboard"), (("mail.log",), "terminal")])
def test_needs_a_terminal(arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """In a pipe there is `log --follow`."""
    assert cli.run(["live", *arguments]) == 2
    assert said in capsys.readouterr().err
