"""Scenarios on real pools: draws are what their keys say, numbers are those of a computation by hand, and planted faults are refuted.

Each refutation of a true bound here would have a probability of at most 1e-3/(number of settings), by the e-process of ``coverage``.
"""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from scipy.special import ndtr
from tests.verification.scenarios.pools.planted import scaled, tells

from genbounds.bounds.bounds_on import EXPECTED_GAP, EXPECTED_RISK, GIBBS_RISK, MAJORITY_VOTE_RISK, MEAN_RISK_OF_ITERATES, MISTAKES, RISK
from genbounds.bounds.lookup import catalogue, get
from genbounds.bounds.theorem import Bound
from genbounds.verification.checks.check import check
from genbounds.verification.checks.matching import match
from genbounds.verification.checks.rungs.repeated_draws import RepeatedDraws
from genbounds.verification.learners.voters import wrong_classifiers
from genbounds.verification.populations import population
from genbounds.verification.scenarios import SCENARIOS, scenario
from genbounds.verification.scenarios.pools.kernel_regression import gaussian_kernel, targets

POOLS = tuple(name for name, (module, _) in SCENARIOS.items() if module.startswith("pools."))
SERVES = {
    "network on held-out draws": ("hoeffding", "chernoff_kl", "clopper_pearson", "bernstein", "bennett", "empirical_bernstein"),
    "best of a sweep": ("finite_class", "maurer2009finite_class", "occam_kl", "occam_binomial", "compression", "kawaguchi2017validation"),
    "posterior on random classifiers": ("seeger2002", "catoni", "thiemann", "masegosa2020tandem", "germain2015pac_bound_2"),
    "votes on the population": ("c_bound", "majority_vote_factor_two"),
    "Gaussian posterior": ("seeger2002", "mcallester", "quadratic"),
    "Gaussian posterior with a learnt prior": ("data_dependent_prior",),
    "one draw from a Gaussian posterior": ("disintegrated",),
    "perceptron on digits": ("novikoff", "novikoff_run", "freund_schapire1999", "hinge", "random_iterate", "online_to_batch"),
    "perceptron on digits to convergence": ("leave_one_out", "novikoff_run", "campi2023compression", "sample_compression"),
    "pick-to-learn on digits": ("campi2023compression",),
    "perceptron on breast cancer": ("freund_schapire1999", "hinge", "cesabianchi2008improved", "progressive_validation_grid"),
    "regularised logistic regression": (
        "bousquet_elisseeff2002",
        "feldman_vondrak2018",
        "bousquet_klochkov_zhivotovskiy2020",
        "expected_gap",
    ),
    "logistic gradient descent": ("hardt2016convex", "bassily2020nonsmooth"),
    "sigmoid gradient descent": ("hardt2016nonconvex", "hardt2016nonconvex_steps"),
    "kernel regression": ("minimum_norm_interpolation",),
    "trained network": (
        "norm_product",
        "spectral",
        "bartlett2017spectral",
        "neyshabur2018pacbayes_grid",
        "neyshabur2018pacbayes",
        "spectral_graph",
    ),
    "trained network of a fixed class": ("norm_product_fixed_class", "mohri2018binary", "growth_function", "spectral_fixed_class"),
    "Gaussian posterior, prior scale on a grid": ("seeger2002", "mcallester", "catoni_grid"),
    "one pass of sigmoid descent": ("kuzborskij_lampert2018", "hardt2016nonconvex", "hardt2016nonconvex_steps"),
    "best linear function of a ball": ("uniform_deviation", "kernel_predictor"),
    "best linear function of a ball, mean complexity": ("expected_deviation",),
    "signs of a linear function of a ball": ("mohri2018uniform",),
    "class means": ("mohri2018multiclass",),
    "hard margin on the separable pool": ("vapnik1998margin", "vapnik1998support_vectors"),
    "quantised classifier": ("compression", "occam_kl", "finite_class"),
    "adaptive analyst on noise labels": ("adaptive_reuse", "adaptive_reuse_rounded"),
    "best parity on the cube": ("finite_class", "occam_binomial", "sauer", "compression"),
    "sum of signed examples": ("growth_function", "norm_product", "spectral_graph"),
    "parity without an error": ("realizable_finite_class", "realizable", "realizable_growth"),
    "half-space without an error": ("realizable", "realizable_growth"),
    "leaderboard on noise labels": ("ladder",),
    "draws from a Gaussian posterior": ("monte_carlo_errors", "monte_carlo_risk"),
    "linear classifier at one margin": (
        "bartlett1998fat_shattering",
        "neyshabur2018perturbed",
        "mohri2018binary",
        "norm_product_fixed_class",
        "spectral_fixed_class",
        "bartlett2017spectral",
    ),
    "regularised logistic regression, each example left out": (
        "regularized_erm",
        "regularized_erm_remove_renormalized",
        "bousquet_elisseeff2002remove",
        "bousquet_elisseeff2002leave_one_out",
    ),
    "regularised logistic regression of the sum, each example left out": (
        "regularized_erm_remove",
        "bousquet_elisseeff2002remove",
        "bousquet_elisseeff2002leave_one_out",
    ),
    "regularised logistic regression stopped early": ("regularized_erm_approximate", "regularized_erm_remove_renormalized"),
    "regularised gradient descent": ("hardt2016strongly_convex",),
    "regularised gradient descent with decaying steps": ("hardt2016decaying",),
    "losses in order on held-out draws": ("betting", "empirical_bernstein_sequence"),
    "network and surrogate": ("disagreement",),
    "private choice of a classifier": ("differential_privacy", "differential_privacy_gap", "approximate_privacy_gap"),
    "excess over an earlier posterior": ("wu2024recursive",),
    "ReLU network on the unit interval": ("growth_function", "relative_deviation_growth"),
}


