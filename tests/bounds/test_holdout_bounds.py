"""What the held-out bounds must satisfy beyond their values: order, grids, limits, refusals."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from mpmath import mp
from tests.reference import holdout as reference
from tests.reference.special import exact

from genbounds.bounds import Choice, DirectionError, Quantity, holdout, pac_bayes, perceptron
from genbounds.bounds.assumptions import IID_SAMPLE, IID_STREAM
from genbounds.verification.checks.check import check
from genbounds.verification.scenarios import scenario


def test_a_binomial_occam_bound_of_a_code_of_a_million_bits() -> None:
    inputs = {"errors": 3, "n": 10**9, "log_inverse_prior": 693147.0, "delta": 1e-300}
    certificate, true = holdout.occam_binomial(**inputs), reference.occam_binomial(**inputs)
    with mp.workdps(60):
        assert 0 <= exact(certificate.value) - true <= 1e-12 * true
        assert 0 <= exact(holdout.occam_binomial.value(**inputs)) - true <= 1e-9 * true
    assert holdout.occam_binomial(**{**inputs, "log_inverse_prior": 1e300}).value == 1.0


def test_one_adaptive_query_is_hoeffding() -> None:
    inputs = {"empirical_risk": Fraction(1, 7), "n": 1234, "delta": Fraction(1, 20)}
    assert holdout.adaptive_reuse(**inputs, queries=1).value == holdout.hoeffding(**inputs).value


def test_each_adaptive_bound_says_what_the_analyst_was_told() -> None:
    inputs = {"empirical_risk": Fraction(1, 7), "n": 1234, "queries": 3, "delta": Fraction(1, 20)}
    told = {True: holdout.adaptive_reuse(**inputs), False: holdout.adaptive_reuse_rounded(**inputs, bits=2)}
    for counts, certificate in told.items():
        statement = " ".join(entry.assumption.statement for entry in certificate.assumptions)
        assert ("exact error counts" in statement) == counts
        assert ("answers of `bits` bits each" in statement) != counts


def test_the_order_of_the_held_out_bounds() -> None:
    common = {"n": 1000, "delta": Fraction(1, 20)}
    class_size, log_size = 1000, float(np.nextafter(np.log(1000), 0))
    binomial = holdout.occam_binomial(errors=20, log_inverse_prior=log_size, **common).value
    kl = holdout.occam_kl(empirical_risk=Fraction(20, 1000), log_inverse_prior=log_size, **common).value
    assert binomial < kl < holdout.finite_class(empirical_risk=Fraction(20, 1000), class_size=class_size, **common).value
    exact = holdout.bernstein(empirical_risk=0, variance_bound=Fraction(1, 4), n=10**4, delta=Fraction(1, 10**10)).value
    relaxed = holdout.kawaguchi2017validation(
        empirical_risk=0, variance_bound=Fraction(1, 4), n=10**4, candidates=10**9, delta=Fraction(1, 10)
    )
    assert exact < relaxed.value


def test_the_grid_of_rates_is_valid_at_every_point_and_near_the_best() -> None:
    inputs = {"online_risk": Fraction(1, 50), "n": 5000}
    grid = holdout.progressive_validation_grid(**inputs, delta=Fraction(1, 20))
    j = int(grid.choices["index"])
    weight = Fraction(2, 3 * (abs(j) + 1) * (abs(j) + 2))
    paid = holdout.progressive_validation(**inputs, rate=Choice(2.0 ** (j / 2), weight=weight, how="grid"), delta=Fraction(1, 20))
    assert grid.value == pytest.approx(paid.value, rel=1e-14)
    rates = 2.0 ** (np.arange(-40, 20) / 2)
    weights = 1.5 * (np.abs(np.arange(-40, 20)) + 1) * (np.abs(np.arange(-40, 20)) + 2)
    others = [
        holdout.progressive_validation.value(online_risk=0.02, n=5000, rate=r, delta=0.05 / w) for r, w in zip(rates, weights, strict=True)
    ]
    assert grid.value == pytest.approx(min(others), rel=1e-12)


def test_a_rate_chosen_among_ten_costs_a_tenth_of_delta() -> None:
    inputs = {"online_risk": Fraction(1, 100), "n": 1000}
    chosen = holdout.progressive_validation(**inputs, rate=Choice(Fraction(7, 10), alternatives=10, how="ten rates"), delta=Fraction(1, 20))
    assert chosen.value == holdout.progressive_validation(**inputs, rate=Fraction(7, 10), delta=Fraction(1, 200)).value


@pytest.mark.parametrize(
    ("function", "inputs", "message"),
    [
        (holdout.empirical_bernstein, {"empirical_risk": 0.1, "variance": 0.6, "n": 10, "delta": 0.05}, "variance must lie in"),
        (holdout.empirical_bernstein, {"empirical_risk": 0.1, "variance": 0.1, "n": 1, "delta": 0.05}, "at least 2"),
        (holdout.bernstein, {"empirical_risk": 2, "variance_bound": 1, "n": 10, "delta": 0.05}, "at most loss_range"),
        (holdout.occam_binomial, {"errors": 11, "n": 10, "log_inverse_prior": 1, "delta": 0.05}, "errors must be at most n"),
        (holdout.occam_kl, {"empirical_risk": 0.1, "n": 10, "log_inverse_prior": -1, "delta": 0.05}, "log_inverse_prior"),
        (holdout.adaptive_reuse, {"empirical_risk": 0.1, "n": 10, "queries": 0, "delta": 0.05}, "queries"),
    ],
)
def test_refusals(function: Any, inputs: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        function(**inputs)


def test_an_empirical_variance_is_no_bound_on_the_true_one() -> None:
    with pytest.raises(DirectionError, match="variance_bound"):
        holdout.bernstein(empirical_risk=0.1, variance_bound=Quantity(0.09, "estimate", "sample variance"), n=100, delta=0.05)


def test_bennett_is_below_bernstein_and_a_variance_of_zero_costs_nothing() -> None:
    inputs = {"empirical_risk": 0, "n": 10**4, "delta": Fraction(1, 10**10)}
    for variance in (Fraction(1, 10**6), Fraction(1, 100), Fraction(1, 4)):
        assert holdout.bennett(**inputs, variance_bound=variance).value < holdout.bernstein(**inputs, variance_bound=variance).value
    assert holdout.bennett(**inputs, variance_bound=0).value == 0 < holdout.bernstein(**inputs, variance_bound=0).value
    assert holdout.bennett.value(**inputs, variance_bound=0) == 0


def test_bennett_covers_binomial_counts_exactly() -> None:
    """n = 200 errors of probability 1/50, whose variance is known: the bound fails with probability at most delta, summed exactly."""
    n, p = 200, Fraction(1, 50)
    for delta in (Fraction(1, 3), Fraction(1, 20), Fraction(1, 1000)):
        failure = Fraction(0)
        for errors in range(n + 1):
            if holdout.bennett(empirical_risk=Fraction(errors, n), variance_bound=p * (1 - p), n=n, delta=delta).value >= p:
                break
            failure += math.comb(n, errors) * p**errors * (1 - p) ** (n - errors)
        assert failure <= delta


@pytest.mark.parametrize(("variance", "below"), [(Fraction(1, 1000), True), (Fraction(1, 4), False)])
def test_kawaguchi_is_below_a_finite_class_only_if_the_variance_is_known_to_be_small(variance: Fraction, below: bool) -> None:
    inputs = {"empirical_risk": Fraction(1, 10), "n": 1000, "delta": Fraction(1, 20)}
    found = holdout.kawaguchi2017validation(**inputs, candidates=10, variance_bound=variance)
    assert (found.value < holdout.finite_class(**inputs, class_size=10).value) is below


def test_kawaguchi_by_bennett_is_bennett_at_its_share() -> None:
    inputs = {"empirical_risk": Fraction(1, 50), "n": 10**4, "variance_bound": Fraction(1, 9), "loss_range": 2}
    union = holdout.kawaguchi2017validation(**inputs, candidates=1000, delta=Fraction(1, 20), form="bennett")
    assert union.value == pytest.approx(holdout.bennett(**inputs, delta=Fraction(1, 20000)).value, rel=1e-14)
    assert union.value < holdout.kawaguchi2017validation(**inputs, candidates=1000, delta=Fraction(1, 20)).value


def test_a_disagreement_pays_for_both_statements_and_takes_any_kind_of_surrogate() -> None:
    share = Fraction(1, 40)
    counted = {"disagreements": 60, "unlabelled": 5000, "delta": share}
    one = holdout.clopper_pearson(errors=50, n=5000, delta=share)
    gibbs = pac_bayes.seeger2002(empirical_risk=Fraction(1, 100), kl=100, n=10_000, delta=share)
    vote = pac_bayes.majority_vote_factor_two(gibbs_risk=gibbs)
    for surrogate in (one, gibbs, vote):
        found = holdout.disagreement(surrogate_risk=surrogate, **counted)
        assert found.delta == 2 * share
        limit = holdout.clopper_pearson(errors=60, n=5000, delta=share).value
        assert found.value == pytest.approx(surrogate.value + limit, rel=1e-15)
        assert {entry.assumption for entry in surrogate.assumptions} < {entry.assumption for entry in found.assumptions}


def test_a_disagreement_refuses_what_bounds_no_risk_of_a_surrogate() -> None:
    counted = {"disagreements": 60, "unlabelled": 5000, "delta": Fraction(1, 40)}
    mean = perceptron.leave_one_out(radius=1, margin=0.125, n=999)  # a mean over samples says nothing of one surrogate
    iterates = holdout.progressive_validation_grid(online_risk=Fraction(1, 100), n=1000, delta=Fraction(1, 40))
    guessed = holdout.clopper_pearson.estimate(errors=50, n=5000, delta=Fraction(1, 40))
    spoilt = holdout.clopper_pearson(errors=50, n=5000, delta=Fraction(1, 40)).audited({IID_SAMPLE: ("violated", "augmented")})
    for surrogate in (mean, iterates, guessed, spoilt):
        with pytest.raises(DirectionError, match="surrogate_risk"):
            holdout.disagreement(surrogate_risk=surrogate, **counted)
    with pytest.raises(ValueError, match="disagreements must be at most unlabelled"):
        holdout.disagreement(surrogate_risk=0, disagreements=11, unlabelled=10, delta=0.05)


def test_a_sample_of_fixed_size_is_a_stream_and_a_stream_is_no_such_sample() -> None:
    online = holdout.progressive_validation(online_risk=0, n=10, rate=1, delta=0.05)
    fixed = holdout.hoeffding(empirical_risk=0, n=10, delta=0.05)
    drawn = ("by construction", "pool draws")
    assert online.audited({IID_SAMPLE: drawn}).assumptions[0].status == "by construction"
    assert online.audited_where_made({IID_SAMPLE: ("violated", "augmented")}).violated
    assert not online.audited({IID_STREAM: drawn, IID_SAMPLE: ("violated", "stopped when it looked good")}).violated
    with pytest.raises(ValueError, match="audit must name assumptions"):
        fixed.audited({IID_STREAM: drawn})
    assert not fixed.audited_where_made({IID_STREAM: drawn}).assumptions[0].how


@pytest.mark.parametrize("name", ["holdout.progressive_validation", "holdout.progressive_validation_grid", "pac_bayes.catoni"])
def test_who_looks_every_day_refutes_what_was_made_for_one_day_only(name: str) -> None:
    """The observer stops where the risk looks small: Hoeffding fails there, and what holds at every n does not."""
    watched = scenario("hostile: the number of examples")
    (trial,) = check(name, scenarios=watched, rungs="every sample").trials
    assert trial.findings
    assert not trial.refuted
    (fixed,) = check("holdout.hoeffding", scenarios=watched).trials
    assert fixed.fails_there is True
