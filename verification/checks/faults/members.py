"""Members of the world of floats as they are misread: what a faulty formula calls in place of the sound one."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

_HALVINGS = 60


def kl_inverse_reversed(q: Any, cost: Any) -> Any:
    """The largest p >= q with kl(p || q) <= cost, where a theorem has kl(q || p): the two arguments of kl are exchanged.

    >>> p = float(kl_inverse_reversed(0.25, 0.1))
    >>> round(float(p * np.log(p / 0.25) + (1 - p) * np.log((1 - p) / 0.75)), 12)
    0.1
    """
    q, cost = np.broadcast_arrays(np.asarray(q, dtype=float), np.asarray(cost, dtype=float))
    low, high = q.copy(), np.ones_like(q)
    with np.errstate(all="ignore"):
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            inside = special.rel_entr(middle, q) + special.rel_entr(1 - middle, 1 - q) <= cost
            low, high = np.where(inside, middle, low), np.where(inside, high, middle)
    return high


MISREAD = {kl_inverse_reversed.__name__: kl_inverse_reversed}
"""By the names under which faulty formulas find them."""
