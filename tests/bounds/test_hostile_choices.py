"""Worlds in which a choice looks at the sample: the number fails there, and an assumption that is on the list excludes it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from genbounds.bounds import Bound, Capacity, pac_bayes, perceptron, stability
from genbounds.bounds import assumptions as a
from genbounds.bounds.assumptions import Assumption

N, POINTS = 400, 10**6
DELTA = Fraction(1, 20)


def excluded(formula: Bound | Capacity, assumption: Assumption) -> bool:
    return assumption in formula.assumes


# --- gradient descent from a start that knows the sample: N of very many basis vectors, and w_0 has an entry for each that was seen


def cold(loss: Callable[[float], float], entry: float) -> float:
    """The gap of w_0 = ``entry`` times the sum of the sample's vectors, for a loss of <w, z>, on a sample of N different points."""
    return (1 - N / POINTS) * (loss(0.0) - loss(entry))


SOFTPLUS = cold(lambda score: math.log1p(math.exp(score)), -1000.0)  # 1-Lipschitz, 1/4-smooth, convex
SIGMOID = cold(lambda score: 1 / (1 + math.exp(-score)), -700.0)  # in [0, 1], 1/4-Lipschitz, 1/10-smooth
# (1/2) ||w||^2 - <w, z> on the unit ball: 2-Lipschitz, 1-smooth, 1-strongly convex, with a range of 2; the first term drops out of the gap.
QUADRATIC = cold(lambda score: -score, N**-0.5)
MOVED = 1e-6  # one step of 1e-9 moves no loss by so much

STARTS: dict[str, tuple[dict[str, Any], float]] = {
    "hardt2016convex": ({"lipschitz": 1, "smoothness": 0.25, "step_sizes": (1e-9,), "n": N}, SOFTPLUS),
    "bassily2020nonsmooth": ({"lipschitz": 1, "step_size": 1e-9, "steps": 1, "n": N}, SOFTPLUS),
    "hardt2016nonconvex": ({"lipschitz": 0.25, "smoothness": 0.1, "step_scale": 1e-9, "steps": 1, "n": N}, SIGMOID),
    "hardt2016nonconvex_steps": ({"lipschitz": 0.25, "smoothness": 0.1, "step_sizes": (1e-9,), "n": N}, SIGMOID),
    "kuzborskij_lampert2018": (
        {"lipschitz": 0.25, "smoothness": 0.1, "curvature": 0.1, "step_scale": 1e-9, "expected_risk": 0.5, "steps": 1, "n": N},
        SIGMOID,
    ),
    # Any number of steps: none.
    "hardt2016strongly_convex": ({"lipschitz": 2, "smoothness": 1, "strong_convexity": 1, "step_size": 1e-9, "n": N}, QUADRATIC),
    "hardt2016decaying": ({"lipschitz": 2, "smoothness": 1, "strong_convexity": 1, "loss_range": 2, "n": N}, QUADRATIC),
}


@pytest.mark.parametrize("name", STARTS)
def test_a_start_that_knows_the_sample_breaks_a_bound_on_gradient_descent(name: str) -> None:
    formula, (inputs, gap) = getattr(stability, name), STARTS[name]
    assert formula(**inputs).value < gap - MOVED
    assert excluded(formula, a.START_FIXED_IN_ADVANCE)


def test_every_bound_on_gradient_descent_fixes_start_steps_loss_and_order() -> None:
    bounds = [formula for name in stability.__all__ if isinstance(formula := getattr(stability, name), Bound)]
    descents = [formula for formula in bounds if a.PLAIN_SGD in formula.assumes]
    assert {formula.name.split(".")[1] for formula in descents} == set(STARTS)
    for formula in descents:
        assert {a.START_FIXED_IN_ADVANCE, a.STEPS_FIXED_IN_ADVANCE, a.LIPSCHITZ_LOSS, a.OBLIVIOUS_ORDER} <= set(formula.assumes)
    assert "fixed before the sample was seen" in a.LIPSCHITZ_LOSS.statement


