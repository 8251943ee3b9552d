"""Inputs of the Vapnik-Chervonenkis bounds and of the capacities they take."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hypothesis import strategies as st
from tests.bounds.strategies.case import Case, case
from tests.bounds.strategies.numbers import counts, deltas, nonnegatives, units

EXAMPLE = {"empirical_risk": Fraction(1, 10), "n": 1000, "delta": Fraction(1, 20)}


def widths(last: st.SearchStrategy[Any], hidden: int = 5, largest: int = 2000) -> st.SearchStrategy[tuple[Any, ...]]:
    """(inputs, hidden..., last)."""
    return st.builds(lambda front, end: (*front, end), st.lists(st.integers(1, largest), min_size=1, max_size=1 + hidden), last)


CASES: dict[str, Case] = {
    "growth_function": case({**EXAMPLE, "log_growth": 30}, empirical_risk=units(), n=counts(), log_growth=nonnegatives(), delta=deltas()),
    "sauer": case({**EXAMPLE, "vc_dimension": 5}, empirical_risk=units(), n=counts(), vc_dimension=counts(0, 2000), delta=deltas()),
    "dimension_halfspace": case({"inputs": 10}, inputs=counts()),
    "dimension_relu_network": case({"widths": (10, 5, 1)}, widths=widths(st.just(1))),
    "dimension_relu_network[closed]": case({"widths": (10, 5, 1)}, widths=widths(st.just(1))),
    "log_growth_relu_network": case({"widths": (10, 5, 3), "n": 1000}, widths=widths(st.integers(1, 100)), n=counts()),
}
