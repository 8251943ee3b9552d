"""Identities and orders between bounds (what one theorem says about another), with optimisers and quadrature as the independent side."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf
from scipy.optimize import brentq, minimize_scalar

from genbounds.bounds import get

TIE = 1 + 1e-14  # two certificates of one number, each rounded up, may differ by a few units in the last place

deltas = st.floats(1e-12, 0.999)
units = st.floats(0, 1)
sizes = st.integers(2, 10**7)
divergences = st.floats(0, 1e4)
positive = st.floats(1e-3, 1e3)
examples = settings(max_examples=60, deadline=None, derandomize=True)


def value(name: str, **inputs: Any) -> float:
    """The certified value of a bound or capacity."""
    return float(get(name)(**inputs).value)


def kl(q: float, p: float) -> float:
    """The binary relative entropy, in 30 digits."""
    with mp.workdps(30):
        a, b = mpf(q), mpf(p)
        return float(sum(x * mp.log(x / y) for x, y in ((a, b), (1 - a, 1 - b)) if x))


def kl_inverse(q: float, c: float) -> float:
    """The largest p with kl(q || p) <= c, by Brent's method; 1 if that is within 1e-15 of 1."""
    most = 1 - 1e-15
    return float(brentq(lambda p: kl(q, p) - c, q, most, xtol=1e-15)) if kl(q, most) > c else 1.0


@st.composite
def counts(draw: st.DrawFn) -> dict[str, int]:
    """Errors among n."""
    n = draw(sizes)
    return {"errors": draw(st.integers(0, n)), "n": n}


# --- held-out data -------------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@examples
@given(counts(), deltas)
def test_binomial_tail_is_below_kl_is_below_hoeffding(counted: dict[str, int], delta: float) -> None:
    risk = {"empirical_risk": Fraction(counted["errors"], counted["n"]), "n": counted["n"], "delta": delta}
    tail, entropy, square = (
        value("holdout.clopper_pearson", **counted, delta=delta),
        value("holdout.chernoff_kl", **risk),
        value("holdout.hoeffding", **risk),
    )
    assert tail <= entropy * TIE
    assert entropy <= square * TIE
    if counted["errors"] == 0:
        assert tail == pytest.approx(entropy, rel=1e-13)
        assert tail == pytest.approx(-math.expm1(math.log(delta) / counted["n"]), rel=1e-12)


@pytest.mark.slow
@examples
@given(counts(), deltas, st.floats(0, 50))
def test_occam_binomial_is_below_occam_kl_is_below_the_union(counted: dict[str, int], delta: float, cost: float) -> None:
    risk = {"empirical_risk": Fraction(counted["errors"], counted["n"]), "n": counted["n"]}
    tail = value("holdout.occam_binomial", **counted, log_inverse_prior=cost, delta=delta)
    entropy = value("holdout.occam_kl", **risk, log_inverse_prior=cost, delta=delta)
    union = float(risk["empirical_risk"]) + math.sqrt((cost - math.log(delta)) / (2 * risk["n"]))
    assert tail <= entropy * TIE
    assert entropy <= union * (1 + 1e-12)


@pytest.mark.slow
@examples
@given(counts(), deltas)
def test_a_class_of_one_needs_no_union(counted: dict[str, int], delta: float) -> None:
    risk = {"empirical_risk": Fraction(counted["errors"], counted["n"]), "n": counted["n"], "delta": delta}
    alone = value("holdout.hoeffding", **risk)
    assert value("holdout.finite_class", **risk, class_size=1) == pytest.approx(alone, rel=1e-14)
    assert value("holdout.adaptive_reuse", **risk, queries=1) == pytest.approx(alone, rel=1e-14)
    assert value("holdout.occam_kl", **risk, log_inverse_prior=0) == pytest.approx(value("holdout.chernoff_kl", **risk), rel=1e-14)
    exact = value("holdout.clopper_pearson", **counted, delta=delta)
    assert value("holdout.occam_binomial", **counted, log_inverse_prior=0, delta=delta) == pytest.approx(exact, rel=1e-14)
    assert value("pac_bayes.monte_carlo_errors", errors=counted["errors"], pairs=counted["n"], delta=delta) == exact


