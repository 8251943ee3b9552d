"""Growth functions against counts of sign vectors by linear programming and enumeration, and against each other."""

from __future__ import annotations

import math
from itertools import pairwise, product

import numpy as np
import pytest
from scipy.optimize import linprog

from genbounds.bounds import vc


def separable(points: np.ndarray, labels: np.ndarray) -> bool:
    """Whether some affine function has these signs at the points."""
    augmented = np.column_stack([points, np.ones(len(points))]) * labels[:, None]
    return bool(linprog(np.zeros(augmented.shape[1]), A_ub=-augmented, b_ub=-np.ones(len(points)), bounds=(None, None)).status == 0)


@pytest.mark.parametrize(("dimension", "n"), [(1, 5), (2, 4), (2, 6), (3, 5)])
def test_cover_counts_points_in_general_position_exactly(dimension: int, n: int) -> None:
    points = np.random.default_rng(0).normal(size=(n, dimension))
    count = sum(separable(points, np.array(labels)) for labels in product((-1, 1), repeat=n))
    bound = math.exp(float(vc.log_growth_halfspace(inputs=dimension, n=n)))
    assert bound == pytest.approx(count, rel=1e-12)
    assert bound <= math.exp(float(vc.log_growth_sauer(vc_dimension=dimension + 1, n=n))) * (1 + 1e-12)


def test_thresholds_at_the_origin_exceed_covers_count_of_one_dimension_less() -> None:
    """{w x >= 0} on 1 and -1: (+, -), (-, +) and, at w = 0, (+, +)."""
    signs = {(w >= 0, -w >= 0) for w in (-1, 0, 1)}
    assert len(signs) == 3
    assert math.exp(float(vc.log_growth_sauer(vc_dimension=1, n=2))) == pytest.approx(3)


def test_a_network_of_threshold_units_has_fewer_sign_vectors_than_its_growth_function() -> None:
    """Two hidden units on points of a line, and an output unit that reads both."""
    n = 20
    hidden = {tuple(int(sign * (i - cut) > 0) for i in range(n)) for cut in np.arange(-0.5, n) for sign in (1, -1)}
    outputs = [table for table in product((0, 1), repeat=4) if table not in {(0, 1, 1, 0), (1, 0, 0, 1)}]  # all but the exclusive or
    patterns = {tuple(table[2 * a + b] for a, b in zip(one, two, strict=True)) for one in hidden for two in hidden for table in outputs}
    bound = float(vc.log_growth_threshold_network(unit_parameters=(2, 2, 3), n=n))
    assert math.log(len(patterns)) <= bound < n * math.log(2)


@pytest.mark.parametrize("n", [20, 100, 10**4, 10**9])
def test_unit_by_unit_is_below_the_total_of_baum_and_haussler(n: int) -> None:
    for units in ((3, 3, 3, 4), (2, 9), (5, 5)):
        network = float(vc.log_growth_threshold_network(unit_parameters=units, n=n))
        assert network <= float(vc.baum_haussler1989growth(parameters=sum(units), units=len(units), n=n)) * (1 + 1e-12)


def test_one_unit_is_a_halfspace() -> None:
    for n in (1, 5, 1000):
        one = float(vc.log_growth_threshold_network(unit_parameters=(4,), n=n))
        assert one == pytest.approx(min(float(vc.log_growth_halfspace(inputs=3, n=n)), n * math.log(2)), rel=1e-13)


@pytest.mark.parametrize("widths", [(2, 3, 1), (10, 20, 20, 1), (784, 600, 600, 10), (3, 2)])
@pytest.mark.parametrize("n", [7, 1000, 60_000])
def test_a_dense_relu_network_is_a_piecewise_polynomial_one(widths: tuple[int, ...], n: int) -> None:
    parameters = [(before + 1) * after for before, after in pairwise(widths)]
    general = float(vc.log_growth_piecewise_polynomial_network(parameters=parameters, breakpoints=widths[1:], n=n))
    assert general == pytest.approx(float(vc.log_growth_relu_network(widths=widths, n=n)), rel=1e-13)


def test_a_convolution_counts_its_weights_once() -> None:
    """Eight 3 x 3 filters on 28 x 28, pooled over windows of 2 x 2, then ten classes: its dense equivalent has far more parameters."""
    units = 8 * 28 * 28
    pools = 8 * 14 * 14 * math.comb(4, 2)
    shared = vc.log_growth_piecewise_polynomial_network(
        parameters=(8 * 10, 10 * (8 * 14 * 14 + 1)), breakpoints=(units + pools, 10), n=10**7
    )
    dense = vc.log_growth_piecewise_polynomial_network(parameters=(785 * units, 10 * (units + 1)), breakpoints=(units, 10), n=10**7)
    assert float(shared) < float(dense)
    risk = vc.growth_function(empirical_risk=0, n=10**7, log_growth=shared, delta=0.05)
    assert risk.value < 1


def test_pieces_of_degree_two_have_the_product_of_warrens_bounds() -> None:
    """Two layers: degrees 1 and 1 + 2 in 9 and 13 parameters."""
    n = 60_000
    value = float(vc.log_growth_piecewise_polynomial_network(parameters=(9, 4), breakpoints=(3, 1), n=n, degree=2))
    layers = [(9, 3 * n, 1), (13, n, 3)]
    assert value == pytest.approx(sum(math.log(2) + w * math.log(2 * math.e * m * d / w) for w, m, d in layers), rel=1e-13)


def test_refusals() -> None:
    with pytest.raises(ValueError, match="same length"):
        vc.log_growth_piecewise_polynomial_network(parameters=(9, 4), breakpoints=(3, 3, 1), n=10)
    with pytest.raises(ValueError, match="units must be a whole number of at least 2"):
        vc.baum_haussler1989growth(parameters=5, units=1, n=10)
    with pytest.raises(ValueError, match="unit_parameters"):
        vc.log_growth_threshold_network(unit_parameters=(3, 0), n=10)


def test_loss_vectors_are_two_to_the_n_however_many_classes_there_are() -> None:
    """Losses are 0 or 1, so there are no more than 2^n vectors; K^n, which counts label vectors, was the cap before."""
    for outputs in (1, 2, 3, 10, 1000):
        dense = vc.log_growth_relu_network(widths=(50, 40, outputs), n=20)
        shared = vc.log_growth_piecewise_polynomial_network(parameters=(2040, 41 * outputs), breakpoints=(40, outputs), n=20)
        assert dense.value == pytest.approx(20 * math.log(2), rel=1e-15)
        assert shared.value == pytest.approx(20 * math.log(2), rel=1e-15)


def test_every_loss_vector_of_a_multiclass_class_is_counted() -> None:
    """All linear classifiers of 3 points on a line into 3 classes, by brute force over a grid of weights: never more than the bound, and
    all 2^3 vectors occur, so that the cap cannot be lower."""
    rng = np.random.default_rng(5)
    points, labels = np.array([-1.0, 0.2, 1.5]), np.array([0, 1, 2])
    weights = rng.normal(size=(20_000, 3, 2))
    scores = weights[..., 0, None] * points + weights[..., 1, None]
    losses = np.argmax(scores, axis=1) != labels
    seen = len({tuple(row) for row in losses.tolist()})
    assert seen == 2**3
    assert math.log(seen) <= float(vc.log_growth_relu_network(widths=(1, 3), n=3)) * (1 + 1e-12)
