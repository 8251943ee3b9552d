"""The precision of ball arithmetic, set for a block by one thread at a time.

Flint keeps one precision per process, not one per thread: a thread that sets it would change the sums of all the others, and two that
set and restore it in turn would leave it where neither found it. So every block that sets it holds one lock, which the same thread may
take again inside.
"""

from __future__ import annotations

import os
from threading import RLock
from types import TracebackType

from flint import ctx

_LOCK = RLock()
# A child process starts with no evaluation under way: neither the lock nor the precision of another thread's is inherited.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_LOCK.acquire, after_in_parent=_LOCK.release, after_in_child=_LOCK.release)


class precision:
    """Set flint's precision inside the block and restore it after; other threads that do the same wait.

    A thread that computes with flint by itself sees the precision of the block that is under way: let it do so inside such a block too.
    A precision that it sets meanwhile stays.

    >>> with precision(200):
    ...     ctx.prec
    200
    """

    __slots__ = ("_before", "_bits")

    def __init__(self, bits: int) -> None:
        """``bits``: the precision of the block."""
        self._bits = bits

    def _wanted(self) -> int:
        return self._bits

    def __enter__(self) -> None:
        """Wait for the other threads, then set the precision."""
        _LOCK.acquire()
        self._before: int = ctx.prec
        self._bits = self._wanted()
        ctx.prec = self._bits

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Restore the precision, unless somebody else has set another one meanwhile, and let the other threads go on."""
        if ctx.prec == self._bits:
            ctx.prec = self._before
        _LOCK.release()


class extra_precision(precision):
    """So many bits more than the precision outside the block."""

    __slots__ = ()

    def _wanted(self) -> int:
        bits: int = ctx.prec + self._bits
        return bits


class least_precision(precision):
    """At least so many bits."""

    __slots__ = ()

    def _wanted(self) -> int:
        return max(ctx.prec, self._bits)
