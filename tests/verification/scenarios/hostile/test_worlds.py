"""Hostile worlds against independent brute force: laws, gaps, and the functions whose existence they rest on."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

from genbounds.bounds.bounds_on import EXPECTED_GAP, EXPECTED_RISK, MAJORITY_VOTE_RISK, MISTAKES, REMOVE_ONE_STABILITY, STABILITY
from genbounds.verification.scenarios import scenario
from genbounds.verification.scenarios.hostile import descent, losses_of_scores, minimisers
from genbounds.verification.scenarios.hostile.decaying import IterateByLuck, LongLastSteps, NoCurvature
from genbounds.verification.scenarios.hostile.order import MajorityFirst
from genbounds.verification.scenarios.hostile.steps import StepsByLuck, StepsByLuckOnQuadratics, StepsByLuckOnSigmoids
from genbounds.verification.scenarios.hostile.stopping import stopped
from genbounds.verification.scenarios.hostile.votes import ForgivenClasses, ManyClasses
from genbounds.verification.scenarios.perceptron_run import basis


@pytest.mark.parametrize(("least", "first"), [(Fraction(9, 25), 1), (Fraction(1, 25), 1), (Fraction(1, 25), 2)])
def test_where_coins_stop_is_the_law_of_all_sequences(least: Fraction, first: int) -> None:
    last, found = 8, {}
    for coins in itertools.product((0, 1), repeat=last):
        for t in range(1, last + 1):
            lead = Fraction(t, 2) - sum(coins[:t])
            if t == last or (t >= first and lead > 0 and lead**2 >= least * t):
                key = t, sum(coins[:t])
                found[key] = found.get(key, Fraction(0)) + Fraction(1, 2**last)
                break
    assert stopped(least, last, first) == found


def sgd(signs: tuple[int, ...], order: list[int], steps: list[float], slope: Callable[[float], float]) -> float:
    """One weight from 0, the loss of z w."""
    w = 0.0
    for index, step in zip(order, steps, strict=False):
        w -= step * slope(signs[index] * w) * signs[index]
    return w


@pytest.mark.parametrize("n", [3, 9])
def test_the_gap_of_an_order_that_knows_the_signs(n: int) -> None:
    world = next(w for w in MajorityFirst().worlds("thumbnail") if w.common["n"] == 9)
    linear = sigmoid = 0.0
    for signs in itertools.product((-1, 1), repeat=n):
        most = 1 if sum(signs) > 0 else -1
        order = sorted(range(n), key=lambda i: signs[i] != most)
        w = sgd(signs, order, [1.0], lambda score: 1.0)
        linear += (0.0 - np.mean([z * w for z in signs])) / 2**n
        w = sgd(signs, order, [10.0], lambda score: losses_of_scores.sigmoid(score) * losses_of_scores.sigmoid(-score))
        risk = (losses_of_scores.sigmoid(w) + losses_of_scores.sigmoid(-w)) / 2
        sigmoid += (risk - np.mean([losses_of_scores.sigmoid(z * w) for z in signs])) / 2**n
    assert linear == pytest.approx(descent.mean_imbalance(n))
    if n == 9:
        assert linear == pytest.approx(float(world.weights() @ world.truth(EXPECTED_GAP)))
    assert descent.ORDER_SIGMOID.found.gap(n) == pytest.approx(sigmoid)
    assert descent.ORDER_SIGMOID.found.gap(n) <= sigmoid


def test_the_gap_of_steps_that_know_the_signs() -> None:
    world = next(iter(StepsByLuck().worlds("thumbnail")))
    n, gap = world.common["n"], 0.0
    for signs in itertools.product((-1, 1), repeat=n):
        size = 1.0 if abs(sum(signs)) == n else 1e-12
        w = sgd(signs, list(range(n)), [size] * n, lambda score: 1.0)
        gap += (0.0 - np.mean([z * w for z in signs])) / 2**n
    assert float(world.weights() @ world.truth(EXPECTED_GAP)) == pytest.approx(gap)


def test_a_start_that_knows_basis_vectors_by_the_run_itself() -> None:
    """40 basis vectors, 5 of them seen; w_0 = -1000 on these; the step of 1e-9 is really made."""
    points, n, rng = 40, 5, np.random.default_rng(0)
    seen = rng.choice(points, n, replace=False)
    w = np.zeros(points)
    w[seen] = -1000.0
    w[seen[0]] -= losses_of_scores.STEP * losses_of_scores.LOGISTIC.slope(w[seen[0]])
    losses = np.array([losses_of_scores.LOGISTIC.value(entry) for entry in w])
    gap = losses.mean() - losses[seen].mean()
    assert gap == pytest.approx((1 - n / points) * (losses_of_scores.LOGISTIC.value(0.0) - losses_of_scores.LOGISTIC.value(-1000.0)))


@pytest.mark.slow
def test_the_stabilities_of_a_penalty_that_pulls_to_the_first() -> None:
    """By a grid of weights instead of bisection: |w - z| averaged, and 10^6 (w - z_1)^2/2."""
    grid = np.linspace(-6, 6, 120_001)

    def output(points: tuple[float, ...]) -> float:
        loss = np.mean([np.abs(grid - z) for z in points], axis=0) + 1e6 / 2 * (grid - points[0]) ** 2
        return float(grid[np.argmin(loss)])

    pool = (-5.0, 0.0, 5.0)
    change = [
        max(abs(abs(output((x, y)) - z) - abs(output(other) - z)) for z in pool)
        for x, y in itertools.product(pool, repeat=2)
        for other in [(v, y) for v in pool] + [(x, v) for v in pool]
    ]
    removed = [
        max(abs(abs(output((x, y)) - z) - abs(output(kept) - z)) for z in pool)
        for x, y in itertools.product(pool, repeat=2)
        for kept in ((x,), (y,))
    ]
    (world,) = minimisers.PullToTheFirst().worlds("thumbnail")
    assert float(world.truths[STABILITY][0]) == pytest.approx(max(change), abs=1e-3)
    assert float(world.truths[REMOVE_ONE_STABILITY][0]) == pytest.approx(max(removed), abs=1e-3)


def test_sorted_examples_by_a_second_perceptron() -> None:
    sorted_run = scenario("hostile: the order of the examples")
    world = next(w for w in sorted_run.listed("thumbnail") if w.label.startswith("2 basis vectors, n = 4"))
    points = [np.array(z) for z in basis(2).points]
    for index, sample in enumerate(itertools.product(range(2), repeat=4)):
        order = sorted(sample, key=lambda i: (-sample.count(i), basis(2).points[i]))
        w, mistakes, risks = np.zeros(2), 0, []
        for i in order:
            risks.append(np.mean([w @ z <= 0 for z in points]))
            if w @ points[i] <= 0:
                w, mistakes = w + points[i], mistakes + 1
        assert world.truths[MISTAKES][index] == mistakes
        assert float(world.truths[EXPECTED_RISK][index]) == pytest.approx(np.mean(risks))


@pytest.mark.slow
@pytest.mark.parametrize("offset", [0.0, 50.0])
def test_the_activation_that_knows_a_sample_is_lipschitz_and_homogeneous(offset: float) -> None:
    """On the cone of points of a sphere at distances of at least e (and shifted by an orthogonal b), where it is c e/2 or -c e/2 at c x."""
    rng = np.random.default_rng(1)
    points = rng.normal(size=(60, 4))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    distances = np.linalg.norm(points[:, None] - points[None], axis=2)
    e = distances[distances > 0].min()
    shifted = np.hstack([points, np.full((60, 1), offset)])
    scales = np.exp(rng.uniform(-3, 3, size=(60, 40)))
    values = np.where(rng.random(60) < 0.5, 1, -1)[:, None] * scales * e / 2
    cone = (shifted[:, None] * scales[:, :, None]).reshape(-1, 5)
    flat = values.reshape(-1)
    apart = np.linalg.norm(cone[:, None] - cone[None], axis=2)
    assert np.all(np.abs(flat[:, None] - flat[None]) <= apart * (1 + 1e-9) + 1e-12)


def test_the_packing_of_a_sphere_is_large_enough() -> None:
    """A cap of chord radius e in 12 dimensions has less than e^11 of the area: integrated numerically, in the hostile world's size."""
    angles = np.linspace(0, math.pi, 2_000_001)
    density = np.sin(angles) ** 10
    e = 0.01
    cap = 2 * math.asin(e / 2)
    share = np.trapezoid(np.sin(np.linspace(0, cap, 200_001)) ** 10, dx=cap / 200_000) / np.trapezoid(density, dx=math.pi / 2_000_000)
    assert share <= e**11
    assert 1 / share >= 10**22


