"""Faults are made from the syntax tree of a formula and of its helpers, and leave the catalogue as it is."""

from __future__ import annotations

import numpy as np
import pytest

from genbounds.bounds import Bound, get
from genbounds.verification.checks.faults.copies import parts
from genbounds.verification.checks.faults.generated import OPERATORS, faults
from genbounds.verification.checks.faults.killing import kill
from genbounds.verification.checks.reading import total
from genbounds.verification.scenarios import scenario

INPUTS = {"empirical_risk": 0.1, "n": 100, "delta": 0.05}


def bound_named(name: str) -> Bound:
    found = get(name)
    assert isinstance(found, Bound)
    return found


def test_every_operator_changes_hoeffding_as_it_says() -> None:
    hoeffding = bound_named("hoeffding")
    deviation = float(np.sqrt(np.log(20) / 200))
    wanted = {
        ("term dropped", "without empirical_risk"): deviation,
        ("term halved", "half of empirical_risk"): 0.05 + deviation,
        ("n for 2n", "2 * n for n"): 0.1 + deviation / np.sqrt(2),
        ("delta for 2 delta", "2 * delta for delta"): 0.1 + float(np.sqrt(np.log(10) / 200)),
        ("log10 for ln", "log10 in math.log_quotient(1, delta)"): 0.1 + deviation / np.sqrt(np.log(10)),
        ("square root dropped", "no root of math.log_quotient(1, delta) / (2 * n)"): 0.1 + deviation**2,
    }
    made = {(fault.operator, fault.where.removesuffix(" (hoeffding)")): fault for fault in faults(hoeffding)}
    for place, value in wanted.items():
        assert float(total(hoeffding, "", INPUTS, formula=made[place].formula)) == pytest.approx(value, rel=1e-12), place
    assert float(total(hoeffding, "", INPUTS)) == pytest.approx(0.1 + deviation)


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
    assert {one.evidence for one in killed} == {"no scenario judges the bound"}


def test_a_fault_that_is_above_another_theorem_is_true() -> None:
    # Pinsker's bound with its term halved in the wrong place may still be above the kl bound, which asks for nothing more.
    killed = kill(bound_named("hoeffding"), [scenario("fixed hypothesis")], "thumbnail", [bound_named("chernoff_kl")])
    assert all("nowhere below" in one.evidence for one in killed if one.fate == "true")


@pytest.mark.parametrize("operator", OPERATORS)
def test_every_operator_finds_something_in_the_catalogue(operator: str) -> None:
    assert any(
        fault.operator == operator for name in ("hoeffding", "chernoff_kl", "sauer", "seeger2002") for fault in faults(bound_named(name))
    )


def test_a_doubled_delta_of_clopper_pearson_is_caught() -> None:
    killed = kill(bound_named("clopper_pearson"), [scenario("fixed hypothesis")], "full")
    doubled = next(one for one in killed if one.operator == "delta for 2 delta")
    assert doubled.fate == "caught", doubled
