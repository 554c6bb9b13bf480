"""The screen of the live view."""

from __future__ import annotations

import glob
import os
from collections import deque
from contextlib import suppress
from threading import Event
from typing import TYPE_CHECKING, Any, ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual import work
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import DataTable, Footer, Input, Static
from textual.worker import get_current_worker

from mailaudit.live.figures import WINDOW, Counted
from mailaudit.live.terminal import shown
from mailaudit.model.times import waited
from mailaudit.writers.escapes import neutral
from mailaudit.writers.fitting import STYLES
from mailaudit.writers.values import local

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator, Sequence

    from textual.binding import BindingType

    from mailaudit.advise.mail_flow import Judgement

Row = dict[str, Any]
COLUMNS = ("time", "status", "sender", "recipient", "delay", "relay", "reply")
MARKS = {"delivered": "✓", "deferred": "…", "bounced": "✗", "expired": "✗"}
"""Colour is never alone: a sign stands beside the word."""


NOT_FOUND = 1
"""Exit code of `mailaudit trace`."""
ROTATED = (".1", ".0", "-[0-9]*")
"""What the name of a log that was rotated just now ends with."""


def rotated(paths: Sequence[str]) -> list[str]:
    """The newest rotated file beside each log: the message may stand there."""
    found = []
    for path in paths:
        beside = [one for end in ROTATED for one in glob.glob(glob.escape(path) + end)]  # noqa: PTH207 (names)
        found += sorted(beside, key=os.path.getmtime)[-1:]
    return found


class Story(ModalScreen[None]):
    """What `mailaudit trace` says of a message."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "dismiss", "back"),
    ]
    CSS = """
    Story { align: center middle; }
    #story { width: 95%; height: 90%; border: round $accent; background: $surface; }
    """

    def __init__(self, command: Sequence[str], paths: Sequence[str]) -> None:
        super().__init__()
        self._command = command
        self._paths = paths

    def compose(self) -> ComposeResult:
        """One text that scrolls."""
        with VerticalScroll(id="story"):
            yield Static("reading …", id="text", markup=False)

    def on_mount(self) -> None:
        """Reads it beside the screen."""
        self.read()

    @work(thread=True)
    def read(self) -> None:
        """Runs trace; what it says is log text, and never markup."""
        width = max(self.app.size.width * 95 // 100 - 6, 40)
        code, said = shown([*self._command, *self._paths], width)
        if code == NOT_FOUND and (older := rotated(self._paths)):
            code, said = shown([*self._command, *self._paths, *older], width)
        text = Text(said or "nothing is known of it")
        self.app.call_from_thread(self.query_one("#text", Static).update, text)


class Rows(DataTable[Text]):
    """The deliveries; Enter selects one."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "select_cursor", "story")]


