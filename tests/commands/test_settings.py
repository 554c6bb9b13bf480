"""`config` and `completion`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mailaudit import cli

from .conftest import REALSENDER

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Result


def test_settings_are_defaults(run: Callable[..., Result], tmp_path: Path) -> None:
    """General ones, those of a command, and the command line over both; `config` shows them."""
    folder = tmp_path / "config" / "mailaudit"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(
        'format = "csv"\ntz = "UTC"\n[log]\ncolumns = ["queue_id", "status"]\nsender = ["sender@"]\n'
    )

    assert run("log", REALSENDER).out.splitlines()[0] == "queue_id,status"
    assert run("log", "--columns", "status", REALSENDER).out.splitlines()[0] == "status"
    shown = run("config", "--format", "json").rows("config")
    assert {"command": "log", "option": "columns", "value": "queue_id,status", "from": "file"} in shown
    assert {"command": "log", "option": "tz", "value": "UTC", "from": "file"} in shown


@pytest.mark.parametrize(
    ("text", "hint"), [("limt = 3", "limit"), ("[lgo]\nlimit = 3", "log"), ("[log]\nlst = 3", "last"), ("x = ", "")]
)
def test_wrong_settings_are_told(run: Callable[..., Result], tmp_path: Path, text: str, hint: str) -> None:
    """An unknown key, section, or no TOML: exit code 2, the file, the nearest known word."""
    folder = tmp_path / "config" / "mailaudit"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(text)
    result = run("log", REALSENDER)

    assert result.code == 2
    assert "config.toml" in result.err
    assert hint in result.err


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(run: Callable[..., Result], shell: str) -> None:
    """Each shell gets a script that calls mailaudit back."""
    assert "_MAILAUDIT_COMPLETE" in run("completion", shell).out


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("mailaudit lo", "log"),
        ("mailaudit stats --table recipient", "recipient_domain"),
        ("mailaudit log --tz Europe/Ro", "Europe/Rome"),
    ],
)
def test_completion_knows_commands_tables_and_zones(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: str, expected: str
) -> None:
    """What a shell asks for when Tab is pressed."""
    monkeypatch.setenv("_MAILAUDIT_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(len(words.split()) - 1))
    with pytest.raises(SystemExit):
        cli.run([])

    assert expected in capsys.readouterr().out
