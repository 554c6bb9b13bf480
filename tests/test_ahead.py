"""Pieces of work are done in parallel and taken in order, and nothing waits for ever."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from functools import partial
from typing import TYPE_CHECKING

import polars as pl
import pytest

from mailaudit.ahead import in_order

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def slow_first(number: int) -> int:
    """A piece that is done the later the earlier it begins, and that needs polars on the way."""
    time.sleep(0.02 * (number % 3 == 0))
    return int(pl.DataFrame({"n": [number] * 1000}).lazy().group_by("n").len().collect()["n"][0])


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_results_are_taken_in_order_one_by_one(workers: int) -> None:
    """Whichever piece is done first, and in whichever thread."""
    found: list[int] = []
    taking = threading.Lock()

    def take(result: int) -> None:
        assert taking.acquire(blocking=False)
        found.append(result)
        taking.release()

    in_order((partial(slow_first, number) for number in range(40)), take, workers)
    assert found == list(range(40))


def test_few_pieces_are_begun_before_one_is_taken() -> None:
    """Memory stays flat: as many pieces are on the way as there are workers, and one that waits."""
    taken, most = 0, 0

    def works() -> Iterator[Callable[[], int]]:
        nonlocal most
        for number in range(30):
            most = max(most, number - taken)
            yield partial(slow_first, number)

    def take(_: int) -> None:
        nonlocal taken
        taken += 1

    in_order(works(), take, 2)
    assert taken == 30
    assert most <= 3


def fail() -> int:
    """A piece that cannot be done."""
    raise ValueError("this one")


@pytest.mark.parametrize("workers", [1, 2])
def test_what_a_piece_raises_is_raised_after_what_stood_before_it(workers: int) -> None:
    """Nothing is taken behind it, and little more is begun."""
    found: list[int] = []
    begun: list[int] = []

    def works() -> Iterator[Callable[[], int]]:
        for number in range(1000):
            begun.append(number)
            yield fail if number == 7 else partial(slow_first, number)

    with pytest.raises(ValueError, match="this one"):
        in_order(works(), found.append, workers)
    assert found == list(range(len(found)))
    assert len(found) <= 7
    assert len(begun) < 20


def test_what_taking_raises_is_raised() -> None:
    """What is wrong with a result ends the work, too."""

    def take(result: int) -> None:
        if result == 3:
            raise KeyError(result)

    with pytest.raises(KeyError):
        in_order((partial(slow_first, number) for number in range(50)), take, 2)


def test_what_the_list_of_pieces_raises_is_raised() -> None:
    """So does an input that cannot be read any more, or Ctrl-C in the thread that reads."""

    def works() -> Iterator[Callable[[], int]]:
        yield partial(slow_first, 0)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        in_order(works(), lambda _: None, 2)


_ONE_THREAD = """
import polars as pl
from mailaudit.ahead import in_order
assert pl.thread_pool_size() == 1
def piece(number):
    text = pl.scan_csv(b"a\\n" * 100000, has_header=False, schema={"line": pl.String})
    return number + text.collect(engine="in-memory").height
found = []
in_order(((lambda number=number: piece(number)) for number in range(20)), found.append, 2)
assert found == [100000 + number for number in range(20)]
"""


def test_one_thread_is_enough() -> None:
    """A machine with one processor has a pool of one thread, which even waits for polars' other engine."""
    environment = dict(os.environ, POLARS_MAX_THREADS="1")
    subprocess.run([sys.executable, "-c", _ONE_THREAD], check=True, timeout=60, env=environment)