def test_every_pool_is_tried() -> None:
    assert set(POOLS) == set(SERVES)


def test_every_form_of_every_bound_is_judged_on_a_pool() -> None:
    pools = [scenario(name) for name in POOLS]
    forms = [(one, form) for one in catalogue() if isinstance(one, Bound) for form in one.forms]
    assert [(one.name, form) for one, form in forms if not any(match(one, pool, form).judged for pool in pools)] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", POOLS)
def test_worlds_supply_what_is_declared_and_a_draw_depends_on_its_key_alone(name: str) -> None:
    found = scenario(name)
    both, second = list(found.draws(range(33))), list(found.draws(range(32, 33)))
    for world, alone in zip(both, second, strict=True):
        assert world.names() == found.inputs
        assert set(world.truths) == found.truths
        for entry in world.inputs:
            assert np.allclose(world.floats(entry)[-1], alone.floats(entry)[0], rtol=1e-6, atol=1e-9), entry
        for what in world.truths:
            assert world.truth(what)[-1] == pytest.approx(alone.truth(what)[0], rel=1e-6, abs=1e-9)
            if what in (RISK, GIBBS_RISK, MAJORITY_VOTE_RISK, EXPECTED_GAP):
                low, high = world.truth_range
                assert ((low <= world.truth(what)) & (world.truth(what) <= high)).all()


@pytest.mark.parametrize(("name", "bound"), [(name, bound) for name, bounds in SERVES.items() for bound in bounds])
def test_the_bounds_are_judged_there(name: str, bound: str) -> None:
    one = get(bound)
    assert isinstance(one, Bound)
    found = match(one, scenario(name))
    assert found.judged, found.why_not()


def test_the_best_of_a_sweep_by_hand() -> None:
    pool, world = population("breast_cancer"), list(scenario("best of a sweep").draws(range(5)))[1]
    wrong = wrong_classifiers(pool, 1000)
    for key in range(5):
        drawn = pool.sample(("sweep", key), 20, purpose="validation").tolist()
        errors = [sum(bool(row[point]) for point in drawn) for row in wrong]
        best = errors.index(min(errors))
        assert world.inputs["errors"][key] == errors[best]
        assert world.truth(RISK)[key] == pytest.approx(sum(map(bool, wrong[best])) / pool.size, abs=1e-15)


def test_votes_by_hand() -> None:
    """All pairs of voters are gone through."""
    pool, world = population("breast_cancer"), list(scenario("posterior on random classifiers").draws(range(2)))[1]
    wrong = wrong_classifiers(pool)
    drawn = pool.sample(("voters", 1), 8)
    errors = wrong[:, drawn].mean(axis=1)
    weights = np.exp(-100.0 * errors) / np.exp(-100.0 * errors).sum()
    tandem = disagreement = 0.0
    for (p, one), (q, two) in itertools.product(zip(weights, wrong[:, drawn], strict=True), repeat=2):
        tandem += p * q * float((one & two).mean())
        disagreement += p * q * float((one != two).mean())
    assert world.inputs["tandem_risk"][1] == pytest.approx(tandem, rel=1e-9)
    assert world.inputs["disagreement"][1] == pytest.approx(disagreement, rel=1e-9)
    variances = [8 / 7 * float(row.mean() * (1 - row.mean())) for row in wrong[:, drawn]]
    assert world.inputs["variance"][1] == pytest.approx(float(weights @ variances), rel=1e-9)
    vote = [float(weights @ wrong[:, point]) > 0.5 for point in range(pool.size)]
    assert world.truth(MAJORITY_VOTE_RISK)[1] == pytest.approx(np.mean(vote), abs=1e-15)


def test_the_risk_of_a_gaussian_posterior_is_that_of_its_draws() -> None:
    """200 000 normal projections at one point: within five standard errors, false alarm 6e-7."""
    pool, world = population("breast_cancer_1_vs_rest"), next(iter(scenario("Gaussian posterior").draws(range(2))))
    mean = world.floats("mean_q")[1]
    generator = np.random.default_rng(5)
    picked = generator.integers(pool.size, size=200_000)
    unit = (pool.inputs / np.linalg.norm(pool.inputs, axis=1, keepdims=True))[picked]
    wrong = ((unit @ mean + generator.standard_normal(len(picked))) * pool.labels[picked] <= 0).mean()
    truth = float(world.truth(GIBBS_RISK)[1])
    assert abs(wrong - truth) <= 5 * math.sqrt(truth * (1 - truth) / len(picked))
    assert float(ndtr(0.0)) == 0.5
    assert get("gaussian_kl").value(mean_q=mean, std_q=np.ones(30), mean_p=np.zeros(30), std_p=np.ones(30)) == pytest.approx(2.0)


