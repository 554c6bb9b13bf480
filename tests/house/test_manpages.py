"""The manual pages are roff that typesets without a warning, and name every option."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import click
import pytest

from mailaudit.cli import program

MAN = Path(__file__).resolve().parents[2] / "docs" / "man"
GROFF = shutil.which("groff")


def test_every_command_has_a_page() -> None:
    """And the program has one."""
    with click.Context(program, info_name="mailaudit") as top:
        names = {f"mailaudit-{name}.1" for name in program.list_commands(top)}

    assert {page.name for page in MAN.iterdir()} == names | {"mailaudit.1"}


@pytest.mark.skipif(GROFF is None, reason="groff is not installed")
@pytest.mark.parametrize("page", sorted(MAN.iterdir()), ids=lambda page: page.stem)
def test_pages_typeset_without_a_warning(page: Path) -> None:
    """With all warnings but those of narrow lines."""
    command = ["groff", "-man", "-Tascii", "-ww", "-Wbreak", str(page)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)

    warnings = [line for line in done.stderr.splitlines() if "can't find special character" not in line]
    assert warnings == []
    assert "NAME" in re.sub(r".\x08", "", done.stdout)


def test_pages_name_every_option() -> None:
    """Dashes are written so that they can be searched for and copied."""
    with click.Context(program, info_name="mailaudit") as top:
        for name in program.list_commands(top):
            command = program.get_command(top, name)
            assert command is not None
            text = (MAN / f"mailaudit-{name}.1").read_text()
            for parameter in command.get_params(top):
                if isinstance(parameter, click.Option) and not parameter.hidden:
                    assert parameter.opts[-1].replace("-", "\\-") in text, (name, parameter.opts)


def test_health_has_exit_codes_of_its_own() -> None:
    """Those of monitoring plug-ins, where all other pages have the contract's."""
    health, stats = ((MAN / f"mailaudit-{name}.1").read_text().split("EXIT STATUS")[1] for name in ("health", "stats"))

    assert "every error" in health
    assert "wrong usage" not in health
    assert "wrong usage" in stats