def test_a_run_stopped_where_its_own_sample_is_best_breaks_the_convex_bound() -> None:
    """f(w, z) = z w, z = 1 or -1: the steps are 0 but for a sample of ones alone, as a rule that looks at the sample may have it."""
    n, step = 3, 1.0
    gap = 2.0**-n * n * step * 1.0  # w = -n step there: the risk is 0, the empirical risk -n step
    fixed = stability.hardt2016convex(lipschitz=1, smoothness=1e-3, step_sizes=(step * 2.0**-n,) * n, n=n)  # the mean size of a step
    assert gap == pytest.approx(0.375)
    assert fixed.value == pytest.approx(2 * step * 2.0**-n)
    assert fixed.value < gap
    assert excluded(stability.hardt2016convex, a.STEPS_FIXED_IN_ADVANCE)


# --- regularised minimisers whose penalty pulls to the first example: f(w, z) = |w - z|, penalty (mu/2) (w - z_1)^2


def minimiser(points: tuple[float, ...], weights: float, mu: float) -> float:
    """The minimiser of weights * sum |w - z| + (mu/2) (w - z_1)^2: with a large mu within sum(weights)/mu of z_1, here by bisection."""
    low, high = points[0] - 1.0, points[0] + 1.0
    for _ in range(200):
        middle = (low + high) / 2
        slope = weights * sum(np.sign(middle - z) for z in points) + mu * (middle - points[0])
        low, high = (middle, high) if slope < 0 else (low, middle)
    return low


@pytest.mark.parametrize(
    ("name", "changed", "renormalised", "assumption"),
    [
        ("regularized_erm", (5.0, 0.0), True, a.OBJECTIVE_OF_AVERAGE),
        ("regularized_erm_approximate", (5.0, 0.0), True, a.OBJECTIVE_OF_AVERAGE),
        ("regularized_erm_remove", (0.0,), False, a.OBJECTIVE_OF_SUM),
        ("regularized_erm_remove_renormalized", (0.0,), True, a.OBJECTIVE_OF_AVERAGE),
    ],
)
def test_a_penalty_that_pulls_to_the_first_example_breaks_a_regularised_minimiser(
    name: str, changed: tuple[float, ...], renormalised: bool, assumption: Assumption
) -> None:
    mu, sample, test_point = 1e6, (-5.0, 0.0), -5.0
    first = minimiser(sample, 1 / 2, mu)
    second = minimiser(changed, 1 / len(changed) if renormalised else 1 / 2, mu)
    change = abs(abs(first - test_point) - abs(second - test_point))
    formula = getattr(stability, name)
    extra = {"objective_gap": 0} if "objective_gap" in formula.inputs else {}
    claimed = formula(lipschitz=1, strong_convexity=mu, n=2, **extra).value
    assert claimed < 1e-5 < 4.9 < change
    assert excluded(formula, assumption)


# --- an algorithm picked after the sample: constant algorithms, of stability 0, the one that errs everywhere but on this sample


@pytest.mark.parametrize(
    ("name", "risk"),
    [
        ("bousquet_elisseeff2002", "empirical_risk"),
        ("bousquet_elisseeff2002remove", "empirical_risk"),
        ("bousquet_elisseeff2002leave_one_out", "leave_one_out_risk"),
        ("bousquet_klochkov_zhivotovskiy2020", "empirical_risk"),
        ("feldman_vondrak2018", "empirical_risk"),
        ("expected_gap", ""),
    ],
)
def test_a_constant_algorithm_picked_after_the_sample_breaks_a_stability_bound(name: str, risk: str) -> None:
    formula = getattr(stability, name)
    seen = {risk: 0, "n": 10**5, "delta": DELTA} if risk else {}
    true_risk = 1.0
    assert formula(**seen, stability=0).value < true_risk
    assert excluded(formula, a.ALGORITHM_FIXED_IN_ADVANCE)


# --- perceptrons


