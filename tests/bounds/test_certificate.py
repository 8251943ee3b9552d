"""Certificates: exact round trips, what is said when a bound is vacuous or violated, delta spent and counted once."""

from __future__ import annotations

import json
import math
from dataclasses import FrozenInstanceError, replace
from fractions import Fraction
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.bounds.strategies.numbers import deltas
from tests.bounds.strategies.table import CASES, DRAWS, READINGS, TESTED, with_form
from tests.bounds.test_latex_and_sources import faults

from genbounds.bounds import (
    Assumption,
    AuditedAssumption,
    Bound,
    Certificate,
    Charge,
    Choice,
    Confidence,
    Quantity,
    best_of,
    holdout,
    pac_bayes,
    perceptron,
    rademacher,
    stability,
    vc,
)
from genbounds.bounds.assumptions import IID_SAMPLE, SEPARABLE, ZERO_ONE_LOSS

DELTA = Fraction(1, 20)
BOUNDS = [key for key in TESTED if isinstance(READINGS[key][0], Bound)]


def clopper(**changes: Any) -> Certificate:
    return holdout.clopper_pearson(**{"errors": 5, "n": 100, "delta": DELTA, **changes})


# --- JSON ------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", BOUNDS)
@settings(max_examples=DRAWS)
@given(data=st.data())
def test_a_certificate_reads_back_from_json_exactly(key: str, data: Any) -> None:
    certificate = READINGS[key][0](**with_form(key, data.draw(CASES[key].inputs)))
    assert isinstance(certificate, Certificate)
    back = Certificate.from_dict(json.loads(json.dumps(certificate.to_dict(), allow_nan=False)))
    assert back == certificate
    assert back.to_dict() == certificate.to_dict()
    for name, value in certificate.inputs.items():
        assert type(back.inputs[name]) is type(value)


@pytest.mark.parametrize("kind", ["exact", "upper", "lower", "estimate"])
@pytest.mark.parametrize("value", [3, Fraction(1, 3), 0.1, 5e-324, (1, Fraction(2, 7), 1e300)])
def test_a_quantity_reads_back_from_json_exactly(kind: Any, value: Any) -> None:
    quantity = Quantity(value, kind, "counted", Fraction(1, 7))
    assert Quantity.from_dict(json.loads(json.dumps(quantity.to_dict()))) == quantity


def test_a_certificate_of_a_measured_input_reads_back_with_the_measurement() -> None:
    measured = Quantity(Fraction(1, 30), "upper", "Monte Carlo, 1000 draws", Fraction(1, 100))
    certificate = pac_bayes.seeger2002(empirical_risk=measured, kl=10.5, n=1000, delta=DELTA)
    back = Certificate.from_dict(json.loads(json.dumps(certificate.to_dict())))
    assert back == certificate
    assert back.inputs["empirical_risk"] == measured
    assert back.delta == DELTA + Fraction(1, 100)


def test_certificates_and_quantities_are_immutable() -> None:
    with pytest.raises(FrozenInstanceError):
        clopper().value = 0  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        Quantity(1, "exact", "counted").value = 0  # type: ignore[misc]


# --- what is said ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", BOUNDS)
def test_every_rendering_says_the_value_the_source_and_the_assumptions(key: str) -> None:
    formula, form = READINGS[key]
    certificate = formula(**with_form(key, CASES[key].example))
    assert isinstance(certificate, Certificate)
    text, page, row = certificate.summary(), certificate._repr_html_(), certificate.latex()
    for entry in certificate.assumptions:
        assert entry.assumption.name in text
        assert f"[{entry.status}" in text
    for name in certificate.inputs:
        assert f"{name}=" in text
    assert formula.forms[form].source.place in text
    assert certificate.provenance in text
    assert page.startswith("<table>")
    assert page.count("<tr>") == page.count("</tr>") > len(certificate.assumptions)
    assert faults(row) == []
    assert row.endswith(r"\\")
    assert rf"\cite{{{certificate.source.key}}}" in row
    assert certificate.source.key in certificate.bibtex()
    assert "genbounds" in certificate.bibtex()
    assert ("(vacuous)" in text) == certificate.vacuous
    assert float(certificate) == certificate.value


