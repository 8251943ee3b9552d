"""What the stability bounds must satisfy beyond their values: special cases, crossings, refusals."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from genbounds.bounds import DirectionError, Quantity, stability

EXAMPLE: dict[str, Any] = {
    "lipschitz": 1,
    "smoothness": 1,
    "curvature": 1,
    "step_scale": Fraction(1, 1000),
    "expected_risk": 1,
    "steps": 1000,
    "n": 1000,
}


def test_kuzborskij_lampert_at_full_curvature_is_the_printed_hardt_with_n_for_n_minus_one() -> None:
    printed = stability.hardt2016nonconvex(lipschitz=1, smoothness=1, step_scale=Fraction(1, 1000), steps=1000, n=1000, form="printed")
    assert stability.kuzborskij_lampert2018(**EXAMPLE).value == pytest.approx(printed.value * 999 / 1000, rel=1e-13)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"step_scale": Fraction(131, 10**5)}, "step_scale must be at most"),
        ({"step_scale": 2, "steps": 1}, "step_scale must be at most"),
        ({"curvature": Fraction(1001, 1000)}, "curvature must be at most"),
        ({"steps": 1001}, "steps must be at most n"),
    ],
)
def test_kuzborskij_lampert_refuses_what_the_theorem_leaves_out(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        stability.kuzborskij_lampert2018(**{**EXAMPLE, **change})


def _expanded(q: float, scale: float, risk: float, steps: int) -> float:
    """The least over whole t0 of t0 E R + K sum_{t > t0} (1/t) prod_{k > t} (1 + q/k), step by step from the last."""
    product, total, best = 1.0, 0.0, math.inf
    for first in range(steps, -1, -1):
        best = min(best, first * risk + scale * total)
        if first:
            total += product / first
            product *= 1 + q / first
    return best


@pytest.mark.parametrize("steps", [1, 2, 7, 200])
@pytest.mark.parametrize("q", [1e-3, 0.1, 0.5, 1.0])
@pytest.mark.parametrize("risk", [1e-4, 0.03, 0.5, 1.0])
def test_the_closed_form_of_kuzborskij_lampert_is_above_the_sum_that_it_is_derived_from(steps: int, q: float, risk: float) -> None:
    beta = min(q, 1 / (16 * q * math.log(max(steps, 2)) ** 2))  # then the step scale q/beta is small enough for the theorem
    c = q / beta
    for lipschitz in (1e-3, 0.05, 1.0, 20.0):
        inputs = {"lipschitz": lipschitz, "smoothness": beta, "curvature": beta, "step_scale": c * (1 - 1e-9), "steps": steps, "n": 1000}
        claimed = stability.kuzborskij_lampert2018(**inputs, expected_risk=risk).value * 1000
        assert claimed >= _expanded(q * (1 - 1e-9), 2 * c * (1 - 1e-9) * lipschitz**2, risk, steps) * (1 - 1e-9)


@pytest.mark.slow
def test_a_measured_upper_bound_on_a_constant_gives_the_printed_form_a_valid_number() -> None:
    """The printed form may fall as smoothness or step scale grow; at the larger constant it still bounds what was proved at the smaller."""
    inputs = {"lipschitz": 1, "steps": 1000, "n": 1000}
    fell = 0
    for smoothness in (1e-4, 1e-2, 1, 30):
        for scale in (1e-3, 0.1, 3):
            proved = stability.hardt2016nonconvex(**inputs, smoothness=smoothness, step_scale=scale).value
            exact = stability.hardt2016nonconvex(**inputs, smoothness=smoothness, step_scale=scale, form="printed").value
            for factor in (1.5, 10, 1000):
                for name, value in (("smoothness", smoothness * factor), ("step_scale", scale * factor)):
                    constants = {"smoothness": smoothness, "step_scale": scale, name: Quantity(value, "upper", "measured")}
                    found = stability.hardt2016nonconvex(**inputs, **constants, form="printed").value
                    assert found >= proved * (1 - 1e-9)
                    fell += found < exact
                    assert stability.hardt2016nonconvex(**inputs, **constants).value >= proved * (1 - 1e-9)
    assert fell > 0  # so it is not a monotone function, and is not declared as one
    assert set(stability.hardt2016nonconvex.declaration.by_inclusion) == {"smoothness", "step_scale"}


def test_the_roughness_of_bassily_is_paid_for_examples_that_are_met() -> None:
    """T steps meet at most T of n examples: |w - z| from 0, z far away, T = 3 of n = 50 examples, each replaced in turn by its mirror."""
    n, steps, eta = 50, 3, 0.1
    distances = []
    for replaced in range(n):
        first = second = 0.0
        for i in range(steps):
            first, second = first + eta, second + (-eta if i == replaced else eta)
        distances.append(abs(first - second))
    bound = stability.bassily2020nonsmooth(lipschitz=1, step_size=eta, steps=steps, n=n)
    assert np.mean(distances) == pytest.approx(2 * eta * steps / n)
    assert np.mean(distances) <= bound.value
    assert bound.terms["roughness"] == pytest.approx(2 * eta * steps**0.5 * steps / n, rel=1e-14)
    assert stability.bassily2020nonsmooth(lipschitz=1, step_size=eta, steps=n, n=n).terms["roughness"] == pytest.approx(2 * eta * n**0.5)


def test_the_printed_constants_of_feldman_and_vondrak_follow_from_the_proof_in_the_docstring() -> None:
    """With c = 2 beta + 1/n, m = ceil(2/delta) and e = sqrt(L/c): E max and the chance of an excess, at the worst beta <= c/2."""
    for delta in (1e-9, 1e-3, 0.05, 0.3, 0.7, 0.999):
        log = math.log(8 / delta)
        m = math.ceil(2 / delta)
        assert math.log(m + 1) <= log
        for part in (0.999, 0.5, 1e-2, 1e-6):
            c = part / (64 * log)
            e = math.sqrt(log / c)
            largest = math.exp(e * c) * (1 + c / 2) - 1 + math.log(m + 1) / e
            assert largest <= 2.1 * math.sqrt(c * log)
            chance = -math.expm1(m * math.log1p(-delta))
            assert largest / chance < 8 * math.sqrt(c * log)


def test_the_largest_step_of_kuzborskij_lampert() -> None:
    largest = 1 / (4 * (2 * np.log(1000)) ** 2)
    assert largest == pytest.approx(0.00130980345147, rel=1e-11)
    assert stability.kuzborskij_lampert2018(**{**EXAMPLE, "step_scale": largest * (1 - 1e-9)}).value > 0


def test_a_step_of_one_over_the_smoothness_is_the_last_one() -> None:
    inputs = {"lipschitz": 1, "smoothness": 10, "strong_convexity": 1, "n": 100}
    assert stability.hardt2016strongly_convex(**inputs, step_size=Fraction(1, 10)).value == pytest.approx(0.02)
    with pytest.raises(ValueError, match="step_size must be at most"):
        stability.hardt2016strongly_convex(**inputs, step_size=0.1)  # the double above 1/10


@pytest.mark.slow
def test_the_dependent_part_grows_with_the_confidence() -> None:
    """Its order depends on delta; the term itself still rises as delta falls, also where the order stops at 2."""
    deltas = [Fraction(k, 1000) for k in range(999, 0, -1)]
    inputs = {"empirical_risk": 0, "stability": Fraction(1, 100), "n": 1000}
    terms = [stability.bousquet_klochkov_zhivotovskiy2020(**inputs, delta=delta).terms["dependent part"] for delta in deltas]
    assert terms == sorted(terms)


def test_the_three_uniform_stability_bounds_cross() -> None:
    large = {"empirical_risk": 0, "stability": 10**-3.5, "n": 10**7, "delta": Fraction(1, 20)}
    klochkov = stability.bousquet_klochkov_zhivotovskiy2020(**large).value
    assert klochkov < stability.feldman_vondrak2018(**large).value < stability.bousquet_elisseeff2002(**large).value
    for n, better in ((1566, False), (1567, True)):
        crossing = {**large, "stability": n**-0.5, "n": n}
        sharper = stability.bousquet_klochkov_zhivotovskiy2020(**crossing).value < stability.bousquet_elisseeff2002(**crossing).value
        assert sharper is better
    small = {**large, "stability": Fraction(1, 1000), "n": 1000}
    assert stability.bousquet_elisseeff2002(**small).value < stability.bousquet_klochkov_zhivotovskiy2020(**small).value


def _norm_of_the_dependent_part(n: int, p: float) -> float:
    """The p-norm of sum_i z_i sum_(j != i) z_j = (sum z)^2 - n over n fair signs: n functions with differences 2 in each other sign."""
    sums = [(math.comb(n, k), abs((2 * k - n) ** 2 - n)) for k in range(n + 1)]
    return float(math.fsum(ways * size**p for ways, size in sums) / 2.0**n) ** (1 / p)


@pytest.mark.parametrize("p", [2.0, 2.5, 3.0, 4.0, 6.5, 10.0, 15.0])
def test_the_moment_inequality_holds_where_every_outcome_is_counted(p: float) -> None:
    """And is not far from false: with Rio's p - 1 and the moments of one difference both left out it would be."""
    level = (p * (p - 1) / math.e) ** 0.5 * math.exp((1 + math.log(2 * p) / 2) / p)
    shares = [_norm_of_the_dependent_part(n, p) / (n * math.ceil(math.log2(n)) * level) for n in (2, 4, 8, 64, 512)]
    assert max(shares) <= 1
    assert max(shares) >= 0.15
    assert max(shares) * level > 0.99  # so a level of 1 is refuted for p >= 2


