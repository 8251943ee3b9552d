"""Representative cases of the Rademacher bounds and complexities."""

from __future__ import annotations

import math

from cases.case import EMPIRICAL, NETWORK, Case, norm_of_unit_inputs

CASES: dict[str, Case] = {
    "rademacher.uniform_deviation": Case(
        "If an upper bound on the empirical Rademacher complexity of the *loss* class is at hand.",
        {**EMPIRICAL, "complexity": lambda n: 1 / math.sqrt(n)},
    ),
    "rademacher.expected_deviation": Case(
        "If the complexity is bounded for the population, and not on this sample alone.",
        {**EMPIRICAL, "complexity": lambda n: 1 / math.sqrt(n)},
    ),
    "rademacher.bartlett2005local": Case(
        "If the empirical risk is small and a fixed point of the local complexity is known: the deviation shrinks with the risk.",
        {**EMPIRICAL, "local_fixed_point": lambda n: 20 / n},
    ),
    "rademacher.local_finite_class": Case("For a finite class, to feed `bartlett2005local`.", {"class_size": 1000}, risk=None),
    "rademacher.gonon2024path": Case(
        "For ReLU networks whose path norm was bounded in advance; it is never above the product of the row norms of `golowich2018rows`.",
        {"path_norm": 1, "depth": 3, "data_norm": norm_of_unit_inputs, "inputs": 100},
        risk=None,
    ),
    "rademacher.massart": Case(
        "For a finite set of loss vectors.",
        {"log_cardinality": math.log(1000), "radius": norm_of_unit_inputs},
        risk=None,
    ),
    "rademacher.linear_l2": Case(
        "For linear and kernel classes with a bounded l2 norm.", {"norm": 1, "data_norm": norm_of_unit_inputs}, risk=None
    ),
    "rademacher.linear_l1": Case(
        "For linear classes with a bounded l1 norm and bounded coordinates.",
        {"norm": 1, "data_norm": norm_of_unit_inputs, "inputs": 100},
        risk=None,
    ),
    "rademacher.two_layer": Case(
        "For one hidden layer with bounded row norms and an l1 output layer.",
        {"output_norm": 2, "hidden_norm": 1, "data_norm": norm_of_unit_inputs},
        risk=None,
    ),
    "rademacher.two_layer_odd": Case(
        "As `two_layer`, for tanh and other odd activations.",
        {"output_norm": 2, "hidden_norm": 1, "data_norm": norm_of_unit_inputs},
        risk=None,
    ),
    "rademacher.two_layer_l1": Case(
        "As `two_layer`, with rows bounded in l1 and bounded coordinates.",
        {"output_norm": 2, "hidden_norm": 1, "data_norm": norm_of_unit_inputs, "inputs": 100},
        risk=None,
    ),
    "rademacher.two_layer_l1_odd": Case(
        "As `two_layer_l1`, for tanh and other odd activations.",
        {"output_norm": 2, "hidden_norm": 1, "data_norm": norm_of_unit_inputs, "inputs": 100},
        risk=None,
    ),
    "rademacher.kernel_predictor": Case(
        "For a trained kernel predictor, a ridge or an interpolant, and its observed norm.",
        {**EMPIRICAL, "lipschitz": 1, "norm": 7, "data_norm": norm_of_unit_inputs},
    ),
    "rademacher.neyshabur2015": Case(
        "For shallow networks: at depth 2 its factor is below Golowich's; `golowich2018frobenius` takes the smaller of the two.",
        NETWORK,
        risk=None,
    ),
    "rademacher.golowich2018frobenius": Case("For networks without biases whose Frobenius norms are bounded.", NETWORK, risk=None),
    "rademacher.golowich2018rows": Case(
        "For networks whose rows are bounded in l1, with bounded coordinates.", {**NETWORK, "inputs": 784}, risk=None
    ),
}