@given(errors=st.integers(0, 60), delta=deltas())
def test_a_printed_bound_is_never_below_the_value(errors: int, delta: Any) -> None:
    certificate = clopper(errors=errors, delta=delta)
    shown = certificate.summary().split("<= ")[1].split()[0]
    assert Fraction(shown) >= Fraction(certificate.value)
    assert Fraction(shown) <= Fraction(certificate.value) * (1 + Fraction(1, 10**4)) + Fraction(1, 10**300)
    level = certificate.summary().split("at least ")[1].split(" %")[0]
    assert Fraction(level) / 100 <= 1 - Fraction(delta) + Fraction(1, 10**15)


def test_vacuous_is_said_and_the_value_is_not_clipped() -> None:
    loose = vc.sauer(empirical_risk=0, n=10, vc_dimension=10, delta=DELTA)
    assert loose.value > 1
    assert loose.vacuous
    assert "vacuous" in loose.summary()
    assert "vacuous" in loose._repr_html_()
    assert clopper(errors=100).vacuous
    assert not clopper().vacuous
    wide = stability.bousquet_elisseeff2002(empirical_risk=2, stability=0, n=100, delta=DELTA, loss_range=10)
    assert wide.trivial == 10
    assert wide.value > 1
    assert not wide.vacuous
    mistakes = perceptron.novikoff(radius=10**6, margin=1)
    assert mistakes.trivial is None
    assert not mistakes.vacuous


def test_statements_that_cannot_fail_have_no_confidence() -> None:
    always = perceptron.novikoff(radius=2, margin=1)
    assert (always.mode, always.delta, always.confidence_level) == ("DET", None, None)
    expected = perceptron.random_iterate(radius=2, margin=1, n=10)
    assert (expected.mode, expected.delta, expected.confidence_level) == ("EXP", None, None)
    likely = clopper()
    assert (likely.mode, likely.delta, likely.confidence_level) == ("HP", DELTA, Fraction(19, 20))
    assert "in expectation" in expected.summary()
    assert "always" in always.summary()
    assert "95 %" in likely.summary()


def test_a_measured_input_gives_an_expectation_a_confidence() -> None:
    measured = Quantity(2, "upper", "a sample", Fraction(1, 50))
    assert perceptron.random_iterate(radius=measured, margin=1, n=10).delta == Fraction(1, 50)


# --- assumptions -----------------------------------------------------------------------------------------------------------------------


def test_an_audit_sets_statuses_and_leaves_the_original_alone() -> None:
    plain = clopper()
    audited = plain.audited({IID_SAMPLE: ("by construction", "draws from a pool"), ZERO_ONE_LOSS: ("checked", "losses are 0 or 1")})
    assert {entry.status for entry in plain.assumptions} == {"declared"}
    assert [entry.status for entry in audited.assumptions if entry.assumption == IID_SAMPLE] == ["by construction"]
    assert "by construction: draws from a pool" in audited.summary()
    assert audited.value == plain.value
    assert Certificate.from_dict(audited.to_dict()) == audited


def test_a_violated_assumption_is_said_everywhere_and_spoils_what_is_built_on_it() -> None:
    violated = clopper().audited({IID_SAMPLE: ("violated", "examples were duplicated")})
    assert "assumption violated: iid sample" in violated.summary()
    assert "assumption violated" in violated._repr_html_()
    assert r"\dagger" in violated.latex()
    assert violated.as_quantity().kind == "estimate"


def test_an_audit_of_a_strange_assumption_or_status_is_refused() -> None:
    with pytest.raises(ValueError, match="leave it out"):
        clopper().audited({SEPARABLE: ("checked", "seen")})
    with pytest.raises(ValueError, match="status must be one of"):
        clopper().audited({IID_SAMPLE: ("certain", "sure")})  # type: ignore[dict-item]
    with pytest.raises(ValueError, match="how must say"):
        AuditedAssumption(Assumption("a", "b"), "checked")


# --- delta -----------------------------------------------------------------------------------------------------------------------------


def test_deltas_of_certificates_that_enter_a_bound_add_up() -> None:
    draws = pac_bayes.monte_carlo_risk(sampled_risk=Fraction(3, 100), draws=1000, delta=Fraction(1, 100))
    certificate = pac_bayes.seeger2002(empirical_risk=draws, kl=100, n=10**4, delta=Fraction(1, 25))
    assert certificate.delta == Fraction(1, 20)
    assert certificate.value == pac_bayes.seeger2002(empirical_risk=draws.value, kl=100, n=10**4, delta=Fraction(1, 25)).value