@pytest.mark.parametrize("p", [2.0, 2.01, 3.0, 5.5, 20.0])
def test_rios_inequality_on_random_pairs(p: float) -> None:
    """||X + Y||_p^2 <= ||X||_p^2 + (p - 1) ||Y||_p^2 if E[Y | X] = 0; equal for p = 2, and as Y gets small sharp for X = 1, Y = +-e."""
    random = np.random.default_rng(round(100 * p))
    for _ in range(200):
        x = random.normal(size=4) * random.choice([0, 1, 10], size=4)
        y, low = random.exponential(size=(2, 4))  # Y = y or -low, centred given X
        weights = random.dirichlet(np.ones(4))
        up = low / (y + low)

        def norm(plus: np.ndarray, minus: np.ndarray, weights: np.ndarray = weights, up: np.ndarray = up) -> float:
            return float(np.sum(weights * (up * np.abs(plus) ** p + (1 - up) * np.abs(minus) ** p)) ** (1 / p))

        assert norm(x + y, x - low) ** 2 <= (norm(x, x) ** 2 + (p - 1) * norm(y, -low) ** 2) * (1 + 1e-12)
    small = 1e-3
    moved = ((1 + small) ** p / 2 + (1 - small) ** p / 2) ** (2 / p)
    assert moved - 1 == pytest.approx((p - 1) * small**2, rel=1e-3)


