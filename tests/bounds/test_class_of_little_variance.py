"""The empirical Bernstein bound of a class: its printed form is never below the derived one, and not below the relative deviation."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genbounds.bounds.vc import maurer2009growth, relative_deviation_growth


@pytest.mark.slow
@given(
    errors=st.fractions(0, 1, max_denominator=1000),
    n=st.integers(2, 10**9),
    growth=st.floats(0, 1e6),
    delta=st.fractions(Fraction(1, 10**6), Fraction(999, 1000), max_denominator=10**6),
)
def test_the_printed_form_is_a_relaxation(errors: Fraction, n: int, growth: float, delta: Fraction) -> None:
    inputs = {"empirical_risk": errors, "n": n, "log_growth_2n": growth, "delta": delta}
    assert maurer2009growth.value(**inputs) <= maurer2009growth.value(**inputs, form="printed") * (1 + 1e-12)


def test_it_is_far_below_the_relative_deviation_near_1_and_just_above_it_near_0() -> None:
    inputs = {"n": 10**5, "log_growth_2n": 20, "delta": Fraction(1, 20)}
    near_1 = maurer2009growth(**inputs, empirical_risk=Fraction(99, 100)).value
    assert near_1 < 0.9932 < 1 < relative_deviation_growth(**inputs, empirical_risk=Fraction(99, 100)).value
    low = [bound(**inputs, empirical_risk=Fraction(1, 100)).value for bound in (relative_deviation_growth, maurer2009growth)]
    assert low[0] < low[1] < low[0] * 1.01