def test_one_statement_used_twice_counts_once_and_two_equal_ones_twice() -> None:
    measured = Quantity(Fraction(1, 10), "upper", "one measurement", Fraction(1, 100))
    assert pac_bayes.mcallester(empirical_risk=measured, kl=measured, n=100, delta=DELTA).delta == DELTA + Fraction(1, 100)
    other = Quantity(Fraction(1, 10), "upper", "one measurement", Fraction(1, 100))
    assert pac_bayes.mcallester(empirical_risk=measured, kl=other, n=100, delta=DELTA).delta == DELTA + Fraction(2, 100)
    first = pac_bayes.monte_carlo_risk(sampled_risk=measured, draws=100, delta=DELTA)
    chained = pac_bayes.mcallester(empirical_risk=first, kl=measured, n=1000, delta=DELTA)
    assert chained.delta == 2 * DELTA + Fraction(1, 100)
    assert Charge(DELTA, "a") != Charge(DELTA, "a")


def test_confidence_that_adds_up_to_nothing_is_refused() -> None:
    unsure = Quantity(Fraction(1, 10), "upper", "a guess", Fraction(19, 20))
    with pytest.raises(ValueError, match="shares of delta must add up to less than 1"):
        pac_bayes.mcallester(empirical_risk=unsure, kl=5, n=100, delta=DELTA)


def test_a_capacity_passes_delta_and_estimates_on() -> None:
    measured = Quantity(3, "upper", "a randomised norm", Fraction(1, 1000))
    complexity = rademacher.linear_l2(norm=measured, data_norm=10, n=10**4)
    assert (complexity.kind, complexity.delta) == ("upper", Fraction(1, 1000))
    assert rademacher.uniform_deviation(empirical_risk=0, complexity=complexity, n=10**4, delta=DELTA).delta == DELTA + Fraction(1, 1000)
    guessed = rademacher.linear_l2(norm=Quantity(3, "estimate", "power iteration"), data_norm=10, n=10**4)
    assert guessed.kind == "estimate"
    assert "norm" in guessed.how
    with pytest.raises(ValueError, match="complexity of rademacher"):
        rademacher.uniform_deviation(empirical_risk=0, complexity=guessed, n=10**4, delta=DELTA)


def test_an_estimate_stays_one_through_another_bound() -> None:
    estimate = pac_bayes.monte_carlo_risk.estimate(sampled_risk=Quantity(0.1, "estimate", "same draws"), draws=100, delta=DELTA)
    assert estimate.as_quantity().kind == "estimate"
    with pytest.raises(ValueError, match="empirical_risk"):
        pac_bayes.seeger2002(empirical_risk=estimate, kl=1, n=100, delta=DELTA)


def test_an_overflowed_certificate_cannot_enter_another() -> None:
    with pytest.raises(ValueError, match="finite"):
        replace(clopper(), value=math.inf).as_quantity()


def test_the_best_of_several_pays_for_the_union() -> None:
    risk = Fraction(5, 100)
    best = best_of([partial(holdout.clopper_pearson, errors=5, n=100), partial(holdout.hoeffding, empirical_risk=risk, n=100)], DELTA)
    assert best.bound == "holdout.clopper_pearson"
    assert best.value == clopper(delta=DELTA / 2).value
    assert best.delta == DELTA
    assert "best of 2" in best.summary()


def test_the_best_of_several_counts_the_measurements_of_the_losers() -> None:
    measured = Quantity(Fraction(9, 10), "upper", "a bad measurement", Fraction(1, 100))
    good = partial(pac_bayes.seeger2002, empirical_risk=Fraction(1, 10), kl=1, n=1000)
    bad = partial(pac_bayes.seeger2002, empirical_risk=measured, kl=1, n=1000)
    assert best_of([good, bad], DELTA).delta == DELTA + Fraction(1, 100)


def test_the_best_of_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one bound"):
        best_of([], DELTA)
    with pytest.raises(ValueError, match="must bound the same thing"):
        best_of([partial(holdout.hoeffding, empirical_risk=0, n=10), partial(pac_bayes.seeger2002, empirical_risk=0, kl=1, n=10)], DELTA)
    with pytest.raises(ValueError, match=r"delta must lie in \(0, 1\)"):
        best_of([partial(holdout.hoeffding, empirical_risk=0, n=10)], 2)


