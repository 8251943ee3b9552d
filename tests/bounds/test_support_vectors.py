"""Leave-one-out bounds of support vector machines and of the perceptron's runs, on samples and on populations that can be enumerated."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from scipy.optimize import nnls

from genbounds.bounds import DirectionError, Quantity, perceptron


def machine(signed: np.ndarray) -> np.ndarray:
    """The least w with <w, z_i> >= 1 for all rows (least-distance programming, Lawson and Hanson 1974, chapter 23)."""
    system = np.vstack([signed.T, np.ones(len(signed))])
    target = np.zeros(len(system))
    target[-1] = 1
    residual = system @ nnls(system, target)[0] - target
    return np.asarray(-residual[:-1] / residual[-1])


def test_leave_one_out_errors_number_at_most_the_support_vectors_and_the_squared_ratio() -> None:
    random = np.random.default_rng(3)
    errors_seen = 0
    for _ in range(60):
        points = random.normal(size=(8, 2)) * (1, 0.3)
        labels = np.where(points[:, 0] + 0.1 * points[:, 1] > 0, 1, -1)
        signed = points * labels[:, None]
        if not (signed[:, 0] > 0.05).all():
            continue
        w = machine(signed)
        margins = signed @ w
        assert margins.min() == pytest.approx(1, abs=1e-7)
        support = int((margins < 1 + 1e-6).sum())
        errors = sum(int(signed[i] @ machine(np.delete(signed, i, axis=0)) <= 0) for i in range(8))
        radius, margin = float(np.linalg.norm(points, axis=1).max()), 1 / float(np.linalg.norm(w))
        assert errors <= support
        # The certificates at n = 7 times n + 1 = 8, for this one sample as the whole population of its orders.
        assert errors <= 8 * perceptron.vapnik1998margin(radius=radius, margin=margin, n=7).value
        assert errors <= 8 * perceptron.vapnik1998support_vectors(expected_support_vectors=support, n=7).value
        errors_seen += errors
    assert errors_seen > 0


@pytest.mark.parametrize(("dimension", "n"), [(3, 1), (3, 2), (4, 3)])
def test_basis_vectors_have_the_expected_risk_below_both_bounds(dimension: int, n: int) -> None:
    """x uniform on basis vectors, y = 1: the machine knows exactly the vectors it has seen, and 0 counts as an error."""
    risk, support = Fraction(0), Fraction(0)
    for sample in product(range(dimension), repeat=n):
        risk += Fraction(dimension - len(set(sample)), dimension) / dimension**n
    for sample in product(range(dimension), repeat=n + 1):
        support += Fraction(len(set(sample))) / dimension ** (n + 1)
    assert risk <= Fraction(perceptron.vapnik1998support_vectors(expected_support_vectors=support, n=n).value)
    population = perceptron.vapnik1998margin(radius=1, margin=dimension**-0.5, n=n).value
    assert float(risk) <= population
    if n == 1:  # the trap: the sample's own margin is 1
        assert float(risk) > perceptron.vapnik1998margin(radius=1, margin=1, n=n).value


def test_a_count_of_one_sample_is_an_estimate() -> None:
    counted = Quantity(25, "estimate", "support vectors of one sample")
    with pytest.raises(DirectionError, match="expected_support_vectors"):
        perceptron.vapnik1998support_vectors(expected_support_vectors=counted, n=999)
    assert perceptron.vapnik1998support_vectors.estimate(expected_support_vectors=counted, n=999).kind == "estimate"


def test_the_machine_has_the_number_of_the_perceptron() -> None:
    inputs = {"radius": 3, "margin": 0.25, "n": 500}
    assert perceptron.vapnik1998margin(**inputs).value == perceptron.leave_one_out(**inputs).value


@pytest.mark.slow
def test_a_run_of_the_perceptron_stays_below_both_norms_and_they_below_novikoff() -> None:
    random = np.random.default_rng(4)
    direction = np.array([0.6, 0.8])
    for _ in range(30):
        points = random.normal(size=(40, 2))
        points = points[np.abs(points @ direction) > 0.1]
        labels = np.sign(points @ direction)
        w, mistakes, squares = np.zeros(2), 0, 0.0
        for _ in range(50):
            for x, y in zip(points, labels, strict=True):
                if y * (w @ x) <= 0:
                    w, mistakes, squares = w + y * x, mistakes + 1, squares + float(x @ x)
        margin, radius = float((labels * (points @ direction)).min()), float(np.linalg.norm(points, axis=1).max())
        by_weights = perceptron.novikoff_run(weight_norm=float(np.linalg.norm(w)), margin=margin).value
        by_inputs = perceptron.novikoff_run(weight_norm=squares**0.5, margin=margin).value
        assert mistakes <= by_weights * (1 + 1e-12)
        assert by_weights <= by_inputs * (1 + 1e-12)
        assert mistakes <= perceptron.novikoff(radius=radius, margin=margin).value


def test_only_a_bound_on_the_mistakes_of_every_sample_enters_as_one_on_their_expectation() -> None:
    certificate = perceptron.random_iterate_mistakes(expected_mistakes=perceptron.novikoff(radius=1, margin=0.25), n=1000)
    assert certificate.value == perceptron.random_iterate(radius=1, margin=0.25, n=1000).value
    found = {entry.assumption.name: entry.assumption.statement for entry in certificate.assumptions}
    assert found.keys() == {
        "separable with a margin",
        "weights from zero",
        "mistakes over samples",
        "online losses",
        "one pass",
        "random iterate",
        "iid sample",
    }
    assert "almost surely for the population" in found["mistakes over samples"]
    with pytest.raises(DirectionError, match="number of mistakes"):
        perceptron.random_iterate_mistakes(expected_mistakes=certificate, n=1000)


def test_a_bound_on_the_mistakes_of_one_run_is_none_on_their_expectation() -> None:
    """x = 1 and y = 1 or -1 with even chances: the sample (1, 1) makes one mistake, while the random iterate errs 3 times in 4."""
    mistakes, risk = Fraction(0), Fraction(0)
    for sample in product((1, -1), repeat=2):
        w = 0
        for y in sample:
            mistakes += Fraction(y * w <= 0, 4)
            risk += Fraction(sum(z * w <= 0 for z in (1, -1)), 2) / 4 / 2
            w += y if y * w <= 0 else 0
    assert mistakes / 2 == risk == Fraction(3, 4)
    of_the_run = (
        perceptron.novikoff_run(weight_norm=1, margin=1),
        perceptron.hinge(radius_times_norm=1, hinge_loss=0),
        perceptron.freund_schapire1999(radius=1, margin=1, deviation=0),
    )
    for run in of_the_run:
        assert run.value / 2 < risk  # what it would certify
        with pytest.raises(DirectionError, match=r"one observed run: .* the one sequence that was run .* novikoff .* of the population"):
            perceptron.random_iterate_mistakes(expected_mistakes=run, n=2)


def test_the_random_iterate_has_the_risk_of_its_expected_mistakes() -> None:
    """One pass of two examples over {1, -1} x {1, -1}, uniform labels: every prediction is wrong, or a tie, half the time at least."""
    outcomes = list(product((1, -1), repeat=2))
    mistakes, risk = Fraction(0), Fraction(0)
    for sample in product(outcomes, repeat=2):
        w = 0
        for x, y in sample:
            mistakes += Fraction(y * w * x <= 0, 16)
            risk += Fraction(sum(b * w * a <= 0 for a, b in outcomes), 4) / 16 / 2
            w += y * x if y * w * x <= 0 else 0
    assert mistakes / 2 == risk
    assert float(risk) <= perceptron.random_iterate_mistakes(expected_mistakes=mistakes, n=2).value
