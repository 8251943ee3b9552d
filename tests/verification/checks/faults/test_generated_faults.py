"""Faults are made from the syntax tree of a formula and of its helpers, and leave the catalogue as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from genbounds.bounds import Bound, get
from genbounds.bounds.bounds_on import EXPECTED_GAP
from genbounds.verification.checks.faults import killing
from genbounds.verification.checks.faults.copies import parts
from genbounds.verification.checks.faults.fates import UNCHANGED
from genbounds.verification.checks.faults.generated import OPERATORS, faults
from genbounds.verification.checks.faults.killing import kill, tried_in
from genbounds.verification.checks.faults.settings import settings
from genbounds.verification.checks.matching import match
from genbounds.verification.checks.reading import total
from genbounds.verification.scenarios import scenario
from genbounds.verification.scenarios.scenario import Scenario, Size, World, holding

INPUTS = {"empirical_risk": 0.1, "n": 100, "delta": 0.05}


def bound_named(name: str) -> Bound:
    found = get(name)
    assert isinstance(found, Bound)
    return found


def test_every_operator_changes_a_formula_as_it_says() -> None:
    hoeffding = bound_named("hoeffding")
    deviation = float(np.sqrt(np.log(20) / 200))
    wanted = {
        ("term dropped", "without empirical_risk"): deviation,
        ("term halved", "half of empirical_risk"): 0.05 + deviation,
        ("n for 2n", "2 * n for n"): 0.1 + deviation / np.sqrt(2),
        ("n for 4n", "4 * n for n"): 0.1 + deviation / 2,
        ("delta for 2 delta", "2 * delta for delta"): 0.1 + float(np.sqrt(np.log(10) / 200)),
        ("delta for delta/2", "delta / 2 for delta"): 0.1 + float(np.sqrt(np.log(40) / 200)),
        ("log10 for ln", "log10 in math.log_quotient(1, delta)"): 0.1 + deviation / np.sqrt(np.log(10)),
        ("log2 for ln", "log2 in math.log_quotient(1, delta)"): 0.1 + deviation / np.sqrt(np.log(2)),
        ("square root dropped", "no root of math.log_quotient(1, delta) / (2 * n)"): 0.1 + deviation**2,
    }
    check_values(hoeffding, INPUTS, wanted)
    finite = {**INPUTS, "class_size": 1000}
    union = {
        ("union dropped", "without math.log(class_size) in math.log(class_size) + math.log_quotient(1, delta)"): 0.1 + deviation,
        ("KL or complexity halved", "class_size / 2 for class_size"): 0.1 + float(np.sqrt((np.log(500) + np.log(20)) / 200)),
    }
    check_values(bound_named("finite_class"), finite, union)
    kl = 0.1 * np.log(0.1 / 0.5) + 0.9 * np.log(0.9 / 0.5)
    other = 0.5 * np.log(0.5 / 0.1) + 0.5 * np.log(0.5 / 0.9)
    turned = {("arguments swapped", "kl reversed in math.kl_inverse(empirical_risk, math.log_quotient(1, delta) / n)"): 0.5}
    check_values(bound_named("chernoff_kl"), INPUTS | {"delta": np.exp(-100 * other)}, turned)
    assert float(total(bound_named("chernoff_kl"), "", INPUTS | {"delta": np.exp(-100 * kl)})) == pytest.approx(0.5)
    novikoff = bound_named("novikoff")
    check_values(novikoff, {"radius": 3, "margin": 0.5}, {("square dropped", "no square of radius / margin"): 6.0})


def check_values(bound: Bound, inputs: Mapping[str, Any], wanted: Mapping[tuple[str, str], float]) -> None:
    """Each of these faults is made, and is worth so much."""
    made = {(fault.operator, fault.where.removesuffix(f" ({bound.name.split('.')[1]})")): fault for fault in faults(bound)}
    for place, value in wanted.items():
        assert float(total(bound, bound.declaration.form, inputs, formula=made[place].formula)) == pytest.approx(value, rel=1e-9), place
    assert float(total(bound, bound.declaration.form, inputs)) == bound.value(**inputs)


def test_a_fault_in_a_helper_reaches_the_formula_and_no_other() -> None:
    deviation = bound_named("uniform_deviation")
    names = [part.name for part in parts(deviation.__wrapped__)]
    assert names == ["uniform_deviation", "uniform_confidence"]
    inputs = {"empirical_risk": 0.1, "n": 100, "complexity": 0.01, "delta": 0.05}
    form = deviation.declaration.form
    before = float(total(deviation, form, inputs))
    inside = [fault for fault in faults(deviation) if fault.where.endswith("(uniform_confidence)")]
    assert inside
    assert all(float(total(deviation, form, inputs, formula=fault.formula)) != before for fault in inside)
    assert float(total(deviation, form, inputs)) == before
    assert deviation.value(**inputs) == before


def test_faults_are_caught_or_said_to_be_true_or_to_survive() -> None:
    killed = kill(bound_named("hoeffding"), [scenario("fixed hypothesis")], "thumbnail")
    fates = {(one.operator, one.where): one.fate for one in killed}
    assert fates["n for 2n", "2 * n for n"] == "caught"
    assert fates["log10 for ln", "log10 in math.log_quotient(1, delta) (hoeffding)"] == "caught"
    assert all(one.evidence for one in killed)


def test_without_a_scenario_every_fault_survives_and_says_so() -> None:
    killed = kill(bound_named("hoeffding"), [], "thumbnail")
    assert {one.fate for one in killed} == {"survived"}
    assert {one.evidence for one in killed} == {"no exact rung judges the bound in any scenario"}


def test_a_fault_that_is_above_another_theorem_is_true() -> None:
    # Half the level in the logarithm makes the bound larger, so what it says is true.
    fates = {one.operator: one for one in kill(bound_named("hoeffding"), [scenario("fixed hypothesis")], "thumbnail")}
    assert fates["delta for delta/2"].fate == "true"
    assert "nowhere below holdout.hoeffding" in fates["delta for delta/2"].evidence
    assert "worlds looked at" in fates["delta for delta/2"].evidence


@pytest.mark.slow
def test_a_theorem_that_takes_more_or_asks_for_more_shows_nothing() -> None:
    # Clopper and Pearson need 0-1 losses, and are tighter than Hoeffding: they cannot show that a faulty Hoeffding is true.
    place = scenario("fixed hypothesis")
    alone = kill(bound_named("hoeffding"), [place], "thumbnail")
    with_it = kill(bound_named("hoeffding"), [place], "thumbnail", [bound_named("clopper_pearson")])
    assert alone == with_it


@pytest.mark.slow
def test_a_fault_that_changes_no_number_is_the_same() -> None:
    # In the memoriser the empirical risk is 0: dropping it changes nothing there.
    killed = kill(bound_named("sauer"), [scenario("memoriser")], "thumbnail")
    same = [one for one in killed if one.fate == "same"]
    assert "without empirical_risk (sauer)" in [one.where for one in same]
    assert all("no number changes" in one.evidence for one in same)


@pytest.mark.slow
def test_what_survives_says_how_near_it_came() -> None:
    killed = kill(bound_named("finite_class"), [scenario("best of a class")], "thumbnail")
    doubled = next(one for one in killed if one.operator == "delta for 2 delta")
    assert doubled.fate == "survived"
    left, needed = map(float, re.findall(r"leaves (\S+) of .* below (\S+) would", doubled.evidence)[0])
    assert 0 < needed < left < 1


@pytest.mark.parametrize("operator", OPERATORS)
def test_every_operator_finds_something_in_the_catalogue(operator: str) -> None:
    assert any(
        fault.operator == operator
        for name in ("clopper_pearson", "chernoff_kl", "empirical_bernstein", "finite_class", "novikoff", "log_growth_relu_network")
        for fault in faults(get(name))
    )


@pytest.mark.slow
def test_a_doubled_delta_of_clopper_pearson_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(killing, "faults", lambda bound: [one for one in faults(bound) if one.operator == "delta for 2 delta"])
    *_, doubled = kill(bound_named("clopper_pearson"), [scenario("fixed hypothesis")], "full")
    assert doubled.fate == "caught", doubled


@pytest.mark.slow
def test_a_fault_that_shows_only_far_from_the_tightest_worlds_is_caught_there() -> None:
    # Half the range of the loss matters in a long tail alone, half a shortfall where every round falls short.
    killed = kill(bound_named("bernstein"), [scenario("fixed hypothesis")], "thumbnail")
    halved = next(one for one in killed if one.where == "loss_range / 2 for loss_range")
    assert halved.fate == "caught", halved
    killed = kill(bound_named("freund_schapire1999"), [scenario("perceptron run"), scenario("perceptron on noise")], "thumbnail")
    assert next(one for one in killed if one.where == "deviation / 2 for deviation").fate == "caught"


class Impossible(Scenario):
    """Two samples, of which the second, with a stability of 0, cannot occur."""

    name, description = "impossible sample", "a sample that cannot occur"
    inputs, truths = frozenset({"stability"}), frozenset({EXPECTED_GAP})
    audit = holding("said of the test", *bound_named("expected_gap").assumes)

    def worlds(self, size: Size) -> Iterator[World]:
        tenth = Fraction(1, 10)
        truths = {EXPECTED_GAP: [tenth, tenth]}
        yield World("two samples", {}, {"stability": [tenth, Fraction(0)]}, truths, [Fraction(1), Fraction(0)])


@pytest.mark.filterwarnings("error")
def test_a_mean_that_is_infinite_where_nothing_can_happen_is_refuted_without_a_warning() -> None:
    """Infinity times a probability of 0 is not a part of a mean; as NaN it hid the fault."""
    (setting,) = settings(match(bound_named("expected_gap"), Impossible()), "thumbnail")
    _, evidence = tried_in(lambda ready: (ready, lambda math, stability: {"gap": 0.001 / stability}), setting)
    assert "the bound is 0.01 where the truth is 0.1" in evidence
    _, evidence = tried_in(lambda ready: (ready, lambda math, stability: {"gap": 0.011 / stability}), setting)
    assert evidence == ""


@pytest.mark.slow
def test_a_statement_that_cannot_fail_is_tried_on_every_draw() -> None:
    """The perceptron on digits lists no samples: one draw of several hundred is enough."""
    bound, place = bound_named("novikoff"), scenario("perceptron on digits to convergence")
    assert match(bound, place).judged
    assert place.listed("thumbnail") == ()
    killed = kill(bound, [place], "thumbnail")
    assert killed[0].operator == UNCHANGED
    assert killed[0].fate == "same"
    assert {one.fate for one in killed if one.where.startswith("no square of")} == {"caught"}


@pytest.mark.parametrize("name", [pytest.param("clopper_pearson", marks=pytest.mark.slow), "hoeffding", "chernoff_kl", "novikoff"])
def test_a_formula_with_nothing_changed_is_not_caught(name: str) -> None:
    """Clopper and Pearson's bound in floats fails by its rounding alone with a probability above delta: that is not a fault."""
    killed = kill(bound_named(name), [scenario("fixed hypothesis"), scenario("perceptron run")], "thumbnail")
    assert [(one.operator, one.fate) for one in killed if one.operator == UNCHANGED] == [(UNCHANGED, "same")]
