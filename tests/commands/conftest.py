"""How tests run commands."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.program import Said as Result
from tests.program import rows

from mailaudit import cli

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]
REALSENDER = ROOT / "fixtures" / "sendmail" / "realsender-excerpts" / "input.log"
POSTFIX = ROOT / "fixtures" / "postfix" / "summer-time-ends" / "input.log.gz"
SENDMAIL = ROOT / "fixtures" / "sendmail" / "new-year" / "input.log.gz"


Run = "Callable[..., Result]"


@cache
def log_rows(path: Path) -> list[dict[str, Any]]:
    """The rows of `mailaudit log` on a file, read once for all tests."""
    return rows("log", path)


@pytest.fixture(scope="module", autouse=True)
def _kept(kept_readings: None) -> None:
    """What is tested here is what commands answer."""


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nobody's own configuration, colours or terminal."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in ("MAILAUDIT_CONFIG", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], Path]:
    """Writes the config file that commands read; returns its path."""

    def write(text: str) -> Path:
        path = tmp_path / "config.toml"
        path.write_text(text)
        monkeypatch.setenv("MAILAUDIT_CONFIG", str(path))
        return path

    return write


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Result]:
    """Runs `mailaudit` with these arguments, in this process."""

    def call(*arguments: object) -> Result:
        code = cli.run([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return Result(code, said.out, said.err)

    return call
