"""What a command remembers from run to run: a small JSON file that is replaced whole, never half written."""

from __future__ import annotations

import json
from pathlib import Path

from mailaudit.errors import UsageError
from mailaudit.read import by_hand
from mailaudit.writers import destination

SCHEMA = 1


def read(path: str, command: str) -> dict[str, object]:
    """What was remembered; nothing if there is no file yet. Raises UsageError for a file of something else."""
    try:
        text = by_hand.text(path)
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"state file {path}: {error}") from error
    hint = "if it may be forgotten, remove it; the next run begins anew"
    try:
        found = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise UsageError(f"state file {path} is damaged: {error}", hint=hint) from error
    if not isinstance(found, dict) or found.get("schema") != SCHEMA or found.get("command") != command:
        raise UsageError(f"state file {path} was not written by mailaudit {command}", hint=hint)
    return found


def write(path: str, command: str, values: dict[str, object]) -> None:
    """Replaces the file."""
    with destination.opened(str(Path(path).resolve())) as out:
        json.dump({"schema": SCHEMA, "command": command, **values}, out, indent=1, sort_keys=True)
        out.write("\n")
