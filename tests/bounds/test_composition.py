"""What happens to direction, mode and assumptions when a certificate or a capacity enters a bound."""

import math
from dataclasses import replace
from fractions import Fraction

import pytest
from tests.bounds.grouped import grouped
from tests.bounds.strategies.table import CASES

from genbounds.bounds import (
    Bound,
    Certificate,
    DirectionError,
    Formula,
    Quantity,
    best_of,
    bounds_on,
    catalogue,
    holdout,
    pac_bayes,
    perceptron,
    rademacher,
    stability,
)
from genbounds.bounds.assumptions import HYPOTHESIS_INDEPENDENT_OF_SAMPLE
from genbounds.bounds.certificate import decimal_down_percent

DELTA = Fraction(1, 20)
HELD_OUT = holdout.hoeffding(empirical_risk=0, n=100, delta=DELTA)


def names(certificate: Certificate) -> set[str]:
    return {entry.assumption.name for entry in certificate.assumptions}


def taken(formula: Formula, name: str) -> set[str]:
    """What a certificate may bound to stand for this input, written down apart from the declarations."""
    if name == "empirical_risk":
        return {"empirical Gibbs risk"} if formula.bounds_on in ("Gibbs risk", "majority vote risk") else set()
    if name == "surrogate_risk":
        return {"risk", "Gibbs risk", "majority vote risk"}
    removed = "remove-one uniform stability"
    if name == "stability" and formula.name.startswith("stability.bousquet_elisseeff2002"):
        short = formula.name.removeprefix("stability.bousquet_elisseeff2002")
        return {"": {"uniform stability"}, "remove": {"uniform stability", removed}, "leave_one_out": {removed}}[short]
    by_name = {
        "tandem_risk": "empirical Gibbs risk",
        "gibbs_risk": "Gibbs risk",
        "previous_risk": "Gibbs risk",
        "stability": "uniform stability",
        "expected_mistakes": "number of mistakes",
    }
    return {by_name[name]} if name in by_name else set()


@grouped([(f, name) for f in catalogue() for name in f.inputs])
def test_a_certificate_enters_where_it_bounds_that_very_thing_and_nowhere_else(formula: Formula, name: str) -> None:
    example = CASES[formula.name].example
    for kind in bounds_on.LEFT_SIDE:
        value = 0.25 if isinstance(example[name], tuple) else float(example[name])
        given = replace(HELD_OUT, value=value, bounds_on=kind, inputs={})
        arguments = {**example, name: given}
        if kind in taken(formula, name):
            formula(**arguments)
            continue
        for read in (formula, formula.estimate) if isinstance(formula, Bound) else (formula,):
            with pytest.raises(DirectionError, match=rf"^{name} of {formula.name} must be .*hoeffding, which bounds the {kind}: \w"):
                read(**arguments)


def test_a_certificate_enters_at_its_own_number_of_examples_only() -> None:
    beta = {n: stability.regularized_erm(lipschitz=1, strong_convexity=1, n=n) for n in (1000, 10**6)}
    rest = {"empirical_risk": 0, "delta": DELTA}
    with pytest.raises(ValueError, match=r"^stability of .*elisseeff2002 must .* at n=1000000 where .* n=1000: compute it at that n"):
        stability.bousquet_elisseeff2002(stability=beta[10**6], n=1000, **rest)
    for given in (1000, 1000.0, Quantity(1000, "exact", "counted")):
        right = stability.bousquet_elisseeff2002(stability=beta[1000], n=given, **rest)
        assert right.value == pytest.approx(0.002 + 5 * (math.log(20) / 2000) ** 0.5, rel=1e-12)
    assert stability.expected_gap(stability=beta[1000]).value == beta[1000].value  # which knows no n
    with pytest.raises(ValueError, match=r"^stability must be given for every n to invert .* at n=1000000 alone: pass"):
        stability.feldman_vondrak2018.sample_size(target=0.3, stability=beta[10**6], **rest)
    needed = stability.feldman_vondrak2018.sample_size(
        target=Fraction(1, 2), stability=lambda n: stability.regularized_erm(lipschitz=1, strong_convexity=1, n=n), **rest
    )
    known = stability.regularized_erm(lipschitz=1, strong_convexity=1, n=needed)
    assert stability.feldman_vondrak2018(stability=known, n=needed, **rest).value <= 0.5


