"""Long computations beside the loop of a gevent process: nobody whom it serves waits for another's photo."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TypeVar, cast

from gevent import monkey
from gevent.threadpool import ThreadPool

Made = TypeVar("Made")


@cache
def _pool() -> ThreadPool:
    """One thread: photos are looked at one after the other."""
    return ThreadPool(1)


def aside(call: Callable[[], Made]) -> Made:
    """What ``call`` returns or raises; in a gevent process a true thread does it, elsewhere the caller's own."""
    if not monkey.is_module_patched("threading"):
        return call()
    return cast("Made", _pool().apply(call))