@examples
@given(units, st.floats(0, 0.25), sizes, deltas, st.integers(1, 10**9), positive)
def test_bernstein_scales_with_the_loss_and_is_below_its_printed_relaxation(
    risk: float, variance: float, n: int, delta: float, candidates: int, scale: float
) -> None:
    one = {"empirical_risk": risk, "variance_bound": variance, "n": n}
    scaled = {"empirical_risk": risk * scale, "variance_bound": variance * scale**2, "n": n, "loss_range": scale}
    assume(scaled["empirical_risk"] <= scale)
    assert value("holdout.bernstein", **scaled, delta=delta) == pytest.approx(
        scale * value("holdout.bernstein", **one, delta=delta), rel=1e-12
    )
    exact = value("holdout.bernstein", **one, delta=Fraction(delta) / candidates)
    assert exact <= value("holdout.kawaguchi2017validation", **one, candidates=candidates, delta=delta) * TIE


@pytest.mark.slow
@examples
@given(units, sizes, deltas)
def test_the_best_rate_of_progressive_validation_is_below_the_grid(risk: float, n: int, delta: float) -> None:
    inputs = {"online_risk": risk, "n": n, "delta": delta}
    rate = get("holdout.progressive_validation")
    best = minimize_scalar(lambda s: rate.value(**inputs, rate=math.exp(s)), bounds=(-25, 8), method="bounded").fun
    grid = value("holdout.progressive_validation_grid", **inputs)
    assert best <= grid * (1 + 1e-9)
    # The price of the grid: at most ln(1.5 (|j| + 1)(|j| + 2)) for |j| <= 80, and a factor of the rate's rounding to 2^(j/2).
    assert grid <= 1.2 * rate.value(**{**inputs, "delta": delta / (1.5 * 81 * 82)}, rate=math.exp(_argument(rate, inputs)))


def _argument(rate: Any, inputs: dict[str, Any]) -> float:
    paid = {**inputs, "delta": inputs["delta"] / (1.5 * 81 * 82)}
    return float(minimize_scalar(lambda s: rate.value(**paid, rate=math.exp(s)), bounds=(-25, 8), method="bounded").x)


@pytest.mark.slow
@examples
@given(units, deltas)
def test_held_out_bounds_tend_to_the_empirical_risk(risk: float, delta: float) -> None:
    for name in ("holdout.hoeffding", "holdout.chernoff_kl"):
        assert value(name, empirical_risk=risk, n=10**18, delta=delta) == pytest.approx(risk, abs=1e-8)
        certain = value(name, empirical_risk=risk, n=10, delta=Fraction(10**18 - 1, 10**18))
        assert certain == pytest.approx(risk, abs=1e-8)


# --- PAC-Bayes -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@examples
@given(units, divergences, sizes, deltas, st.floats(0.01, 1.99))
def test_seeger_is_below_each_of_its_relaxations(risk: float, divergence: float, n: int, delta: float, weight: float) -> None:
    inputs = {"empirical_risk": risk, "kl": divergence, "n": n, "delta": delta}
    tight = value("pac_bayes.seeger2002", **inputs)
    for name in ("mcallester", "mcallester1999", "quadratic", "tolstikhin_seldin"):
        assert tight <= value(f"pac_bayes.{name}", **inputs) * TIE
    assert tight <= value("pac_bayes.thiemann", **inputs, weight=weight) * TIE


@pytest.mark.slow
@examples
@given(units, divergences, sizes, deltas)
def test_the_best_thiemann_is_the_quadratic_bound(risk: float, divergence: float, n: int, delta: float) -> None:
    inputs = {"empirical_risk": risk, "kl": divergence, "n": n, "delta": delta}
    thiemann = get("pac_bayes.thiemann")
    quadratic = value("pac_bayes.quadratic", **inputs)
    found = minimize_scalar(
        lambda s: thiemann.value(**inputs, weight=2 / (1 + math.exp(-s))), bounds=(-25, 25), method="bounded", options={"xatol": 1e-9}
    )
    assert found.fun == pytest.approx(quadratic, rel=1e-7)
    cost = (divergence + math.log(2 * math.sqrt(n) / delta)) / n
    best = 2 / (math.sqrt(2 * risk / cost + 1) + 1)
    assert thiemann.value(**inputs, weight=best) == pytest.approx(quadratic, rel=1e-12)


