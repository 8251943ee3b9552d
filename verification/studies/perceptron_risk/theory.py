"""The two bounds on an expected risk, as certificates from the geometry of a population."""

from __future__ import annotations

from genbounds.bounds import Quantity
from genbounds.bounds.perceptron import leave_one_out, novikoff, random_iterate
from genbounds.verification.populations import FinitePool, population


def geometry(pool: FinitePool) -> dict[str, Quantity]:
    """Radius and margin as the theorems take them: outward."""
    assert pool.margin is not None
    return {
        "radius": Quantity(pool.input_radius, "upper", "largest ||x|| of the pool, rounded up"),
        "margin": Quantity(pool.margin, "lower", "margin of one separating vector over the pool, rounded down"),
    }


def mistakes_allowed(name: str) -> float:
    """(R/margin)^2 of a population, rounded down to a whole number.

    >>> mistakes_allowed("separable")
    99.0
    """
    return float(novikoff(**geometry(population(name))))


def risk_allowed(name: str, passes: str, n: int) -> float:
    """The bound on the expected risk: of a random iterate after one pass, of the last weights after all.

    >>> round(risk_allowed("separable", "one", 1000), 3), round(risk_allowed("separable", "all", 1000), 4)
    (0.099, 0.0989)
    """
    theorem = random_iterate if passes == "one" else leave_one_out
    return float(theorem(**geometry(population(name)), n=n))
