"""The HTML report: what is in it, that it is whole by itself, and that nothing of a log is ever markup."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest
from tests.commands.conftest import POSTFIX, SENDMAIL
from tests.commands.test_summary import QUIET, mail, week

from mailaudit.report import full

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PAYLOADS = (
    '<script>document.title="pwned"</script>',
    '"><img/src=x/onerror=document.title="pwned">',
    "</script><svg/onload=document.title='pwned'>",
    "'-alert(1)-'",
    "{{7*7}}",
    "\u202egnp.exe",
    "שלום",
    "你好" * 40,
    "x" * 300,
)

REALSENDER_PAGES = ("summary", "month", "day", "weekday", "hour", "host", "sender", "own_rejects")


class Seen(HTMLParser):
    """What a browser would make of the page: elements, their attributes, texts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keeps the element."""
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Keeps the text."""
        self.texts.append(data)

    def ids(self, tag: str) -> list[str | None]:
        """The ids of all elements of a kind."""
        return [attributes.get("id") for name, attributes in self.tags if name == tag]


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A log whose senders, recipients and replies would like to be markup."""
    lines = []
    for number, payload in enumerate(PAYLOADS):
        reply = f"host mx.example[192.0.2.9] said: 550 5.1.1 {payload}"
        text = mail(10 + number % 2, number, number, "bounced", reply, "5.1.1")
        lines.append(
            text.replace(f"from=<a{number % 7}@", f"from=<{payload}@").replace(f"u{number}@d{number}", payload)
        )
        lines.append(mail(11, number, 100 + number))
    path = tmp_path / "hostile.log"
    path.write_text("".join(lines))
    return path


@pytest.fixture
def page(run: Callable[..., Any], hostile: Path, tmp_path: Path) -> Path:
    """The report on it."""
    target = tmp_path / "report.html"
    done = run("report", "--tz", "UTC", "-o", target, hostile)

    assert done.code == 0
    return target


def test_has_every_section_once(page: Path) -> None:
    """Sections can be linked to by their names."""
    of_logs = [name for name in full.SECTIONS if name != "engagement"]  # only providers know of it

    assert Seen(page.read_text()).ids("section") == of_logs


@pytest.mark.parametrize("name", REALSENDER_PAGES)
def test_realsenders_pages_can_be_had_alone(run: Callable[..., Any], name: str) -> None:
    """Summary, monthly history, days, days of the week, hours, hosts, sender e-mail, SMTP error codes."""
    done = run("report", "--section", name, SENDMAIL)

    assert Seen(done.out).ids("section") == [name]
    assert "<table" in done.out


def test_loads_nothing(page: Path) -> None:
    """No element refers to anything outside the page, and only the page's own script may run."""
    text = page.read_text()
    seen = Seen(text)

    for tag, attributes in seen.tags:
        for name in ("src", "href", "xlink:href", "data", "action", "srcset", "poster"):
            assert (attributes.get(name) or "#").startswith("#"), (tag, attributes)
        assert not [name for name in attributes if name.startswith("on")], (tag, attributes)
    assert [tag for tag, _ in seen.tags if tag in {"script", "link", "img", "iframe", "object", "base"}] == ["script"]
    assert not re.search(r"url\(|@import", text)
    assert re.search(r"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-[A-Za-z0-9+/=]{44}'", text)


def test_log_text_is_text(page: Path) -> None:
    """Each payload is shown as it was logged; what changes the direction of text is shown as an escape."""
    texts = Seen(page.read_text()).texts

    for payload in PAYLOADS:
        shown = payload.replace("\u202e", "\\u202e")
        assert any(text == f"{shown}@example.org" for text in texts), payload


def browser(page: Path, tmp_path: Path) -> str:
    """What the page looks like after a browser has run what it would run."""
    assert CHROMIUM is not None
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
    done = subprocess.run(
        [*command, "--dump-dom", page.as_uri()], capture_output=True, text=True, check=False, timeout=90
    )
    return done.stdout


in_browser = pytest.mark.skipif(CHROMIUM is None and not os.environ.get("CI"), reason="no Chromium here")


@in_browser
@pytest.mark.slow
def test_a_browser_runs_nothing_of_the_log(page: Path, tmp_path: Path) -> None:
    """The title stays what it was, and the only script is ours; the tables became sortable, so that one did run."""
    seen = Seen(browser(page, tmp_path))

    assert any(text.startswith("Mail report: ") for text in seen.texts)
    assert [tag for tag, _ in seen.tags].count("script") == 1
    assert not [attributes for _, attributes in seen.tags if "onerror" in attributes or "onload" in attributes]
    assert "button" in [tag for tag, _ in seen.tags]


