"""The search finds again what is known to be false, and nothing against what is true. Only the optimiser's steps are drawn."""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from genbounds.bounds import get
from genbounds.bounds.theorem import Bound
from genbounds.verification.checks.faults.generated import faults
from genbounds.verification.checks.search import search
from genbounds.verification.cli import app
from genbounds.verification.scenarios.ranges import Range


def bound_named(name: str) -> Bound:
    found = get(name)
    assert isinstance(found, Bound)
    return found


def fault(bound: Bound, operator: str, where: str) -> Any:
    return next(one.formula for one in faults(bound) if one.operator == operator and where in one.where)


def printed(math: Any, *, empirical_risk: Any, n: Any, vc_dimension: Any, delta: Any) -> Mapping[str, Any]:
    """Theorem 6.11 of Shalev-Shwartz and Ben-David as printed: (4 + sqrt(ln Pi(2n))) / (delta sqrt(2n))."""
    growth = math.log_binomial_sum(2 * n, vc_dimension)
    return {"empirical risk": empirical_risk, "deviation": (4 + math.sqrt(growth)) / (delta * math.sqrt(2 * n))}


@pytest.mark.slow
@pytest.mark.parametrize(("delta", "false"), [("0.9", True), ("0.85", True), ("0.82", False), ("0.5", False)])
def test_the_printed_growth_bound_is_refuted_above_a_delta_of_84_percent(delta: str, false: bool) -> None:
    found = search(bound_named("shalev_shwartz2014growth"), scenarios=["memoriser"], formula=printed, levels=[Fraction(delta)])[0]
    assert found.judgement.refuted == false, found.sentence()
    if false:
        assert found.parameters["n"] > 1000  # only large samples show it
        assert found.judgement.failure == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "operator", "where"),
    [
        ("hoeffding", "n for 4n", "4 * n"),
        ("chernoff_kl", "arguments swapped", "kl reversed"),
        ("finite_class", "union dropped", "log(class_size)"),
    ],
)
def test_what_is_known_to_be_false_is_found_and_the_sound_bound_is_not(name: str, operator: str, where: str) -> None:
    bound = bound_named(name)
    found = search(bound, formula=fault(bound, operator, where))[0]
    assert found.judgement.refuted
    assert found.factor > 1
    assert found.sentence().startswith("refuted (")
    sound = search(bound)
    assert sound
    assert not any(one.judgement.refuted for one in sound)
    assert all(0 < one.factor < 1 for one in sound)


@pytest.mark.slow
def test_the_search_is_tighter_than_the_listed_worlds() -> None:
    # The listed worlds leave Hoeffding's bound a resolution of .86.
    found = search(bound_named("hoeffding"), scenarios=["fixed hypothesis"])[0]
    assert found.factor > 0.9
    assert found.judgement.resolution == pytest.approx(found.factor)


@pytest.mark.slow
def test_the_command_prints_the_best_world_and_ends_with_status_1_on_a_false_bound(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["check", "uniform_deviation", "--search", "--scenario", "memoriser"])
    assert result.exit_code == 0, result.output
    assert "least slack in" in result.output
    source = '''
from genbounds.bounds import Source
from genbounds.bounds.assumptions import HYPOTHESIS_INDEPENDENT_OF_SAMPLE, IID_SAMPLE, LOSS_IN_UNIT_INTERVAL
from genbounds.bounds.theorem import bound


@bound(
    source=Source("hoeffding1963probability", "Theorem 2"),
    assumes=(IID_SAMPLE, LOSS_IN_UNIT_INTERVAL, HYPOTHESIS_INDEPENDENT_OF_SAMPLE),
    symbols={"empirical_risk": "r", "n": "n", "delta": "d"},
)
def searched_for(math, *, empirical_risk, n, delta):
    """Hoeffding's bound with a deviation that is a tenth too small: only some worlds show it."""
    return {"risk": empirical_risk, "deviation": math.ratio(9, 10) * math.sqrt(math.log_quotient(1, delta) / (2 * n))}
'''
    path = tmp_path / "searched_for_file.py"
    path.write_text(source)
    wrong = CliRunner().invoke(app, ["check", str(path), "--search", "--json"])
    assert wrong.exit_code == 1, wrong.output
    assert json.loads(wrong.output)["refuted"]
    nothing = CliRunner().invoke(app, ["check", "novikoff", "--search"])
    assert nothing.exit_code == 2
    assert "no scenario that judges it has parameters to search" in nothing.output


def test_ranges_refuse_what_makes_no_sense() -> None:
    with pytest.raises(ValueError, match="at most high"):
        Range(2, 1)
    with pytest.raises(ValueError, match="must be positive"):
        Range(0, 1, logarithmic=True)
    assert Range(1, 7, whole=True).at(1.0) == 7
    assert Range(Fraction(1, 3), 1).at(0.0) == Fraction(1, 3)