@pytest.mark.parametrize("p", [2.0, 2.3, 4.0, 9.0, 40.0, 400.0])
def test_the_moments_of_a_sub_gaussian_tail_are_below_what_stands_for_them(p: float) -> None:
    """Integrated from the tail: 2 Gamma(p/2 + 1) 2^(p/2), and above by at most the square root of e^2/(2 pi)."""
    used = p * math.log((p / math.e) ** 0.5) + 1 + math.log(2 * p) / 2
    exact = math.log(2) + math.lgamma(p / 2 + 1) + p / 2 * math.log(2)
    assert exact - 1e-12 * abs(exact) <= used <= exact + math.log(math.e / math.sqrt(2 * math.pi))


def test_an_objective_gap_is_paid_by_the_distance_it_allows() -> None:
    """F(w) = (mu/2) w^2: at a distance of sqrt(2 e/mu) the excess is e, and the linear loss L w has moved by L times that."""
    mu, gap, big_l = 0.5, 2.0**-20, 3.0
    away = (2 * gap / mu) ** 0.5
    assert mu / 2 * away**2 == pytest.approx(gap, rel=1e-14)
    exact = stability.regularized_erm(lipschitz=big_l, strong_convexity=mu, n=100)
    near = stability.regularized_erm_approximate(lipschitz=big_l, strong_convexity=mu, n=100, objective_gap=gap)
    assert near.value == pytest.approx(exact.value + 2 * big_l * away, rel=1e-14)
    solved = stability.regularized_erm_approximate(lipschitz=big_l, strong_convexity=mu, n=100, objective_gap=0)
    assert solved.value == exact.value
    assert "strongly convex objective" not in {entry.assumption.name for entry in near.assumptions}


@pytest.mark.parametrize(("steps", "n"), [(10**18, 10**18 + 12345), (2**60 + 1, 2**62), (10**30, 10**30)])
@pytest.mark.parametrize("lipschitz", [1, 10**6, 10**10, 10**16])
def test_the_split_of_more_steps_than_doubles_count_ends_and_lies_within_them(steps: int, n: int, lipschitz: int) -> None:
    certificate = stability.hardt2016nonconvex(lipschitz=lipschitz, smoothness=1, step_scale=1, steps=steps, n=n)
    first = int(certificate.choices["first"])
    assert 0 <= first <= min(steps, n)
    # With a = c beta = 1: t0/n + (2 L^2/n) ((T + 1)/(t0 + 1) - 1), smallest near t0 = L sqrt(2 (T + 1)).
    best = min(n, steps, max(0, round(lipschitz * (2 * (steps + 1)) ** 0.5)))
    exact, near = (Fraction(t, n) + Fraction(2 * lipschitz**2, n) * (Fraction(steps + 1, t + 1) - 1) for t in (first, best))
    assert exact <= Fraction(certificate.value) <= max(exact, near) * (1 + Fraction(1, 10**9))


def test_a_stability_measured_on_twin_runs_is_refused() -> None:
    twins = Quantity(0.001, "lower", "largest change over 50 twin runs")
    for bound in (stability.feldman_vondrak2018, stability.bousquet_klochkov_zhivotovskiy2020):
        with pytest.raises(DirectionError, match="stability"):
            bound(empirical_risk=0, stability=twins, n=1000, delta=Fraction(1, 20))


def test_bassily_against_a_run_of_subgradient_descent() -> None:
    """Twin runs on |w - z| in one dimension, every example replaced in turn: the mean distance is below the bound over L."""
    random, n, eta = np.random.default_rng(0), 20, 0.05
    points, other = random.normal(size=n), random.normal()
    order = random.permutation(n).tolist() * 3
    distances = []
    for replaced in range(n):
        first, second, largest = 0.0, 0.0, 0.0
        for i in order:
            first -= eta * np.sign(first - points[i])
            second -= eta * np.sign(second - (other if i == replaced else points[i]))
            largest = max(largest, abs(first - second))
        distances.append(largest)
    assert np.mean(distances) <= stability.bassily2020nonsmooth.value(lipschitz=1, step_size=eta, steps=len(order), n=n)
