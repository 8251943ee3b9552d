"""Inputs of the Rademacher bounds."""

from __future__ import annotations

from fractions import Fraction

from tests.bounds.strategies.case import Case, case
from tests.bounds.strategies.numbers import counts, deltas, nonnegatives, units

_DEVIATION = case(
    {"empirical_risk": Fraction(1, 10), "complexity": Fraction(1, 50), "n": 1000, "delta": Fraction(1, 20)},
    empirical_risk=units(),
    complexity=nonnegatives(),
    n=counts(),
    delta=deltas(),
)
_NETWORK = case(
    {"norm_product": 8, "depth": 3, "data_norm": 100, "n": 10**4},
    norm_product=nonnegatives(),
    depth=counts(high=5000),
    data_norm=nonnegatives(),
    n=counts(),
)
_SHALLOW = case(  # 2^(depth - 1) is a double up to a depth of 1024
    _NETWORK.example,
    norm_product=nonnegatives(),
    depth=counts(high=1000),
    data_norm=nonnegatives(),
    n=counts(),
)
_ROWS = case(
    {"norm_product": 8, "depth": 3, "data_norm": 10, "inputs": 784, "n": 10**4},
    norm_product=nonnegatives(),
    depth=counts(high=5000),
    data_norm=nonnegatives(),
    inputs=counts(),
    n=counts(),
)

CASES: dict[str, Case] = {
    "uniform_deviation": _DEVIATION,
    "uniform_deviation[printed]": _DEVIATION,
    "linear_l2": case({"norm": 10, "data_norm": 100, "n": 10**4}, norm=nonnegatives(), data_norm=nonnegatives(), n=counts()),
    "golowich2018frobenius": _NETWORK,
    "golowich2018frobenius[printed]": _NETWORK,
    "massart": case({"log_cardinality": 7, "radius": 30, "n": 1000}, log_cardinality=nonnegatives(), radius=nonnegatives(), n=counts()),
    "linear_l1": case(
        {"norm": 10, "data_norm": 100, "inputs": 100, "n": 10**4},
        norm=nonnegatives(),
        data_norm=nonnegatives(),
        inputs=counts(),
        n=counts(),
    ),
    "two_layer": case(
        {"output_norm": 2, "hidden_norm": 0.5, "data_norm": 100, "n": 10**4},
        output_norm=nonnegatives(),
        hidden_norm=nonnegatives(),
        data_norm=nonnegatives(),
        n=counts(),
    ),
    "neyshabur2015": _SHALLOW,
    "golowich2018rows": _ROWS,
    "golowich2018rows[printed]": _ROWS,
}
