"""How much memory a run may use: a quarter of what the machine, or the control group it runs in, has free."""

from __future__ import annotations

from pathlib import Path

MIB = 1 << 20
LEAST = 256 * MIB
"""A run does not get along with less, whatever is asked for."""
MOST = 1024 * MIB
"""More would not make it faster."""

_GROUP = Path("/sys/fs/cgroup")
_GROUP_V1 = Path("/sys/fs/cgroup/memory")


def default(meminfo: Path = Path("/proc/meminfo"), group: Path = _GROUP, group_v1: Path = _GROUP_V1) -> int:
    """Returns the bytes that a run may use unless it is told; MOST where nothing can be found out."""
    free = [amount for amount in (_available(meminfo), _left(group), _left_v1(group_v1)) if amount is not None]
    return min(max(min(free) // 4, LEAST), MOST) if free else MOST


def _available(meminfo: Path) -> int | None:
    """What the kernel says new programs can use without swapping (proc(5), MemAvailable, in kB)."""
    try:
        for line in meminfo.read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        return None
    return None


def _left(group: Path) -> int | None:
    """What a control group may still use (cgroup v2: memory.max less memory.current); None if it has no limit."""
    return _less(group / "memory.max", group / "memory.current")


def _left_v1(group: Path) -> int | None:
    return _less(group / "memory.limit_in_bytes", group / "memory.usage_in_bytes")


def _less(limit: Path, used: Path) -> int | None:
    try:
        text = limit.read_text().strip()
        return None if text == "max" else max(int(text) - int(used.read_text()), 0)
    except (OSError, ValueError):
        return None
