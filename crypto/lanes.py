"""Work side by side in order, and buffers that go round."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

_Given = TypeVar("_Given")
_Made = TypeVar("_Made")


def in_order(
    work: Callable[[_Given], _Made], items: Iterable[_Given], threads: int
) -> Iterator[_Made]:
    """Yield `work(item)` in the order of `items`, `threads` at a time.

    Threads help: the library and hashlib release the interpreter lock.
    """
    if threads <= 1:
        yield from map(work, items)
        return
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[_Made]] = deque()
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def take(length: int, into: bytearray | None) -> bytearray:
    """Return `into` if it has `length` bytes, else fresh memory."""
    return into if into is not None and len(into) == length else bytearray(length)


def spare_of(buffers: deque[bytearray]) -> bytearray | None:
    """Return a buffer that is free, if any; several workers may ask at once."""
    try:
        return buffers.popleft()
    except IndexError:
        return None
