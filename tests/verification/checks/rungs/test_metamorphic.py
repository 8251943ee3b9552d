"""Directions, limits, single samples, two readings and units: true bounds pass, each planted fault is caught by its own question."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import wraps
from typing import Any

import mpmath
import numpy as np
import pytest

from genbounds.bounds.holdout import bernstein, hoeffding
from genbounds.bounds.lookup import get
from genbounds.bounds.pac_bayes import seeger2002
from genbounds.bounds.theorem import Bound
from genbounds.bounds.worlds import FloatWorld
from genbounds.verification.checks.check import check
from genbounds.verification.checks.faults.copies import with_formula
from genbounds.verification.checks.matching import match
from genbounds.verification.checks.rungs import Finding, Metamorphic, metamorphic
from genbounds.verification.checks.units import LOSS, SCORES, WEIGHTS
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.scenarios import scenario

CASES = [
    ("hoeffding", "fixed hypothesis"),
    ("clopper_pearson", "fixed hypothesis"),
    ("empirical_bernstein", "fixed hypothesis"),
    ("seeger2002", "crowd of voters"),
    ("sauer", "memoriser"),
    ("neyshabur2018pacbayes_grid", "network fixed in advance"),
    ("bousquet_elisseeff2002", "regularised minimiser"),
    ("novikoff", "perceptron run"),
    ("hardt2016convex", "descent on linear losses"),
]


def look(bound: Bound, where: str) -> Finding:
    finding = Metamorphic().look(match(bound, scenario(where)), "thumbnail")
    assert finding is not None
    assert finding.looked_at > 0
    return finding


def named(name: str) -> Bound:
    found = get(name)
    assert isinstance(found, Bound)
    return found


@pytest.mark.slow
@pytest.mark.parametrize(("name", "where"), CASES)
def test_what_is_declared_holds(name: str, where: str) -> None:
    finding = look(named(name), where)
    assert finding.verdict is Verdict.NOT_REFUTED, finding.evidence
    assert "comparisons" in finding.evidence


@pytest.mark.parametrize(
    ("bound", "where", "declared"),
    [
        (hoeffding, "fixed hypothesis", {"increasing": ("empirical_risk", "n"), "decreasing": ("delta",)}),
        (seeger2002, "crowd of voters", {"increasing": (), "decreasing": ("n", "delta", "kl")}),
        (named("empirical_bernstein"), "fixed hypothesis", {"increasing": (), "decreasing": ("variance",)}),
    ],
)
def test_a_direction_that_is_declared_wrongly_is_caught(bound: Bound, where: str, declared: dict[str, tuple[str, ...]]) -> None:
    altered = with_formula(bound, bound.forms[bound.declaration.form].formula)
    altered.declaration = replace(bound.declaration, **declared)  # type: ignore[arg-type]
    assert "goes the wrong way" in look(altered, where).evidence


def deviation(math: Any, n: Any, delta: Any, factor: Any = 1) -> Any:
    return math.sqrt(math.log_quotient(1, delta) / (2 * n)) * factor


def reversed_sign(math: Any, *, empirical_risk: Any, n: Any, delta: Any) -> dict[str, Any]:
    return {"risk": empirical_risk, "deviation": -deviation(math, n, delta)}


def reversed_n(math: Any, *, empirical_risk: Any, n: Any, delta: Any) -> dict[str, Any]:
    return {"risk": empirical_risk, "deviation": math.sqrt(math.log_quotient(1, delta) * n / 2)}


def one_digit(math: Any, *, empirical_risk: Any, n: Any, delta: Any) -> dict[str, Any]:
    """The eleventh digit of a constant is another one in floats, downward."""
    factor = Fraction(99_999_999_99, 10**10) if isinstance(math, FloatWorld) else Fraction(1)
    return {"risk": empirical_risk, "deviation": deviation(math, n, delta, math.ratio(factor.numerator, factor.denominator))}


def larger_in_floats(math: Any, *, empirical_risk: Any, n: Any, delta: Any) -> dict[str, Any]:
    """Floats that say more than the certificate would be caught too, though no user is harmed."""
    factor = math.ratio(1001, 1000) if isinstance(math, FloatWorld) else 1
    return {"risk": empirical_risk, "deviation": deviation(math, n, delta, factor)}


def capped(math: Any, *, empirical_risk: Any, n: Any, delta: Any) -> dict[str, Any]:
    """Monotone everywhere, and false where delta is small: the deviation is never above 1/4."""
    return {"risk": empirical_risk, "deviation": math.minimum(deviation(math, n, delta), math.ratio(1, 4))}


def far_off(math: Any, *, empirical_risk: Any, n: Any, delta: Any) -> dict[str, Any]:
    """Near every n of a world all is well, far out the bound rises again."""
    return {"risk": empirical_risk, "deviation": deviation(math, n, delta) + n * math.ratio(1, 2**28)}


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        (reversed_sign, "goes the wrong way in n"),
        (reversed_n, "goes the wrong way in n"),
        (one_digit, "in floats and"),
        (larger_in_floats, "in floats and"),
        (capped, "on a sample of probability"),
        (far_off, "goes the wrong way in n"),
    ],
    ids=lambda entry: getattr(entry, "__name__", None),
)
def test_a_planted_fault_is_caught_by_its_own_question(formula: Callable[..., Any], said: str) -> None:
    finding = look(with_formula(hoeffding, formula), "fixed hypothesis")
    assert finding.verdict is Verdict.REFUTED
    assert said in finding.evidence


def not_squared(math: Any, *, empirical_risk: Any, variance_bound: Any, n: Any, delta: Any, loss_range: Any = 1) -> dict[str, Any]:
    """Bernstein's bound with the second term as if the loss were at most 1."""
    cost = math.log_quotient(1, delta) / n
    return {"risk": empirical_risk, "deviation": math.sqrt(2 * variance_bound * cost) + cost * loss_range**2 / 3}


