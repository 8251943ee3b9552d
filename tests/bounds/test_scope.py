"""Whom a certificate speaks of when an input was measured, and what that costs where a parameter was chosen."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest
from tests.bounds.grouped import grouped
from tests.bounds.strategies.table import CASES

from genbounds.bounds import Bound, Certificate, Choice, Quantity, best_of, catalogue, pac_bayes, rademacher
from genbounds.bounds.exact import exact_or_vector
from genbounds.bounds.scope import SHARED, simultaneous

DELTA = Fraction(1, 20)
SMALL = Fraction(1, 1000)
BOUNDS = [formula for formula in catalogue() if isinstance(formula, Bound)]
OF_ALL = {
    "holdout": {"adaptive_reuse", "adaptive_reuse_rounded", "compression", "finite_class", "kawaguchi2017validation"}
    | {"maurer2009finite_class", "occam_binomial", "occam_kl", "realizable_finite_class", "sample_compression"},
    "pac_bayes": {bound.name.split(".")[1] for bound in BOUNDS if bound.family == "pac_bayes"}
    - {"c_bound", "disintegrated", "majority_vote_factor_two", "monte_carlo_errors", "monte_carlo_risk"},
    "vc": {bound.name.split(".")[1] for bound in BOUNDS if bound.family == "vc"},
    "rademacher": {bound.name.split(".")[1] for bound in BOUNDS if bound.family == "rademacher"},
    "margin": {bound.name.split(".")[1] for bound in BOUNDS if bound.family == "margin"},
    "perceptron": {"freund_schapire1999", "hinge", "novikoff"},
    "stability": set(),
    "information": set(),
}
"""The bounds that are declared for all their subjects at once, written down apart from the declarations."""


def measured(value: Any) -> Quantity:
    return Quantity(exact_or_vector(value), "exact", "measured at random", SMALL)


@pytest.mark.parametrize("bound", BOUNDS, ids=lambda bound: bound.name)
def test_a_bound_speaks_of_all_where_it_is_declared_to(bound: Bound) -> None:
    family, name = bound.name.split(".")
    certificate = bound(**CASES[bound.name].example)
    assert certificate.holds_for == bound.declaration.holds_for
    assert simultaneous(certificate.holds_for) == (name in OF_ALL[family])


@grouped([(b, name) for b in BOUNDS for name in b.inputs if name != "delta"])
def test_a_measured_input_leaves_one_subject(bound: Bound, name: str) -> None:
    example = CASES[bound.name].example
    found = bound(**{**example, name: measured(example[name])})
    assert not simultaneous(found.holds_for)
    if name in SHARED:
        assert found.holds_for == f"{bound.declaration.holds_for}, with one measurement of {name}"
    else:
        assert found.holds_for.startswith("one ")
        assert f" only, whose {name} was measured once; the bound itself holds for {bound.declaration.holds_for}" in found.holds_for
    assert found.holds_for in found.summary()
    assert found.to_dict()["holds_for"] == found.holds_for
    again = Certificate.from_dict(found.to_dict())
    assert again == found
    assert bound(**again.inputs).holds_for == found.holds_for


@pytest.mark.parametrize(
    "bound", [b for b in BOUNDS if b.bounds_on == "Gibbs risk" and "empirical_risk" in b.inputs], ids=lambda bound: bound.name
)
def test_a_monte_carlo_limit_is_about_one_posterior_and_stays_so(bound: Bound) -> None:
    limit = pac_bayes.monte_carlo_errors(errors=10, pairs=1000, delta=SMALL)
    found = bound(**{**CASES[bound.name].example, "empirical_risk": limit})
    assert found.holds_for.startswith("one posterior only, whose empirical_risk was measured once;")
    for given in (found, found.as_quantity(), Certificate.from_dict(found.to_dict())):
        assert pac_bayes.majority_vote_factor_two(gibbs_risk=given).holds_for.startswith("one posterior only, whose gibbs_risk ")


def test_a_charge_of_a_statement_about_all_takes_nothing_away() -> None:
    gibbs = pac_bayes.maurer2004(empirical_risk=Fraction(1, 10), kl=5, n=1000, delta=DELTA)
    for given in (gibbs, gibbs.as_quantity(), Certificate.from_dict(gibbs.to_dict()), Quantity.from_dict(gibbs.as_quantity().to_dict())):
        vote = pac_bayes.majority_vote_factor_two(gibbs_risk=given)
        assert vote.delta == DELTA
        assert vote.holds_for == "the weighted majority vote of the voters"


def test_a_complexity_that_was_sampled_serves_the_class_once() -> None:
    sampled = rademacher.kernel_monte_carlo(kernel=[[1, 0], [0, 1]], norm=1, signs=[[1, -1], [1, 1]], delta=SMALL)
    found = rademacher.uniform_deviation(empirical_risk=0, complexity=sampled, n=2, delta=DELTA)
    assert found.holds_for == "every hypothesis of the class at once, with one measurement of complexity"


# --- the best of several alternatives -----------------------------------------------------------------------------------------------

PARAMETERS = [(b, name) for b in BOUNDS for name in b.declaration.fixed_in_advance if "delta" in b.inputs]


@grouped(PARAMETERS)
def test_a_choice_counts_measured_inputs_once_for_each_alternative(bound: Bound, name: str) -> None:
    example = {**CASES[bound.name].example, "delta": DELTA}
    chosen = Choice(exact_or_vector(example[name]), alternatives=7, how="seven values")
    for other in set(example) - {name, "delta"} - set(bound.declaration.fixed_in_advance):
        found = bound(**{**example, name: chosen, other: measured(example[other])})
        assert found.delta == DELTA + 7 * SMALL
        assert found.value == bound(**{**example, name: chosen}).value
        assert Certificate.from_dict(found.to_dict()).delta == found.delta
        too_much = Quantity(exact_or_vector(example[other]), "exact", "measured at random", Fraction(1, 7))
        with pytest.raises(ValueError, match=rf"that of {other} counts 7 times; measure each at delta times 1/7$"):
            bound(**{**example, name: chosen, other: too_much})


def test_weights_of_several_choices_multiply_and_one_measurement_counts_once_among_the_inputs() -> None:
    example = CASES["margin.norm_product_fixed_class"].example
    risk, norm = measured(example["margin_risk"]), measured(example["data_norm"])
    chosen = {
        "margin": Choice(example["margin"], alternatives=3, how="three margins"),
        "norm_product": Choice(example["norm_product"], weight=Fraction(1, 4), how="a prior on norms"),
    }
    bound = next(b for b in BOUNDS if b.name == "margin.norm_product_fixed_class")
    both = bound(**{**example, **chosen, "margin_risk": risk, "data_norm": norm, "delta": DELTA})
    assert both.delta == DELTA + 12 * 2 * SMALL
    same = Quantity(norm.value, "exact", "the same event", charges=risk.charges)
    assert bound(**{**example, **chosen, "margin_risk": risk, "data_norm": same, "delta": DELTA}).delta == DELTA + 12 * SMALL


def test_choices_inside_choices_multiply() -> None:
    grid = Choice(1000, alternatives=10, how="ten prior sizes")
    limit = pac_bayes.monte_carlo_errors(errors=10, pairs=1000, delta=Fraction(1, 10**5))
    inner = pac_bayes.data_dependent_prior(empirical_risk=limit, kl=1, n=2000, prior_size=grid, delta=Fraction(1, 1000))
    assert inner.delta == Fraction(1, 1000) + Fraction(10, 10**5)
    # As an input of another bound with a Choice of its own (here as the risk on the sample of a plain number's kind), all of it is counted.
    outer = pac_bayes.catoni(
        empirical_risk=Quantity(Fraction(1, 10), "upper", "rests on it", charges=inner.charges),
        kl=1,
        n=1000,
        temperature=Choice(1, alternatives=5, how="five temperatures"),
        delta=DELTA,
    )
    assert outer.delta == DELTA + 5 * inner.delta


def test_the_best_of_several_limits_fails_no_more_often_than_its_certificate_says() -> None:
    """Posteriors of Gibbs risk 1/2, one limit for each of K posteriors; the chance that some limit is too small, exactly."""
    pairs, alternatives, own = 20, 40, Fraction(1, 100)
    data = {"kl": 0, "n": 10**12, "delta": Fraction(1, 1000)}
    chosen = Choice(1000, alternatives=alternatives, how="forty prior sizes")

    def claim(delta: Fraction) -> Fraction:
        limit = pac_bayes.monte_carlo_errors(errors=0, pairs=pairs, delta=delta)
        found = pac_bayes.data_dependent_prior(empirical_risk=limit, prior_size=chosen, **data)
        assert found.delta is not None
        return found.delta

    def fails(delta: Fraction) -> Fraction:
        limits = [pac_bayes.monte_carlo_errors(errors=k, pairs=pairs, delta=delta).value for k in range(pairs + 1)]
        one = sum(Fraction(math.comb(pairs, k), 2**pairs) for k, limit in enumerate(limits) if limit < 0.5)
        return 1 - (1 - one) ** alternatives

    assert fails(own) > own + data["delta"]  # what was claimed for the best of them when one limit was counted
    for delta in (own, own / alternatives):
        assert claim(delta) == data["delta"] + alternatives * delta
        assert fails(delta) <= claim(delta)


def test_the_example_that_claimed_one_in_twenty_is_refused_with_its_remedy() -> None:
    inputs: dict[str, Any] = {"kl": 0, "n": 10**12, "delta": Fraction(1, 25)}
    chosen = Choice(1000, alternatives=100, how="a hundred prior sizes")
    limit = pac_bayes.monte_carlo_errors(errors=498833, pairs=10**6, delta=Fraction(1, 100))
    with pytest.raises(ValueError, match=r"less than 1, got 1.04: .* counts 100 times; measure each at delta times 1/100$"):
        pac_bayes.data_dependent_prior(empirical_risk=limit, prior_size=chosen, **inputs)
    mended = pac_bayes.monte_carlo_errors(errors=498833, pairs=10**6, delta=Fraction(1, 100) * chosen.weight)
    assert pac_bayes.data_dependent_prior(empirical_risk=mended, prior_size=chosen, **inputs).delta == Fraction(1, 20)


def test_the_best_of_bounds_adds_the_limits_of_all_posteriors() -> None:
    def candidate(delta: Fraction) -> Certificate:
        limit = pac_bayes.monte_carlo_errors(errors=10, pairs=1000, delta=SMALL)
        return pac_bayes.seeger2002(empirical_risk=limit, kl=1, n=1000, delta=delta)

    best = best_of([candidate] * 5, DELTA)
    assert best.delta == DELTA + 5 * SMALL
    assert best.holds_for.startswith("one posterior only")
