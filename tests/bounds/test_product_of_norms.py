"""A class given by the product of its layers' norms: enough for homogeneous activations, too large for others."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest

from genbounds.bounds import Capacity, catalogue
from genbounds.bounds import assumptions as a
from genbounds.bounds.rademacher import golowich2018rows, two_layer

HOMOGENEOUS = {a.HOMOGENEOUS_ACTIVATION, a.HOMOGENEOUS_LIPSCHITZ_ACTIVATION}


def mean_of_absolute_sum(k: int) -> float:
    """E|eps_1 + ... + eps_k|, which is k C(k - 1, (k - 1) // 2)/2^(k - 1)."""
    m = k - 1
    log = math.lgamma(m + 1) - math.lgamma(m // 2 + 1) - math.lgamma(m - m // 2 + 1) - m * math.log(2)
    return k * math.exp(log)


def complexity_of_lipschitz_functions(half: int) -> float:
    """n times the Rademacher complexity of all 1-Lipschitz functions with value 0 at 0 on +-k^(-1/2), k <= half; n = 2 half.

    The supremum over such functions is the sum over the gaps between neighbours of their length times |the signs beyond it|, on each side.
    """
    ends = [k**-0.5 for k in range(1, half + 1)] + [0.0]
    return 2 * sum((ends[k - 1] - ends[k]) * mean_of_absolute_sum(k) for k in range(1, half + 1))


def activation_for(patterns: list[list[float]], points: list[float]) -> tuple[list[float], list[float], list[float]]:
    """A 1-Lipschitz s on t >= 0 and scales v with s(v x_i)/v near g(x_i), .2 % below it, for every pattern g: the scales lie far apart."""
    order = np.argsort(points)
    knots, values, scales, v = [0.0], [0.0], [], 1.0
    for pattern in patterns:
        v *= 1024 * max(points) / min(points)
        scales.append(v)
        knots += [v * points[i] for i in order]
        values += [v * pattern[i] for i in order]
    steepest = max(abs((after - before) / gap) for before, after, gap in zip(values, values[1:], np.diff(knots), strict=False))
    return knots, [value / steepest for value in values], scales


def test_expected_absolute_sums() -> None:
    for k in range(1, 9):
        assert mean_of_absolute_sum(k) == pytest.approx(np.mean([abs(sum(signs)) for signs in product((-1, 1), repeat=k)]))


@pytest.mark.parametrize(("n", "least"), [(400, 1.004), (1000, 1.04), (10**5, 1.25)])
def test_the_product_of_the_row_norms_fixes_too_large_a_class(n: int, least: float) -> None:
    """x -> a s(v x), |a v| <= 1, L = 2, d = 1, for the s that the next test builds: above the bound, whose list must exclude the class."""
    column = math.sqrt(2 * sum(1 / k for k in range(1, n // 2 + 1)))
    limit = float(golowich2018rows(norm_product=1, depth=2, data_norm=column, inputs=1, n=n))
    assert complexity_of_lipschitz_functions(n // 2) / n > least * limit
    for form in golowich2018rows.forms.values():
        assert a.LAYER_NORMS_FIXED_IN_ADVANCE in form.assumes


@pytest.mark.parametrize(("n", "bounds"), [(1000, 1), (10**5, 2)])
def test_an_activation_of_its_own_for_every_unit_is_too_large_a_class(n: int, bounds: int) -> None:
    """x -> s_k(x), all weights 1 or 0, where the units k have all 1-Lipschitz s_k with s_k(0) = 0: the assumption must exclude it."""
    column = math.sqrt(2 * sum(1 / k for k in range(1, n // 2 + 1)))
    by_rows = golowich2018rows(norm_product=1, depth=2, data_norm=column, inputs=1, n=n)
    by_contraction = two_layer(output_norm=1, hidden_norm=1, data_norm=column, n=n)
    assert sum(complexity_of_lipschitz_functions(n // 2) / n > 1.03 * float(limit) for limit in (by_rows, by_contraction)) == bounds
    for statement in (a.ONE_LIPSCHITZ_ACTIVATION.statement, a.HOMOGENEOUS_ACTIVATION.statement):
        assert "applies one fixed function" in statement
        assert "to every entry" in statement
    for formula in catalogue("rademacher"):
        if "depth" in formula.inputs or "hidden_norm" in formula.inputs:
            for form in formula.forms.values():
                assert {*form.assumes} & {a.ONE_LIPSCHITZ_ACTIVATION, a.HOMOGENEOUS_ACTIVATION}, formula.name


def test_one_activation_at_all_scales_fits_every_lipschitz_function() -> None:
    """The s of the counterexample exists: 1-Lipschitz, s(0) = 0, and a s(v x) with a v = 1 runs through all the suprema's functions."""
    points = [k**-0.5 for k in range(1, 7)]
    ends = [*points, 0.0]
    patterns = []
    for signs in product((-1, 1), repeat=len(points)):
        slopes = [math.copysign(1, sum(signs[: k + 1])) for k in range(len(points))]
        patterns.append([sum((ends[j] - ends[j + 1]) * slopes[j] for j in range(i, len(points))) for i in range(len(points))])
    knots, values, scales = activation_for(patterns, points)
    assert np.max(np.abs(np.diff(values)) / np.diff(knots)) <= 1 + 1e-9
    total = 0.0
    for signs in product((-1, 1), repeat=len(points)):
        reached = [np.dot(signs, np.interp([v * x for x in points], knots, values) / v) for v in scales]
        total += max(reached)
    assert 2 * total / 2 ** len(points) == pytest.approx(complexity_of_lipschitz_functions(len(points)), rel=0.005)


def test_where_a_product_of_norms_fixes_the_class_homogeneity_or_each_norm_is_assumed() -> None:
    found = [formula for formula in catalogue() if "norm_product" in formula.inputs]
    assert len(found) >= 5
    for formula in found:
        for form in formula.forms.values():
            assert {*form.assumes} & {*HOMOGENEOUS, a.LAYER_NORMS_FIXED_IN_ADVANCE}, formula.name
    assert any(isinstance(formula, Capacity) for formula in found)
