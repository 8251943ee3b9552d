"""What no loss can have: a strong convexity above the Lipschitz constant of its gradient."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from genbounds.bounds.inputs import Requirement


def _at_most(strong_convexity: Any, smoothness: Any) -> Any:
    if isinstance(strong_convexity, np.ndarray) or isinstance(smoothness, np.ndarray):
        return strong_convexity <= smoothness
    return Fraction(strong_convexity) <= Fraction(smoothness)


CONVEXITY_AT_MOST_SMOOTHNESS = Requirement(
    ("smoothness", "strong_convexity"),
    lambda smoothness, strong_convexity: _at_most(strong_convexity, smoothness),
    "strong_convexity must be at most smoothness",
    "the strong convexity of a loss never exceeds the Lipschitz constant of its gradient: check both numbers",
)
