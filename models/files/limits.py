"""What a file from anywhere may cost, and what it may raise: memory by what this machine has, and only a ``ValueError``."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

MOST_BYTES = 8 * 2**30
"""No array above 8 GiB is read, however much memory there is."""
SHARE = 4
"""An array may take a quarter of the memory that is available: what is done with it afterwards makes copies."""


def largest_bytes() -> int:
    """How large an array of a file may be on this machine now.

    >>> 0 < largest_bytes() <= 8 * 2**30
    True
    """
    return min(MOST_BYTES, _available() // SHARE)


def _available() -> int:
    """Bytes of memory that can be had without swapping; where the system does not say, as if there were 4 GiB."""
    with suppress(OSError, ValueError, IndexError):  # free memory alone leaves out what only caches files
        lines = Path("/proc/meminfo").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("MemAvailable:")).split()[1]) * 1024
    with suppress(AttributeError, OSError, ValueError):
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    return 4 * 2**30


@contextmanager
def reading(path: object, what: str, remedy: str) -> Iterator[None]:
    """Whatever reading the file raises becomes a ``ValueError`` that names it; one that does so already passes.

    Libraries raise all sorts on damage: ``SyntaxError`` for a header of numpy's, ``NotImplementedError`` for a flag of a zip archive,
    ``RecursionError`` and ``MemoryError`` for forged nesting and sizes.

    >>> with reading("x.npz", "npz file", "copy it again"):
    ...     raise MemoryError
    Traceback (most recent call last):
    ...
    ValueError: x.npz must be a whole npz file, got a damaged or forged one (MemoryError): copy it again
    """
    try:
        yield
    except Exception as error:
        if isinstance(error, ValueError) and str(path) in str(error):
            raise
        words = " ".join(str(error).split())[:200]
        found = words if isinstance(error, ValueError) and words else f"{type(error).__name__}{': ' if words else ''}{words}"
        raise ValueError(f"{path} must be a whole {what}, got a damaged or forged one ({found}): {remedy}") from error
