"""Inputs of the Rademacher bounds."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hypothesis import strategies as st
from tests.bounds.strategies.case import Case, case
from tests.bounds.strategies.numbers import counts, deltas, nonnegatives, units
from tests.reference import rademacher as reference

from genbounds.bounds import Certificate

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
_LAYERS = {"output_norm": nonnegatives(), "hidden_norm": nonnegatives(), "data_norm": nonnegatives(), "n": counts()}
_TWO_LAYER = case({"output_norm": 2, "hidden_norm": 0.5, "data_norm": 100, "n": 10**4}, **_LAYERS)
_TWO_LAYER_L1 = case({"output_norm": 2, "hidden_norm": 0.5, "data_norm": 100, "inputs": 100, "n": 10**4}, inputs=counts(), **_LAYERS)


def kernel_predictor(inputs: dict[str, Any], certificate: Certificate) -> Any:
    """The theorem on the ball that the certificate names, which must hold the norm."""
    return reference.kernel_predictor(**inputs, level=certificate.choices["level"])


CASES: dict[str, Case] = {
    "bartlett2005local": case(
        {"empirical_risk": Fraction(1, 10), "local_fixed_point": Fraction(1, 100), "n": 1000, "delta": Fraction(1, 20)},
        empirical_risk=units(),
        local_fixed_point=nonnegatives(1e100),
        n=counts(),
        delta=deltas(),
    ),
    "gonon2024path": case(
        {"path_norm": 8, "depth": 3, "data_norm": 10, "inputs": 784, "n": 10**4},
        path_norm=nonnegatives(),
        depth=counts(high=5000),
        data_norm=nonnegatives(),
        inputs=counts(),
        n=counts(),
    ),
    "local_finite_class": case({"class_size": 1000, "n": 1000}, class_size=counts(), n=counts()),
    "uniform_deviation": _DEVIATION,
    "uniform_deviation[bartlett2017]": _DEVIATION,
    "expected_deviation": _DEVIATION,
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
    "two_layer": _TWO_LAYER,
    "two_layer_odd": _TWO_LAYER,
    "two_layer_l1": _TWO_LAYER_L1,
    "two_layer_l1_odd": _TWO_LAYER_L1,
    "kernel_predictor": Case(
        st.fixed_dictionaries(
            {
                "empirical_risk": units(),
                "lipschitz": nonnegatives(1e60),
                "norm": st.one_of(nonnegatives(1e60), st.sampled_from((0.5, 1, 1 + 2.0**-52, 8, Fraction(8 * 10**30 + 1, 10**30)))),
                "data_norm": nonnegatives(1e60),
                "n": counts(),
                "delta": deltas(),
            }
        ),
        {"empirical_risk": Fraction(1, 10), "lipschitz": 1, "norm": 7, "data_norm": 20, "n": 800, "delta": Fraction(1, 20)},
        from_choices=kernel_predictor,
    ),
    "neyshabur2015": _SHALLOW,
    "golowich2018rows": _ROWS,
    "golowich2018rows[printed]": _ROWS,
}