def perceptron_run(examples: list[tuple[np.ndarray, int]], start: np.ndarray) -> tuple[int, list[np.ndarray]]:
    """The mistakes of one pass, and the weights before each example."""
    weights, mistakes, iterates = start.astype(float), 0, []
    for x, y in examples:
        iterates.append(weights.copy())
        if y * float(weights @ x) <= 0:
            weights, mistakes = weights + y * x, mistakes + 1
    return mistakes, iterates


@pytest.mark.parametrize(
    ("name", "inputs"),
    [
        ("novikoff", {"radius": 1, "margin": 1}),
        ("freund_schapire1999", {"radius": 1, "margin": 1, "deviation": 0}),
        ("hinge", {"radius_times_norm": 1, "hinge_loss": 0}),
    ],
)
def test_a_start_far_on_the_wrong_side_breaks_a_mistake_bound(name: str, inputs: dict[str, Any]) -> None:
    mistakes, _ = perceptron_run([(np.array([1.0]), 1)] * 20, np.array([-10.0]))
    formula = getattr(perceptron, name)
    assert mistakes == 11
    assert formula(**inputs).value == 1
    assert excluded(formula, a.FIRST_WEIGHTS_ZERO)


def test_a_start_far_on_the_wrong_side_breaks_the_bounds_on_a_random_iterate() -> None:
    _, iterates = perceptron_run([(np.array([1.0]), 1)] * 11, np.array([-10.0]))
    risk = np.mean([w[0] <= 0 for w in iterates])
    assert perceptron.random_iterate(radius=1, margin=1, n=11).value < risk
    assert excluded(perceptron.random_iterate, a.FIRST_WEIGHTS_ZERO)


def test_an_iterate_picked_for_its_errors_breaks_the_bounds_on_a_random_iterate() -> None:
    _, iterates = perceptron_run([(np.array([1.0]), 1)] * 11, np.zeros(1))
    worst = max(float(w[0] <= 0) for w in iterates)
    assert perceptron.random_iterate(radius=1, margin=1, n=11).value < worst
    assert perceptron.random_iterate_mistakes(expected_mistakes=1, n=11).value < worst
    assert excluded(perceptron.random_iterate, a.RANDOM_ITERATE)
    assert excluded(perceptron.random_iterate_mistakes, a.RANDOM_ITERATE)


def test_weights_that_have_seen_the_sample_break_the_conversion_of_mistakes() -> None:
    """Labels 1 and the vectors (1, e_j): w = (-1, 2 on the sample) makes no mistake there and errs everywhere else."""
    sample = [(np.concatenate([[1.0], np.eye(40)[j]]), 1) for j in range(20)]
    knowing = np.concatenate([[-1.0], 2.0 * (np.arange(40) < 20)])
    mistakes, iterates = perceptron_run(sample, knowing)
    beyond = [float(iterates[0] @ np.concatenate([[1.0], np.eye(40)[j]]) <= 0) for j in range(20, 40)]
    assert mistakes == 0
    assert np.mean(beyond) == 1
    assert perceptron.random_iterate_mistakes(expected_mistakes=mistakes, n=20).value < np.mean(beyond) / 2
    assert excluded(perceptron.random_iterate_mistakes, a.ONLINE_LOSSES)
    # It is cycled to convergence at once, too; the population's margin is 1 with radius sqrt 2.
    assert perceptron.leave_one_out(radius=2**0.5, margin=1, n=20).value < np.mean(beyond) / 2
    assert excluded(perceptron.leave_one_out, a.FIRST_WEIGHTS_ZERO)


FEATURES = {"radius": 1, "margin": 0.7}  # u = (1, 1)/sqrt 2


@pytest.mark.parametrize("name", ["random_iterate", "leave_one_out", "vapnik1998margin"])
def test_features_that_know_the_sample_break_an_expected_risk(name: str) -> None:
    """Labels 1; the features are e_1 on the sample and e_2 elsewhere: separable, and what is learnt on e_1 says nothing of e_2."""
    seen, unseen = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    _, iterates = perceptron_run([(seen, 1)] * 100, np.zeros(2))
    risks = [float(w @ unseen <= 0) for w in iterates]  # the hard-margin machine is e_1 too
    assert min(risks) == 1
    assert getattr(perceptron, name)(**FEATURES, n=100).value < 0.03
    assert excluded(getattr(perceptron, name), a.FEATURES_FIXED_IN_ADVANCE)