class Live(App[None]):
    """The last deliveries, newest first."""

    TITLE = "mailaudit live"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "raw", "log lines"),
        Binding("slash", "find", "filter"),
        Binding("p", "pause", "pause"),
        Binding("escape", "all", "all", show=False),
        Binding("q", "quit", "quit"),
    ]
    CSS = """
    #figures { height: auto; padding: 0 1; background: $panel; }
    #find { display: none; height: 3; }
    DataTable { height: 1fr; }
    """

    def __init__(
        self,
        rows: Callable[[Callable[[float], object]], Iterator[Row]],
        paths: Sequence[str],
        zone: dt.tzinfo,
        last: int,
    ) -> None:
        super().__init__()
        self._rows = rows
        self._paths = paths
        self._zone = zone
        self._seen: deque[Row] = deque(maxlen=last)
        self._shown: list[Row] = []
        self._counted = Counted()
        self._wanted = ""
        self._paused = False
        self._changed = False
        self._stopped = Event()

    def compose(self) -> ComposeResult:
        """Numbers above, rows below."""
        yield Static("waiting for mail …", id="figures", markup=False)
        yield Input(placeholder="text in sender, recipient, relay, reply", id="find")
        yield Rows(id="rows", cursor_type="row", zebra_stripes=True)
        yield Footer()

    def on_mount(self) -> None:
        """Begins to follow; the screen is painted anew a few times a second at most."""
        table = self.query_one("#rows", DataTable)
        for name in COLUMNS:
            table.add_column(name, key=name)
        table.focus()
        self.set_interval(0.3, self.paint)
        self.follow()

    def on_unmount(self) -> None:
        """Lets the thread that follows end."""
        self._stopped.set()

    @work(thread=True, exclusive=True)
    def follow(self) -> None:
        """Takes rows as they come."""
        worker = get_current_worker()
        with suppress(StopFollowing):
            for row in self._rows(self._wait):
                if worker.is_cancelled or self._stopped.is_set():
                    return
                self._seen.appendleft(row)
                self._counted.add(row)
                self._changed = True

    def _wait(self, seconds: float) -> None:
        if self._stopped.wait(seconds):
            raise StopFollowing

    def paint(self) -> None:
        """Shows what came since."""
        if not self._changed or self._paused:
            return
        self._changed = False
        self.query_one("#figures", Static).update(self._figures())
        self._table()

    def _table(self) -> None:
        table: DataTable[Text] = self.query_one("#rows", DataTable)
        chosen = self._shown[table.cursor_row] if 0 <= table.cursor_row < len(self._shown) else None
        follows = table.cursor_row == 0
        self._shown = [row for row in list(self._seen) if self._fits(row)]
        table.clear()
        for row in self._shown:
            table.add_row(*self._cells(row))
        if chosen is not None and not follows:
            at = next((at for at, row in enumerate(self._shown) if row is chosen), 0)
            table.move_cursor(row=at)

    def _cells(self, row: Row) -> list[Text]:
        status = row["status"]
        sender = row["sender"]
        fields = (
            local(row["time_us"], self._zone)[11:],
            f"{MARKS.get(status, '·')} {status}",
            "<>" if sender == "" else sender or "?",
            row["recipient"] or "",
            "" if row.get("delay") is None else waited(row["delay"]),
            row["relay_host"] or "",
            row["reply"] or "",
        )
        style = STYLES.get(status, "")
        return [Text(neutral(str(field)), style if at == 1 else "") for at, field in enumerate(fields)]

    def _figures(self) -> Text:
        found = self._counted.figures()
        flow = found.flow
        colour = {"Good": "green", "Bad": "red"}.get(flow.state, "")
        text = Text()
        text.append(flow.state, f"bold {colour}".strip())
        text.append(f"  {flow.successes} of the last {flow.results} delivered")
        text.append(f"   {'over ' if found.more else ''}{found.per_minute} in the last minute   delay ")
        text.append("?" if found.delay is None else waited(found.delay))
        text.append("   PAUSED" if self._paused else "")
        text.append("\nlast 25   ")
        for outcome in found.latest:
            text.append(f"{MARKS.get(outcome, '·')} ", "green" if outcome == "delivered" else "red")
        text.append("newest first" if found.latest else "")
        self._flows(text, found.domains)
        for reason, count in found.reasons:
            text.append(f"\nput off {count}×: ", "yellow")
            text.append(neutral(reason[:120]))
        return text

    def _flows(self, text: Text, domains: Sequence[tuple[str, Judgement]]) -> None:
        """Adds the state of mail to each domain, as many of them as have room in the line."""
        text.append("\ndomains  ")
        room = self.size.width - 11
        for number, (name, flow) in enumerate(domains):
            bad, few = flow.state == "Bad", flow.results < WINDOW
            mark = MARKS["bounced"] if bad else "·" if few else MARKS["delivered"]
            said = f" {mark} {neutral(name)} {flow.successes}/{flow.results} "
            more = f" and {len(domains) - number} more"
            if cell_len(said) > room - (0 if number == len(domains) - 1 else len(more)):
                text.append(more)
                return
            room -= cell_len(said)
            text.append(said, "red" if bad else "" if few else "green")

    def _fits(self, row: Row) -> bool:
        names = ("sender", "recipient", "relay_host", "reply", "status", "queue_id")
        return not self._wanted or any(self._wanted in str(row.get(name) or "").lower() for name in names)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filters while one types."""
        self._wanted = event.value.strip().lower()
        self._table()

    def action_find(self) -> None:
        """Shows the field for the filter."""
        field = self.query_one("#find", Input)
        field.display = True
        field.focus()

    def action_all(self) -> None:
        """Takes the filter away."""
        field = self.query_one("#find", Input)
        field.value = ""
        field.display = False
        self.query_one("#rows", DataTable).focus()

    def action_pause(self) -> None:
        """Stops and goes on; what comes meanwhile is shown afterwards."""
        self._paused = not self._paused
        self._changed = True
        self.query_one("#figures", Static).update(self._figures())

    def on_input_submitted(self) -> None:
        """From the filter to the rows."""
        self.query_one("#rows", DataTable).focus()

    def on_data_table_row_selected(self) -> None:
        """Of a row, the story of its message."""
        self._open()

    def action_raw(self) -> None:
        """The log lines of the message."""
        self._open("--raw")

    def _open(self, *more: str) -> None:
        at = self.query_one("#rows", DataTable).cursor_row
        if 0 <= at < len(self._shown) and self._shown[at]["queue_id"]:
            self.push_screen(Story(["trace", self._shown[at]["queue_id"], *more], self._paths))


class StopFollowing(Exception):
    """The screen is gone: nobody waits for further rows."""
