"""The documentation is true: its links lead somewhere, and its commands exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest
from tests.program import mailaudit

from mailaudit.cli import program

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])
HAND_WRITTEN = [page for page in PAGES if not page.read_text().startswith("<!-- Generated")]


def named(page: Path) -> str:
    """A page's name in test ids."""
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link names a file of the repository."""
    links = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text())

    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", HAND_WRITTEN, ids=named)
def test_commands_and_options_exist(page: Path) -> None:
    """Every `mailaudit` command line in a code block is one that the program would accept."""
    blocks = re.findall(r"^```\w+\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines() if re.search(r"mailaudit [a-z-]+ ", line)]
    lines += re.findall(r"`(mailaudit [a-z]+[^`]*)`", page.read_text())

    assert [problem for line in lines for problem in problems(line)] == []


def problems(line: str) -> list[str]:
    """What is wrong with a shell line that calls mailaudit."""
    words = shlex.split(line.replace(r"\%", "%"), comments=line.lstrip()[0] != "$")
    start = next((at for at, word in enumerate(words) if word.rpartition("/")[2] == "mailaudit"), None)
    if start is None:
        return []
    name, *rest = words[start + 1 :]
    with click.Context(program, info_name="mailaudit") as top:
        command = program.get_command(top, name) if not name.startswith("-") else program
        if command is None:
            return [f"no command {name}"]
        options = {option for parameter in command.get_params(top) for option in parameter.opts}
    return [f"{name} has no {word}" for word in rest if word.startswith("--") and word.split("=")[0] not in options]


SHOWN = [
    pytest.param(*block, id=f"{named(page)} {number}")
    for page in HAND_WRITTEN
    for number, block in enumerate(
        re.findall(r"^```console\n\$ mailaudit (.*)\n((?s:.*?))^```", page.read_text(), re.MULTILINE), 1
    )
]


@pytest.mark.parametrize(("command", "output"), SHOWN)
def test_what_is_shown_is_what_comes(command: str, output: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that is shown with its output gives that output, in this folder, on the shipped logs."""
    monkeypatch.chdir(ROOT)

    assert mailaudit(*shlex.split(command)).out.splitlines() == output.splitlines()


def test_every_command_is_in_the_readme_or_a_guide() -> None:
    """A command that no hand-written page mentions is one that nobody finds."""
    text = "\n".join(page.read_text() for page in HAND_WRITTEN)
    with click.Context(program, info_name="mailaudit") as top:
        names = program.list_commands(top)

    assert [name for name in names if f"mailaudit {name}" not in text and f"`{name}`" not in text] == []
