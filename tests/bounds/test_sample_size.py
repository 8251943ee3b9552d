"""Sample sizes: the certificate at n is at most the target, the one at n - 1 is not."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest
from tests.bounds.strategies.table import CASES

from genbounds.bounds import Bound, catalogue, holdout, margin, pac_bayes, stability
from genbounds.bounds.sample_size import counted_input

DELTA = Fraction(1, 20)


def _invertible() -> list[str]:
    found = []
    for formula in catalogue():
        if isinstance(formula, Bound):
            try:
                counted_input(formula)
            except ValueError:
                continue
            found.append(formula.name)
    return found


INVERTIBLE = _invertible()


def test_hoeffding_in_closed_form() -> None:
    for target in (Fraction(1, 10), Fraction(1, 100), Fraction(1, 10**5)):
        expected = math.ceil(math.log(20) / (2 * target**2))
        assert holdout.hoeffding.sample_size(target=target, empirical_risk=0, delta=DELTA) == expected


def test_the_rule_of_three() -> None:
    """No errors: 1 - delta^(1/n) <= target is n >= ln(delta)/ln(1 - target)."""
    expected = math.ceil(math.log(0.05) / math.log1p(-0.01))
    assert holdout.clopper_pearson.sample_size(target=Fraction(1, 100), errors=0, delta=DELTA) == expected


@pytest.mark.parametrize("name", INVERTIBLE)
def test_the_answer_is_the_first_n_that_reaches_the_target(name: str) -> None:
    bound = next(formula for formula in catalogue() if formula.name == name)
    assert isinstance(bound, Bound)
    count = counted_input(bound)
    inputs: dict[str, Any] = dict(CASES[name].example)
    n = int(inputs.pop(count))
    goal = bound(**inputs, **{count: n}).value
    found = bound.sample_size(target=goal, **inputs)
    assert found <= n
    assert bound(**inputs, **{count: found}).value <= goal
    try:
        before = bound(**inputs, **{count: found - 1}).value
    except ValueError:  # fewer examples than the other inputs admit
        return
    assert before > goal


def test_errors_may_be_more_than_the_first_sample_sizes_tried() -> None:
    n = holdout.clopper_pearson.sample_size(target=Fraction(1, 2), errors=50, delta=DELTA)
    assert 100 < n < 140


def test_an_input_that_grows_with_n_is_a_function() -> None:
    inputs: dict[str, Any] = {"margin_risk": 0, "margin": 1, "norm_product": 8, "depth": 3, "outputs": 1, "delta": DELTA}
    n = margin.norm_product.sample_size(target=Fraction(1, 2), data_norm=lambda n: math.sqrt(n), **inputs)
    assert margin.norm_product(**inputs, data_norm=math.sqrt(n), n=n).value <= 0.5
    assert margin.norm_product(**inputs, data_norm=math.sqrt(n - 1), n=n - 1).value > 0.5


def test_draws_are_counted_too() -> None:
    draws = pac_bayes.monte_carlo_risk.sample_size(target=Fraction(1, 20), sampled_risk=Fraction(3, 100), delta=Fraction(1, 100))
    assert pac_bayes.monte_carlo_risk(sampled_risk=Fraction(3, 100), draws=draws, delta=Fraction(1, 100)).value <= 0.05


def test_refusals() -> None:
    with pytest.raises(ValueError, match="comes down to"):
        holdout.hoeffding.sample_size(target=Fraction(1, 10), empirical_risk=Fraction(1, 10), delta=DELTA)
    with pytest.raises(ValueError, match="declared decreasing"):
        stability.bousquet_elisseeff2002.sample_size(target=Fraction(1, 10), empirical_risk=0, stability=0, delta=DELTA)
    with pytest.raises(ValueError, match="must be left out"):
        holdout.hoeffding.sample_size(target=Fraction(1, 10), empirical_risk=0, n=10, delta=DELTA)
    with pytest.raises(ValueError, match="delta must lie"):
        holdout.hoeffding.sample_size(target=Fraction(1, 10), empirical_risk=0, delta=5)