def test_the_number_of_a_set_fits_the_width() -> None:
    for world in scenario("hostile: the width").listed("thumbnail"):
        n, (points, hidden, _) = world.common["n"], world.common["widths"]
        assert hidden - points >= sum(math.comb(points, k) for k in range(n + 1))
        assert float(hidden) < math.inf


@pytest.mark.parametrize("points", [(-5.0, 0.0), (5.0, 5.0), (0.0, 5.0), (5.0,)])
def test_the_concave_loss_is_really_minimised_with_its_penalty(points: tuple[float, ...]) -> None:
    grid = np.linspace(-6, 6, 120_001)
    objective = np.mean([-((grid - z) ** 2) / 2 for z in points], axis=0) + 3 * grid**2 / 2
    assert minimisers.ConcaveLoss().output(points) == pytest.approx(grid[np.argmin(objective)], abs=1e-3)
    assert np.all(np.diff(objective, 2) > 0)  # convex, although the loss is concave


def test_one_step_on_a_steep_sigmoid_is_the_stated_gap() -> None:
    points, n, step = 50, 10, 1e-5
    w = np.zeros(points)
    w[0] -= step * 1000 * losses_of_scores.SIGMOID.slope(0.0)
    losses = np.array([losses_of_scores.sigmoid(1000 * entry) for entry in w])
    gap = losses.mean() - losses[:n].mean()
    assert gap == pytest.approx((1 - n / points) * descent.sigmoid_drop(-2.5) / n)
    assert descent.STEEP_SIGMOID.found.gap(n) == pytest.approx(descent.sigmoid_drop(-2.5) / n, rel=1e-6)


