"""Every certificate against an independent 60-digit reference: never below it, and within 1e-9 relative."""

from __future__ import annotations

import sys
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf
from tests.bounds.strategies.case import reference_of
from tests.bounds.strategies.table import CASES, DRAWS, READINGS, TESTED, with_form
from tests.reference import margin
from tests.reference.special import exact

from genbounds.bounds import Capacity

LARGEST = mpf(sys.float_info.max)


def _doubles(value: Any) -> Any:
    """Fractions as doubles: the search works on doubles, and may take the next grid point for a number between two."""
    if isinstance(value, tuple):
        return tuple(_doubles(entry) for entry in value)
    return float(value) if isinstance(value, Fraction) else value


def test_every_formula_has_a_case() -> None:
    assert sorted(READINGS.keys() - CASES.keys()) == [], "add them to tests/bounds/strategies/"
    assert sorted(CASES.keys() - READINGS.keys()) == [], "no such formula"


def test_every_example_has_exactly_the_inputs_of_its_formula() -> None:
    wrong = {key for key in TESTED if set(CASES[key].example) != set(READINGS[key][0].inputs)}
    assert not wrong


@pytest.mark.parametrize("key", TESTED)
@settings(max_examples=DRAWS)
@given(data=st.data())
def test_a_certificate_is_never_below_the_exact_value_and_close_to_it(key: str, data: Any) -> None:
    formula, form = READINGS[key]
    case = CASES[key]
    inputs = data.draw(case.inputs)
    arguments = with_form(key, inputs)
    if case.from_choices:
        certificate = formula(**arguments)
        true = case.from_choices(inputs, certificate)
    else:
        true = (case.reference or reference_of(formula, form))(**inputs)
        try:
            certificate = formula(**arguments)
        except ValueError:
            assert isinstance(formula, Capacity)  # beyond the largest double, which is not a quantity
            assert true >= LARGEST
            return
    _assert_just_above(certificate.value, true)


def _assert_just_above(value: Any, true: Any) -> None:
    with mp.workdps(60):
        if isinstance(true, int):
            assert value == true
        elif value == float("inf"):
            assert true * (1 + mpf(10) ** -9) >= LARGEST
        else:
            assert exact(value) >= true
            assert exact(value) <= true + abs(true) * mpf(10) ** -9 + mpf(10) ** -300


@pytest.mark.parametrize("key", ["margin.spectral", "margin.spectral[True]"])
@given(data=st.data())
def test_the_spectral_bound_is_at_most_the_chain_of_halved_radii(key: str, data: Any) -> None:
    inputs = {name: _doubles(value) for name, value in data.draw(CASES[key].inputs).items()}
    formula, form = READINGS[key]
    # The product of a homogeneous network is padded against rounding, so that at a power of two the next stratum may be taken.
    nearly = {**inputs, "margin": Fraction(inputs["margin"]) * (1 - Fraction(1, 10**12))} if form else inputs
    sheet = margin.spectral(**nearly, homogeneous=form)
    with mp.workdps(60):
        # The search ends 48 halvings below sqrt(n)/2.
        assert exact(formula(**with_form(key, inputs)).value) <= sheet * (1 + mpf(10) ** -9) + mpf(2) ** -46