@pytest.mark.slow
@examples
@given(units, divergences, sizes, deltas)
def test_the_infimum_of_catoni_is_the_kl_inversion_without_xi(risk: float, divergence: float, n: int, delta: float) -> None:
    inputs = {"empirical_risk": risk, "kl": divergence, "n": n, "delta": delta}
    cost = (divergence - math.log(delta)) / n
    assume(1e-6 < risk < 0.99 and cost > 1e-6)
    target = kl_inverse(risk, cost)
    assume(target < 0.9999)
    catoni = get("pac_bayes.catoni")
    found = minimize_scalar(
        lambda s: catoni.value(**inputs, temperature=math.exp(s)), bounds=(-12, 6), method="bounded", options={"xatol": 1e-10}
    ).fun
    assert found == pytest.approx(target, rel=1e-7)
    assert value("holdout.occam_kl", empirical_risk=risk, n=n, log_inverse_prior=divergence, delta=delta) == pytest.approx(target, rel=1e-9)
    # The grid pays, and is above the infimum that may not be taken for free.
    assert value("pac_bayes.catoni_grid", **inputs) >= target * (1 - 1e-12)


@examples
@given(units, sizes, deltas, st.floats(0.01, 20))
def test_catoni_of_a_point_is_progressive_validation(risk: float, n: int, delta: float, rate: float) -> None:
    """One supermartingale bounds both; with 1 - exp(-x) <= x in the numerator it was once given away for iterates."""
    point = value("pac_bayes.catoni", empirical_risk=risk, kl=0, n=n, temperature=rate, delta=delta)
    iterates = value("holdout.progressive_validation", online_risk=risk, n=n, rate=rate, delta=delta)
    assert iterates == pytest.approx(point, rel=1e-12)
    assert iterates <= (rate * risk + math.log(1 / delta) / n) / -math.expm1(-rate) * TIE


@pytest.mark.slow
@examples
@given(units, st.integers(2, 300), deltas, divergences)
def test_seeger_of_a_point_prior_is_the_occam_bound_at_ln_xi(risk: float, n: int, delta: float, divergence: float) -> None:
    with mp.workdps(30):  # xi by its definition
        xi = mp.fsum(mp.binomial(n, k) * mpf(k) ** k * mpf(n - k) ** (n - k) for k in range(n + 1)) / mpf(n) ** n
        log_xi = float(mp.log(xi))
    common = {"empirical_risk": risk, "n": n, "delta": delta}
    point = value("pac_bayes.seeger2002", **common, kl=0)
    assert point == pytest.approx(value("holdout.occam_kl", **common, log_inverse_prior=log_xi), rel=1e-9)
    full = value("pac_bayes.seeger2002", **common, kl=divergence)
    assert full == value("pac_bayes.disintegrated", **common, log_ratio=divergence)


@pytest.mark.slow
@examples
@given(units, divergences, deltas)
def test_pac_bayes_bounds_tend_to_the_empirical_risk(risk: float, divergence: float, delta: float) -> None:
    inputs = {"empirical_risk": risk, "kl": divergence, "n": 10**17, "delta": delta}
    for name in ("seeger2002", "mcallester", "mcallester1999", "quadratic", "tolstikhin_seldin"):
        assert value(f"pac_bayes.{name}", **inputs) == pytest.approx(risk, abs=2e-6)