def test_the_mean_gap_of_a_step_that_is_taken_by_luck() -> None:
    """One step on the first of three signs, of the large size where all agree, by enumeration: at least what the worlds say."""
    quadratic = lambda w, z: w * w / 2 - z * w  # noqa: E731
    for kind, large, slope, loss in (
        (StepsByLuckOnSigmoids, 10.0, 0.25, lambda w, z: losses_of_scores.sigmoid(z * w)),
        (StepsByLuckOnQuadratics, 1.0, -1.0, quadratic),
    ):
        world = next(iter(kind().worlds("thumbnail")))
        mean = 0.0
        for signs in itertools.product((-1, 1), repeat=3):
            step = large if len(set(signs)) == 1 else 1e-12
            w = -step * slope * signs[0]
            mean += ((loss(w, 1) + loss(w, -1)) / 2 - sum(loss(w, z) for z in signs) / 3) / 8
        said = sum(float(p) * float(gap) for p, gap in zip(world.probabilities, world.truths[EXPECTED_GAP], strict=True))
        assert said == pytest.approx(mean, abs=2e-12)
        assert said <= mean + 1e-15


@pytest.mark.parametrize("points", [(-5.0, 5.0), (5.0, 5.0), (0.0, -5.0), (5.0,)])
def test_the_concave_losses_have_the_minimiser_of_their_sum(points: tuple[float, ...]) -> None:
    grid = np.linspace(-10, 10, 20001)
    objective = 2 * grid**2 - sum((grid - z) ** 2 / 2 for z in points)
    assert minimisers.ConcaveLossOfTheSum().output(points) == pytest.approx(grid[np.argmin(objective)], abs=1e-3)