@in_browser
@pytest.mark.slow
def test_rows_can_be_filtered_and_sorted(page: Path, tmp_path: Path) -> None:
    """The box leaves the rows with its text; a head sorts numbers as numbers."""
    steps = """
        var box = document.getElementById("filter"), out = [];
        box.value = "GMAIL.com"; box.dispatchEvent(new Event("input"));
        out.push(document.getElementById("filtered").textContent);
        var table = document.querySelector("#hour table.data");
        table.querySelectorAll("th button")[0].click();
        out.push(Array.from(table.tBodies[0].rows).map(function (row) { return row.cells[0].textContent; }).join(" "));
        out.push(table.querySelector("th").getAttribute("aria-sort"));
        document.title = out.join("|");
    """
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page.read_text())
    changed = tmp_path / "changed.html"
    changed.write_text(text.replace("</body>", f"<script>{steps}</script></body>"))

    found = re.search(r"<title>([^<]*)</title>", browser(changed, tmp_path))

    assert found is not None
    told, hours, order = found[1].split("|")
    shown, all_rows = map(int, re.findall(r"\d+", told))
    assert 0 < shown < all_rows
    assert hours == " ".join(str(hour) for hour in range(23, -1, -1))
    assert order == "descending"


@pytest.mark.parametrize("path", [POSTFIX, SENDMAIL])
def test_data_are_those_of_stats(run: Callable[..., Any], path: Path) -> None:
    """The sections hold the tables of `stats`, row by row."""
    report = run("report", "--section", "hour,host,sender", "--format", "json", path).document["tables"]
    stats = run("stats", "--table", "hour,host,sender", "--format", "json", path).document["tables"]

    assert {name: report[name]["rows"] for name in stats} == {name: stats[name]["rows"] for name in stats}


def test_filters_and_periods_narrow_it(run: Callable[..., Any], tmp_path: Path) -> None:
    """A customer's page has the customer's mail."""
    path = tmp_path / "mail.log"
    path.write_text(week(5, 9, failed=2))

    done = run("report", "--section", "summary", "--domain", "gmail.com", *QUIET, "--format", "json", path)

    assert done.rows("volume")[1] | {"now": 7, "before": 5} == done.rows("volume")[1]


@pytest.mark.parametrize("text", ["", mail(11, 1, 1)])
def test_an_empty_log_and_one_message_make_a_page(run: Callable[..., Any], tmp_path: Path, text: str) -> None:
    """No section fails for want of rows."""
    path = tmp_path / "mail.log"
    path.write_text(text)

    done = run("report", path)

    assert Seen(done.out).ids("section")[0] == "summary"
    assert done.out.rstrip().endswith("</html>")


def test_wrong_sections_are_told(run: Callable[..., Any]) -> None:
    """With the one that may be meant."""
    done = run("report", "--section", "hours", POSTFIX)

    assert done.code == 2
    assert "'hour'" in done.err


def test_a_year_is_drawn_whole(run: Callable[..., Any], tmp_path: Path) -> None:
    """More than a hundred days are drawn as weeks, all of them, whatever the limit of rows; the table has all days."""
    import datetime as dt  # noqa: PLC0415

    first = dt.date(2025, 6, 1)
    stamps = [(first + dt.timedelta(days=day)).isoformat() for day in range(0, 365, 4)]
    path = tmp_path / "year.log"
    path.write_text("".join(mail(10, 9, n).replace("2026-05-10", stamp) for n, stamp in enumerate(stamps)))
    targets = {limit: tmp_path / f"{limit}.html" for limit in ("", "5")}
    for limit, target in targets.items():
        more = ("--limit", limit) if limit else ()
        assert run("report", "--tz", "UTC", "--section", "day,month", *more, "-o", target, path).code == 0

    for limit, target in targets.items():
        page = target.read_text()
        weeks = re.findall(r"<title>(\d{4}-W\d\d): delivered: (\d+)</title>", page)
        months = re.findall(r"<title>(\d{4}-\d\d): delivered: (\d+)</title>", page)
        assert "Volume over time, by week" in page
        assert [weeks[0][0], weeks[-1][0]] == ["2025-W22", "2026-W22"]
        assert sum(int(number) for _, number in weeks) == sum(int(number) for _, number in months) == len(stamps)
        assert len(months) == 12
        days = re.findall(r"<td[^>]*>(\d{4}-\d\d-\d\d)</td>", page)
        assert len(days) == (5 if limit else 365)
