"""Inputs of the stability bounds."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st
from tests.bounds.strategies.case import Case, case
from tests.bounds.strategies.numbers import counts, deltas, nonnegatives, positives


def ranged(**others: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """``empirical_risk`` in [0, ``loss_range``], beside other inputs."""
    return st.builds(
        lambda span, portion, rest: {"empirical_risk": portion * Fraction(span), "loss_range": span, **rest},
        positives(1e-6, 1e6),
        st.fractions(0, 1, max_denominator=10**6),
        st.fixed_dictionaries(others),
    )


def small_steps() -> st.SearchStrategy[dict[str, Any]]:
    """Steps of at most 2/smoothness."""

    def build(smoothness: Any, portions: list[Fraction], lipschitz: Any, n: Any) -> dict[str, Any]:
        largest = 2 / Fraction(smoothness)
        return {"lipschitz": lipschitz, "smoothness": smoothness, "step_sizes": tuple(p * largest for p in portions), "n": n}

    portions = st.lists(st.fractions(0, 1, max_denominator=10**6), min_size=1, max_size=20)
    return st.builds(build, positives(1e-60, 1e60), portions, nonnegatives(1e60), counts())


# The reference multiplies out every step.
_SGD = case(
    {"lipschitz": 1, "smoothness": 1, "step_scale": Fraction(1, 10), "steps": 1000, "n": 1000, "loss_range": 1},
    lipschitz=nonnegatives(1e6),
    smoothness=positives(1e-6, 100),
    step_scale=positives(1e-6, 100),
    steps=counts(high=2000),
    n=counts(2, 10**9),
    loss_range=positives(1e-3, 1e3),
)

CASES: dict[str, Case] = {
    "bousquet_elisseeff2002": Case(
        ranged(stability=nonnegatives(1e100), n=counts(), delta=deltas()),
        {"empirical_risk": Fraction(1, 10), "stability": Fraction(1, 1000), "n": 1000, "delta": Fraction(1, 20), "loss_range": 1},
    ),
    "hardt2016convex": Case(small_steps(), {"lipschitz": 1, "smoothness": 1, "step_sizes": (Fraction(1, 2), Fraction(1, 4)), "n": 1000}),
    # In floats the error of the exponent, up to 1e5 here, is the relative error of the number.
    "hardt2016nonconvex": replace(_SGD, float_tolerance=1e-9, float_below=1e-9),
    # The closed form optimises a real t0 that its own constants put below 1: then a larger constant of the loss gives a smaller number.
    "hardt2016nonconvex[printed]": replace(_SGD, not_monotone=("smoothness", "step_scale")),
    "regularized_erm": case(
        {"lipschitz": 1, "strong_convexity": 0.25, "n": 1000}, lipschitz=nonnegatives(1e100), strong_convexity=positives(1e-100), n=counts()
    ),
}