@pytest.mark.parametrize("points", [(-5.0, 5.0), (0.0, 5.0), (5.0,)])
def test_the_steep_losses_have_the_minimiser_of_their_sum(points: tuple[float, ...]) -> None:
    grid = np.linspace(-10, 10, 20001)
    objective = grid**2 / 2 + sum(1e6 * np.abs(grid - z) for z in points)
    output = minimisers.SteepLossOfTheSum().output(points)
    assert output**2 / 2 + sum(1e6 * abs(output - z) for z in points) <= objective.min() + 1e-3


@pytest.mark.parametrize("root", [3, 4])
def test_two_long_steps_carry_what_was_seen_to_the_faces_of_the_box(root: int) -> None:
    n = root**4
    most, least = n**-0.5, root / (n - 2)
    weights = np.zeros(n + 1)  # a direction that is not met comes last
    for t in range(1, n + 1):
        step = 1 / t if t <= n - 2 else 1 + root
        met = np.zeros(n + 1)
        met[t - 1] = 1
        weights = np.clip(weights - step * (weights - met), -least, most)
        assert np.linalg.norm(weights) <= 1, "the box's point lies in the ball, so it is the nearest point of both"
    assert weights[:n].tolist() == pytest.approx(LongLastSteps.seen(root), rel=1e-9)
    assert weights[n] == 0


def test_the_gap_of_decaying_steps_without_curvature_by_the_run_itself() -> None:
    n = 1000
    (world,) = [w for w in NoCurvature().worlds("thumbnail") if w.common["n"] == n]
    weights = np.zeros(n)
    for t in range(1, n + 1):
        weights[t - 1] += 1 / t
    assert np.linalg.norm(weights) < 1.3
    assert world.truths[EXPECTED_GAP][0] == pytest.approx(weights.mean(), rel=1e-4)
    assert world.truths[EXPECTED_GAP][0] <= weights.mean()


def test_the_gap_of_a_first_step_that_is_taken_by_luck() -> None:
    (world,) = [w for w in IterateByLuck().worlds("thumbnail") if w.common["n"] == 101]
    rng = np.random.default_rng(3)
    signs = rng.choice([-1.0, 1.0], size=(20_000, 101))
    means = signs.mean(axis=1)
    w = np.where(signs[:, 0] * means > 0, signs[:, 0], 0.0)
    gaps = w**2 / 2 - np.mean(w[:, None] ** 2 / 2 - signs * w[:, None], axis=1)
    assert world.weights() @ world.truth(EXPECTED_GAP) == pytest.approx(gaps.mean(), abs=5 * gaps.std() / math.sqrt(20_000))


def test_the_votes_of_a_hundred_voters_counted_pair_by_pair() -> None:
    world = next(iter(ManyClasses().worlds("thumbnail")))
    points = [(Fraction(9, 10), [0] * 90 + [1] * 5 + [2] * 5), (Fraction(1, 10), [0] * 49 + [1] * 51)]
    gibbs = sum((mass * Fraction(sum(v != 0 for v in voters), 100) for mass, voters in points), Fraction(0))
    apart = sum((mass * Fraction(sum(v != w for v in voters for w in voters), 100**2) for mass, voters in points), Fraction(0))
    assert (world.common["gibbs_risk"], world.common["disagreement"]) == (gibbs, apart)
    assert world.truths[MAJORITY_VOTE_RISK] == [Fraction(1, 10)]
    forgiven = next(iter(ForgivenClasses().worlds("thumbnail")))
    assert forgiven.common["gibbs_risk"] == Fraction(34, 100)
    assert forgiven.common["tandem_risk"] == Fraction(34, 100) ** 2
    assert forgiven.truths[MAJORITY_VOTE_RISK] == [1]
