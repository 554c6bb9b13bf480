"""What all tests share."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

# CI tries the same examples every time, so that a change is judged by itself: half as many do. At home each run
# tries new ones.
settings.register_profile("home", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, max_examples=50)
settings.load_profile("ci" if os.environ.get("CI") else "home")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Lets no comparison with pflogsumm be skipped in CI: it would pass without having run."""
    found = shutil.which("pflogsumm") or shutil.which("pflogsumm", path="/usr/sbin")
    if os.environ.get("CI") and not found and any(item.get_closest_marker("pflogsumm") for item in items):
        raise pytest.UsageError("CI needs pflogsumm: apt-get install pflogsumm")


@pytest.fixture(scope="module")
def kept_readings() -> Iterator[None]:
    """Commands of a test module that read the same files in the same way are asked of one reading."""
    from tests import readings  # noqa: PLC0415 (not every room runs commands)

    with readings.kept():
        yield
