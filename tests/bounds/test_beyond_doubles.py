"""Exact numbers that no double holds: the formulas that search in floats are right on them, or refuse them by name."""

from __future__ import annotations

import re
import sys
from fractions import Fraction
from typing import Any

import pytest
from mpmath import mp, mpf
from tests.bounds.grouped import grouped
from tests.bounds.strategies.case import reference_of
from tests.bounds.strategies.table import CASES, READINGS, TESTED, with_form
from tests.reference.special import exact

from genbounds.bounds import Capacity, Choice, get
from genbounds.bounds.exact import directed, written

SEARCHED = [key for key in TESTED if READINGS[key][0].forms[READINGS[key][1]].choose]
BEYOND = {
    "huge": 10**400,
    "huge fraction": Fraction(10**400, 3),
    "negative": -Fraction(10**400, 3),
    "above the largest double": 2**1024 - 2**969,
    "tiny": Fraction(1, 10**400),
    "below the least double": Fraction(4, 10**324),
}


def truth(key: str, inputs: dict[str, Any], certificate: Any) -> Any:
    """The exact value at the inputs. A margin beyond the doubles is rounded down to the largest power of two among them."""
    formula, form = READINGS[key]
    case = CASES[key]
    if "margin" in inputs and inputs["margin"] > sys.float_info.max:
        inputs = {**inputs, "margin": 2**1023}
    if case.from_choices:
        return case.from_choices(inputs, certificate)
    return (case.reference or reference_of(formula, form))(**inputs)


@pytest.mark.slow
@grouped([(key, name, which) for key in SEARCHED for name in READINGS[key][0].inputs for which in BEYOND])
def test_a_search_is_right_beyond_the_doubles_or_names_the_input(key: str, name: str, which: str) -> None:
    formula, _ = READINGS[key]
    example, given = CASES[key].example, BEYOND[which]
    inputs: dict[str, Any] = {**example, name: (given, *example[name][1:]) if isinstance(example[name], tuple) else given}
    try:
        certificate: Any = formula(**with_form(key, inputs))
    except ValueError as error:
        refusal = str(error)
    else:
        true = truth(key, inputs, certificate)
        with mp.workdps(60):
            assert certificate.value == float("inf") or exact(certificate.value) >= true
            assert certificate.value != float("inf") or true > mpf(10) ** 300
        return
    too_large = isinstance(formula, Capacity) and refusal.startswith(f"{formula.name} must be at most 1.8e308 to be a quantity")
    assert too_large or refusal.startswith(f"{name} must") or re.search(rf"\b{name}=", refusal)


def test_a_margin_below_the_least_double_is_no_large_one() -> None:
    """Rounded to 0 it would be placed on the grid at 1/2."""
    for name in ("margin.norm_product", "margin.spectral_closed", "margin.neyshabur2018pacbayes"):
        inputs = {**CASES[name].example, "margin": Fraction(1, 10**400)}
        with pytest.raises(ValueError, match=r"^margin must be at least 5e-324 .* got about 2\^-1328: rescale the inputs"):
            get(name)(**inputs)


def test_a_tiny_delta_is_read_exactly_though_the_search_cannot_hold_it() -> None:
    inputs = CASES["pac_bayes.catoni_grid"].example
    least, smaller = (get("pac_bayes.catoni_grid")(**{**inputs, "delta": delta}) for delta in (5e-324, Fraction(1, 10**400)))
    assert smaller.choices == least.choices  # type: ignore[union-attr]
    assert smaller.value > least.value  # type: ignore[operator]
    paid = get("pac_bayes.catoni")(**inputs, temperature=Choice(1.0, weight=Fraction(1, 10**300), how="a grid"))
    assert 0 < paid.value <= 1  # type: ignore[operator]


@pytest.mark.parametrize(
    ("value", "below", "above"),
    [
        (Fraction(1, 3), 1 / 3, 1 / 3 + 2**-54),
        (2**53 + 1, 2.0**53, 2.0**53 + 2),
        (0.1, 0.1, 0.1),
        (Fraction(-1, 10**400), -5e-324, 0.0),
        (10**400, 1.7976931348623157e308, None),
        (-(10**400), None, -1.7976931348623157e308),
        (2**1024 - 2**969, 1.7976931348623157e308, None),
        (Fraction(1, 10**400), None, 5e-324),
    ],
)
def test_a_double_on_the_side_that_was_asked_for(value: Any, below: float | None, above: float | None) -> None:
    for up, wanted in ((False, below), (True, above)):
        if wanted is None:
            with pytest.raises(ValueError, match=r"^x must be at (most 1\.8e308|least 5e-324) .*, got -?about"):
                directed(value, "x", up=up)
        else:
            assert directed(value, "x", up=up) == wanted


@pytest.mark.parametrize("key", ["holdout.clopper_pearson", "holdout.occam_binomial", "pac_bayes.monte_carlo_errors"])
def test_a_binomial_count_beyond_the_doubles_is_refused(key: str) -> None:
    count = "pairs" if key.startswith("pac_bayes") else "n"
    with pytest.raises(ValueError, match=rf"^{count} must be a whole number of at least 1 and at most 1\.8e308, got about 2\^1328: \w"):
        get(key)(**{**CASES[key].example, count: 10**400})


def test_counts_enter_exactly_at_any_size() -> None:
    """n - 1 needs more bits than the first precision has."""
    growth = get("vc.log_growth_threshold_network")
    assert growth(unit_parameters=(2**140 + 1, 3), n=1000).value == growth(unit_parameters=(1000, 3), n=1000).value  # type: ignore[union-attr]
    assert growth(unit_parameters=(2,), n=2**140 + 1).value == pytest.approx(141 * float(mp.log(2)), rel=1e-12)  # type: ignore[union-attr]


def test_messages_and_summaries_hold_numbers_of_any_length() -> None:
    assert written(10**5000) == "about 2^16609"
    assert written(Fraction(1, 3)) == "1/3 (about 0.333333)"
    assert written((1, Fraction(-(10**400), 3))) == "(1, about -2^1327)"
    for huge in (10**5000, Fraction(10**5000, 3)):
        with pytest.raises(ValueError, match=r"^delta must lie in \(0, 1\), got about 2\^166"):
            get("holdout.hoeffding")(empirical_risk=0, n=10, delta=huge)
        with pytest.raises(ValueError, match=r"got empirical_risk=about 2\^166\d+, loss_range=1: "):
            get("stability.bousquet_elisseeff2002")(empirical_risk=huge, stability=0, n=10, delta=0.1)
    assert "n=about 2^16609" in get("holdout.hoeffding")(empirical_risk=0, n=10**5000, delta=0.1).summary()  # type: ignore[union-attr]