@pytest.mark.slow
@examples
@given(st.lists(st.tuples(st.floats(-3, 3), st.floats(0.05, 3), st.floats(-3, 3)), min_size=1, max_size=3), st.floats(0.05, 0.3))
def test_gaussian_kl_is_the_integral_and_the_grid_pays_for_its_scale(weights: list[tuple[float, float, float]], scale: float) -> None:
    mean_q, std_q, mean_p = map(list, zip(*weights, strict=True))
    closed = value("pac_bayes.gaussian_kl", mean_q=mean_q, std_q=std_q, mean_p=mean_p, std_p=[scale] * len(weights))
    nodes, masses = np.polynomial.hermite_e.hermegauss(8)  # exact: the log ratio is a polynomial of degree two
    total = 0.0
    for m, s, p in weights:
        x = m + s * nodes
        log_ratio = -math.log(s) - ((x - m) / s) ** 2 / 2 + math.log(scale) + ((x - p) / scale) ** 2 / 2
        total += float(np.sum(masses * log_ratio) / np.sum(masses))
    assert closed == pytest.approx(total, rel=1e-9, abs=1e-11)
    paid = value("pac_bayes.gaussian_kl_grid", mean_q=mean_q, std_q=std_q, mean_p=mean_p)
    best = minimize_scalar(
        lambda u: get("pac_bayes.gaussian_kl").value(mean_q=mean_q, std_q=std_q, mean_p=mean_p, std_p=[math.exp(u)] * len(weights)),
        bounds=(-8, 0.5 * math.log(0.1)),
        method="bounded",
    ).fun
    assert paid >= best * (1 - 1e-9)


@pytest.mark.slow
@examples
@given(st.floats(0, 0.5), st.floats(0, 0.499), st.floats(0, 100), sizes, deltas)
def test_the_votes_bounds_stand_in_their_order(risk: float, disagreement: float, divergence: float, n: int, delta: float) -> None:
    assume(Fraction(disagreement) <= 2 * Fraction(risk) * (1 - Fraction(risk)))
    c_bound = value("pac_bayes.c_bound", gibbs_risk=risk, disagreement=disagreement)
    twice = value("pac_bayes.majority_vote_factor_two", gibbs_risk=risk)
    if disagreement >= risk:
        assert c_bound <= twice * (1 + 1e-12) + 1e-300
    tandem = value("pac_bayes.masegosa2020tandem", tandem_risk=risk - disagreement / 2, kl=divergence, n=n, delta=delta)
    assert c_bound <= 4 * (risk - disagreement / 2) * (1 + 1e-12) + 1e-15
    assert tandem >= 4 * (risk - disagreement / 2) * (1 - 1e-12)


# --- uniform convergence -------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@examples
@given(units, st.integers(1, 2000), st.integers(0, 60), deltas)
def test_sauer_is_the_growth_bound_at_the_binomial_sum_and_below_the_classic(risk: float, n: int, d: int, delta: float) -> None:
    growth = math.log(sum(math.comb(n, i) for i in range(min(d, n) + 1)))
    inputs = {"empirical_risk": risk, "n": n, "delta": delta}
    ours = value("vc.sauer", **inputs, vc_dimension=d)
    assert ours == pytest.approx(value("vc.growth_function", **inputs, log_growth=growth), rel=1e-11)
    assert ours <= value("vc.vapnik_chervonenkis1971", **inputs, vc_dimension=d) * TIE


@pytest.mark.slow
@examples
@given(positive, st.integers(1, 30), positive, sizes)
def test_golowich_with_one_layer_is_the_linear_class(product: float, depth: int, data: float, n: int) -> None:
    inputs = {"norm_product": product, "data_norm": data, "n": n}
    linear = value("rademacher.linear_l2", norm=product, data_norm=data, n=n)
    assert value("rademacher.golowich2018frobenius", **inputs, depth=1) == pytest.approx(linear, rel=1e-14)
    assert value("rademacher.neyshabur2015", **inputs, depth=1) == pytest.approx(linear, rel=1e-14)
    derived = value("rademacher.golowich2018frobenius", **inputs, depth=depth)
    assert derived <= value("rademacher.golowich2018frobenius", **inputs, depth=depth, form="printed") * TIE
    assert derived <= value("rademacher.neyshabur2015", **inputs, depth=depth) * TIE


@pytest.mark.slow
@examples
@given(units, st.floats(0, 1), sizes, deltas)
def test_the_derived_deviation_is_below_the_printed_one(risk: float, complexity: float, n: int, delta: float) -> None:
    inputs = {"empirical_risk": risk, "complexity": complexity, "n": n, "delta": delta}
    derived, printed = (value("rademacher.uniform_deviation", **inputs, form=form) for form in ("derived", "printed"))
    assert derived <= printed
    # No complexity left, and the empirical risk of one hypothesis: twice Hoeffding's deviation.
    alone = value("rademacher.uniform_deviation", **{**inputs, "complexity": 0}) - risk
    assert alone == pytest.approx(2 * (value("holdout.hoeffding", empirical_risk=risk, n=n, delta=delta) - risk), rel=1e-9, abs=1e-15)


