"""`tasks.py` talks to people on machines where nothing is installed yet."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_without_a_task_it_lists_them() -> None:
    """`python3 tasks.py` alone installs nothing and says what there is."""
    done = subprocess.run([sys.executable, ROOT / "tasks.py"], capture_output=True, text=True, check=True)

    assert re.findall(r"^  (\w+)", done.stdout, re.MULTILINE)[:2] == ["demo", "test"]


def test_constraints_are_plain_pins_of_everything_declared() -> None:
    """Every package of pyproject.toml has one exact version, without an address."""
    lines = (ROOT / ".ci" / "constraints.txt").read_text().splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    declared = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    pinned = {pin.split("==")[0].lower().replace("_", "-") for pin in pins}

    assert [pin for pin in pins if not re.fullmatch(r"[\w.-]+==[\w.]+", pin)] == []
    assert [name for name in declared if re.split(r"[<>=\[; ]", name)[0].lower() not in pinned] == []
