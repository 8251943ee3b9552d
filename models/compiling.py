"""Compiling loops over numpy arrays, by numba; whatever imports this waits half a second for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., None])


def compiled(function: F) -> F:
    """The function compiled when first called, for each dtype, without the interpreter's lock, and kept on the disk for the next process.

    Sums may be reordered and a product may be fused with a sum; NaN and infinities stay what they are. A division by zero gives
    an infinity, as in numpy.

    Example:
        >>> import numpy as np
        >>> def double(row): row *= 2
        >>> row = np.ones(2); compiled(double)(row); row.tolist()
        [2.0, 2.0]
    """
    settings: dict[str, Any] = {"fastmath": {"contract", "reassoc", "nsz", "arcp"}, "error_model": "numpy", "nogil": True}
    try:
        return cast("F", numba.njit(cache=True, **settings)(function))
    except RuntimeError:  # nowhere to keep it: neither beside the function's file nor in a folder of the user's
        return cast("F", numba.njit(**settings)(function))
