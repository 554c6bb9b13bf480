"""Work in parallel, results in order: each piece is done by whichever thread is free, and taken when its turn comes.

Pieces are done by the threads of polars' own pool. A thread from outside hands each of polars' calls over to that pool
and waits for it, which stops and wakes threads tens of thousands of times a second; in the pool they are plain calls
(docs/decisions/0012).
"""

from __future__ import annotations

import itertools
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

T = TypeVar("T")


def in_order(works: Iterable[Callable[[], T]], take: Callable[[T], None], workers: int) -> None:
    """Does all `works`, `workers` of them at a time, and has each result taken, one by one and in their order.

    A piece is asked for when all but `workers` of those before it are taken.  `take` runs in any of the threads.  What
    one of them raises is raised here; the others end with the piece they are at.
    """
    line = _Line(take, threading.Semaphore(workers + 1))
    pieces = iter(works)
    with ThreadPoolExecutor(workers) as pool:
        try:
            for number in itertools.count():
                line.room.acquire()
                work = None if line.error is not None else next(pieces, None)
                if work is None:
                    break
                pool.submit(_in_pool, line, number, work)
                del work  # and its block with it, once it is done
        except BaseException as error:  # Ctrl-C, too: what is not begun is left
            line.error = error
            raise
    if line.error is not None:
        raise line.error


@dataclass(slots=True)
class _Line(Generic[T]):
    """The results that are not taken yet."""

    take: Callable[[T], None]
    room: threading.Semaphore
    ready: dict[int, T] = field(default_factory=dict)
    due: int = 0
    """The number of the next result to be taken."""
    taking: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)
    error: BaseException | None = None

    def do(self, number: int, work: Callable[[], T]) -> None:
        """Does a piece, and takes what is due; nobody waits for anybody here, so nobody can wait for ever."""
        try:
            if self.error is None:
                self.ready[number] = work()
                while (result := self._next()) is not None:
                    self.take(result[0])
                    del result
                    self.taking = False
                    self.room.release()
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that asked for it
            self.error = error
        if self.error is not None:
            self.room.release()

    def _next(self) -> tuple[T] | None:
        """The result that is due, unless it is not done yet or another thread is taking one."""
        with self.lock:
            if self.taking or self.due not in self.ready or self.error is not None:
                return None
            self.taking = True
            self.due += 1
            return (self.ready.pop(self.due - 1),)


class Beside:
    """What is done once, in a thread of its own: in the main thread Ctrl-C could leave an import half done."""

    def __init__(self, works: Iterable[Callable[[], object]]) -> None:
        self._works = tuple(works)
        self._done: Future[None] | None = None

    def begin(self) -> None:
        """Has the works begun, unless they are."""
        if self._done is None:
            pool = ThreadPoolExecutor(1, thread_name_prefix="beside")
            self._done = pool.submit(self._do)
            pool.shutdown(wait=False)

    def _do(self) -> None:
        for work in self._works:
            work()

    def end(self) -> None:
        """Waits until they are done; raises what one of them raised."""
        if self._done is not None:
            self._done.result()


_ROW = pl.DataFrame({"row": [0]})


def _in_pool(line: _Line[T], number: int, work: Callable[[], T]) -> None:
    """Does a piece in a thread of polars' pool, where it works out expressions if there is more than one."""

    def here(rows: pl.Series) -> pl.Series:
        line.do(number, work)
        return rows

    try:
        _ROW.select(pl.col("row").map_batches(here, return_dtype=pl.Int64), pl.col("row").alias("other"))
    except BaseException as error:  # noqa: BLE001 - of polars itself, without which nothing would be done
        line.error = error
        line.room.release()