@pytest.mark.parametrize(("name", "pool_name", "n"), [("perceptron on digits", "digits_0_vs_rest", 30)])
def test_a_perceptron_by_hand(name: str, pool_name: str, n: int) -> None:
    pool, world = population(pool_name), next(iter(scenario(name).draws(range(3))))
    weights, mistakes, risk = np.zeros(pool.features), 0, 0.0
    for row in pool.sample(("perceptron", 2), n):
        risk += float((pool.inputs @ weights * pool.labels <= 0).mean()) / n
        if pool.inputs[row] @ weights * pool.labels[row] <= 0:
            weights, mistakes = weights + pool.labels[row] * pool.inputs[row], mistakes + 1
    assert world.truth(MISTAKES)[2] == mistakes
    assert world.truth(MEAN_RISK_OF_ITERATES)[2] == pytest.approx(risk, abs=1e-12)
    assert world.floats("weight_norm")[2] == pytest.approx(np.linalg.norm(weights), rel=1e-8)


def test_hinge_and_deviation_of_a_noisy_run_by_hand() -> None:
    pool, world = population("breast_cancer_1_vs_rest"), next(iter(scenario("perceptron on breast cancer").draws(range(2))))
    u = (pool.inputs * pool.labels[:, None]).mean(axis=0)
    u = u / np.linalg.norm(u)
    weights, hinge, squares = np.zeros(pool.features), 0.0, 0.0
    for row in pool.sample(("perceptron", 1), 20):
        along = float(pool.labels[row] * (pool.inputs[row] @ u))
        squares += max(0.0, 1 - along) ** 2
        if pool.labels[row] * (pool.inputs[row] @ weights) <= 0:
            hinge += max(0.0, 1 - along)
            weights = weights + pool.labels[row] * pool.inputs[row]
    assert world.floats("hinge_loss")[1] == pytest.approx(hinge, rel=1e-7)
    assert world.floats("deviation")[1] == pytest.approx(math.sqrt(squares), rel=1e-7)


def test_interpolants_fit_and_have_no_larger_norm_than_the_targets() -> None:
    pool = population("breast_cancer")
    kernel = gaussian_kernel(pool.inputs, pool.inputs)
    values, squared = targets(kernel)
    world = next(iter(scenario("kernel regression").draws(range(2))))
    risks = [float((values**2).mean())]
    for k in (1, 2):
        sample = pool.sample(("kernel regression", 1), 3)[:k]
        weights = np.linalg.lstsq(kernel[np.ix_(sample, sample)], values[sample], rcond=None)[0]
        predicted = kernel[:, sample] @ weights
        assert predicted[sample] == pytest.approx(values[sample], abs=1e-8)
        assert float(weights @ kernel[np.ix_(sample, sample)] @ weights) <= squared
        assert float(((predicted - values) ** 2).max()) <= world.truth_range[1]
        risks.append(float(((predicted - values) ** 2).mean()))
    assert world.truth(EXPECTED_RISK)[1] == pytest.approx(min(risks), rel=1e-6)
    assert kernel[0, 1] == pytest.approx(math.exp(-float(((pool.inputs[0] - pool.inputs[1]) ** 2).sum()) / 32), rel=1e-9)


@pytest.mark.slow
def test_norms_of_the_ball_are_above_those_that_are_measured() -> None:
    for own, fixed in zip(
        scenario("trained network").draws(range(32)), scenario("trained network of a fixed class").draws(range(32)), strict=True
    ):
        for name in ("norm_product", "spectral_norms", "distances_2_1", "frobenius_distances"):
            assert (own.floats(name) <= fixed.floats(name)).all(), name


def test_a_product_that_looks_at_the_sample_is_none_that_is_fixed() -> None:
    one = get("norm_product_fixed_class")
    assert isinstance(one, Bound)
    assert match(one, scenario("trained network")).missing == ("norm_product fixed in advance",)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "bound"),
    [
        ("network on held-out draws", "hoeffding"),
        ("best of a sweep", "finite_class"),
        ("perceptron on breast cancer", "online_to_batch"),
    ],
)
def test_a_tenth_of_the_deviation_is_refuted_and_all_of_it_is_not(name: str, bound: str) -> None:
    one = get(bound)
    assert isinstance(one, Bound)
    found = match(one, scenario(name))
    true = RepeatedDraws().look(found, "thumbnail", 1e-3)
    assert true is not None
    assert (true.resolution or 0) > 0.1
    assert tells(name, one, scaled(one, 0.1))


@pytest.mark.slow
def test_a_check_finds_them_by_itself() -> None:
    result = check("seeger2002", scenarios="posterior on random classifiers", rungs="repeated draws")
    assert not result.refuted
    assert result.resolution > 0.3
    assert Fraction(result.judged[0].findings[0].looked_at) == 400