def test_a_bound_that_changes_with_the_unit_of_the_loss_is_caught() -> None:
    assert look(bernstein, "valued losses").verdict is Verdict.NOT_REFUTED
    assert "changes with the unit of the loss" in look(with_formula(bernstein, not_squared), "valued losses").evidence


def test_units_are_those_of_the_theorems_and_of_no_other() -> None:
    assert LOSS.of(bernstein) == 1
    assert WEIGHTS.of(named("hardt2016convex")) == 0
    assert SCORES.of(named("novikoff")) == 0
    assert LOSS.of(hoeffding) is None  # the loss is at most 1: its unit is fixed
    assert SCORES.of(named("uniform_deviation")) is None  # the complexity is that of losses, and has no second quantity
    assert LOSS.changed({"variance_bound": 3.0, "n": 7})["variance_bound"] == 48.0


@pytest.mark.slow
def test_it_is_a_rung_of_every_check_and_raises_no_resolution() -> None:
    (trial,) = check("hoeffding", scenarios="fixed hypothesis").trials
    (finding,) = [one for one in trial.findings if one.rung == "metamorphic"]
    assert (finding.resolution, finding.informative, finding.measured) == (None, False, None)
    wrong = check(with_formula(hoeffding, reversed_n), scenarios="fixed hypothesis", rungs="metamorphic")
    assert wrong.refuted
    assert wrong.sentence().startswith("refuted (fixed hypothesis, metamorphic): holdout.hoeffding goes the wrong way in n")


def single_increment(x: Any, a: Any) -> Any:
    """ln Gamma(x + a) - ln Gamma(x) as accurately as doubles can say it."""
    if not isinstance(x, np.ndarray | float):
        return (x + a).lgamma() - x.lgamma()
    return np.vectorize(lambda x, a: float(mpmath.loggamma(mpmath.mpf(x) + mpmath.mpf(a)) - mpmath.loggamma(mpmath.mpf(x))))(x, a)


def two_increments(
    math: Any, *, lipschitz: Any, smoothness: Any, step_scale: Any, steps: Any, n: Any, loss_range: Any = 1, first: Any
) -> Any:
    """The growth of two runs as the difference of two increments of log-gamma, each rounded."""
    a = smoothness * step_scale
    growth = single_increment(steps + 1, a) - single_increment(first + 1, a)
    return {"early": first * loss_range / n, "late": 2 * lipschitz**2 * step_scale / n * (math.expm1(growth) / a)}


@pytest.mark.slow
def test_inputs_with_which_only_the_class_grows_are_read_twice_far_out() -> None:
    """Smoothness and step scale of ``hardt2016nonconvex``: the number has no direction in them, yet both readings must agree."""
    bound = named("hardt2016nonconvex")
    assert bound.declaration.by_inclusion == ("smoothness", "step_scale")
    assert look(bound, "descent with decaying steps").verdict is Verdict.NOT_REFUTED
    finding = look(with_formula(bound, two_increments), "descent with decaying steps")
    assert finding.verdict is Verdict.REFUTED
    assert "in floats and" in finding.evidence


def test_up_is_up_for_negative_inputs_too() -> None:
    """A log-ratio may be negative: times 9/8 it goes down, and a bound that follows it goes no wrong way."""
    value = np.array([-1.7, -1e-3, 0.0, 0.5])
    for moved, up in metamorphic._moved(value, get("pac_bayes.disintegrated").domains["log_ratio"]):
        assert np.all(up * (moved - value) >= 0)
        assert np.any(moved != value)


@pytest.mark.slow
def test_a_negative_value_is_read_twice_as_well() -> None:
    """The excess of a bound of either sign is a sum in which terms cancel."""
    sound = named("wu2024recursive")
    segments = (Fraction(1, 3),) * 3
    assert sound.estimate(excess_segments=segments, share=0.8, previous_risk=0.2, kl=np.log(10), n=6291456, delta=0.05).value < -0.03
    finding = Metamorphic().look(match(sound, scenario("excess over a reference")), "full")
    assert finding is not None
    assert finding.verdict is Verdict.NOT_REFUTED, finding.evidence


@pytest.mark.slow
def test_a_float_below_a_negative_certificate_is_seen() -> None:
    sound = named("wu2024recursive")
    formula = sound.forms[sound.declaration.form].formula

    @wraps(formula)
    def lower(math: Any, **inputs: Any) -> dict[str, Any]:
        terms = dict(formula(math, **inputs))
        return {**terms, "fault": -1e-6} if isinstance(math, FloatWorld) else terms

    finding = look(with_formula(sound, lower), "excess over a reference")
    assert finding.verdict is Verdict.REFUTED
    assert "in floats and" in finding.evidence
