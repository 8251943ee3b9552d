"""Independent 60-digit references for the Rademacher bounds (sheet S1, S2, C1-C5)."""

from __future__ import annotations

from typing import Any

from mpmath import mp, mpf

from tests.reference.special import exact, log_inverse, rational, sixty_digits


@sixty_digits
def uniform_deviation(*, empirical_risk: Any, complexity: Any, n: int, delta: Any, form: str = "derived") -> Any:
    cost = log_inverse(delta) + (mp.log(2) if form == "printed" else 0)
    factor = {"derived": 2, "printed": 3, "bartlett2017": 3}[form]
    return exact(empirical_risk) + 2 * exact(complexity) + factor * mp.sqrt(cost / (2 * exact(n)))


@sixty_digits
def expected_deviation(*, empirical_risk: Any, complexity: Any, n: int, delta: Any) -> Any:
    return exact(empirical_risk) + 2 * exact(complexity) + mp.sqrt(log_inverse(delta) / (2 * exact(n)))


@sixty_digits
def bartlett2005local(*, empirical_risk: Any, local_fixed_point: Any, n: int, delta: Any) -> Any:
    """By the root of each quadratic: of sqrt(r_0), and of the root of the risk; three steps of V between them."""
    x, fixed, shown = log_inverse(delta) / exact(n), exact(local_fixed_point), exact(empirical_risk)
    linear, constant = 3 * mp.sqrt(fixed) + mp.sqrt(2 * x), 7 * x / 3
    r = ((mp.sqrt(linear**2 + 4 * constant) + linear) / 2) ** 2
    for _ in range(3):
        mean = 2 * mp.sqrt(r * fixed)
        r = mean + mp.sqrt(2 * x * (r + 2 * mean)) + x / 3
    return ((mp.sqrt(r) + mp.sqrt(r + 4 * shown)) / 2) ** 2


@sixty_digits
def gonon2024path(*, path_norm: Any, depth: int, data_norm: Any, inputs: int, n: int) -> Any:
    """The smallest (1/l) ln(2^L d) + l Phi^2 b^2/2 over slopes l."""
    scale, cost = exact(path_norm) * exact(data_norm), exact(depth) * mp.log(2) + mp.log(exact(inputs))
    if not scale:
        return mpf(0)
    slope = mp.sqrt(2 * cost) / scale
    return (cost / slope + slope * scale**2 / 2) / exact(n)


@sixty_digits
def local_finite_class(*, class_size: int, n: int) -> Any:
    """At the slope where sinh is 1."""
    slope = mp.asinh(1)
    return mp.log(exact(class_size) + 1) / exact(n) / (slope + 1 - mp.cosh(slope))


@sixty_digits
def massart(*, log_cardinality: Any, radius: Any, n: int) -> Any:
    return exact(radius) * mp.sqrt(2 * exact(log_cardinality)) / exact(n)


@sixty_digits
def linear_l2(*, norm: Any, data_norm: Any, n: int) -> Any:
    return exact(norm) * exact(data_norm) / exact(n)


@sixty_digits
def linear_l1(*, norm: Any, data_norm: Any, inputs: int, n: int) -> Any:
    return exact(norm) * exact(data_norm) * mp.sqrt(2 * mp.log(2 * exact(inputs))) / exact(n)


@sixty_digits
def two_layer(*, output_norm: Any, hidden_norm: Any, data_norm: Any, n: int) -> Any:
    return 2 * exact(output_norm) * exact(hidden_norm) * exact(data_norm) / exact(n)


@sixty_digits
def two_layer_odd(*, output_norm: Any, hidden_norm: Any, data_norm: Any, n: int) -> Any:
    return two_layer(output_norm=output_norm, hidden_norm=hidden_norm, data_norm=data_norm, n=n) / 2


@sixty_digits
def two_layer_l1(*, output_norm: Any, hidden_norm: Any, data_norm: Any, inputs: int, n: int) -> Any:
    # 2 A times the complexity of the l1 ball of radius V.
    return 2 * exact(output_norm) * linear_l1(norm=hidden_norm, data_norm=data_norm, inputs=inputs, n=n)


@sixty_digits
def two_layer_l1_odd(*, output_norm: Any, hidden_norm: Any, data_norm: Any, inputs: int, n: int) -> Any:
    return exact(output_norm) * linear_l1(norm=hidden_norm, data_norm=data_norm, inputs=inputs, n=n)


@sixty_digits
def kernel_predictor(*, empirical_risk: Any, lipschitz: Any, norm: Any, data_norm: Any, n: int, delta: Any, level: Any) -> Any:
    level = int(level)
    assert level >= 0
    assert 2**level >= rational(norm)
    # The least such level, the norm being read as the double at or above it.
    assert level == 0 or 2 ** (level - 1) < rational(norm) * (1 + rational(2) ** -52)
    weight = 1 / mpf((level + 1) * (level + 2))
    deviation = 2 * mp.sqrt((log_inverse(delta) - mp.log(weight)) / (2 * exact(n)))
    return exact(empirical_risk) + 2 * exact(lipschitz) * 2**level * exact(data_norm) / exact(n) + deviation


@sixty_digits
def neyshabur2015(*, norm_product: Any, depth: int, data_norm: Any, n: int) -> Any:
    return 2 ** (int(depth) - 1) * exact(norm_product) * exact(data_norm) / exact(n)


@sixty_digits
def golowich2018frobenius(*, norm_product: Any, depth: int, data_norm: Any, n: int, form: str = "derived") -> Any:
    depth = int(depth)
    factor = {
        "printed": mp.sqrt(2 * mp.log(2) * depth) + 1,
        "derived": min(mp.sqrt(2 * mp.log(2) * (depth - 1)) + 1, exact(2 ** (depth - 1))),
    }[form]
    return exact(norm_product) * factor * exact(data_norm) / exact(n)


@sixty_digits
def golowich2018rows(*, norm_product: Any, depth: int, data_norm: Any, inputs: int, n: int, form: str = "derived") -> Any:
    depth, log_inputs = int(depth), mp.log(exact(inputs))
    factor = {
        "printed": 2 * mp.sqrt(depth + 1 + log_inputs),
        "derived": mp.sqrt(2 * (depth * mp.log(2) + log_inputs)),
    }[form]
    return exact(norm_product) * factor * exact(data_norm) / exact(n)
