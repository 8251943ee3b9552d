"""Products and sums of doubles whose rounding would be magnified later, by an exponential or by a difference."""

from __future__ import annotations

from typing import Any

import numpy as np

_SPLIT = 2.0**27 + 1  # Veltkamp: halves a double of 53 bits


def product_and_rest(x: Any, y: Any) -> tuple[Any, Any]:
    """The rounded product of doubles and the exact product minus it (Dekker 1971); for arrays and tensors alike.

    The rest is not a number where the halves of a factor overflow; then only the product can be used.

    >>> product_and_rest(0.1, 10.0)  # the double 0.1 is a little above 1/10
    (1.0, 5.551115123125783e-17)
    """
    product = x * y
    (x_high, x_low), (y_high, y_low) = _halves(x), _halves(y)
    return product, x_low * y_low - (((product - x_high * y_high) - x_low * y_high) - x_high * y_low)


def _halves(x: Any) -> tuple[Any, Any]:
    high = _SPLIT * x
    high = high - (high - x)
    return high, x - high


def sums_after(terms: Any) -> Any:
    """For each entry of the last axis, the sum of all later entries, correct to within a rounding or two however many there are.

    A running sum may lose half a unit in its last place with each entry, and where the entries are equal the losses have the same sign.
    What each addition loses is known exactly (Knuth's two-sum), and is added up separately.

    >>> bool(sums_after(np.full(100_001, 0.1))[0] == 0.1 * 100_000)
    True
    """
    backward = terms[..., :0:-1]
    with np.errstate(invalid="ignore"):
        sums = np.cumsum(backward, axis=-1)
        before = np.concatenate([np.zeros_like(sums[..., :1]), sums[..., :-1]], axis=-1)
        exact = before + backward
        virtual = exact - before
        lost = (exact - sums) + ((before - (exact - virtual)) + (backward - virtual))
        sums = np.where(np.isfinite(sums), sums + np.cumsum(lost, axis=-1), sums)
    return np.concatenate([sums[..., ::-1], np.zeros_like(terms[..., :1])], axis=-1)
