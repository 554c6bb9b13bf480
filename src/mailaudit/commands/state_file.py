"""What a command remembers from run to run: a small JSON file that is replaced whole, never half written."""

from __future__ import annotations

import json
import os
from pathlib import Path

from mailaudit.errors import OutputError, UsageError

SCHEMA = 1


def read(path: str, command: str) -> dict[str, object]:
    """What was remembered; nothing if there is no file yet. Raises UsageError for a file of something else."""
    try:
        text = Path(path).read_text(encoding="utf-8")
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


def check(path: str) -> None:
    """Raises OutputError if the file could not be written at the end; asked before the work."""
    folder = Path(path).resolve().parent
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        raise OutputError(f"state file {path}: no file can be made in {folder}")


def write(path: str, command: str, values: dict[str, object]) -> None:
    """Replaces the file."""
    target = Path(path).resolve()
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8") as stream:
            json.dump({"schema": SCHEMA, "command": command, **values}, stream, indent=1, sort_keys=True)
            stream.write("\n")
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(target)
    except OSError as error:
        raise OutputError(f"state file {path}: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)
