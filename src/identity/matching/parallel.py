"""Work on several threads with results in order: NumPy, rapidfuzz and DuckDB let go of the interpreter."""

import ctypes
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_order(function: Callable[[Item], Result], items: Iterable[Item], threads: int) -> Iterator[Result]:
    """The results of `function` in the order of `items`, whatever the threads.

    At most one item per thread is worked on or waits ahead of the result that is read, so that memory
    follows the threads and not the items.
    """
    _freed_memory_stays()
    if threads <= 1:
        yield from map(function, items)
        return
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[Result]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(function, item))
                if len(waiting) > threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def side_by_side(jobs: Iterable[Callable[[], Any]], threads: int) -> list[Any]:
    """The results of some jobs that know nothing of each other, in their order."""
    return list(in_order(_done, jobs, threads))


def _done(job: Callable[[], Result]) -> Result:
    return job()


_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Parameters of glibc's mallopt(3)."""


@cache
def _freed_memory_stays() -> None:
    """Have glibc keep up to 128 MiB of what is freed, and not ask the kernel for each array of some megabytes.

    Chunk after chunk makes and drops the same arrays: handing their pages back and forth was a tenth of scoring.
    """
    adjust = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if adjust is not None:
        adjust(_TRIM_THRESHOLD, 128 << 20)
        adjust(_MMAP_THRESHOLD, 32 << 20)
