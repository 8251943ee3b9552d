"""Compiling loops over numpy arrays, by numba; whatever imports this waits half a second for it."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
from numba.core.caching import NullCache

F = TypeVar("F", bound=Callable[..., None])

_functions: list[Any] = []


def compiled(function: F) -> F:
    """The function compiled when first called, for each dtype, without the interpreter's lock, and kept on the disk for the next process.

    Sums may be reordered and a product may be fused with a sum, but nothing is assumed to be finite. A division by zero gives an
    infinity, as in numpy. Python code calls such a function by ``call``.

    What is kept on the disk is taken to be right as long as the function's own file does not change: where these settings change,
    change the files as well that use them.

    Example:
        >>> import numpy as np
        >>> def double(row): row *= 2
        >>> row = np.ones(2); call(compiled(double), row); row.tolist()
        [2.0, 2.0]
    """
    settings: dict[str, Any] = {"fastmath": {"contract", "reassoc", "nsz", "arcp"}, "error_model": "numpy", "nogil": True}
    try:
        made = numba.njit(cache=True, **settings)(function)
    except RuntimeError:  # nowhere to keep it: neither beside the function's file nor in a folder of the user's
        made = numba.njit(**settings)(function)
    _functions.append(made)
    return cast("F", made)


def call(function: Callable[..., None], *arguments: Any) -> None:
    """Call a compiled function; where it cannot be kept on the disk, or what was kept there is damaged, it is compiled for this process.

    The disk is read and written before a function runs, so that a second call repeats nothing.
    """
    try:
        function(*arguments)
    except (OSError, EOFError, pickle.UnpicklingError):
        for one in _functions:
            one._cache = NullCache()
        function(*arguments)