def test_a_kernel_that_knows_the_sample_breaks_the_interpolant() -> None:
    """k = 1 between points of the sample and 0 between these and the rest: the least norm is 1, and the prediction elsewhere 0 for 1."""
    squared_error = (1.0 - 0.0) ** 2
    assert stability.minimum_norm_interpolation(radius=1, expected_squared_norm=1, n=100).value < squared_error
    assert excluded(stability.minimum_norm_interpolation, a.KERNEL_FIXED_IN_ADVANCE)


def test_a_machine_whose_kernel_knows_the_sample_breaks_the_count_of_support_vectors() -> None:
    """With those features one support vector carries the sample, and every other point is wrong."""
    assert perceptron.vapnik1998support_vectors(expected_support_vectors=1, n=100).value < 1
    assert excluded(perceptron.vapnik1998support_vectors, a.KERNEL_OF_MACHINE)


# --- randomised predictors


def test_votes_counted_on_the_sample_break_a_vote() -> None:
    """One voter, right on the sample and wrong elsewhere."""
    assert pac_bayes.majority_vote_factor_two(gibbs_risk=0).value < 1
    assert pac_bayes.c_bound(gibbs_risk=0, disagreement=0).value < 1
    for formula in (pac_bayes.majority_vote_factor_two, pac_bayes.c_bound):
        assert excluded(formula, a.VOTES_OF_POPULATION)


def test_a_loss_that_knows_the_sample_breaks_pac_bayes_and_is_excluded_everywhere() -> None:
    """The loss 1[z not in S]: empirical risk 0, risk 1, for a prior that is the posterior."""
    assert pac_bayes.seeger2002(empirical_risk=0, kl=0, n=1000, delta=DELTA).value < 1
    losses = {a.LOSS_IN_UNIT_INTERVAL, a.ZERO_ONE_LOSS, a.BOUNDED_LOSS, a.LIPSCHITZ_LOSS, a.LOSS_SPLIT_AT_LEVELS, a.LOSS_AT_MOST_HIGHEST}
    for loss in losses:
        assert re.search("(was|were) fixed before the sample was seen", loss.statement)
    said = losses | {a.ALGORITHM_FIXED_IN_ADVANCE, a.BINARY_VOTES, a.PLURALITY_VOTES}
    for room in (pac_bayes, stability):
        for name in room.__all__:
            formula = getattr(room, name)
            if isinstance(formula, Bound) and formula.name != "stability.minimum_norm_interpolation":  # the squared error
                assert said & set(formula.assumes), name


@pytest.mark.parametrize("blocks", [False, True])
def test_a_prior_centred_on_what_the_sample_taught_breaks_a_grid_of_scales(blocks: bool) -> None:
    """A table of 2000 inputs with labels 1; the weights are 1 on the 100 that were seen and -1 elsewhere, and so is the prior's centre."""
    size, n, std = 2000, 100, 0.1
    mean = np.where(np.arange(size) < n, 1.0, -1.0)
    if blocks:
        kl = pac_bayes.gaussian_kl_blocks_grid(distances=[0], sizes=[size], std_q=[std])
    else:
        kl = pac_bayes.gaussian_kl_grid(mean_q=mean, std_q=np.full(size, std), mean_p=mean)
    wrong = 0.5 * math.erfc(1 / std / math.sqrt(2))  # the chance that a weight of mean 1 is below 0
    risk = (n * wrong + (size - n) * (1 - wrong)) / size
    certificate = pac_bayes.seeger2002(empirical_risk=Fraction(wrong), kl=kl, n=n, delta=DELTA)
    assert certificate.value < 0.3 < 0.9 < risk
    assert a.PRIOR_CENTRE_INDEPENDENT_OF_SAMPLE in {entry.assumption for entry in certificate.assumptions}