def test_what_holds_in_expectation_is_no_upper_bound_for_a_statement_with_high_probability() -> None:
    expected = perceptron.random_iterate(radius=1, margin=0.5, n=1000)
    assert expected.as_quantity().kind == "estimate"
    assert expected.as_quantity(in_expectation=True).kind == "upper"
    with pytest.raises(DirectionError, match="in expectation only"):
        rademacher.uniform_deviation(empirical_risk=0, complexity=expected.as_quantity(), n=1000, delta=DELTA)


def test_a_certificate_must_bound_what_the_input_is() -> None:
    gap = stability.hardt2016convex(lipschitz=1, smoothness=1, step_sizes=(0.1,) * 10, n=100)
    with pytest.raises(DirectionError, match="uniform stability"):
        stability.bousquet_elisseeff2002(empirical_risk=0, stability=gap, n=100, delta=DELTA)
    risk = holdout.hoeffding(empirical_risk=0, n=100, delta=DELTA)
    with pytest.raises(DirectionError, match="empirical Gibbs risk"):
        pac_bayes.seeger2002(empirical_risk=risk, kl=1, n=100, delta=DELTA)


def test_the_assumptions_of_inputs_reach_the_certificate() -> None:
    sampled = pac_bayes.monte_carlo_errors(errors=5, pairs=100, delta=Fraction(1, 100))
    assert "independent pairs" in names(pac_bayes.seeger2002(empirical_risk=sampled, kl=1, n=100, delta=DELTA))
    complexity = rademacher.golowich2018frobenius(norm_product=1, depth=2, data_norm=10, n=1000)
    found = rademacher.uniform_deviation(empirical_risk=0, complexity=complexity, n=1000, delta=DELTA)
    assert {"positively homogeneous activation", "no bias"} <= names(found)
    beta = stability.regularized_erm(lipschitz=1, strong_convexity=1, n=100)
    assert "strongly convex objective" in names(stability.bousquet_elisseeff2002(empirical_risk=0, stability=beta, n=100, delta=DELTA))
    assert Certificate.from_dict(found.to_dict()).to_dict() == found.to_dict()


def test_a_violated_assumption_of_an_input_is_not_lost() -> None:
    broken = pac_bayes.monte_carlo_errors(errors=5, pairs=100, delta=Fraction(1, 100))
    broken = broken.audited({broken.assumptions[0].assumption: ("violated", "the draws were reused")})
    with pytest.raises(DirectionError):
        pac_bayes.seeger2002(empirical_risk=broken, kl=1, n=100, delta=DELTA)
    assert pac_bayes.seeger2002.estimate(empirical_risk=broken, kl=1, n=100, delta=DELTA).violated


@pytest.mark.parametrize(("smoothness", "step"), [(6.666666666666667, 0.3), (3.3333333333333335, 0.6), (2.2222222222222223, 0.9)])
def test_steps_whose_exact_product_with_the_smoothness_exceeds_two_are_refused(smoothness: float, step: float) -> None:
    assert smoothness * step <= 2 < Fraction(smoothness) * Fraction(step)
    with pytest.raises(ValueError, match="at most 2/smoothness"):
        stability.hardt2016convex(lipschitz=1, smoothness=smoothness, step_sizes=(step,), n=100)


@pytest.mark.parametrize("delta", [Fraction(1, 10**16), 1e-16, 1e-300, Fraction(1, 3 * 10**20), 0.05, Fraction(1, 20), 0.035])
def test_a_printed_confidence_level_is_rounded_down(delta: Fraction | float) -> None:
    exact = Fraction(repr(delta)) if isinstance(delta, float) else delta
    level = Fraction(decimal_down_percent(Fraction(delta)))
    assert level <= 100 * (1 - exact)
    assert level < 100


def test_the_best_of_several_is_never_an_estimate_or_a_violated_one() -> None:
    def violated(delta: Fraction) -> Certificate:
        found = holdout.clopper_pearson(errors=0, n=1000, delta=delta)
        return found.audited({HYPOTHESIS_INDEPENDENT_OF_SAMPLE: ("violated", "it was trained on these points")})

    with pytest.raises(ValueError, match="must be certificates"):
        best_of([violated, lambda delta: holdout.hoeffding(empirical_risk=0, n=1000, delta=delta)], DELTA)
    guess = Quantity(Fraction(1, 10), "estimate", "a guess")
    with pytest.raises(ValueError, match="must be certificates"):
        best_of([lambda delta: holdout.hoeffding.estimate(empirical_risk=guess, n=1000, delta=delta)], DELTA)