# --- perceptron and stability --------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@examples
@given(positive, positive, sizes)
def test_mistake_bounds_meet_novikoff_on_separable_data(radius: float, margin: float, n: int) -> None:
    assume(margin <= radius)
    mistakes = value("perceptron.novikoff", radius=radius, margin=margin)
    assert value("perceptron.freund_schapire1999", radius=radius, margin=margin, deviation=0) == pytest.approx(mistakes, rel=1e-13, abs=1)
    assert value("perceptron.hinge", radius_times_norm=Fraction(radius) / Fraction(margin), hinge_loss=0) == pytest.approx(
        mistakes,
        rel=1e-13,
        abs=1,  # the floors of two roundings of one number
    )
    after = value("perceptron.leave_one_out", radius=radius, margin=margin, n=n)
    assert after == pytest.approx(mistakes / (n + 1), rel=1e-13)
    online = value("perceptron.random_iterate", radius=radius, margin=margin, n=n)
    assert online == pytest.approx(min(n, mistakes) / n, rel=1e-13)


@pytest.mark.slow
@examples
@given(st.floats(0.1, 10), st.floats(0.1, 10), st.floats(1e-5, 1), st.integers(3, 2000), st.data())
def test_kuzborskij_lampert_from_a_bad_start_is_hardt(
    lipschitz: float, smoothness: float, part: float, n: int, data: st.DataObject
) -> None:
    """Curvature = smoothness and expected risk = 1: the closed form of Hardt et al. with n in place of n - 1."""
    steps = data.draw(st.integers(2, n))
    largest = min(1 / smoothness, 1 / (4 * (2 * smoothness * math.log(steps)) ** 2))
    scale = 0.999 * part * largest
    inputs = {"lipschitz": lipschitz, "smoothness": smoothness, "step_scale": scale, "steps": steps, "n": n}
    ours = value("stability.kuzborskij_lampert2018", **inputs, curvature=smoothness, expected_risk=1)
    theirs = value("stability.hardt2016nonconvex", **inputs, form="printed")
    assert ours == pytest.approx(theirs * (n - 1) / n, rel=1e-9)


@pytest.mark.slow
@examples
@given(st.floats(0.1, 10), st.floats(0.1, 10), st.floats(0.01, 1), sizes, st.integers(1, 200))
def test_stability_of_sgd_agrees_where_the_theorems_meet(lipschitz: float, curvature: float, part: float, n: int, steps: int) -> None:
    """After long enough the convex sum is above the strongly convex limit, which is the stability of the exact minimiser."""
    step = part / curvature
    strong = value(
        "stability.hardt2016strongly_convex",
        lipschitz=lipschitz,
        smoothness=curvature,
        strong_convexity=curvature,
        step_size=step * (1 - 1e-9),
        n=n,
    )
    assert strong == pytest.approx(value("stability.regularized_erm", lipschitz=lipschitz, strong_convexity=curvature, n=n), rel=1e-13)
    convex = value("stability.hardt2016convex", lipschitz=lipschitz, smoothness=curvature, step_sizes=[step] * steps, n=n)
    assert convex == pytest.approx(strong * part * steps, rel=1e-11)


@examples
@given(units, sizes, deltas, st.floats(0, 1))
def test_a_stable_algorithm_of_stability_zero_is_a_fixed_hypothesis(risk: float, n: int, delta: float, stability: float) -> None:
    inputs = {"empirical_risk": risk, "n": n, "delta": delta}
    fixed = value("holdout.hoeffding", **inputs)
    assert value("stability.bousquet_elisseeff2002", **inputs, stability=0) == pytest.approx(fixed, rel=1e-14)
    assert value("stability.bousquet_elisseeff2002", **inputs, stability=stability) >= fixed * (1 - 1e-15)
    halved = value("holdout.hoeffding", **{**inputs, "delta": Fraction(delta) / 2})
    assert value("stability.bousquet_klochkov_zhivotovskiy2020", **inputs, stability=0) == pytest.approx(halved, rel=1e-13)