@given(delta=deltas(), parts=st.lists(st.fractions(0, 1), max_size=12))
def test_confidence_is_never_overspent(delta: Any, parts: list[Fraction]) -> None:
    budget = Confidence(delta)
    for index, part in enumerate(parts):
        left = budget.remaining
        try:
            amount = budget.share(part, f"purpose {index}")
        except ValueError:
            assert part == 0 or part * Fraction(delta) > left
            assert budget.remaining == left
        else:
            assert amount == part * Fraction(delta)
        assert sum((amount for amount, _ in budget.shares), budget.remaining) == Fraction(delta)
        assert budget.remaining >= 0
    if budget.remaining:
        budget.rest("what is left")
    with pytest.raises(ValueError, match="nothing is left"):
        budget.rest("more")


@pytest.mark.parametrize("bad", [0, 1, -0.5, 2, math.nan, math.inf])
def test_a_budget_outside_the_unit_interval_is_refused(bad: Any) -> None:
    with pytest.raises(ValueError, match="delta must"):
        Confidence(bad)


def test_a_share_that_is_no_fraction_is_refused() -> None:
    for bad in (0, -1, 2, math.nan):
        with pytest.raises(ValueError, match="part must"):
            Confidence(DELTA).share(bad, "a purpose")


def test_a_choice_says_what_it_costs_or_is_refused() -> None:
    assert Choice(1, alternatives=4, how="four values").weight == Fraction(1, 4)
    with pytest.raises(ValueError, match="either alternatives or weight"):
        Choice(1, how="no cost")
    with pytest.raises(ValueError, match="either alternatives or weight"):
        Choice(1, alternatives=2, weight=Fraction(1, 2), how="both")
    with pytest.raises(ValueError, match="how must say"):
        Choice(1, alternatives=2)
    with pytest.raises(ValueError, match="weight must lie"):
        Choice(1, weight=Fraction(3, 2), how="too much")
    with pytest.raises(ValueError, match="weight must lie"):
        Choice(1, alternatives=-2, how="fewer than none")


@given(alternatives=st.integers(1, 10**6))
def test_a_choice_is_charged_by_reading_the_bound_at_a_part_of_delta(alternatives: int) -> None:
    inputs = {"online_risk": Fraction(1, 10), "n": 1000}
    chosen = holdout.progressive_validation(**inputs, rate=Choice(Fraction(1, 2), alternatives=alternatives, how="a grid"), delta=DELTA)
    assert chosen.value == holdout.progressive_validation(**inputs, rate=Fraction(1, 2), delta=DELTA / alternatives).value
    assert chosen.delta == DELTA
    assert any(entry.status == "declared" and "a grid" in entry.how for entry in chosen.assumptions)
    declared = holdout.progressive_validation(**inputs, rate=Fraction(1, 2), delta=DELTA)
    assert any(entry.assumption.name == "rate fixed in advance" and entry.status == "declared" for entry in declared.assumptions)


# --- quantities ------------------------------------------------------------------------------------------------------------------------


def test_a_quantity_keeps_its_number_exactly_and_says_how_it_was_measured() -> None:
    assert Quantity(Fraction(6, 3), "exact", "counted").value == 2
    assert isinstance(Quantity(Fraction(6, 3), "exact", "counted").value, int)
    assert float(Quantity(0.1, "exact", "given")) == 0.1
    assert Quantity([1, 2], "upper", "norms").value == (1, 2)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="vector"):
        float(Quantity((1, 2), "upper", "norms"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((1, "about", "counted"), "kind must be one of"),
        ((1, "exact", ""), "how must say"),
        ((1, "exact", "counted", 1), r"delta must lie in \[0, 1\)"),
        ((1, "exact", "counted", Fraction(-1, 2)), "delta must lie"),
        ((math.nan, "exact", "counted"), "finite"),
        ((math.inf, "upper", "overflowed"), "finite"),
        (((), "upper", "nothing"), "empty"),
    ],
)
def test_a_quantity_that_says_nothing_is_refused(arguments: tuple[Any, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Quantity(*arguments)


@pytest.mark.parametrize(
    ("number", "printed"),
    [(0.1, "0.1"), ("0.1", "0.1"), (Fraction(1, 8), "0.125"), (Fraction(1, 3), "0.333334"), (0.1234561, "0.123457")],
)
def test_a_term_that_is_an_input_is_printed_as_the_input_and_any_other_rounded_up(number: Any, printed: str) -> None:
    text = holdout.hoeffding(empirical_risk=number, n=600, delta="0.05").summary()
    assert f"terms: {printed} (empirical risk) + 0.0499645 (deviation)" in text
